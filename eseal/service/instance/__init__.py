"""One opened instance and what it knows: context, ledger, books, heads, clock.

All other rooms stand on it; it imports none of them.
"""
