"""Canonical files put together by hand, and files that only just are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MARK = b"\n%\xbf\xf7\xa2\xfe\n"
ID = b"[ <" + b"0f" * 16 + b"> <" + b"f0" * 16 + b"> ]"
CATALOG = b"<< /Pages 2 0 R /Type /Catalog >>"
PAGES = b"<< /Count 1 /Kids [ 3 0 R ] /MediaBox [ 0 0 595 842 ] /Type /Pages >>"
PAGE = b"<< /Contents 4 0 R /Parent 2 0 R /Type /Page >>"
TEXT = b"0 0 50 50 re f"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream; its entries come before ``Length`` if they sort so, or are given with it."""
    if b"/Length" not in entries:
        entries += b"/Length %d " % len(data)
    return b"<< %b>>\nstream\n%b\nendstream" % (entries, data)


SIMPLE = (CATALOG, PAGES, PAGE, stream(TEXT))
"""A page with a square."""


def objects_at(start: int, objects: Mapping[int, bytes]) -> tuple[bytes, dict[int, int]]:
    """The text of objects that begin at an offset, and their own offsets."""
    text, offsets = b"", {}
    for number, body in objects.items():
        offsets[number] = start + len(text)
        text += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    return text, offsets


def closing(trailer: bytes, table_at: int) -> bytes:
    """What follows a table."""
    return b"trailer << %b >>\nstartxref\n%d\n%%%%EOF\n" % (trailer, table_at)


def file_of(
    objects: Sequence[bytes] = SIMPLE,
    *,
    header: bytes = b"%PDF-1.7" + MARK,
    trailer: bytes | None = None,
    between: bytes = b"",
) -> bytes:
    """A file whose objects are numbered from 1.

    Args:
        objects: what stands in each line, or lines, between ``obj`` and ``endobj``.
        header: what comes first.
        trailer: the entries of the trailer.
        between: what stands between the objects and their table.
    """
    text, offsets = objects_at(len(header), dict(enumerate(objects, start=1)))
    text += between
    table_at = len(header) + len(text)
    lines = b"".join(b"%010d 00000 n \n" % at for at in offsets.values())
    size = len(objects) + 1
    if trailer is None:
        trailer = b"/ID %b /Root 1 0 R /Size %d" % (ID, size)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, lines)
    return header + text + table + closing(trailer, table_at)


def increment_of(
    before: bytes,
    objects: Mapping[int, bytes],
    *,
    sections: Sequence[tuple[int, int]] | None = None,
    size: int | None = None,
    prev: int | None = None,
    trailer: bytes = b"",
) -> bytes:
    """The file with a section behind it.

    Args:
        before: the file.
        objects: by number, in the order in which they are written.
        sections: first number and length of the table's parts.
        size: of the trailer.
        prev: of the trailer.
        trailer: further entries, which come last.
    """
    text, offsets = objects_at(len(before), objects)
    table_at = len(before) + len(text)
    if sections is None:
        sections = _runs(sorted(objects))
    table = b"xref\n" + b"".join(
        b"%d %d\n%b"
        % (
            first,
            length,
            b"".join(b"%010d 00000 n \n" % offsets[first + n] for n in range(length)),
        )
        for first, length in sections
    )
    last = before[before.rindex(b"startxref\n") + 10 : before.rindex(b"\n%%EOF")]
    old_size = int(before[before.rindex(b"/Size ") + 6 :].split(b" ", 1)[0])
    entries = b"/ID %b /Prev %d /Root 1 0 R /Size %d%b" % (
        ID,
        int(last) if prev is None else prev,
        max(old_size, *(number + 1 for number in objects)) if size is None else size,
        trailer,
    )
    return before + text + table + closing(entries, table_at)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs
