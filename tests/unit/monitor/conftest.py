"""A log over HTTP in memory, a ledger it is anchored on, and a monitor that watches both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.errors import LedgerUnreachableError, NotFoundError
from eseal.ledger.changes import Change, ChangeKind
from eseal.ledger.facts import Anchor, Block, Head, LogRegistration
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, log_id, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.rfc9162 import EMPTY_ROOT, leaf_hash
from eseal.log.tiles import encode_entries, parse_entries_path, parse_tile_path
from eseal.monitor.client import LogClient
from eseal.monitor.monitor import Monitor
from eseal.monitor.state import StateStore

ORIGIN = "log.example/one"
ISSUER = b"i" * 32
START = 1_800_000_000


def leaf(index, salt=b"", tag=None):
    content = hashlib.sha256(b"%d" % index + salt).digest()
    return Leaf(index, content, hashlib.sha256(tag or b"tag" + content).digest()).encode()


@dataclass
class Site:
    """A log as C2SP tlog-tiles serves it; its fields can be made to lie."""

    origin: str = ORIGIN
    private: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(32))
    )
    leaves: list = field(default_factory=list)
    tiles: dict = field(default_factory=dict)
    shown: bytes | None = None
    down: bool = False
    over: dict = field(default_factory=dict)
    """Logs of epochs that are over, by number: served below ``epoch/``."""
    asked: list = field(default_factory=list)

    @property
    def public_key(self):
        return self.private.public_key().public_bytes_raw()

    @property
    def size(self):
        return len(self.leaves)

    def tile(self, level, index, width):
        hashes = self.tiles.get((level, index), b"")
        if len(hashes) < width * 32:
            raise NotFoundError("no such tile")
        return hashes[: width * 32]

    def grow(self, count, salt=b""):
        new = [leaf(self.size + n, salt) for n in range(count)]
        return self.append(new)

    def append(self, new):
        grown = tree.append(self, self.size, [leaf_hash(data) for data in new])
        self.leaves += new
        self.tiles.update(grown.tiles)
        return self

    def root(self, size=None):
        return tree.root(self, self.size if size is None else size)

    def note(self, size=None, root=None):
        size = self.size if size is None else size
        head = Checkpoint(self.origin, size, root or self.root(size))
        return sign_checkpoint(head, self.private.sign, self.public_key)

    def __call__(self, request):
        path = request.url.path.removeprefix("/log/")
        self.asked.append(path)
        if self.down:
            raise httpx.ConnectError("down")
        try:
            return httpx.Response(200, content=self.content(path))
        except NotFoundError:
            return httpx.Response(404)

    def content(self, path):
        if path.startswith("epoch/"):
            _, epoch, rest = path.split("/", 2)
            if int(epoch) not in self.over:
                raise NotFoundError("no such epoch")
            return self.over[int(epoch)].content(rest)
        if path == "checkpoint":
            return self.note() if self.shown is None else self.shown
        if path.startswith("tile/entries/"):
            tile = parse_entries_path(path)
            found = self.leaves[tile.index * 256 :][: tile.width]
            if len(found) < tile.width:
                raise NotFoundError("no such entries")
            return encode_entries(found)
        tile = parse_tile_path(path)
        return self.tile(tile.level, tile.index, tile.width)

    def entries_asked(self):
        return [path for path in self.asked if path.startswith("tile/entries/")]


def block_at(number):
    return Block(number, bytes([number]) * 32, START + number)


class AnchorLedger:
    """The part of ``LedgerReader`` a monitor asks."""

    def __init__(self, site):
        self.name = log_id(ISSUER, site.origin)
        self.logs = {}
        self.told = []
        self.held = []
        self.over = []
        self.disowned = {}
        self.reachable = True
        self.hidden = 0
        self.height = 0
        self.open(ISSUER, site.origin, site.public_key)

    def _ask(self):
        if not self.reachable:
            raise LedgerUnreachableError("the node does not answer")

    def tell(self, kind, **values):
        block = self.next_block()
        self.told.append(Change(kind, tuple(values.items()), block, bytes(32), 0))

    def open(self, issuer, origin, public_key):
        name = log_id(issuer, origin)
        self.logs[name] = LogRegistration(name, issuer, ((0, public_key),), 0)
        told = {"logId": name, "issuer": issuer, "origin": origin, "publicKey": public_key}
        self.tell(ChangeKind.LOG_OPENED, **told)

    def disown(self, size):
        log = self.logs[self.name]
        last = self.held[-1].head
        self.disowned[log.epoch, last.size] = last.root
        self.over.append(self.held)
        self.held = [anchor for anchor in self.held if anchor.head.size <= size]
        self.logs[self.name] = replace(log, epoch=log.epoch + 1)
        told = {"logId": self.name, "epoch": log.epoch + 1, "size": size, "oldSize": last.size}
        self.tell(ChangeKind.HEAD_DISOWNED, **told)

    def succeed(self, public_key):
        log = self.logs[self.name]
        size = self.head(self.name).size
        self.logs[self.name] = replace(log, keys=(*log.keys, (size, public_key)))
        told = {"logId": self.name, "fromSize": size, "publicKey": public_key}
        self.tell(ChangeKind.LOG_SUCCEEDED, **told)

    def accept(self, size, root):
        block = self.next_block()
        epoch = self.logs[self.name].epoch
        self.held.append(Anchor(self.name, Head(size, root), block, bytes(32), epoch))

    def final_block(self):
        self._ask()
        return block_at(self.height)

    def next_block(self):
        self.height += 1
        return block_at(self.height)

    def changes(self, first):
        self._ask()
        return [change for change in self.told if change.block.number >= first]

    def root_in(self, _name, epoch, size):
        self._ask()
        return self.disowned.get((epoch, size))

    def log(self, name):
        self._ask()
        return self.logs.get(name)

    def log_of(self, issuer):
        self._ask()
        return next((name for name, log in self.logs.items() if log.issuer == issuer), None)

    def head(self, _name):
        self._ask()
        return self.held[-1].head if self.held else Head(0, EMPTY_ROOT)

    def root_at(self, _name, size):
        self._ask()
        return next((a.head.root for a in self.held if a.head.size == size), None)

    def anchor_covering(self, _name, index):
        self._ask()
        return next((a for a in self.anchors(_name) if a.head.size > index), None)

    def anchors(self, _name, epoch=None):
        self._ask()
        if epoch is not None and epoch < self.logs[self.name].epoch:
            return self.over[epoch]
        return tuple(self.held[: len(self.held) - self.hidden])


@dataclass
class Watch:
    """A monitor that can be started anew, and its clock."""

    site: Site
    ledger: AnchorLedger
    directory: object
    keys: dict = field(default_factory=dict)
    time: float = START
    slept: float = 0.0
    on_sleep: object = None
    stall_after: float = 60.0
    accepted: frozenset = frozenset()
    issuer: bytes | None = None

    def sleep(self, seconds):
        self.slept += seconds
        if self.on_sleep is not None:
            self.on_sleep()

    def __call__(self):
        """One round of a monitor that has just been started."""
        client = LogClient("http://log.test/log/", transport=httpx.MockTransport(self.site), wait=0)
        monitor = Monitor(
            client,
            self.ledger,
            StateStore(self.directory),
            stall_after=self.stall_after,
            keys=self.keys,
            issuer=self.issuer,
            accepted=self.accepted,
            clock=lambda: self.time,
            sleep=self.sleep,
        )
        try:
            return monitor.round()
        finally:
            client.close()

    def anchor(self, size=None):
        size = self.site.size if size is None else size
        self.ledger.accept(size, self.site.root(size))

    def evidence(self):
        return sorted(path.name for path in (self.directory / "evidence").iterdir())


@pytest.fixture
def make_site():
    return Site


@pytest.fixture
def site():
    return Site().grow(300)


@pytest.fixture
def watch(site, tmp_path):
    return Watch(site, AnchorLedger(site), tmp_path / "state")


@pytest.fixture
def make_leaf():
    return leaf
