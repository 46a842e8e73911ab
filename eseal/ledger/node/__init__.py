"""The embedded node: a chain in one file for one machine, spoken to by JSON-RPC like any other.

The service's ledger uses ``ipc`` and ``provider``. Imports nothing of the rest but addresses.
"""
