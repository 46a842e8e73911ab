"""Signatures in canonical PDFs: their fields, what may follow a seal, and how a file is judged.

Imports the file room and what draws stamps; nothing here opens a file that is not canonical.
"""
