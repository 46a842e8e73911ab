"""A small builder of one-page PDFs, byte for byte as told: nothing here mends anything."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

BAR = b"0 g 20 170 160 12 re f\n"
"""What every page draws first: a reader that shows not even this could not open the file."""

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@dataclass(frozen=True)
class Odd:
    """An original that readers could read differently.

    Attributes:
        kind: the row of CANONICAL's table of contents that it belongs to (keys of ``RULES``).
        name: the variant, unique within its kind.
        pdf: the file.
    """

    kind: str
    name: str
    pdf: bytes

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object's body, with the length it has."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


def deflated(data: bytes, entries: bytes = b"") -> bytes:
    """The same, compressed."""
    return stream(zlib.compress(data), entries + b" /Filter /FlateDecode")


def form(content: bytes, entries: bytes = b"", box: bytes = b"0 0 100 30") -> bytes:
    """A form XObject."""
    return stream(content, b"/Type /XObject /Subtype /Form /BBox [%b] %b" % (box, entries))


def written(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects with one classic table, in the order of the mapping."""
    out = bytearray(HEADER)
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(places) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        place = places.get(number)
        out += b"0000000000 65535 f \n" if place is None else b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        trailer,
        start,
    )
    return bytes(out)


def one_page(
    content: bytes = b"",
    *,
    resources: bytes = b"",
    page: bytes = b"",
    root: bytes = b"",
    contents: bytes = b"4 0 R",
    box: bytes = b"/MediaBox [0 0 200 200]",
    trailer: bytes = b"",
    objects: Mapping[int, bytes] | None = None,
) -> bytes:
    """A page that draws the bar and then ``content``; objects from 5 on are the caller's.

    An entry of ``objects`` may also replace one of the four that every file has: 1 catalog,
    2 page tree, 3 page, 4 contents.
    """
    made = {
        1: b"<< /Type /Catalog /Pages 2 0 R %b >>" % root,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R %b /Resources << %b >> /Contents %b %b >>"
        % (box, resources, contents, page),
        4: stream(BAR + content),
    }
    return written(made | dict(objects or {}), trailer)
