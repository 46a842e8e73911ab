"""What other processes append: a commit that begins at a head of theirs reads what they wrote.

A ticket is torn by changing the row of its book. Whoever writes to the database can put that row
back as it was; the process that tore the ticket remembers (``eseal.store.binding.binding``), any
other does not and would tear it again: two genuine uses under one ticket, both accused. But every
torn ticket left its tag in the log, under the log's signature, where nobody without its key takes
it away.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from eseal.errors import CorruptionError, ESealError
from eseal.log import tree
from eseal.log.compact_range import RootBuilder
from eseal.log.leaf_table import CHUNK_LEAVES, leaf_table
from eseal.service.instance.heads import check_signed
from eseal.service.instance.released_head import check_holds
from eseal.store.repositories.log import LogRepository
from eseal.store.row_check import check_table, small_tables
from eseal.store.schema.bound import FORGED
from eseal.store.schema.tables import books

if TYPE_CHECKING:
    from eseal.ledger.facts import Head
    from eseal.service.instance.context import Context
    from eseal.store.repositories.log import StoredCheckpoint

GENERATION: Final = 1 << 18
"""Tags of others that are remembered at least, and half of what is at most: 40 MB in all. Of a
ticket older than that, only the looks at all rows (``eseal.service.instance.row_watch``) see that
its book was put back."""
PREFIX_BYTES: Final = 8
"""Of a tag. That a new one begins like one of 2**19 by chance happens once in 2**45 uses."""
READ_AT_MOST: Final = 1 << 16
"""Leaves, a quarter of a second. Who is further behind checks all books instead, as at the start:
their sum says with how long a log they go (``eseal.store.schema.bound``)."""
FRESH_SECONDS: Final = 1.0
"""A process that has read nothing for longer reads before its commit, so that nobody waits for the
log meanwhile."""


class Others:
    """What this process knows of the log. Not for several threads: the sequencer's own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: StoredCheckpoint | None = None
        self._read_at = -math.inf
        self._newer: set[int] = set()
        self._older: set[int] = set()

    def catch_up(self) -> None:
        """Before a commit, without its locks: read what others wrote, or check the books.

        Before its first one a process checks the small tables, too: a command seals once and ends,
        with no thread that looks at them.

        Raises:
            ForeignRowError: a table is not what this instance wrote.
            CorruptionError: as :meth:`read`.
        """
        if time.monotonic() - self._read_at < FRESH_SECONDS:
            return
        database = self._context.database
        binding = database.binding
        floors = binding.floors.seen()
        with database.read() as connection:
            log = LogRepository(connection)
            checkpoint = log.checkpoint()
            known = self._known
            if known is None or checkpoint.size - known.size > READ_AT_MOST:
                self._check_signed(checkpoint)
                check_holds(log, checkpoint, None if known is None else known.head)
                first = small_tables(connection) if known is None else []
                for table in dict.fromkeys([books, *first]):
                    check_table(binding, connection, table, floors)
                self._known = checkpoint
            self.read(log, checkpoint)

    def read(self, log: LogRepository, checkpoint: StoredCheckpoint) -> None:
        """Read what others appended since the last head this process knew.

        Args:
            log: the log as one transaction sees it.
            checkpoint: its newest, in the same transaction.

        Raises:
            CorruptionError: this log did not sign the checkpoint, it does not extend what is known
                here, or the leaves do not lead there.
        """
        known = self._known
        if known is None:
            raise LookupError("catch up first")
        if checkpoint != known:
            self._check_signed(checkpoint)
            if checkpoint.size > known.size:
                self._follow(log, known.head, checkpoint)
            else:
                check_holds(log, checkpoint, known.head)
            self._known = checkpoint
        self._read_at = time.monotonic()

    def wrote(self, checkpoint: StoredCheckpoint) -> None:
        """This process has committed up to there, from what it had read."""
        self._known = checkpoint

    def check_new(self, tags: Iterable[bytes]) -> None:
        """Check that none of these tags, 32 bytes each, stands in the log already.

        Raises:
            RolledBackError: one does; the alarm has sounded.
        """
        if not self._newer and not self._older:
            return
        for tag in tags:
            prefix = int.from_bytes(tag[:PREFIX_BYTES])
            if prefix in self._newer or prefix in self._older:
                why = f"the log holds the tag {tag.hex()} of the ticket that is next in a book"
                raise self._context.database.binding.put_back(books, why)

    def _check_signed(self, checkpoint: StoredCheckpoint) -> None:
        check_signed(checkpoint, self._context.instance.origin, self._context.log_public_key)

    def _follow(self, log: LogRepository, known: Head, checkpoint: StoredCheckpoint) -> None:
        """Remember the tags of the leaves behind a head; they are those that were signed."""
        start = known.size
        try:
            builder = RootBuilder.resume(start, tree.peaks(log, start))
            same = builder.root() == known.root
            for first in range(start, checkpoint.size, CHUNK_LEAVES):
                leaves = log.leaves(first, min(first + CHUNK_LEAVES, checkpoint.size))
                builder.append_many(leaves)
                self._remember(leaf_table(leaves, first)["tag"][:, 0].tolist())
            led = builder.size, builder.root()
        except (ESealError, *FORGED) as error:
            raise CorruptionError(f"the log's leaves from {start} on: {error}") from None
        if not same or led != (checkpoint.size, checkpoint.root):
            raise CorruptionError(
                f"the leaves from {start} on do not lead from the head that was known here to that "
                f"of {checkpoint.size} leaves that this log signed; run: eseal audit"
            )

    def _remember(self, prefixes: list[int]) -> None:
        self._newer.update(prefixes)
        if len(self._newer) >= GENERATION:
            self._older, self._newer = self._newer, set()
