"""Leaves by the thousand, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eseal.errors import InvalidFormatError
from eseal.log.leaf import LEAF_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CHUNK_LEAVES = 1 << 14
"""Leaves at a time: a megabyte, and enough to look at once."""
_LEAF = np.dtype([("index", ">u8"), ("commitment", ">u8", 4), ("tag", ">u8", 4)])
"""A leaf as :mod:`eseal.log.leaf` lays it out, in words of eight bytes."""


def leaf_table(leaves: Sequence[bytes], first: int) -> NDArray[np.void]:
    """Leaves that follow each other.

    Args:
        leaves: their bytes; at least one.
        first: index of the first.

    Returns:
        By leaf: ``index``, and ``commitment`` and ``tag`` as four numbers of eight bytes each.

    Raises:
        InvalidFormatError: one of them is no leaf, or names another place than its own.
    """
    for at, leaf in enumerate(leaves):
        if len(leaf) != LEAF_BYTES:
            raise InvalidFormatError(
                f"leaf {first + at}: expected {LEAF_BYTES} bytes, got {len(leaf)} bytes"
            )
    table = np.frombuffer(b"".join(leaves), dtype=_LEAF)
    places = np.arange(first, first + len(leaves), dtype=np.uint64)
    wrong = np.flatnonzero(table["index"] != places)
    if len(wrong):
        at = int(wrong[0])
        raise InvalidFormatError(
            f"leaf {first + at}: expected its own index, got {int(table['index'][at])}"
        )
    return table
