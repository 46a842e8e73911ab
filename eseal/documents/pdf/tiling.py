"""A quick look at a file that is nothing but its listed objects, one after the other.

Most documents are: written once, by one program. There no object needs to be searched for, and the
text of all of them is cut out of the file in a few steps. Where anything at all is not as expected,
the answer is ``None``, and the file is walked (:mod:`eseal.documents.pdf.inventory`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_LINE_ENDED: Final = (b"\n", b"\r")
"""Before the first object stands a comment, which must be over."""
_ENDED: Final = re.compile(
    rb"(?:\r\n|[\r\n])?endstream" + SPACE + rb"{1,2}endobj" + SPACE + rb"{0,2}"
)


class Cut(NamedTuple):
    """The objects of a file.

    Attributes:
        numbers: those of the objects, in the order in which these stand in the file.
        heads: their texts in the same order, headers included; those of streams end where the
            data begin.
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
    begun = _begin_of_data(data, starts[0])
    marks = [*map(data.find, repeat(begun), starts, stops)]
    heads = [
        data[start : stop if mark < 0 else mark + len(begun)]
        for start, stop, mark in zip(starts, stops, marks, strict=True)
    ]
    if not all(map(bytes.startswith, heads, _headers(numbers))):
        return None
    shapes = [*map(bytes.translate, heads, repeat(DIGITS))]
    found = Cut(numbers, heads, shapes, set(shapes))
    streams = {kind for kind in found.kinds if kind.endswith(begun)}
    if not all(map(_is_plain, found.kinds - streams)) or not all(map(_is_stream, streams)):
        return None
    has_data = [mark >= 0 for mark in marks]
    begins = [mark + len(begun) for mark in compress(marks, has_data)]
    fit = _fit(data, [*compress(heads, has_data)], begins, compress(stops, has_data), found)
    return found if fit else None


def _begin_of_data(data: bytes, start: int) -> bytes:
    """The word that goes before a stream's data, and the end of its line, as in the first one."""
    after = data.find(_STREAM, start) + len(_STREAM)
    return _STREAM + (b"\r\n" if data.startswith(b"\r\n", after) else b"\n")


def _headers(numbers: list[int]) -> list[bytes]:
    """How objects of these numbers begin."""
    listed = orjson.dumps(numbers).strip(b"[]") + b","
    return listed.replace(b",", b" 0 obj,").split(b",")[:-1]


def _is_plain(shape: bytes) -> bool:
    """Whether an object is one value and no stream."""
    match = OBJECT.match(shape)
    return bool(match and match["stream"] is None and not shape[match.end() :].strip())


def _is_stream(shape: bytes) -> bool:
    """Whether an object begins so whose value is a stream, with one length."""
    match = OBJECT.fullmatch(shape)
    return bool(
        match
        and match["stream"]
        and len(_KEY.findall(shape)) == 1
        and len(_LENGTH.findall(shape)) + len(_LENGTH_AT.findall(shape)) == 1
    )


def _fit(
    data: bytes,
    heads: Sequence[bytes],
    begins: Sequence[int],
    stops: Iterable[int],
    found: Cut,
) -> bool:
    """Whether each stream's data is as long as its dictionary says.

    Args:
        data: the file.
        heads: their texts before the data.
        begins: where their data begin.
        stops: where the objects end.
        found: all objects, for lengths that are objects of their own.
    """
    direct = _LENGTH.findall(b"".join(heads))
    lengths = map(int, direct) if len(direct) == len(heads) else _lengths(heads, found)
    behind = {*map(data.__getitem__, map(slice, map(add, begins, lengths), stops))}
    return all(map(_ENDED.fullmatch, behind))


def _lengths(heads: Sequence[bytes], found: Cut) -> Iterator[int]:
    """The length of each stream; 0, which is hardly right, where it leads to no number."""
    objects = dict(zip(found.numbers, found.heads, strict=True))
    for head in heads:
        at = _LENGTH_AT.search(head)
        value = _LENGTH.search(head) if at is None else _INTEGER.match(objects.get(int(at[1]), b""))
        yield int(value[1]) if value else 0
