"""What this software costs: programs that measure it, and the table they fill.

Run by ``scripts/bench``. Nothing here is a test: a figure that fell is for a reader to judge.
"""
