"""Rebuilding a log's head from its leaves, and telling a fork from a log that lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import CorruptionError, InvalidFormatError, InvalidProofError, NotFoundError
from eseal.log import tree
from eseal.log.leaf_table import CHUNK_LEAVES, leaf_table
from eseal.log.rfc9162 import verify_consistency
from eseal.monitor.alarms import AlarmError, AlarmKind
from eseal.monitor.anchors import readable
from eseal.monitor.client import LogUnreachableError, chunks
from eseal.monitor.state import Tree, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eseal.ledger.facts import Anchor
    from eseal.log.checkpoint import SignedCheckpoint
    from eseal.monitor.client import LogClient
    from eseal.monitor.state import State
    from eseal.monitor.tags import TagIndex


class Extension:
    """One step of a log from what is known of it.

    Args:
        log: the log.
        state: what is known; ``None`` where nothing is.
        tags: where the new leaves' tags go.
        epoch: of the ledger's heads.
        until: when to stop reading, by the monotonic clock.
    """

    def __init__(
        self, log: LogClient, state: State | None, tags: TagIndex, epoch: int, until: float
    ) -> None:
        self._log = log
        self._state = state
        self._tags = tags
        self._epoch = epoch
        self._until = until
        self.beyond: int | None = None
        """Up to how many leaves there was something to read, where a head lies too far ahead."""
        self.undecided: list[str] = []
        """What is odd and no alarm, in sentences."""

    def extend(
        self, shown: SignedCheckpoint, anchors: Sequence[Anchor]
    ) -> tuple[Tree, Tree, SignedCheckpoint]:
        """Rebuild a head from exactly its leaves, and every anchored root on the way.

        Where that takes too long, or the head lies too far ahead, as far as the ledger's heads
        lead.

        Args:
            shown: the head, signed by the log.
            anchors: heads on the ledger that were not compared yet, by size.

        Returns:
            The tree rebuilt, the tree compared, and the newest checkpoint there is.

        Raises:
            AlarmError: the log is not what it was, or not what the ledger says.
            LogUnreachableError: it could not be read.
        """
        state = self._state
        newest = Tree() if state is None else state.newest
        compared = Tree() if state is None else state.compared
        head = shown.checkpoint
        if state is not None and head.size < newest.size:
            self._smaller(shown, state)
            shown, head = state.note, state.note.checkpoint
        compared = self._compare_behind(compared, newest, anchors, shown)
        start = max(newest, compared, key=lambda tree: tree.size)
        ahead = [anchor for anchor in anchors if start.size < anchor.head.size <= head.size]
        roots = self._rebuild(start, {anchor.head.size for anchor in ahead} | {head.size})
        if head.size in roots:
            root, newest = roots[head.size]
            if root != head.root:
                self._not_extended(shown, root)
        for anchor in ahead:
            if anchor.head.size in roots:
                root, reached = roots[anchor.head.size]
                self._compare(anchor, root)
                compared = reached
        if head.size not in roots and state is not None:
            shown = state.note
        return newest, compared, shown

    def _rebuild(self, start: Tree, sizes: set[int]) -> dict[int, tuple[bytes, Tree]]:
        """The roots and trees at these sizes, as far as they are within reach and time."""
        sizes = {size for size in sizes if size >= start.size}  # what it shows may be older
        within = list(readable(sorted(sizes), start.size))
        roots: dict[int, tuple[bytes, Tree]] = {}
        if len(within) < len(sizes):
            self.beyond = within[-1] if within else start.size
        builder = start.builder()
        try:
            leaves = self._leaves(start.size, max(within, default=start.size), index=True)
            for size, root in builder.roots_at(leaves, within):
                roots[size] = root, tree_of(builder)
        except LogUnreachableError as error:
            if not roots:
                raise
            self.undecided.append(f"{error}; the next round reads on from {max(roots)} leaves")
        return roots

    def _compare_behind(
        self, compared: Tree, newest: Tree, anchors: Sequence[Anchor], shown: SignedCheckpoint
    ) -> Tree:
        """Compare anchors of sizes the log had when it was read before: read those leaves again."""
        behind = [anchor for anchor in anchors if anchor.head.size <= newest.size]
        if not behind:
            return compared
        builder = compared.builder()
        last = behind[-1].head.size
        leaves = self._leaves(compared.size, last)
        expected = {anchor.head.size: anchor for anchor in behind}
        for size, root in builder.roots_at(leaves, list(expected)):
            self._compare(expected[size], root)
        # the second reading must be the beginning of the first
        self._prove(tree_of(builder), newest, shown)
        return tree_of(builder)

    def _compare(self, anchor: Anchor, root: bytes) -> None:
        if anchor.head.root != root:
            raise AlarmError(
                AlarmKind.ANCHOR_MISMATCH,
                f"block {anchor.block.number} of the ledger holds another head of "
                f"{anchor.head.size} leaves than the log's leaves make: "
                f"expected root {root.hex()}, got {anchor.head.root.hex()}",
            )

    def _prove(self, old: Tree, new: Tree, shown: SignedCheckpoint) -> None:
        if old.size == new.size:
            if old.root == new.root:
                return
        elif self._proves(old.size, old.root, new.size, new.root):
            return
        held = None if self._state is None else self._state.note
        raise AlarmError(
            AlarmKind.SPLIT_VIEW,
            f"the log now shows other leaves up to {old.size} than it showed before "
            f"under the head of {shown.checkpoint.size}",
            held,
        )

    def _proves(self, old_size: int, old_root: bytes, new_size: int, new_root: bytes) -> bool:
        """Whether the log's tiles prove that one head extends another."""
        try:
            proof = tree.consistency(self._log, old_size, new_size)
            verify_consistency(old_size, new_size, old_root, new_root, proof)
        except (CorruptionError, InvalidProofError, NotFoundError):
            return False
        return True

    def _smaller(self, shown: SignedCheckpoint, state: State) -> None:
        """A head smaller than the one before: an old copy, or another history."""
        head, held = shown.checkpoint, state.note.checkpoint
        if self._proves(head.size, head.root, held.size, held.root):
            self.undecided.append(
                f"the log shows an old head of {head.size} leaves; it had {held.size} before"
            )
            return
        same = self._made_by_tiles(held.size, held.root)
        raise AlarmError(
            AlarmKind.SPLIT_VIEW if same else AlarmKind.LOG_SHRUNK,
            f"the log shows a head of {head.size} leaves and does not prove that it begins the "
            f"head of {held.size} leaves it signed before",
            state.note,
        )

    def _not_extended(self, shown: SignedCheckpoint, root: bytes) -> None:
        """The leaves do not make the head: is it that of another history, or of none?"""
        head, state = shown.checkpoint, self._state
        if state is not None and head.size == state.newest.size:
            raise AlarmError(
                AlarmKind.SPLIT_VIEW,
                f"the log signed two heads of {head.size} leaves: "
                f"root {root.hex()} before, root {head.root.hex()} now",
                state.note,
            )
        if state is not None and state.newest.size and self._made_by_tiles(head.size, head.root):
            raise AlarmError(
                AlarmKind.SPLIT_VIEW,
                f"the log's head of {head.size} leaves does not extend the head of "
                f"{state.newest.size} leaves it signed before",
                state.note,
            )
        raise AlarmError(
            AlarmKind.WRONG_ROOT,
            f"the leaves the log shows do not make its head of {head.size} leaves: "
            f"expected root {head.root.hex()}, got {root.hex()}",
            None if state is None else state.note,
        )

    def _made_by_tiles(self, size: int, root: bytes) -> bool:
        """Whether the log's own tiles make this head."""
        try:
            return tree.root(self._log, size) == root
        except (CorruptionError, NotFoundError, LogUnreachableError):
            return False

    def _leaves(self, start: int, end: int, *, index: bool = False) -> Iterator[bytes]:
        """The log's leaves, each checked to name its own place; their tags into the index."""
        for chunk in chunks(self._log.leaves(start, end, self._until), CHUNK_LEAVES):
            try:
                table = leaf_table(chunk, start)
            except InvalidFormatError as error:
                raise AlarmError(AlarmKind.BAD_LEAF, str(error)) from None
            if index:
                self._tags.add(table, self._epoch)
            start += len(chunk)
            yield from chunk
