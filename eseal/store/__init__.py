"""The database: tables, migrations, repositories.

The service reads and writes through ``repositories`` within transactions of ``database``; each row
that carries authority is bound to its instance (``binding``). Imports ledger and keys for their
values and protocols, no use case.
"""
