"""Reading a log up to a head on the ledger, and finding what is ours among its leaves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from eseal.errors import InvalidFormatError
from eseal.log.leaf import Leaf
from eseal.log.table import CHUNK_LEAVES, leaf_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from eseal.log.compact import RootBuilder
    from eseal.monitor.client import LogClient
    from eseal.watch.tickets import Place, Tickets


CHUNKS_AT_ONCE = 32
"""Half a million leaves, 38 MB: tickets are looked up among so many at once, volume by volume."""


class BadLeavesError(Exception):
    """What was read is not what the head on the ledger covers; the message says where."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A leaf whose tag is of one of our tickets."""

    leaf: Leaf
    place: Place


def scan(log: LogClient, builder: RootBuilder, end: int, tickets: Tickets) -> list[Hit]:
    """Read the leaves from where ``builder`` stands up to ``end``; which of them are ours.

    Whether they are the log's, their root says: compare ``builder.root()`` with the ledger's.

    Raises:
        LogUnreachableError: they could not be read.
        BadLeavesError: one of them is no leaf of its place.
        OSError: a volume had to be made again and cannot be kept.
    """
    return search(log.leaves(builder.size, end), builder.size, tickets, builder.append_many)


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
        BadLeavesError, OSError: as :func:`scan`.
    """
    hits: list[Hit] = []
    held: list[NDArray[np.void]] = []
    while chunk := list(islice(leaves, CHUNK_LEAVES)):
        try:
            held.append(leaf_table(chunk, first))
        except InvalidFormatError as error:
            raise BadLeavesError(str(error)) from None
        read(chunk)
        first += len(chunk)
        if len(held) == CHUNKS_AT_ONCE:
            hits += _find(held, tickets)
            held.clear()
    return [*hits, *_find(held, tickets)]


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
