"""How many ordinary documents can be sealed: ``scripts/acceptance FOLDER``.

Every PDF of a folder, whatever made it: can qpdf open it without a password, does it hold active
content, is it sealed or why not, does what was sealed verify, does PDFium show the same pixels.
One worker process per job, each with an instance of its own and a deadline per file: no document
holds up the others or outlives its time.
"""
