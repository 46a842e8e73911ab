"""A document as it looks without the instructions of its fonts, which sealing takes out."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from struct import error

import pikepdf

from eseal.documents.pdf.meaning.resources.fonts import sfnt

FILES = ("/FontFile2", "/FontFile3")


def programs(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    """The streams of TrueType programs."""
    streams = [
        each[key]
        for each in pdf.objects
        if isinstance(each, pikepdf.Dictionary)
        for key in FILES
        if isinstance(each.get(key), pikepdf.Stream)
    ]
    return [each for each in streams if each.read_bytes()[:4] in sfnt.TRUETYPE]


def unhinted(pdf: bytes) -> bytes:
    """The document with programs without instructions; itself where that changes none."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        changed = False
        for stream in programs(opened):
            data = stream.read_bytes()
            with suppress(error):
                still = sfnt.without_instructions(data)
                if still != data:
                    stream.write(still)
                    changed = True
        out = BytesIO()
        opened.save(out)
    return out.getvalue() if changed else pdf
