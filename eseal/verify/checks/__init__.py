"""The checks, one file per subject: each raises what it found, and says what it rests on.

``examine`` and ``on_ledger`` call them in order. Imports locating, inputs and verdict.
"""
