"""The language of contents (ISO 32000-1 section 7.8.2), as far as every reader reads it alike.

``law`` says whether contents are plain, ``repair`` makes them so, ``tokens`` and ``inline`` take
them apart. Plain bytes in and out: knows no file and no library for PDFs, imports the errors only.
"""
