"""Transactions of accounts of ours: made, signed, seen through to a final block.

``web3_ledger`` is the door, ``calls`` says what may be sent at all. Imports reading and the wire.
"""
