"""Rounds of a watch: every check in order, and who is told.

``watch`` is the door, ``telling`` is for the command line; ``volumes`` and ``ledger_side`` are
checks. Imports all other rooms of the watch, the monitor, verification's trust and the ledger.
"""
