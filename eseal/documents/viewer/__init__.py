"""What PDFium is asked about documents: words, free areas, what covers text, copies, pictures.

Plain functions of files and plain values; ``opened``, ``upright`` and ``lines`` are for the room
only. They are carried out in a process of the document's own: ask for them by
``eseal.documents.confined.ask``. Imports PDFium and the errors.
"""
