"""Locating the seals in a file, and telling them from the signatures of strangers.

The front door uses it. Imports inputs and verdict.
"""
