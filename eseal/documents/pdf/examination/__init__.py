"""The examination of a PDF before it is written anew and sealed: what you see is what is sealed.

``examining`` looks, in the confined process that opened the document, PDFium included where a page
must be shown; one module for each class of danger, so they are many. ``hazards`` has the words for
everybody. Imports the opening of documents and the viewer.
"""
