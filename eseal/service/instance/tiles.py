"""Tiles of the newest log, remembered between commits."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from eseal.log.tiles import TILE_WIDTH
from eseal.store.repositories.log import HASH_BYTES, LogRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eseal.store.database import Database

FULL_TILES_KEPT = 512
"""4 MiB: the upper levels of a tree of 10⁷ leaves and the newest of its lower ones."""


class TileCache:
    """Remembers the right edge of the tree at one size, and full tiles, which never change.

    A partial tile only ever grows, so what is remembered of it stays its beginning. Not safe for
    several threads: each owner has its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.root = b""
        self._edge: dict[tuple[int, int], bytes] = {}
        self._full: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def at(self, root: bytes, repository: LogRepository | None = None) -> TileReaderAt:
        """A reader of the tree with this root; what it remembers of another root is dropped."""
        if root != self.root:
            self._edge = {}
            self.root = root
        return TileReaderAt(self, repository)

    def advance(self, root: bytes, changed: Mapping[tuple[int, int], bytes]) -> None:
        """Remember the tiles an append changed."""
        self.root = root
        for coordinate, hashes in changed.items():
            if len(hashes) == TILE_WIDTH * HASH_BYTES:
                self._edge.pop(coordinate, None)
                self._keep(coordinate, hashes)
            else:
                self._edge[coordinate] = hashes

    def get(self, level: int, index: int) -> bytes:
        """What is remembered of a tile, maybe nothing."""
        full = self._full.get((level, index))
        return full if full is not None else self._edge.get((level, index), b"")

    def load(self, level: int, index: int, width: int, repository: LogRepository | None) -> bytes:
        """Read a tile from the database and remember it."""
        if repository is None:
            with self._database.read() as connection:
                hashes = LogRepository(connection).tile(level, index, width)
        else:
            hashes = repository.tile(level, index, width)
        if width == TILE_WIDTH:
            self._keep((level, index), hashes)
        else:
            self._edge[level, index] = hashes
        return hashes

    def _keep(self, coordinate: tuple[int, int], hashes: bytes) -> None:
        self._full[coordinate] = hashes
        if len(self._full) > FULL_TILES_KEPT:
            self._full.popitem(last=False)


class TileReaderAt:
    """Reads tiles through a cache: ``eseal.log.tiles.TileReader``."""

    def __init__(self, cache: TileCache, repository: LogRepository | None) -> None:
        self._cache = cache
        self._repository = repository

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        Raises:
            NotFoundError: the log has fewer.
        """
        remembered = self._cache.get(level, index)
        if len(remembered) >= width * HASH_BYTES:
            return remembered[: width * HASH_BYTES]
        return self._cache.load(level, index, width, self._repository)


class LocalTiles:
    """The tiles of this instance's log, each read in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile.

        Raises:
            NotFoundError: the log has fewer.
        """
        with self._database.read() as connection:
            return LogRepository(connection).tile(level, index, width)
