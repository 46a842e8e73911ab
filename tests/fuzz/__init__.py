"""Attacks on sealed documents by the million, held against one law.

Green implies that Poppler, MuPDF, PDFium and pdf.js show what was sealed; not green never says
"forged" of a file that nobody touched, or in which only unsigned parts were. ``scripts/fuzz`` runs
it. :mod:`tests.fuzz.bed` seals documents of every shape, :mod:`tests.fuzz.mutators` changes them,
:mod:`tests.fuzz.law` judges what the verifier said, :mod:`tests.fuzz.findings` keeps what broke the
law so that it can be replayed.
"""
