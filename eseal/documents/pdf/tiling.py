"""A quick look at a file that is nothing but its listed objects, one after the other.

Most documents are: written once, by one program. There no object needs to be searched for, and the
text of all of them is cut out of the file in a few steps. Where anything at all is not as expected,
the answer is ``None``, and the file is walked (:mod:`eseal.documents.pdf.inventory`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise, repeat
from typing import Final, NamedTuple

from eseal.documents.pdf.inventory import OBJECT
from eseal.documents.pdf.syntax import REGULAR, SPACE

MAX_BYTES: Final = 8 * 1024 * 1024
"""Cutting copies the file; in a larger one the objects are not what takes the time."""
DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
"""Makes every digit a 0."""
_OBJECT: Final = b"obj"
_END: Final = b"endobj"
_STREAM: Final = b"stream"
_KEY: Final = re.compile(rb"/Length(?!" + REGULAR + rb")")
_LENGTH: Final = re.compile(rb"/Length" + SPACE + rb"++(\d{1,10})(?!\d|" + SPACE + rb"++\d)")
"""The length of a stream where it stands in its dictionary, not in an object of its own."""
_LINE_ENDS: Final = (b"\n", b"\r\n")
_ENDED: Final = re.compile(
    rb"(?:\r\n|[\r\n])?endstream" + SPACE + rb"{1,2}endobj" + SPACE + rb"{0,2}"
)


class Cut(NamedTuple):
    """The objects of a file.

    Attributes:
        heads: the text of every object, header included, stream data left out, by number.
        shapes: the same texts in the same order, with every digit a 0.
        kinds: the different shapes, and how often each occurs.
    """

    heads: dict[int, bytes]
    shapes: list[bytes]
    kinds: Counter[bytes]


def cut(data: bytes, offsets: Mapping[int, int]) -> Cut | None:
    """Cut a file into its objects.

    Args:
        data: the file.
        offsets: where its table says that objects start, by number.

    Returns:
        ``None`` unless it is certain that the file holds objects just where the table says, and
        no others; and that each stream is as long as it says.
    """
    if not offsets or len(data) > MAX_BYTES:
        return None
    numbers, starts = [*offsets], [*offsets.values()]
    if starts != sorted(starts):
        starts, numbers = map(list, zip(*sorted(zip(starts, numbers, strict=True)), strict=True))
    end = data.rfind(_END) + len(_END)
    if end < starts[-1] or _OBJECT in data[end:] or _OBJECT in data[: starts[0]]:
        return None
    pieces = [data[start:stop] for start, stop in pairwise([*starts, end])]
    parts = [piece.partition(_STREAM) for piece in pieces]
    heads = [head for head, _, _ in parts]
    streams = [(head, content) for head, word, content in parts if word]
    shapes = [*map(bytes.translate, heads, repeat(DIGITS))]
    kinds = Counter(shapes)
    plain = sum(times for shape, times in kinds.items() if _is_plain(shape))
    if plain != len(heads) - len(streams) or not _are_streams(streams):
        return None
    return Cut(dict(zip(numbers, heads, strict=True)), shapes, kinds)


def _is_plain(shape: bytes) -> bool:
    """Whether an object is one value and no stream."""
    match = OBJECT.match(shape)
    return bool(match and match["stream"] is None and not shape[match.end() :].strip())


def _is_stream(shape: bytes) -> bool:
    """Whether this is what stands before a stream's data, with one length, and that right here."""
    match = OBJECT.fullmatch(shape + _STREAM + b"\n")
    return bool(
        match
        and match["stream"]
        and len(_KEY.findall(shape)) == 1
        and len(_LENGTH.findall(shape)) == 1
    )


def _are_streams(streams: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether each is a dictionary, and data of the length it says."""
    if not streams:
        return True
    heads, contents = zip(*streams, strict=True)
    shapes = set(map(bytes.translate, heads, repeat(DIGITS)))
    line_end = next((end for end in _LINE_ENDS if contents[0].startswith(end)), None)
    if (
        line_end is None
        or not all(map(_is_stream, shapes))
        or not all(map(bytes.startswith, contents, repeat(line_end)))
    ):
        return False
    lengths = map(int, _LENGTH.findall(b"".join(heads)))
    start = len(line_end)
    behind = {content[start + n :] for content, n in zip(contents, lengths, strict=True)}
    return all(map(_ENDED.fullmatch, behind))
