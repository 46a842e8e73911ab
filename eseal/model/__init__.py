"""Frozen values of the trade: companies, seals, uses, statements. No I/O."""
