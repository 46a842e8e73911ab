"""PDFs whose objects stand in an object stream (ISO 32000-1 section 7.5.7)."""

from __future__ import annotations

import zlib
from collections.abc import Collection


def packed_pdf(
    objects: dict[int, bytes],
    *,
    count: bytes = b"",
    kind: bytes = b"/ObjStm",
    unlisted: Collection[int] = (),
) -> bytes:
    """A PDF whose objects, 1 to 3 and above 5, stand in the object stream 4.

    Args:
        objects: their texts by number.
        count: how many the stream says it holds, if not so many.
        kind: what it says it is.
        unlisted: which of them the table does not name.
    """
    header, body = b"", b""
    for number, text in objects.items():
        header += b"%d %d " % (number, len(body))
        body += text
    data = zlib.compress(header + body)
    out = b"%PDF-1.5\n"
    stream_at = len(out)
    out += (
        b"4 0 obj\n<< /Type %b /N %b /First %d /Filter /FlateDecode /Length %d >>\n"
        b"stream\n%b\nendstream\nendobj\n"
        % (kind, count or b"%d" % len(objects), len(header), len(data), data)
    )
    table_at = len(out)
    rows = {0: (0, 0, 255), 4: (1, stream_at, 0), 5: (1, table_at, 0)}
    rows |= {n: (2, 4, index) for index, n in enumerate(objects) if n not in unlisted}
    table = b"".join(
        bytes([kind]) + at.to_bytes(3, "big") + bytes([n])
        for _, (kind, at, n) in sorted(rows.items())
    )
    out += (
        b"5 0 obj\n<< /Type /XRef /Size %d /W [1 3 1] /Root 1 0 R /Length %d >>\n"
        b"stream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
        % (len(rows), len(table), table, table_at)
    )
    return out
