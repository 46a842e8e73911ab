"""C2SP tlog-tiles: how a log is cut into tiles, what they are called and how entries are bundled.

A tile holds up to 256 consecutive node hashes of height ``8 * level``. Full tiles never change; a
partial one stands at the right edge of its level and only ever grows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt
from eseal.log.rfc9162 import MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

TILE_HEIGHT = 8
"""Fixed by tlog-tiles: levels of the tree in one tile."""
TILE_WIDTH = 1 << TILE_HEIGHT
"""Fixed by tlog-tiles: hashes in a full tile, entries in a full bundle."""
MAX_LEVEL = 63
"""The grammar's bound; below size 2**63 no tile stands above level 7."""
MAX_ENTRY_BYTES = 2**16 - 1
"""Entries carry a 16-bit length."""

_LENGTH_BYTES = 2
_LEVEL = re.compile(r"0|[1-9][0-9]?", re.ASCII)
_INDEX = re.compile(r"(?:x[0-9]{3}/){0,6}[0-9]{3}", re.ASCII)
"""Seven groups of three digits hold every index below 2**63."""
_WIDTH = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TileCoordinate:
    """A tile, full or partial.

    Attributes:
        level: 0 for leaf hashes; each level spans 8 levels of the tree.
        index: position within the level, from 0.
        width: hashes in it, 1 to 256; 256 is a full tile.

    Raises:
        InvalidInputError: a value out of range.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check_range("level", self.level, 0, MAX_LEVEL)
        _check_range("index", self.index, 0, MAX_SIZE)
        _check_range("width", self.width, 1, TILE_WIDTH)


class TileReader(Protocol):
    """Where the tiles of one log are read from."""

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile, ``width * 32`` bytes.

        Whoever keeps a wider version of the tile returns its prefix.

        Raises:
            NotFoundError: the log has no such tile, or fewer hashes in it.
        """
        ...


def width_at(size: int, level: int, index: int) -> int:
    """Hashes a tile holds in a log of ``size`` leaves: 256, fewer at the right edge, 0 beyond.

    tlog-tiles, "Partial Tiles".
    """
    return max(0, min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))


def tile_path(tile: TileCoordinate) -> str:
    """The tile's resource name below the log's prefix, e.g. ``tile/0/x001/x234/067.p/8``."""
    return f"tile/{tile.level}/{_encode_index(tile)}"


def entries_path(tile: TileCoordinate) -> str:
    """The name of the entry bundle of a level 0 tile, e.g. ``tile/entries/x001/x234/067``.

    Raises:
        InvalidInputError: the tile is not of level 0.
    """
    _check_range("level", tile.level, 0, 0)
    return f"tile/entries/{_encode_index(tile)}"


def parse_tile_path(path: str) -> TileCoordinate:
    """Read what :func:`tile_path` writes, and nothing else.

    Raises:
        InvalidFormatError: another form, leading zeros, or a number out of range.
    """
    level, separator, rest = path.removeprefix("tile/").partition("/")
    if not (path.startswith("tile/") and separator and _LEVEL.fullmatch(level)):
        raise _invalid_path("tile/<level>/<index>[.p/<width>]", path)
    if int(level) > MAX_LEVEL:
        raise _invalid_path(f"a level from 0 to {MAX_LEVEL}", path)
    return _decode_index(int(level), rest, path)


def parse_entries_path(path: str) -> TileCoordinate:
    """Read what :func:`entries_path` writes, and nothing else.

    Returns:
        The level 0 tile whose entries are meant.

    Raises:
        InvalidFormatError: another form, leading zeros, or a number out of range.
    """
    if not path.startswith("tile/entries/"):
        raise _invalid_path("tile/entries/<index>[.p/<width>]", path)
    return _decode_index(0, path.removeprefix("tile/entries/"), path)


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry preceded by its length, 16 bits, big-endian.

    tlog-tiles, "Log entries".

    Args:
        entries: 1 to 256 entries of at most 65,535 bytes.

    Raises:
        InvalidInputError: too few, too many or too long.
    """
    _check_range("number of entries", len(entries), 1, TILE_WIDTH)
    for entry in entries:
        _check_range("entry length", len(entry), 0, MAX_ENTRY_BYTES)
    return b"".join([len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries])


def decode_entries(data: bytes) -> list[bytes]:
    """Read what :func:`encode_entries` writes: 1 to 256 entries and no byte more.

    Raises:
        InvalidFormatError: an entry is cut short, or there are none or too many.
    """
    entries: list[bytes] = []
    offset = 0
    while offset < len(data):
        start = offset + _LENGTH_BYTES
        end = start + int.from_bytes(data[offset:start], "big")
        if start > len(data) or end > len(data):
            raise InvalidFormatError(
                f"entry bundle: expected entry {len(entries)} to end by byte {len(data)}, "
                f"got one that is cut short"
            )
        entries.append(data[start:end])
        offset = end
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise InvalidFormatError(
            f"entry bundle: expected 1 to {TILE_WIDTH} entries, got {len(entries)}"
        )
    return entries


def _encode_index(tile: TileCoordinate) -> str:
    groups = [f"{tile.index % 1000:03d}"]
    rest = tile.index // 1000
    while rest:
        groups.append(f"x{rest % 1000:03d}")
        rest //= 1000
    suffix = f".p/{tile.width}" if tile.width < TILE_WIDTH else ""
    return "/".join(reversed(groups)) + suffix


def _decode_index(level: int, text: str, path: str) -> TileCoordinate:
    digits, partial, width = text.partition(".p/")
    if not _INDEX.fullmatch(digits):
        raise _invalid_path("an index of three-digit groups such as x001/x234/067", path)
    if digits.startswith("x000/"):
        raise _invalid_path("an index without leading zero groups", path)
    index = int(digits.replace("x", "").replace("/", ""))
    if index > MAX_SIZE:
        raise _invalid_path("an index below 2**63", path)
    if not partial:
        return TileCoordinate(level, index)
    if not _WIDTH.fullmatch(width) or int(width) >= TILE_WIDTH:
        raise _invalid_path(f"a partial width from 1 to {TILE_WIDTH - 1}", path)
    return TileCoordinate(level, index, int(width))


def _invalid_path(expected: str, path: str) -> InvalidFormatError:
    return InvalidFormatError(f"tile path: expected {expected}, got {excerpt(path)}")


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidInputError(f"{name}: expected {low} to {high}, got {value}")
