"""What the ledger says about a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.errors import LedgerUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eseal.ledger.facts import Anchor, Head
    from eseal.ledger.protocol import LedgerReader
    from eseal.monitor.state import Tree

MOST_LEAVES = 1 << 24
"""That one head may add to the one before it: a day of two hundred uses a second. Leaves are made
as fast as they are read, and a head is of any size; only at a head do they show whose they are."""
MAX_STEPS = 16
"""Anchors asked for one by one; when more have come, reading them all at once is less work."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """The ledger's side of a log.

    Attributes:
        head: the newest head.
        anchors: every anchor beyond what was compared before, by size.
        kept: whether the ledger still holds the head compared before.
    """

    head: Head
    anchors: tuple[Anchor, ...]
    kept: bool


def ask_ledger(ledger: LedgerReader, name: bytes, compared: Tree) -> Anchored:
    """Ask for everything about the log with this id that is new since ``compared``.

    Raises:
        LedgerUnreachableError: it cannot be asked, contradicts itself, or has not got as far as it
            was before: another node, or one that catches up.
    """
    head = ledger.head(name)
    if head.size < compared.size:
        raise LedgerUnreachableError(
            f"the ledger node is behind: it knows a head of {head.size} leaves, "
            f"a head of {compared.size} was on the ledger before"
        )
    kept = compared.size == 0 or ledger.root_at(name, compared.size) == compared.root
    anchors = anchors_since(ledger, name, compared.size, head.size)
    if head.size > compared.size and head not in [anchor.head for anchor in anchors]:
        raise LedgerUnreachableError(
            f"the ledger node contradicts itself: no anchor of the head of {head.size} leaves"
        )
    if anchors and anchors[-1].head.size > head.size:
        head = anchors[-1].head
    return Anchored(head, tuple(anchors), kept)


def readable(sizes: Iterable[int], size: int) -> Iterator[int]:
    """How many leaves there are to read, from head to head, each within reach of the one before.

    Args:
        sizes: of heads on the ledger, ascending.
        size: leaves under the head before them; 0 before the first.
    """
    for one in sizes:
        if one - size > MOST_LEAVES:
            return
        yield one
        size = one


def anchors_since(ledger: LedgerReader, name: bytes, size: int, last: int) -> Sequence[Anchor]:
    """The anchors in force of more than ``size`` leaves, up to that of ``last``, by size.

    Raises:
        LedgerUnreachableError: it cannot be asked.
    """
    if size >= last:
        return ()
    found: list[Anchor] = []
    if size:  # the first time all of them are needed
        while len(found) < MAX_STEPS:
            anchor = ledger.anchor_covering(name, found[-1].head.size if found else size)
            if anchor is None:
                return found
            found.append(anchor)
            if anchor.head.size >= last:
                return found
    return [anchor for anchor in ledger.anchors(name) if anchor.head.size > size]
