"""Whether contents are plain: one grammar, brackets that match, and what they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eseal.documents.pdf.language import grammar
from eseal.documents.pdf.language.inline import InlineImage, inline_image
from eseal.errors import InvalidInputError

MAX_DEPTH: Final = 256
"""Of brackets inside one another; readers keep their own limits, from 28 (annex C) upwards."""
MAX_BRACKETS: Final = 1 << 20
"""In all; a large drawing has some ten thousand."""
_LOOKED_BACK: Final = 128
"""So far before an operator its operands are looked for: a dash has few."""
_SHOWN_HOW: Final = frozenset(b"%d" % mode for mode in range(8))
_SHOWN: Final = 24
"""So many bytes of odd contents are shown in a message."""


class OddContentsError(InvalidInputError):
    """Readers may read these contents differently; says where and why."""

    code = "unclear_contents"


@dataclass(frozen=True, slots=True)
class Facts:
    """What plain contents say.

    Attributes:
        data: the contents, without inline images.
        bare: the same without strings.
        named: the resources they name, each with the operator that takes it.
        drawn: how often they draw each external object.
        layers: the names of properties that put contents into layers.
        images: inline images.
        begins: the operands and the operator a glyph begins with.
    """

    data: bytes
    bare: bytes
    named: frozenset[tuple[bytes, bytes]]
    drawn: Counter[bytes]
    layers: frozenset[bytes]
    images: tuple[InlineImage, ...]
    begins: bytes = b""


def judge(data: bytes, *, glyph: bool = False) -> Facts:
    """Read contents as every reader does.

    Args:
        data: contents, decoded; of a page, all its streams.
        glyph: whether they are those of a Type 3 glyph.

    Raises:
        OddContentsError: some reader may read them differently.
    """
    begins, position = b"", 0
    if glyph:
        match = grammar.GLYPH.match(data)
        if match is None:
            raise OddContentsError(f"a glyph does not begin with its width, but {_at(data, 0)}")
        begins, position = match[0], match.end()
    runs, images = _runs(data, position)
    whole = data if not images and not position else b"\n".join(runs)
    bare = grammar.TEXT.sub(b"()", whole) if b"(" in whole else whole
    _match(grammar.BRACKETS.findall(bare), b"q", b"Q")
    _values(bare)
    layers: frozenset[bytes] = frozenset()
    if b"/OC" in bare:
        layers = frozenset(grammar.LAYERS.findall(bare))
        _match([mark[:1] for mark in grammar.MARKS.findall(bare)], b"B", b"E")
    named = grammar.NAMES.findall(bare)
    drawn = Counter(token for token, operator in named if operator == b"Do")
    return Facts(whole, bare, frozenset(named), drawn, layers, tuple(images), begins)


def colours(facts: Facts) -> bool:
    """Whether contents set colours."""
    return grammar.COLOURS.search(facts.bare) is not None


def _runs(data: bytes, position: int) -> tuple[list[bytes], list[InlineImage]]:
    """Plain contents between inline images, and these."""
    runs: list[bytes] = []
    images: list[InlineImage] = []
    while True:
        match = grammar.PLAIN.match(data, position)
        end = match.end() if match else position
        runs.append(data[position:end])
        if end == len(data):
            return runs, images
        image = inline_image(data, end)
        if image is None:
            raise OddContentsError(f"expected plain drawing, got {_at(data, end)}")
        images.append(image)
        position = image.end


def _match(found: list[bytes], opening: bytes, closing: bytes) -> None:
    """Whether brackets match."""
    trace = b"".join(found[:MAX_BRACKETS])
    for _ in range(MAX_DEPTH):
        shorter = trace.replace(opening + closing, b"")
        if len(shorter) == len(trace):
            break
        trace = shorter
    if trace or len(found) > MAX_BRACKETS:
        raise OddContentsError(
            f"expected as many {opening.decode()} as {closing.decode()}, in order, "
            f"got {trace[:_SHOWN].decode()}"
        )


def _values(data: bytes) -> None:
    """Whether widths, caps, joins, limits, dashes and ways of showing text are among the known."""
    looked_at = {
        data[max(0, match.start() - _LOOKED_BACK) : match.end()]
        for match in grammar.VALUED.finditer(data)
    }
    for found in looked_at:
        *operands, operator = found.split()
        if not is_known(operator, operands):
            raise OddContentsError(f"expected an operand of {operator.decode()}, got {found!r}")


def is_known(operator: bytes, operands: Sequence[bytes]) -> bool:
    """Whether the operands of an operator are among those that all readers take alike.

    Args:
        operator: any of annex A.
        operands: its own, which may follow others.
    """
    operand = operands[-1].rpartition(b"]")[2] if operands else b""
    match operator:
        case b"J" | b"j":
            return operand in {b"0", b"1", b"2"}
        case b"Tr":
            return operand in _SHOWN_HOW
        case b"M":
            return float(operand) >= 1
        case b"w":
            return float(operand) >= 0
        case b"d":
            return _is_dash(b" ".join(operands))
        case _:
            return True


def _is_dash(found: bytes) -> bool:
    lengths = [*map(float, found.rpartition(b"[")[2].partition(b"]")[0].split())]
    return not lengths or (min(lengths) >= 0 and sum(lengths) > 0)


def _at(data: bytes, position: int) -> str:
    found = data[position : position + _SHOWN]
    return f"{found!r} at byte {position}" if found else "the end"
