"""Every object that stands in a PDF file, listed or not, found by walking the file's bytes.

A reader follows the cross-reference table and never sees what the table leaves out. A forger
counts on that: what is in the sealed bytes but not in the table waits for an update that lists it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from eseal.documents.pdf.syntax import REGULAR, SPACE

_BLANK: Final = re.compile(rb"(?:" + SPACE + rb"++|%[^\r\n]*+)*+")
_LEVEL: Final = rb"(?:[^()\\]++|\\[\s\S])*+"
_NESTED: Final = rb"(?:[^()\\]++|\\[\s\S]|\(" + _LEVEL + rb"\))*+"
_STRING: Final = rb"\((?:[^()\\]++|\\[\s\S]|\(" + _NESTED + rb"\))*+\)"
OBJECT: Final = re.compile(
    rb"(?:" + SPACE + rb"++|%[^\r\n]*+)*+"
    rb"(?P<header>(?P<number>\d{1,10})" + SPACE + rb"++(?P<generation>\d{1,5})" + SPACE
    + rb"++obj(?!" + REGULAR + rb"))"
    rb"(?P<body>(?:[^()%/se]++|/" + REGULAR + rb"*+|" + _STRING
    + rb"|%[^\r\n]*+|s(?!tream)|e(?!ndobj))*+)"
    rb"(?:endobj|(?P<stream>stream\r?\n))"
)  # fmt: skip
"""An object up to its end or to its stream. Strings may hold three levels of parentheses."""
_STREAM_GROUP: Final = 5
HEADER: Final = re.compile(rb"(?<!\d)(\d{1,10})" + SPACE + rb"+(\d{1,5})" + SPACE + rb"+obj")
_LENGTH: Final = re.compile(
    rb"/Length" + SPACE + rb"+(\d+)(?:" + SPACE + rb"+(\d+)" + SPACE + rb"+(R))?"
)
_STREAM_END: Final = re.compile(SPACE + rb"*endstream" + SPACE + rb"*(?:endobj)?")
_ENDSTREAM: Final = b"endstream"
_TABLE: Final = re.compile(
    rb"xref" + SPACE + rb"++[\d\x00\t\n\f\r fn]*+trailer" + SPACE + rb"*+<<(?:[^()%]++|" + _STRING
    + rb"|%[^\r\n]*+)*?>>" + SPACE + rb"*+startxref" + SPACE + rb"++\d++"
)  # fmt: skip
_START: Final = re.compile(rb"startxref" + SPACE + rb"++\d++")


class Entry(NamedTuple):
    """An object as it stands in the file.

    Attributes:
        number: its number.
        generation: its generation.
        offset: where its header starts.
        body: where its value starts.
        end: where its value ends: before ``endobj`` or ``stream``.
        stream: where the data of its stream starts, or ``None``.
    """

    number: int
    generation: int
    offset: int
    body: int
    end: int
    stream: int | None


def walk(data: bytes, start: int, lengths: Mapping[int, int]) -> list[Entry]:
    """All objects from ``start`` to the file's end, in their order.

    Bytes that are nothing at all are passed over up to the next header of an object. The time it
    takes is in proportion to the file's size.

    Args:
        data: the file.
        start: where to begin.
        lengths: for lengths of streams that are objects of their own: offset by object number.
    """
    found: list[Entry] = []
    position = start
    while True:
        match = OBJECT.match(data, position)
        if match is not None:
            number, generation, head = match.group(2, 3, 4)
            body, end = match.span(4)
            position = match.end()
            stream = position if match.lastindex == _STREAM_GROUP else None
            found.append(Entry(int(number), int(generation), match.start(1), body, end, stream))
            if stream is not None:
                position = _behind_stream(data, head, stream, lengths)
            continue
        table = _TABLE.match(data, position) or _START.match(data, position)
        if table is not None:
            position = table.end()
            continue
        blank = _BLANK.match(data, position)
        if blank is not None and blank.end() > position:
            position = blank.end()
            continue
        header = HEADER.search(data, position)
        if header is None:
            return found
        position = header.start()
        if OBJECT.match(data, position) is None:
            # Not understood; noted all the same, so that nothing hides behind odd syntax.
            number, generation = int(header[1]), int(header[2])
            found.append(Entry(number, generation, position, header.end(), header.end(), None))
            position = header.end()


def _behind_stream(data: bytes, head: bytes, start: int, lengths: Mapping[int, int]) -> int:
    match = _LENGTH.search(head)
    if match is not None:
        length = int(match[1])
        if match[3] is not None:
            length = _indirect_length(data, lengths.get(length))
        end = _STREAM_END.match(data, start + length) if length >= 0 else None
        if end is not None:
            return end.end()
    at = data.find(_ENDSTREAM, start)
    return len(data) if at < 0 else at + len(_ENDSTREAM)


def _indirect_length(data: bytes, offset: int | None) -> int:
    match = None if offset is None else OBJECT.match(data, offset)
    text = b"" if match is None else match["body"].strip()
    return int(text) if text.isdigit() and len(text) < 20 else -1  # noqa: PLR2004  64 bits
