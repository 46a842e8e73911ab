"""What a monitor remembers between rounds, and the evidence it keeps for ever.

One JSON file, replaced in one step. A tree is remembered as its compact range: its size and the
roots of its perfect subtrees, so a log of any length takes a few kilobytes.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from eseal.durable import PRIVATE_DIRECTORY_MODE, create_file, replace_file
from eseal.errors import CorruptionError, InvalidInputError
from eseal.log.checkpoint import SignedCheckpoint, parse_checkpoint
from eseal.log.compact_range import RootBuilder

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.monitor.alarms import AlarmKind
    from eseal.monitor.tags import Place

VERSION = 2
MAX_SEEN = 256
"""Sizes whose first sight is remembered while they wait for an anchor. While there is no room, a
newer size waits: the oldest ones decide whether anchoring has stalled."""
NAME_HEX = 16
"""Hex digits of the hash that names a piece of evidence."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of ``size`` leaves as its compact range; see :class:`RootBuilder`."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def builder(self) -> RootBuilder:
        """A builder that carries on from here."""
        return RootBuilder.resume(self.size, self.peaks)

    @property
    def root(self) -> bytes:
        """The tree's root, 32 bytes."""
        return self.builder().root()


def tree_of(builder: RootBuilder) -> Tree:
    """Where a builder stands."""
    return Tree(builder.size, builder.peaks)


@dataclass(frozen=True, slots=True)
class Seen:
    """A size the log had, and when it was first seen, Unix seconds."""

    size: int
    time: int


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a log.

    Attributes:
        newest: the newest tree rebuilt from its leaves; empty before the first.
        note: the checkpoint it was rebuilt for, signed by the log; before, one it has shown.
        compared: the tree at the newest head on the ledger that was compared: the larger one of the
            two, while a log is read that is longer than a round.
        public_key: the log's Ed25519 key, 32 bytes.
        issuer: whose log it is, 32 bytes; ``None`` until the ledger could be asked.
        epoch: of the ledger's heads of it.
        block: height up to which was told what administrators changed; 0 before.
        torn: pairs of leaves whose ticket was torn twice: epoch and index of each.
        over: epochs that are over, each with the tree at the newest of its heads that was read.
        seen: sizes that wait for an anchor, oldest first.
    """

    newest: Tree
    note: SignedCheckpoint
    compared: Tree
    public_key: bytes
    issuer: bytes | None
    epoch: int = 0
    block: int = 0
    torn: tuple[tuple[Place, Place], ...] = ()
    over: tuple[tuple[int, Tree], ...] = ()
    seen: tuple[Seen, ...] = ()

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.note.checkpoint.origin

    def encode(self) -> bytes:
        """This state as JSON."""
        fields = {
            "v": VERSION,
            "public_key": _base64(self.public_key),
            "issuer": None if self.issuer is None else _base64(self.issuer),
            "epoch": self.epoch,
            "block": self.block,
            "torn": self.torn,
            "over": [[epoch, _tree_fields(tree)] for epoch, tree in self.over],
            "checkpoint": self.note.note.decode("utf-8"),
            "newest": _tree_fields(self.newest),
            "compared": _tree_fields(self.compared),
            "seen": [[seen.size, seen.time] for seen in self.seen],
        }
        return orjson.dumps(fields, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def parse(cls, data: bytes) -> State:
        """Read what :meth:`encode` writes.

        Raises:
            CorruptionError: anything else, or a tree that does not have the checkpoint's root.
        """
        try:
            fields: Any = orjson.loads(data)
            if fields["v"] != VERSION:
                raise CorruptionError(f"expected version {VERSION}, got {fields['v']!r}")
            state = cls(
                newest=_tree(fields["newest"]),
                note=parse_checkpoint(fields["checkpoint"].encode()),
                compared=_tree(fields["compared"]),
                public_key=b64decode(fields["public_key"], validate=True),
                issuer=_optional(fields["issuer"]),
                epoch=int(fields["epoch"]),
                block=int(fields["block"]),
                torn=tuple((_place(one), _place(other)) for one, other in fields["torn"]),
                over=tuple((int(epoch), _tree(tree)) for epoch, tree in fields["over"]),
                seen=tuple(Seen(int(size), int(time)) for size, time in fields["seen"]),
            )
            state._check()
        except (
            AttributeError,
            Base64Error,
            InvalidInputError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise CorruptionError(
                f"expected a monitor's state, got another form: {error}"
            ) from None
        return state

    def _check(self) -> None:
        head = self.note.checkpoint
        if self.newest.size and (self.newest.size, self.newest.root) != (head.size, head.root):
            raise CorruptionError("the tree is not that of the checkpoint beside it")
        _ = self.compared.root


class StateStore:
    """A monitor's directory: ``state.json``, and ``evidence/``."""

    def __init__(self, directory: Path) -> None:
        """Make the directory if it is not there.

        Raises:
            OSError: it cannot be made.
        """
        self._directory = directory
        self._evidence = directory / "evidence"
        self._evidence.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)

    @property
    def tags(self) -> Path:
        """Where the tags of all leaves lie."""
        return self._directory / "tags"

    def load(self) -> State | None:
        """What was remembered, or ``None`` before the first round.

        Raises:
            CorruptionError: the file is damaged.
        """
        path = self._directory / "state.json"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return State.parse(data)
        except CorruptionError as error:
            raise CorruptionError(
                f"{path}: {error}; keep it, and start anew with another --state"
            ) from None

    def save(self, state: State) -> None:
        """Remember; durable when this returns."""
        replace_file(self._directory / "state.json", state.encode())

    def keep_evidence(
        self, kind: AlarmKind, shown: SignedCheckpoint, held: SignedCheckpoint | None, message: str
    ) -> tuple[str, ...]:
        """Keep the signed notes that prove something, once and for ever.

        Args:
            kind: what they prove.
            shown: the checkpoint the log shows now.
            held: the one it showed before, if it plays a part.
            message: what is wrong, in a sentence.

        Returns:
            The files' names below the directory. A contradiction found again has them already.
        """
        texts = shown.text + (b"" if held is None else held.text)
        name = f"{kind.value}-{hashlib.sha256(texts).hexdigest()[:NAME_HEX]}"
        files = {f"{name}-shown.checkpoint": shown.note, f"{name}.txt": f"{message}\n".encode()}
        if held is not None:
            files[f"{name}-held.checkpoint"] = held.note
        for file, data in files.items():
            path = self._evidence / file
            if not path.exists():
                create_file(path, data)
        return tuple(sorted(f"evidence/{file}" for file in files))


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _optional(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text, validate=True)


def _place(fields: Any) -> Place:
    epoch, index = fields
    return int(epoch), int(index)


def _tree_fields(tree: Tree) -> dict[str, Any]:
    return {"size": tree.size, "peaks": [_base64(peak) for peak in tree.peaks]}


def _tree(fields: Any) -> Tree:
    peaks = tuple(b64decode(peak, validate=True) for peak in fields["peaks"])
    tree = Tree(int(fields["size"]), peaks)
    tree.builder()
    return tree
