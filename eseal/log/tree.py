"""The log's tree on tiles: append, root and proofs in O(log n) tiles, whatever the log's size.

Nothing here keeps a tree in memory. A tile is read when it is needed, its inner nodes are hashed
again, and what was hashed lately is remembered by content (:func:`_subtree`), so that the long
unchanged part of a tile costs a look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from eseal.errors import CorruptionError, InvalidInputError
from eseal.log.compact_range import extend, fold, hash_pairs
from eseal.log.rfc9162 import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from eseal.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileReader, width_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TILE_BYTES = TILE_WIDTH * HASH_BYTES
"""A full tile: 8,192 bytes (tlog-tiles)."""

SUBTREE_HEIGHT = 4
SUBTREE_BYTES = (1 << SUBTREE_HEIGHT) * HASH_BYTES
"""A tile of 256 is 16 subtrees of 16 below one of 16: one leaf more costs 30 hashes, not 255."""
SUBTREES_REMEMBERED = 1024
"""60 tiles' worth, about 3 MB: the right edge of any log and a large batch beside it."""

MAX_TILES_HELD = 64
"""Tiles a :class:`Prover` holds hashed, 40 kB each: 16,384 neighbouring leaves."""

_Rows = list[list[bytes]]
"""The complete nodes of a tile by height, 0 to 7, left to right."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append makes of a log.

    Attributes:
        size: the new size in leaves.
        root: the new root, 32 bytes.
        tiles: the content of every tile that changed, whole (what it held before included), by
            level and index; a multiple of 32 bytes up to 8,192, less than that if partial.
    """

    size: int
    root: bytes
    tiles: Mapping[tuple[int, int], bytes]


def append(reader: TileReader, size: int, leaf_hashes: Sequence[bytes]) -> Appended:
    """Append leaves to a log of ``size`` leaves. Writes nothing: the caller stores the tiles.

    Args:
        reader: the tiles of the log; its right edge at ``size`` is read, one tile a level.
        size: the log's size before, in leaves.
        leaf_hashes: hashes of the new leaves in order, 32 bytes each.

    Raises:
        InvalidInputError: a hash of another length, or more leaves than a log can hold.
        NotFoundError: the reader lacks a tile of a log of ``size`` leaves.
        CorruptionError: the reader returned a tile of the wrong length.
    """
    if not set(map(len, leaf_hashes)) <= {HASH_BYTES}:
        raise InvalidInputError(
            f"leaf hashes: expected {HASH_BYTES} bytes each, got another length"
        )
    new_size = _check_size(size + len(leaf_hashes))
    edge = _edge_tiles(reader, _check_size(size))
    peaks = _peaks(map(_rows, edge))
    tiles: dict[tuple[int, int], bytes] = {}
    for height, nodes in enumerate(extend(peaks, leaf_hashes)):
        level, within = divmod(height, TILE_HEIGHT)
        if within:
            continue
        before = edge[level] if level < len(edge) else b""
        content = before + b"".join(nodes)
        first = size >> (height + TILE_HEIGHT)
        for number, start in enumerate(range(0, len(content), TILE_BYTES)):
            tiles[level, first + number] = content[start : start + TILE_BYTES]
    return Appended(new_size, fold(peaks) or EMPTY_ROOT, tiles)


def root(reader: TileReader, size: int) -> bytes:
    """The root of the first ``size`` leaves of a log, 32 bytes (RFC 9162 section 2.1.1).

    Raises:
        InvalidInputError: a size no log can have.
        NotFoundError: the log has fewer leaves.
        CorruptionError: the reader returned a tile of the wrong length.
    """
    return fold(_peaks(map(_rows, _edge_tiles(reader, _check_size(size))))) or EMPTY_ROOT


def peaks(reader: TileReader, size: int) -> tuple[bytes, ...]:
    """The roots of the perfect subtrees of the first ``size`` leaves, lowest first, 32 bytes each.

    From them ``eseal.log.compact_range.RootBuilder`` goes on. Errors as :func:`root`.
    """
    found = _peaks(map(_rows, _edge_tiles(reader, _check_size(size))))
    return tuple(peak for peak in found if peak is not None)


def consistency(reader: TileReader, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """The proof that the first ``new_size`` leaves extend the first ``old_size``.

    See :meth:`Prover.consistency`, which also names the errors.
    """
    return Prover(reader, new_size).consistency(old_size)


class TilePaths(NamedTuple):
    """The proofs of all nodes in one tile. Never changes: it can be kept, and sent elsewhere.

    Attributes:
        rows: the nodes in the tile by height, at the right edge with the incomplete ones.
        above: the path from the tile's top to the root.
    """

    rows: _Rows
    above: tuple[bytes, ...]

    def node(self, index: int, row: int = 0) -> bytes:
        """The node of the tile at this position in its level of the tree, 32 bytes."""
        return self.rows[row][index & ((1 << (TILE_HEIGHT - row)) - 1)]

    def path(self, index: int, row: int = 0) -> tuple[bytes, ...]:
        """The siblings of a node of the tile and of all nodes above it, upwards.

        Args:
            index: the node's position in its level of the tree.
            row: its height in the tile.
        """
        position = index & ((1 << (TILE_HEIGHT - row)) - 1)
        path: list[bytes] = []
        for nodes in self.rows[row:] if row else self.rows:
            sibling = position ^ 1
            if sibling < len(nodes):
                path.append(nodes[sibling])
            position >>= 1
        return (*path, *self.above)


class Prover:
    """Makes proofs in the tree of one size of a log. Not for several threads at once.

    Tiles hashed for one proof serve the next, so the proofs of neighbouring leaves cost little
    more than putting them together.

    Args:
        reader: the tiles of the log.
        size: the size of the tree the proofs are for, in leaves.

    Raises:
        InvalidInputError: a size no log can have.
        NotFoundError: the log has fewer leaves.
        CorruptionError: the reader returned a tile of the wrong length. Methods raise it too.
    """

    __slots__ = ("_edge_rows", "_edges", "_reader", "_size", "_tiles")

    def __init__(self, reader: TileReader, size: int) -> None:
        self._reader = reader
        self._size = _check_size(size)
        self._edge_rows = [_rows(content) for content in _edge_tiles(reader, size)]
        self._edges = _edges(_peaks(self._edge_rows))
        self._tiles: dict[tuple[int, int], TilePaths] = {}

    @property
    def size(self) -> int:
        """The size of the tree, in leaves."""
        return self._size

    @property
    def root(self) -> bytes:
        """The root of the tree, 32 bytes."""
        return self._edges[-1] or EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The inclusion proof of a leaf: sibling hashes upwards, 32 bytes each.

        RFC 9162 section 2.1.3.1.

        Args:
            index: the leaf's position, from 0.

        Raises:
            InvalidInputError: the tree has no leaf there.
            NotFoundError: the reader lacks a tile of the tree.
        """
        return self.paths(index).path(index)

    def paths(self, index: int) -> TilePaths:
        """The proofs of all leaves in the tile of this one; errors as :meth:`inclusion`."""
        if not 0 <= index < self._size:
            raise InvalidInputError(
                f"expected an index from 0 to {self._size - 1}, got {index}", field="index"
            )
        return self._tile(0, index >> TILE_HEIGHT)

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """The proof that this tree extends the one of its first ``old_size`` leaves.

        RFC 9162 section 2.1.4.1; empty for ``old_size`` 0 and for the tree itself.

        Args:
            old_size: the size of the smaller tree, in leaves.

        Raises:
            InvalidInputError: the smaller tree is larger than this one.
            NotFoundError: the reader lacks a tile of the tree.
        """
        if not 0 <= old_size <= self._size:
            raise InvalidInputError(
                f"expected an old size from 0 to {self._size}, got {old_size}", field="old_size"
            )
        if old_size in (0, self._size):
            return ()
        # The last perfect subtree of the old tree stands unchanged in this one; from its path
        # both roots follow. Where it is the whole old tree, the verifier has its root already.
        height = (old_size & -old_size).bit_length() - 1
        node = (old_size >> height) - 1
        path = self._path(height, node)
        return path if node == 0 else (self._node(height, node), *path)

    def _node(self, height: int, index: int) -> bytes:
        """The complete node at ``height`` above the leaves and position ``index``."""
        level, row = divmod(height, TILE_HEIGHT)
        tile = index >> (TILE_HEIGHT - row)
        return self._tile(level, tile).rows[row][index - (tile << (TILE_HEIGHT - row))]

    def _path(self, height: int, index: int) -> tuple[bytes, ...]:
        """The siblings of a node and of all nodes above it, upwards."""
        level, row = divmod(height, TILE_HEIGHT)
        return self._tile(level, index >> (TILE_HEIGHT - row)).path(index, row)

    def _tile(self, level: int, index: int) -> TilePaths:
        """The nodes in a tile and the path from its top, from memory if it was asked for before."""
        held = self._tiles.get((level, index))
        if held is not None:
            return held
        top = (level + 1) * TILE_HEIGHT
        if index == self._size >> top:
            edges = self._edges[level * TILE_HEIGHT : top]
            rows = [
                nodes if edge is None else [*nodes, edge]
                for nodes, edge in zip(self._edge_rows[level], edges, strict=True)
            ]
        else:
            width = width_at(self._size, level, index)
            rows = _rows(_read(self._reader, level, index, width))
        above = self._path(top, index) if (self._size - 1) >> top else ()
        if len(self._tiles) >= MAX_TILES_HELD:
            del self._tiles[next(iter(self._tiles))]
        paths = self._tiles[level, index] = TilePaths(rows, above)
        return paths


def _edge_tiles(reader: TileReader, size: int) -> list[bytes]:
    """By level, the content of the partial tile at the right edge; empty where none is."""
    tiles: list[bytes] = []
    while count := size >> (TILE_HEIGHT * len(tiles)):
        index, width = divmod(count, TILE_WIDTH)
        tiles.append(_read(reader, len(tiles), index, width))
    return tiles


def _read(reader: TileReader, level: int, index: int, width: int) -> bytes:
    if width == 0:
        return b""
    content = reader.tile(level, index, width)
    if len(content) != width * HASH_BYTES:
        raise CorruptionError(
            f"tile {level}/{index}: expected {width} hashes in {width * HASH_BYTES} bytes, "
            f"got {len(content)} bytes"
        )
    return content


def _peaks(edge: Iterable[_Rows]) -> list[bytes | None]:
    """By height, the root of the perfect subtree at the right edge, or ``None``."""
    return [nodes[-1] if len(nodes) & 1 else None for rows in edge for nodes in rows]


def _edges(peaks: Sequence[bytes | None]) -> list[bytes | None]:
    """By height, the incomplete node at the right edge: the root of all leaves below it.

    One more than there are peaks: the last is the root of the whole tree.
    """
    edges: list[bytes | None] = [None]
    for peak in peaks:
        edges.append(fold((edges[-1], peak)))
    return edges


def _rows(content: bytes) -> _Rows:
    """All complete nodes below the top of a tile, given its hashes."""
    parts = [
        _subtree(content[start : start + SUBTREE_BYTES])
        for start in range(0, len(content), SUBTREE_BYTES)
    ]
    tops = _subtree(b"".join(chain.from_iterable(part[SUBTREE_HEIGHT] for part in parts)))
    low = [
        list(chain.from_iterable(part[height] for part in parts))
        for height in range(SUBTREE_HEIGHT)
    ]
    return low + [list(row) for row in tops[:SUBTREE_HEIGHT]]


@lru_cache(maxsize=SUBTREES_REMEMBERED)
def _subtree(content: bytes) -> tuple[tuple[bytes, ...], ...]:
    """The complete nodes over up to 16 hashes, by height from 0 to 4."""
    rows = [
        tuple(content[start : start + HASH_BYTES] for start in range(0, len(content), HASH_BYTES))
    ]
    for _ in range(SUBTREE_HEIGHT):
        rows.append(tuple(hash_pairs(rows[-1])))
    return tuple(rows)


def _check_size(size: int) -> int:
    if not 0 <= size <= MAX_SIZE:
        raise InvalidInputError(f"expected a size from 0 to 2**63 - 1, got {size}", field="size")
    return size
