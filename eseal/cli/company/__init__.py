"""Commands of a company: its seals, their uses, stops and watches.

Only ``app`` imports it.
"""
