"""``eseal verify``, ``trust`` and ``examine``: what needs no instance and no account.

``sources`` is used by whoever else checks against a ledger. Imports the frame, no other command.
"""
