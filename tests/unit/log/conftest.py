"""What the tests of the log share: a slow reference, tiles in memory, published vectors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from eseal.errors import NotFoundError
from eseal.log.rfc9162 import leaf_hash
from eseal.log.tree import append

VECTORS = Path(__file__).parent / "vectors"


class Reference:
    """RFC 9162 section 2.1 word for word, on lists of leaf data: slow, obvious, independent."""

    @staticmethod
    def split(n: int) -> int:
        """The largest power of two smaller than n."""
        k = 1
        while k * 2 < n:
            k *= 2
        return k

    def root(self, d: list[bytes]) -> bytes:
        """Section 2.1.1: MTH(D_n)."""
        if not d:
            return hashlib.sha256().digest()
        if len(d) == 1:
            return hashlib.sha256(b"\x00" + d[0]).digest()
        k = self.split(len(d))
        return hashlib.sha256(b"\x01" + self.root(d[:k]) + self.root(d[k:])).digest()

    def path(self, m: int, d: list[bytes]) -> list[bytes]:
        """Section 2.1.3.1: PATH(m, D_n)."""
        if len(d) == 1:
            return []
        k = self.split(len(d))
        if m < k:
            return [*self.path(m, d[:k]), self.root(d[k:])]
        return [*self.path(m - k, d[k:]), self.root(d[:k])]

    def proof(self, m: int, d: list[bytes]) -> list[bytes]:
        """Section 2.1.4.1: PROOF(m, D_n), for 0 < m <= n."""
        return self.subproof(m, d, whole=True)

    def subproof(self, m: int, d: list[bytes], *, whole: bool) -> list[bytes]:
        """Section 2.1.4.1: SUBPROOF(m, D_n, b)."""
        if m == len(d):
            return [] if whole else [self.root(d)]
        k = self.split(len(d))
        if m <= k:
            return [*self.subproof(m, d[:k], whole=whole), self.root(d[k:])]
        return [*self.subproof(m - k, d[k:], whole=False), self.root(d[:k])]


class MemoryTiles:
    """A log's tiles in a dict; counts how often it is asked."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads = 0

    def tile(self, level: int, index: int, width: int) -> bytes:
        self.reads += 1
        content = self.tiles.get((level, index), b"")
        if len(content) < width * 32:
            raise NotFoundError(f"tile {level}/{index}: expected {width} hashes")
        return content[: width * 32]

    def grow(self, size: int, data: list[bytes]):
        """Append leaf data to the log of ``size`` leaves and keep what changed."""
        appended = append(self, size, [leaf_hash(leaf) for leaf in data])
        self.tiles.update(appended.tiles)
        return appended


def leaf_data(count: int, start: int = 0) -> list[bytes]:
    """Leaves that all differ."""
    return [b"leaf %d" % number for number in range(start, start + count)]


@pytest.fixture(scope="session")
def reference():
    return Reference()


@pytest.fixture(scope="session")
def new_tiles():
    return MemoryTiles


@pytest.fixture(scope="session")
def leaves():
    return leaf_data


@pytest.fixture(scope="session")
def rfc6962():
    return json.loads((VECTORS / "rfc6962.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def published_notes():
    return json.loads((VECTORS / "signed_note.json").read_text("utf-8"))


LARGE = 66_051
"""256 * 256 + 2 * 256 + 3: three levels of tiles, each with a partial tile."""


@pytest.fixture(scope="session")
def large():
    """A log of three tile levels: its tiles and its leaf data."""
    data = leaf_data(LARGE)
    tiles = MemoryTiles()
    for start in range(0, LARGE, 5000):
        tiles.grow(start, data[start : start + 5000])
    return tiles, data
