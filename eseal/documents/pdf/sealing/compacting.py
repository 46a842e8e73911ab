"""Leaving out what nothing leads to any more, once a document has its seal.

A page that is drawn on gets resources of its own, a code that finds no room is not shown: what was
made or used before is then left over, and a canonical file holds nothing that is left over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from eseal.documents.pdf.file.grammar import references_in, without_strings
from eseal.documents.pdf.file.values import HEXADECIMAL, LITERAL
from eseal.documents.pdf.file.writing import Signature, Spelt, spelt

_REFERENCE: Final = re.compile(
    rb"(?P<string>" + LITERAL + rb"|" + HEXADECIMAL + rb")"
    rb"|(?<![^ ])(?P<number>[1-9][0-9]{0,7}) 0 R(?![^ ])"
)


def compacted(objects: Sequence[Any], info: int | None) -> tuple[list[Any], int | None]:
    """The objects that can be reached, numbered anew in their order.

    Args:
        objects: the values of objects 1 to n, the catalog first.
        info: number of the information dictionary, or ``None``.

    Returns:
        The same for a file without the others.
    """
    whole = [each if isinstance(each, Signature) else spelt(each) for each in objects]
    heads = [b"" if isinstance(each, Signature) else each.head for each in whole]
    plain = without_strings(heads)
    waiting = [1] if info is None else [1, info]
    reached = set(waiting)
    while waiting:
        new = set(references_in(plain[waiting.pop() - 1])) - reached
        reached |= new
        waiting += new
    if len(reached) == len(whole):
        return whole, info
    numbers = {old: new for new, old in enumerate(sorted(reached), start=1)}
    kept = [_renumbered(whole[old - 1], numbers) for old in sorted(reached)]
    return kept, None if info is None else numbers[info]


def _renumbered(item: Spelt | Signature, numbers: Mapping[int, int]) -> Spelt | Signature:
    """An object with other numbers in its references; a signature has none."""
    if isinstance(item, Signature):
        return item

    def replaced(match: re.Match[bytes]) -> bytes:
        number = match["number"]
        return match[0] if number is None else b"%d 0 R" % numbers[int(number)]

    return Spelt(_REFERENCE.sub(replaced, item.head), item.data)
