"""Rows bound to the instance that wrote them: a MAC for each, a sum over each table.

Repositories read and write through ``bound_rows``. Imports the schema.
"""
