"""How a use is found by its id, its digest or its tag, as fast among ten million as among ten.

All three are random: in one index over all uses every new row would touch a page of its own, and an
append would cost the more the longer the log. So new keys are kept by segments of the log, and only
the newest segment is written to, whose few pages stay in memory. Segments that are full are
*settled* in the background: their keys move into one large segment in the order of the keys, so
that a page of it is touched once for many of them. A look-up asks that one and the few that are not
settled yet. A key moves in one statement: it is never in two places, nor in none.

Keys are hashes of 64 bits; whoever finds something compares it with what was looked for.
"""

from __future__ import annotations

from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, func, select, tuple_, update

from eseal.store.schema.rows import insert_rows
from eseal.store.schema.tables import use_keys
from eseal.store.schema.types import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Select

SEGMENT_USES = 65_536
"""Uses in a segment: its keys take 4 MiB."""
UNSETTLED = 16
"""Full segments that wait for each other: the more there are, the more keys share a page when they
are settled, and the more segments a look-up asks."""
SLICES = 1024
"""Steps in which the keys of the waiting segments are settled: 3,000 each, some 20 ms."""
_SETTLED = -1
"""The number of the segment of all settled keys."""
_KEY_BITS = 64
_LAST_KEY = 2 ** (_KEY_BITS - 1) - 1
ROWS_PER_READ = 16_384

_OPEN = use_keys.c.segment > _SETTLED
_NONE_OR = {"type_": Stored(BigInteger(), "use_keys", optional=True)}
"""What the least or the greatest of a column is: of no rows nothing."""
_BOUNDS = select(
    select(func.min(use_keys.c.segment, **_NONE_OR)).where(_OPEN).scalar_subquery(),
    select(func.max(use_keys.c.segment, **_NONE_OR)).where(_OPEN).scalar_subquery(),
)


class KeyKind(Enum):
    """What a use is looked for by."""

    ID = b"id"
    DIGEST = b"digest"
    TAG = b"tag"


_BEGUN = {kind: blake2b(digest_size=_KEY_BITS // 8, person=kind.value) for kind in KeyKind}
"""Hashes of nothing yet: to copy one takes a third of the time of making one."""
_BY_ID, _BY_DIGEST, _BY_TAG = _BEGUN.values()


def key_of(kind: KeyKind, value: bytes) -> int:
    """The key under which a use with this id (ASCII), digest or tag is found, 64 bits, signed."""
    return _key(_BEGUN[kind], value)


def keys_of(use_id: str, digest: bytes, tag: bytes) -> tuple[int, int, int]:
    """The keys of one use."""
    return _key(_BY_ID, use_id.encode()), _key(_BY_DIGEST, digest), _key(_BY_TAG, tag)


def _key(begun: blake2b, value: bytes) -> int:
    hashed = begun.copy()
    hashed.update(value)
    return int.from_bytes(hashed.digest(), "big", signed=True)


class UseKeyRepository:
    """Keys within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Iterable[tuple[int, tuple[int, int, int]]]) -> None:
        """Keep the keys of new uses, each with the index of its leaf."""
        rows = sorted((index // SEGMENT_USES, key, index) for index, keys in new for key in keys)
        insert_rows(self._connection, use_keys, rows)

    def places(self, kind: KeyKind, value: bytes) -> Select[tuple[int]]:
        """The log indexes under a key, as a query: of what was looked for, and rarely of more."""
        oldest, newest = self._bounds()
        segments = [_SETTLED, *range(oldest, newest + 1)]
        return select(use_keys.c.log_index).where(
            use_keys.c.segment.in_(segments), use_keys.c.key == key_of(kind, value)
        )

    def settle(self) -> bool:
        """Settle a slice of the keys of full segments; whether there was enough to do."""
        oldest, newest = self._bounds()
        full = range(oldest, newest)
        if len(full) < UNSETTLED:
            return False
        firsts = [
            self._connection.execute(
                select(func.min(use_keys.c.key, **_NONE_OR)).where(use_keys.c.segment == segment)
            ).scalar_one()
            for segment in full
        ]
        first = min(key for key in firsts if key is not None)
        last = min(first + 2**_KEY_BITS // SLICES - 1, _LAST_KEY)
        slice_ = use_keys.c.segment.in_(full) & use_keys.c.key.between(first, last)
        self._connection.execute(update(use_keys).where(slice_).values(segment=_SETTLED))
        return True

    def iterate(self) -> Iterator[tuple[int, int]]:
        """All keys with their log indexes, a few megabytes at a time."""
        after = (_SETTLED - 1, 0, 0)
        columns = (use_keys.c.segment, use_keys.c.key, use_keys.c.log_index)
        while True:
            query = select(*columns).where(tuple_(*columns) > tuple_(*after)).order_by(*columns)
            rows = self._connection.execute(query.limit(ROWS_PER_READ)).all()
            if not rows:
                return
            yield from ((row.key, row.log_index) for row in rows)
            after = (rows[-1].segment, rows[-1].key, rows[-1].log_index)

    def _bounds(self) -> tuple[int, int]:
        """The oldest and the newest segment that is not settled; none if the second is smaller."""
        oldest, newest = self._connection.execute(_BOUNDS).one()
        return (0, -1) if oldest is None else (oldest, newest)
