"""The way of a document to its seal: opened by qpdf, examined, written anew, a place made in it.

``options`` and ``prepared`` are for everybody; the rest runs in the confined process of one
document. Imports all other rooms of PDFs.
"""
