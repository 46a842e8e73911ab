"""A ledger as a consortium runs one: validators that agree by vote, each a process of its own.

Run by ``scripts/network`` for a person and by ``tests/integration/network`` for a test. Why this
node program: docs/decisions/016.
"""
