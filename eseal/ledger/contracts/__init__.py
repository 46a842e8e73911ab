"""The compiled contracts: their interface, where they are, and what they say when they refuse.

All rooms of the ledger use it. Asks nobody, imports no other room.
"""
