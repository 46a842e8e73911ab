"""The canonical form of a PDF: how a file is read strictly, and how it is written.

Small enough to be read in one sitting, and the only code that decides on the form. It knows no
library for PDFs, no page and no signature; it imports nothing but errors.
"""
