"""Reading a log up to a head on the ledger, and finding what is ours among its leaves."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from eseal.errors import InvalidFormatError
from eseal.log.compact_range import RootBuilder
from eseal.log.leaf import Leaf
from eseal.log.leaf_table import CHUNK_LEAVES, leaf_table
from eseal.monitor.client import LogUnreachableError, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from eseal.ledger.facts import Head
    from eseal.monitor.client import LogClient
    from eseal.watch.log.tickets import Place, Tickets


CHUNKS_AT_ONCE = 32
"""Half a million leaves, 38 MB: tickets are looked up among so many at once, volume by volume."""


class BadLeavesError(Exception):
    """What was read is not what the head on the ledger covers; the message says where."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A leaf whose tag is of one of our tickets."""

    leaf: Leaf
    place: Place


class Scan:
    """Reading a log from head to head; whose leaves they are, the root at each head says.

    Args:
        start: the tree of the leaves read before.
        heads: on the ledger, beyond it, by size.
        tickets: ours.
        keep: is given the tree at the newest head that was reached, and our leaves under it that
            it was not given before: half a million leaves at a time, and at the end, also one that
            is an error.
    """

    def __init__(
        self,
        start: RootBuilder,
        heads: Sequence[Head],
        tickets: Tickets,
        keep: Callable[[RootBuilder, list[Hit]], object],
    ) -> None:
        self._builder = RootBuilder.resume(start.size, start.peaks)
        self._reached = start
        self._kept = start.size
        self._heads = deque(heads)
        self._tickets = tickets
        self._keep = keep
        self._held: list[NDArray[np.void]] = []
        self._hits: list[Hit] = []

    def read(self, log: LogClient, until: float) -> None:
        """Read up to the last head, or until it is so late by the monotonic clock.

        Raises:
            LogUnreachableError: they could not be read.
            BadLeavesError: they do not make a head, or one of them is no leaf of its place.
            OSError: a volume had to be made again and cannot be kept.
        """
        if not self._heads:
            return
        leaves = log.leaves(self._builder.size, self._heads[-1].size)
        try:
            for chunk in chunks(leaves, CHUNK_LEAVES):
                self._take(chunk)
                if len(self._held) == CHUNKS_AT_ONCE:
                    self._look()
                if time.monotonic() > until:
                    break
        except (LogUnreachableError, BadLeavesError):
            self._look()
            raise
        self._look()

    def _take(self, chunk: Sequence[bytes]) -> None:
        self._held.append(_table(chunk, self._builder.size))
        rest = iter(chunk)
        end = self._builder.size + len(chunk)
        while self._heads and self._heads[0].size <= end:
            head = self._heads.popleft()
            ((_, root),) = self._builder.roots_at(rest, [head.size])
            if root != head.root:
                raise BadLeavesError(
                    f"{head.size} leaves make the root {root.hex()}, the ledger has "
                    f"{head.root.hex()}"
                )
            self._reached = RootBuilder.resume(self._builder.size, self._builder.peaks)
        self._builder.append_many(rest)

    def _look(self) -> None:
        """Look for tickets among the leaves held; what lies under a head that was reached counts.

        Leaves beyond it wait: they may be nobody's.
        """
        self._hits += _find(self._held, self._tickets)
        self._held.clear()
        size = self._reached.size
        if size > self._kept:
            self._keep(self._reached, [hit for hit in self._hits if hit.leaf.index < size])
            self._hits = [hit for hit in self._hits if hit.leaf.index >= size]
            self._kept = size


def search(
    leaves: Iterator[bytes],
    first: int,
    tickets: Tickets,
    read: Callable[[list[bytes]], object] = lambda _: None,
) -> list[Hit]:
    """Which leaves are ours, in their order.

    Args:
        leaves: that follow each other.
        first: index of the first.
        tickets: ours.
        read: is given all leaves, many at a time.

    Raises:
        BadLeavesError, OSError: as :meth:`Scan.read`.
    """
    hits: list[Hit] = []
    held: list[NDArray[np.void]] = []
    while chunk := list(islice(leaves, CHUNK_LEAVES)):
        held.append(_table(chunk, first))
        read(chunk)
        first += len(chunk)
        if len(held) == CHUNKS_AT_ONCE:
            hits += _find(held, tickets)
            held.clear()
    return [*hits, *_find(held, tickets)]


def _table(chunk: Sequence[bytes], first: int) -> NDArray[np.void]:
    try:
        return leaf_table(chunk, first)
    except InvalidFormatError as error:
        raise BadLeavesError(str(error)) from None


def _find(held: Sequence[NDArray[np.void]], tickets: Tickets) -> list[Hit]:
    """Which of these leaves are ours, in their order; all tables but the last are full."""
    if not held:
        return []
    prefixes = np.concatenate([table["tag"][:, 0].astype(np.uint64) for table in held])
    hits = []
    for which, tag, place in tickets.find(prefixes):
        leaf = Leaf.decode(held[which // CHUNK_LEAVES][which % CHUNK_LEAVES].tobytes())
        if leaf.tag == tag:
            hits.append(Hit(leaf, place))
    return sorted(hits, key=lambda hit: hit.leaf.index)
