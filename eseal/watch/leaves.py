"""Reading a log up to a head on the ledger, and finding what is ours among its leaves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from eseal.errors import InvalidFormatError
from eseal.log.leaf import LEAF_BYTES, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.log.compact import RootBuilder
    from eseal.monitor.client import LogClient
    from eseal.watch.tickets import Place, Tickets

CHUNK_LEAVES = 1 << 14
"""Leaves at a time: a megabyte, and enough to look up at once."""
LEAF_TABLE = np.dtype([("index", ">u8"), ("commitment", "V32"), ("prefix", ">u8"), ("rest", "V24")])
"""A leaf as :mod:`eseal.log.leaf` lays it out; ``prefix`` is the beginning of its tag."""


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
    """
    hits: list[Hit] = []
    leaves = log.leaves(builder.size, end)
    while chunk := list(islice(leaves, CHUNK_LEAVES)):
        table = leaf_table(chunk, builder.size)
        builder.append_many(chunk)
        hits += _ours(chunk, table, tickets)
    return hits


def leaf_table(chunk: list[bytes], first: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Leaves that follow each other, as a table.

    Args:
        chunk: the leaves' bytes.
        first: index of the first.

    Raises:
        BadLeavesError: one of them is no leaf of its place.
    """
    if {len(leaf) for leaf in chunk} != {LEAF_BYTES}:
        raise BadLeavesError(f"among the leaves from {first} on is one that is no leaf")
    table = np.frombuffer(b"".join(chunk), dtype=LEAF_TABLE)
    wrong = np.flatnonzero(table["index"] != np.arange(first, first + len(chunk), dtype=np.uint64))
    if len(wrong):
        at = int(wrong[0])
        raise BadLeavesError(
            f"leaf {first + at}: expected its own index, got {int(table['index'][at])}"
        )
    return table


def _ours(
    chunk: list[bytes], table: np.ndarray[tuple[int], np.dtype[np.void]], tickets: Tickets
) -> Iterator[Hit]:
    for which, tag, place in tickets.find(table["prefix"].astype(np.uint64)):
        try:
            leaf = Leaf.decode(chunk[which])
        except InvalidFormatError as error:
            raise BadLeavesError(str(error)) from None
        if leaf.tag == tag:
            yield Hit(leaf, place)
