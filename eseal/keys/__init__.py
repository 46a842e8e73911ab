"""Private keys: encrypted at rest, and used without leaving their store.

``software`` is the store; others see it through ``protocol``. Imports suites and model.
"""
