"""Frozen values of the trade: companies, seals, uses, statements. No I/O.

One file for each word of the trade, and no rooms: whoever looks for a word finds the file of that
name, and most of them stand on others here. Everybody may import all of it; it imports the errors
only.
"""
