"""Whether leaves under disowned heads are still served: their tickets stay torn for ever.

Where the log still begins with them, it serves them itself. Otherwise it serves them below
``epoch/<number>`` of its own address, laid out as itself: entries and tiles of the tree as it was
when the administrator disowned it. Either way they are read once, from head to head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import CorruptionError, InvalidFormatError, InvalidInputError, NotFoundError
from eseal.log import tree
from eseal.log.leaf_table import CHUNK_LEAVES, leaf_table
from eseal.monitor.client import LeavesLateError, LogUnreachableError, chunks
from eseal.monitor.state import tree_of
from eseal.monitor.time_budget import shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eseal.ledger.facts import Head
    from eseal.monitor.client import LogClient
    from eseal.monitor.state import Tree
    from eseal.monitor.tags import TagIndex


def read_disowned(  # noqa: PLR0913, PLR0917 - what to read, and from where to where
    log: LogClient, epoch: int, heads: Sequence[Head], read: Tree, tags: TagIndex, until: float
) -> tuple[Tree, bool]:
    """Read leaves of an epoch that is over into the index.

    Also where the log's tiles say that it begins with them: that the leaves are those of the tiles,
    only reading them shows.

    Args:
        log: the log as it is now.
        epoch: which.
        heads: its heads, by size.
        read: the tree at the one that was reached before.
        tags: where tags go.
        until: when to stop, by the monotonic clock.

    Returns:
        The tree at the newest head that was reached, and whether there was no time for more.
    """
    last, below = heads[-1], log.below(f"epoch/{epoch}")
    places = (log, below) if begins_with(log, last.size, last.root) else (below,)
    late, before = False, read.size
    for place, end in zip(places, shares(until, len(places)), strict=True):
        if read.size < last.size:
            read, slow = _read(place, epoch, heads, read, tags, end)
            late |= slow
    return read, late and before < read.size < last.size


def _read(  # noqa: PLR0913, PLR0917 - as above
    log: LogClient, epoch: int, heads: Sequence[Head], read: Tree, tags: TagIndex, until: float
) -> tuple[Tree, bool]:
    """The tree that was reached, and whether there was no more time."""
    late = False
    expected = {head.size: head.root for head in heads if head.size > read.size}

    def leaves() -> Iterator[bytes]:
        first = read.size
        for chunk in chunks(log.leaves(first, max(expected), until), CHUNK_LEAVES):
            tags.add(leaf_table(chunk, first), epoch)
            first += len(chunk)
            yield from chunk

    builder = read.builder()
    try:
        for size, root in builder.roots_at(leaves(), expected):
            if root != expected[size]:
                break
            read = tree_of(builder)
    except (InvalidFormatError, LogUnreachableError) as error:
        late = isinstance(error, LeavesLateError)
    tags.keep(epoch, read.size)
    return read, late


def begins_with(log: LogClient, size: int, root: bytes | None) -> bool:
    """Whether a log's tiles make this head; which leaves it serves, they do not say.

    Of a size that no log can have, none do: whoever had the operator's account anchored that.
    """
    try:
        return tree.root(log, size) == root
    except (CorruptionError, InvalidInputError, LogUnreachableError, NotFoundError):
        return False


def serves_disowned(log: LogClient, epoch: int, size: int, root: bytes | None) -> bool:
    """Whether the tiles of an epoch that was read before still make its head, here or there."""
    return any(begins_with(place, size, root) for place in (log, log.below(f"epoch/{epoch}")))
