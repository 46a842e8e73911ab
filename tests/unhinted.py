"""A document as it looks without the instructions of its fonts, which sealing takes out."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from struct import error

import pikepdf

from eseal.documents.pdf.meaning.resources.fonts import sfnt

FILES = ("/FontFile2", "/FontFile3")


def programs(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    """The streams of TrueType programs, of whichever dictionary, in others or by itself."""
    found: dict[tuple[int, int], pikepdf.Stream] = {}
    waiting = list(pdf.objects)
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            found |= {each[key].objgen: each[key] for key in FILES if key in each}
            waiting += [part for part in each.values() if _is_inside(part)]
        elif isinstance(each, pikepdf.Array):
            waiting += [part for part in each if _is_inside(part)]
    return [each for each in found.values() if each.read_bytes()[:4] in sfnt.TRUETYPE]


def _is_inside(part: object) -> bool:
    return isinstance(part, pikepdf.Dictionary | pikepdf.Array) and not part.is_indirect


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
