"""The embedded node: a chain in one file for one machine, spoken to by JSON-RPC like any other.

The service's ledger uses ``ipc`` and ``rpc_dispatcher``. Imports nothing of the rest but addresses.
"""
