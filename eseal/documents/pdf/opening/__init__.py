"""Opening a PDF of a stranger by qpdf, in the confined process that has it to itself.

``opening`` opens, ``limits`` and ``effort`` say what a document may cost; examination, meaning,
readying and sealing work on what it gives. Imports errors and excerpts only.
"""
