"""What PDFium is asked about documents: words, free areas, what covers text, copies, pictures.

Plain functions of files and plain values, in the modules ``words``, ``areas``, ``covers``,
``copies`` and ``drawn``. They are carried out in a process of the document's own: ask for them by
``eseal.documents.confined.ask``.
"""
