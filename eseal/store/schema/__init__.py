"""The tables, the types of their columns, and how each table's rows are bound.

Imports nothing of the store.
"""
