"""A log in memory that signs its heads, and a witness that knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.errors import NotFoundError
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from eseal.log.rfc9162 import leaf_hash
from eseal.log.vkey import KeyType, VerifierKey
from eseal.witness.request import AddCheckpoint
from eseal.witness.witness import Witness

ORIGIN = "log.example/one"
NAME = "witness.example/w1"


@dataclass
class SigningLog:
    """Leaves, tiles and a key."""

    origin: str = ORIGIN
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    size: int = 0
    tiles: dict = field(default_factory=dict)

    def tile(self, level, index, width):
        hashes = self.tiles.get((level, index), b"")
        if len(hashes) < width * 32:
            raise NotFoundError("no such tile")
        return hashes[: width * 32]

    def grow(self, count, prefix=b"leaf"):
        leaves = [leaf_hash(b"%s %d" % (prefix, self.size + n)) for n in range(count)]
        grown = tree.append(self, self.size, leaves)
        self.tiles.update(grown.tiles)
        self.size = grown.size
        return self

    @property
    def key(self):
        return VerifierKey(self.origin, KeyType.NOTE, self.private.public_key().public_bytes_raw())

    def note(self, size=None, root=None):
        size = self.size if size is None else size
        head = Checkpoint(self.origin, size, root or tree.root(self, size))
        return sign_checkpoint(head, self.private.sign, self.key.public_key)

    def prove(self, old, size=None):
        return tree.consistency(self, old, self.size if size is None else size)

    def request(self, old=0, size=None, proof=None, note=None):
        """The body that asks for a cosignature."""
        note = self.note(size) if note is None else note
        head = parse_checkpoint(note)
        proof = self.prove(old, head.checkpoint.size) if proof is None else proof
        return AddCheckpoint(old, tuple(proof), head).encode()


@pytest.fixture
def make_log():
    return SigningLog


@pytest.fixture
def log():
    return SigningLog().grow(5)


@pytest.fixture
def directory(tmp_path, log):
    """A witness's directory that knows the log."""
    directory = tmp_path / "witness"
    Witness.create(directory, NAME)
    Witness(directory).add_log(log.origin, log.key)
    return directory


@pytest.fixture
def witness(directory):
    return Witness(directory, clock=lambda: 1_800_000_000.9)
