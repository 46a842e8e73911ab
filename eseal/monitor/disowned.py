"""Whether leaves under disowned heads are still served: their tickets stay torn for ever.

Where the log still begins with them, it serves them itself. Otherwise it serves them below
``epoch/<number>`` of its own address, laid out as itself: entries and tiles of the tree as it was
when the administrator disowned it. Either way they are read once.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from eseal.errors import CorruptionError, InvalidFormatError, InvalidInputError, NotFoundError
from eseal.log import tree
from eseal.log.compact import RootBuilder
from eseal.log.table import CHUNK_LEAVES, leaf_table
from eseal.monitor.client import LogUnreachableError

if TYPE_CHECKING:
    from eseal.monitor.client import LogClient
    from eseal.monitor.tags import TagIndex


def read_disowned(
    log: LogClient, epoch: int, size: int, root: bytes | None, tags: TagIndex
) -> bool:
    """Read all leaves of an epoch that is over into the index; whether they make its head.

    Also where the log's tiles say that it begins with them: that the leaves are those of the tiles,
    only reading them shows.

    Args:
        log: the log as it is now.
        epoch: which.
        size: leaves under its last head.
        root: that head's root, 32 bytes.
        tags: where tags go.
    """
    below = log.below(f"epoch/{epoch}")
    places = (log, below) if begins_with(log, size, root) else (below,)
    return any(_reads(place, epoch, size, root, tags) for place in places)


def _reads(log: LogClient, epoch: int, size: int, root: bytes | None, tags: TagIndex) -> bool:
    builder = RootBuilder()
    try:
        leaves = log.leaves(0, size)
        while chunk := list(islice(leaves, CHUNK_LEAVES)):
            tags.add(leaf_table(chunk, builder.size), epoch)
            builder.append_many(chunk)
        made = builder.root() == root
    except (InvalidFormatError, LogUnreachableError):
        made = False
    if made:
        tags.keep()
    else:
        tags.drop()
    return made


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
