"""Locating the seals in a file, and telling them from the signatures of strangers.

``entry_points`` uses it. Imports inputs and verdict.
"""
