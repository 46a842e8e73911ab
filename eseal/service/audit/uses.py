"""The uses against their leaves, their signatures and each other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from eseal.documents.cms import decode, verify_signature
from eseal.errors import ESealError, ForeignRowError, InvalidFormatError
from eseal.log.leaf import Leaf, LeafType
from eseal.model.statement import FIRST_PREV, Statement, commitment
from eseal.service.audit.log import Tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.model.use import Use
    from eseal.service.context import Context


class UseAudit:
    """Walks uses and leaves side by side, in the order of the log."""

    def __init__(
        self,
        context: Context,
        uses: Iterator[tuple[Use, bytes]],
        disclosures: dict[int, bytes],
        tell: Tell,
    ) -> None:
        """Prepare.

        Args:
            context: the instance, for its seals.
            uses: all uses and the digest they are indexed by, by log index.
            disclosures: all disclosure records by log index.
            tell: hears of each disagreement.
        """
        self._context = context
        self._uses = uses
        self._disclosures = disclosures
        self._tell = tell
        self._chains: dict[str, tuple[int, bytes]] = {}
        self._next = next(uses, None)
        self.count = 0

    def check(self, leaf: Leaf) -> None:
        """Find what the database has for this leaf and compare."""
        while self._next is not None and self._next[0].log_index < leaf.index:
            use, _ = self._advance()
            self._tell("leaf_missing", f"use {use.id} has no leaf at {use.log_index}")
        if leaf.type is LeafType.DISCLOSURE:
            self._check_disclosure(leaf)
        elif self._next is None or self._next[0].log_index > leaf.index:
            self._tell("use_missing", f"leaf {leaf.index} is of a use the database does not hold")
        else:
            self._check_use(leaf, *self._advance())

    def finish(self) -> None:
        """Tell of uses and disclosures behind the last leaf."""
        while self._next is not None:
            use, _ = self._advance()
            self._tell("leaf_missing", f"use {use.id} has no leaf at {use.log_index}")
        for index in self._disclosures:
            self._tell("leaf_missing", f"the disclosure recorded at {index} has no such leaf")

    def _advance(self) -> tuple[Use, bytes]:
        if self._next is None:
            raise StopIteration
        current = self._next
        self._next = next(self._uses, None)
        self.count += 1
        return current

    def _check_disclosure(self, leaf: Leaf) -> None:
        record = self._disclosures.pop(leaf.index, None)
        if record is None:
            self._tell("use_missing", f"leaf {leaf.index} is of a disclosure not on record")
        elif hashlib.sha256(record).digest() != leaf.commitment:
            self._tell("leaf_differs", f"the disclosure at {leaf.index} is not what its leaf says")

    def _check_use(self, leaf: Leaf, use: Use, indexed_digest: bytes) -> None:
        if not all(isinstance(part, bytes) for part in (use.statement, use.signature)):
            self._tell(
                "use_differs", f"use {use.id} holds text where bytes belong"
            )  # SQLite lets it
            return
        committed = commitment(use.statement, use.signature)
        if committed != leaf.commitment:
            self._tell("leaf_differs", f"use {use.id} is not what leaf {leaf.index} commits to")
        try:
            statement = Statement.parse(use.statement)
        except InvalidFormatError as error:
            self._tell("statement_malformed", f"use {use.id}: {error}")
            return
        self._check_chain(use, statement, committed)
        self._check_fields(use, statement, indexed_digest)
        self._check_signature(use, statement)

    def _check_chain(self, use: Use, statement: Statement, committed: bytes) -> None:
        seq, prev = self._chains.get(use.seal_id, (0, FIRST_PREV))
        if statement.seq == seq + 1 and statement.prev != prev:
            self._tell("history_forked", f"use {use.id} does not follow use {seq} of its seal")
        elif statement.seq <= seq:
            self._tell("history_forked", f"use {use.id} is a second use {statement.seq}")
        elif statement.seq > seq + 1:
            self._tell("history_gap", f"use {use.id} is number {statement.seq} after {seq}")
        self._chains[use.seal_id] = (statement.seq, committed)

    def _check_fields(self, use: Use, statement: Statement, indexed_digest: bytes) -> None:
        pairs = {
            "id": (use.id, statement.id),
            "seq": (use.seq, statement.seq),
            "digest": (indexed_digest.hex(), statement.digest.hex()),
            "authorization": (
                hashlib.sha256(use.authorization).hexdigest(),
                statement.authorization.hex(),
            ),
        }
        for name, (stored, stated) in pairs.items():
            if stored != stated:
                self._tell(
                    "use_differs",
                    f"use {use.id}: the database says {name} {stored}, its statement {stated}",
                )

    def _check_signature(self, use: Use, statement: Statement) -> None:
        try:
            signer = self._context.signer(use.seal_id)
            verify_signature(decode(self._context.cms_of(use, None)))
        except ForeignRowError:  # of the seal; told already
            return
        except ESealError as error:
            self._tell("signature_invalid", f"use {use.id}: {error}")
            return
        if signer.handle != statement.seal:
            self._tell(
                "use_differs",
                f"use {use.id}: its statement names seal {statement.seal.hex()}, "
                f"the database {signer.handle.hex()}",
            )
