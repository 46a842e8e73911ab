"""A forger's view of a PDF: its objects, its last table, and increments of every style.

Deliberately not a parser of ours: regular expressions find what lies in the file, pikepdf tells
which objects are the pages and their contents.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO

import pikepdf

OBJECT = re.compile(rb"(?<![0-9])(\d{1,10}) (\d{1,5}) obj\b")
START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")


@dataclass(frozen=True)
class Place:
    """Where an object lies: its number, and from where to where in the file."""

    number: int
    start: int
    end: int


@lru_cache(maxsize=256)
def places(data: bytes) -> tuple[Place, ...]:
    """The objects that lie plainly in the file, in order, overwritten ones too."""
    found = []
    for match in OBJECT.finditer(data):
        end = data.find(b"endobj", match.end())
        if end >= 0:
            found.append(Place(int(match[1]), match.start(), end + len(b"endobj")))
    return tuple(found)


@dataclass(frozen=True)
class Anatomy:
    """What is where, by object number.

    Attributes:
        root: the catalog.
        pages: page objects.
        contents: content streams of the pages.
        looks: appearance streams.
        fields: form fields.
        form: what lists the fields: the form, or the catalog where that holds it.
        size: one more than the highest number.
        start: where the last table is.
        classic: whether that is a table, not a stream.
    """

    root: int = 0
    pages: tuple[int, ...] = ()
    contents: tuple[int, ...] = ()
    looks: tuple[int, ...] = ()
    fields: tuple[int, ...] = ()
    form: int = 0
    size: int = 1
    start: int = 0
    classic: bool = True
    bodies: Mapping[int, bytes] = field(default_factory=dict)


@lru_cache(maxsize=256)
def anatomy(data: bytes) -> Anatomy:
    """Of a file that can be opened; of another nothing."""
    starts = START.findall(data)
    start = int(starts[-1]) if starts else 0
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            pages = tuple(page.obj.objgen[0] for page in pdf.pages)
            contents = [n for page in pdf.pages for n in _streams(page.obj.get("/Contents"))]
            marks = [mark for page in pdf.pages for mark in page.obj.get("/Annots", [])]
            looks = [n for mark in marks for n in _streams(mark.get("/AP", {}).get("/N"))]
            form = pdf.Root.get("/AcroForm", {})
            fields = [each.objgen[0] for each in form.get("/Fields", [])]
            holder = form.objgen[0] if form else 0
            numbers = {*pages, *contents, *looks, *fields, holder, pdf.Root.objgen[0]}
            bodies = {number: _body(pdf, number) for number in numbers if number}
            return Anatomy(
                pdf.Root.objgen[0],
                pages,
                tuple(contents),
                tuple(looks),
                tuple(n for n in fields if n),
                holder or pdf.Root.objgen[0],
                int(pdf.trailer.get("/Size", 1)),
                start,
                data[start : start + 4] == b"xref",
                bodies,
            )
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError):
        return Anatomy(start=start)


def _streams(value) -> list[int]:
    if isinstance(value, pikepdf.Stream):
        return [value.objgen[0]]
    if isinstance(value, pikepdf.Array | pikepdf.Dictionary):
        parts = value.values() if isinstance(value, pikepdf.Dictionary) else value
        return [part.objgen[0] for part in parts if isinstance(part, pikepdf.Stream)]
    return []


def _body(pdf: pikepdf.Pdf, number: int) -> bytes:
    """An object as one would write it again."""
    found = pdf.get_object(number, 0)
    if not isinstance(found, pikepdf.Stream):
        return found.unparse(resolved=True)
    raw = found.read_raw_bytes()
    entries = pikepdf.Dictionary({k: v for k, v in found.items() if k != "/Length"})
    inside = entries.unparse()[2:-2]
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (inside, len(raw), raw)


def changed(body: bytes, key: bytes, value: bytes) -> bytes:
    """A dictionary with another value under a key that it has, or with one more key."""
    # References, names, numbers, strings and flat arrays are values enough for a forger.
    pattern = rb"/%b\s*(\d+ \d+ R|\[[^\[\]]*\]|/\w+|\([^()]*\)|<[^<>]*>|-?[\d.]+)" % key
    found = re.search(pattern, body)
    if found is None:
        return body.replace(b"<<", b"<< /%b %b" % (key, value), 1)
    return body[: found.start()] + b"/%b %b" % (key, value) + body[found.end() :]


def listed(body: bytes, key: bytes, item: bytes, *, last: bool) -> bytes:
    """A dictionary whose flat array under a key has one more item; without the array unchanged."""
    pattern = rb"(/%b\s*\[)([^\[\]]*)(\])" % key
    new = rb"\1\2 %b \3" % item if last else rb"\1 %b \2\3" % item
    return re.sub(pattern, new, body, count=1)


STYLES = ("table", "stream", "packed", "hybrid")
"""Kinds of increments: classic, with a table as stream, with objects in streams too, with both."""


def increment(
    data: bytes,
    objects: Mapping[int, bytes],
    *,
    style: str = "table",
    offsets: Mapping[int, int] | None = None,
    free: Sequence[int] = (),
    root: int | None = None,
    trailer: bytes = b"",
    previous: int | None = None,
    tail: bytes = b"\n",
) -> bytes:
    """The file and one more revision.

    Args:
        data: the file so far.
        objects: bodies by number.
        style: of ``STYLES``.
        offsets: objects that are elsewhere in the file already.
        free: numbers that stand for nothing any more.
        root: another catalog.
        trailer: further entries.
        previous: where the table before is said to be; ``None``: where it is.
        tail: what stands behind the last ``%%EOF``.
    """
    seen = anatomy(data)
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    known = dict(offsets or {})
    packed = {}
    if style in {"packed", "hybrid"}:
        packed = {n: body for n, body in objects.items() if b"stream" not in body}
    for number, body in objects.items():
        if number not in packed:
            known[number] = len(out)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    top = max([seen.size, *(n + 1 for n in (*objects, *known, *free))])
    holder = 0
    if packed:
        holder, top = top, top + 1
        known[holder] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (holder, _packed(packed))
    base = seen.start if previous is None else previous
    inside = b"/Root %d 0 R /Prev %d %b" % (seen.root if root is None else root, base, trailer)
    streamed = style in {"stream", "packed"} or not seen.classic
    if style == "hybrid" and seen.classic and packed:
        hidden = len(out)
        out += _stream_table(top, {holder: known[holder]}, packed, holder, (), b"", hidden)
        inside += b" /XRefStm %d" % hidden
        top += 1
        packed = {}
    start = len(out)
    if streamed:
        out += _stream_table(top, known, packed, holder, free, inside, start)
    else:
        out += _classic(known, free) + b"trailer\n<< /Size %d %b >>\n" % (top, inside)
    return bytes(out) + b"startxref\n%d\n%%%%EOF" % start + tail


def _packed(packed: Mapping[int, bytes], entries: bytes = b"") -> bytes:
    heads, bodies, at = [], [], 0
    for number, body in packed.items():
        heads.append(b"%d %d" % (number, at))
        bodies.append(body)
        at += len(body) + 1
    head = b" ".join(heads) + b" "
    content = zlib.compress(head + b" ".join(bodies))
    return (
        b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d %b >>"
        b"\nstream\n%b\nendstream" % (len(packed), len(head), len(content), entries, content)
    )


def _classic(known: Mapping[int, int], free: Sequence[int]) -> bytes:
    lines = {number: b"%010d 00000 n \n" % at for number, at in known.items()}
    lines |= dict.fromkeys(free, b"0000000000 00001 f \n")
    out = b"xref\n"
    for number in sorted(lines):
        out += b"%d 1\n%b" % (number, lines[number])
    return out


def _stream_table(
    number: int,
    known: Mapping[int, int],
    packed: Mapping[int, bytes],
    holder: int,
    free: Sequence[int],
    entries: bytes,
    start: int,
) -> bytes:
    rows = {n: b"\x01%b\x00\x00" % at.to_bytes(4, "big") for n, at in known.items()}
    rows |= {
        n: b"\x02%b%b" % (holder.to_bytes(4, "big"), place.to_bytes(2, "big"))
        for place, n in enumerate(packed)
    }
    rows |= dict.fromkeys(free, bytes(7))
    rows[number] = b"\x01%b\x00\x00" % start.to_bytes(4, "big")
    index = b" ".join(b"%d 1" % n for n in sorted(rows))
    content = b"".join(rows[n] for n in sorted(rows))
    return (
        b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Index [%b] /Length %d %b >>\nstream\n%b\n"
        b"endstream\nendobj\n" % (number, number + 1, index, len(content), entries, content)
    )
