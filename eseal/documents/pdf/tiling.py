"""A quick look at a file that is nothing but its listed objects, one after the other.

Most documents are: written once, by one program. There no object needs to be searched for, and the
text of all of them is cut out of the file in a few steps. Where anything at all is not as expected,
the answer is ``None``, and the file is walked (:mod:`eseal.documents.pdf.inventory`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, repeat
from operator import add
from typing import Final, NamedTuple

import orjson

from eseal.documents.pdf.inventory import OBJECT
from eseal.documents.pdf.syntax import REGULAR, SPACE

DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
"""Makes every digit a 0."""
_OBJECT: Final = b"obj"
_END: Final = b"endobj"
_STREAM: Final = b"stream"
_KEY: Final = re.compile(rb"/Length(?!" + REGULAR + rb")")
_LENGTH: Final = re.compile(rb"/Length" + SPACE + rb"++(\d{1,10})(?!\d|" + SPACE + rb"++\d)")
"""The length of a stream where it stands in its dictionary."""
_LENGTH_AT: Final = re.compile(
    rb"/Length" + SPACE + rb"++(\d{1,10})" + SPACE + rb"++\d{1,5}" + SPACE + rb"++R(?!" + REGULAR
    + rb")"
)  # fmt: skip
"""The length of a stream where it is an object of its own: a writer knows it only afterwards."""
_INTEGER: Final = re.compile(SPACE + rb"*+\d++ \d++ obj" + SPACE + rb"*+(\d{1,10})"
                             + SPACE + rb"*+endobj" + SPACE + rb"*+")  # fmt: skip
_LINE_ENDS: Final = (b"\n", b"\r\n")
_LINE_ENDED: Final = (b"\n", b"\r")
"""Before the first object stands a comment, which must be over."""
_ENDED: Final = re.compile(
    rb"(?:\r\n|[\r\n])?endstream" + SPACE + rb"{1,2}endobj" + SPACE + rb"{0,2}"
)


class Cut(NamedTuple):
    """The objects of a file.

    Attributes:
        numbers: those of the objects, in the order in which these stand in the file.
        heads: their texts in the same order, headers included, stream data left out.
        shapes: the same texts again, with every digit a 0.
        kinds: the different shapes.
    """

    numbers: list[int]
    heads: list[bytes]
    shapes: list[bytes]
    kinds: set[bytes]


def cut(data: bytes, offsets: Mapping[int, int]) -> Cut | None:
    """Cut a file into its objects.

    Args:
        data: the file.
        offsets: where its table says that objects start, by number.

    Returns:
        ``None`` unless it is certain that the file holds objects just where the table says, each
        under its number and of generation 0, and no others; and that each stream is as long as it
        says.
    """
    if not offsets:
        return None
    numbers, starts = [*offsets], [*offsets.values()]
    if starts != sorted(starts):
        starts, numbers = map(list, zip(*sorted(zip(starts, numbers, strict=True)), strict=True))
    end = data.rfind(_END) + len(_END)
    outside = data.find(_OBJECT, 0, starts[0]), data.find(_OBJECT, end)
    if end < starts[-1] or max(outside) >= 0 or data[starts[0] - 1 : starts[0]] not in _LINE_ENDED:
        return None
    stops = [*starts[1:], end]
    marks = [*map(data.find, repeat(_STREAM), starts, stops)]
    heads = [
        data[start : stop if mark < 0 else mark]
        for start, stop, mark in zip(starts, stops, marks, strict=True)
    ]
    if not all(map(bytes.startswith, heads, _headers(numbers))):
        return None
    shapes = [*map(bytes.translate, heads, repeat(DIGITS))]
    found = Cut(numbers, heads, shapes, set(shapes))
    has_data = [*map((-1).__lt__, marks)]
    streams = set(compress(shapes, has_data))
    if not all(map(_is_plain, found.kinds - streams)) or not all(map(_is_stream, streams)):
        return None
    fit = not streams or _fit(
        data,
        [*compress(heads, has_data)],
        [*compress(marks, has_data)],
        [*compress(stops, has_data)],
        found,
    )
    return found if fit else None


def _headers(numbers: list[int]) -> list[bytes]:
    """How objects of these numbers begin."""
    listed = orjson.dumps(numbers).strip(b"[]") + b","
    return listed.replace(b",", b" 0 obj,").split(b",")[:-1]


def _is_plain(shape: bytes) -> bool:
    """Whether an object is one value and no stream."""
    match = OBJECT.match(shape)
    return bool(match and match["stream"] is None and not shape[match.end() :].strip())


def _is_stream(shape: bytes) -> bool:
    """Whether this is what stands before a stream's data, with one length."""
    match = OBJECT.fullmatch(shape + _STREAM + b"\n")
    return bool(
        match
        and match["stream"]
        and len(_KEY.findall(shape)) == 1
        and len(_LENGTH.findall(shape)) + len(_LENGTH_AT.findall(shape)) == 1
    )


def _fit(
    data: bytes,
    heads: Sequence[bytes],
    marks: Sequence[int],
    stops: Sequence[int],
    found: Cut,
) -> bool:
    """Whether each stream's data is as long as its dictionary says.

    Args:
        data: the file.
        heads: the text of each before its data.
        marks: where the word ``stream`` stands behind each.
        stops: where the object of each ends.
        found: all objects, for lengths that are objects of their own.
    """
    first = marks[0] + len(_STREAM)
    line_end = next((end for end in _LINE_ENDS if data.startswith(end, first)), None)
    if line_end is None:
        return False
    begun = _STREAM + line_end
    if not all(map(data.startswith, repeat(begun), marks)):
        return False
    direct = _LENGTH.findall(b"".join(heads))
    lengths = map(int, direct) if len(direct) == len(heads) else _lengths(heads, found)
    begins = map(len(begun).__add__, marks)
    behind = {*map(data.__getitem__, map(slice, map(add, begins, lengths), stops))}
    return all(map(_ENDED.fullmatch, behind))


def _lengths(heads: Sequence[bytes], found: Cut) -> Iterator[int]:
    """The length of each stream; 0, which is hardly right, where it leads to no number."""
    objects = dict(zip(found.numbers, found.heads, strict=True))
    for head in heads:
        at = _LENGTH_AT.search(head)
        value = _LENGTH.search(head) if at is None else _INTEGER.match(objects.get(int(at[1]), b""))
        yield int(value[1]) if value else 0
