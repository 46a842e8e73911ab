"""Signatures in canonical PDFs: their fields, what may follow a seal, and how a file is judged.

``judging`` is the door; sealing builds with the others. Imports the file room, what draws stamps,
the language of contents and the CMS; nothing here opens a file that is not canonical.
"""
