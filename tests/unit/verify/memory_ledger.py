"""A ledger in memory, so that a hundred cases run in a second."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from eseal.errors import LedgerUnreachableError
from eseal.ledger.protocol import (
    Anchor,
    Block,
    Head,
    LogRegistration,
    SealRegistration,
    Status,
    StatusAt,
)
from eseal.log.checkpoint import log_id
from eseal.log.rfc9162 import EMPTY_ROOT, verify_consistency
from eseal.model.seal import Reason

START = 1_800_000_000
YEAR = 365 * 24 * 3600
ISSUER = hashlib.sha256(b"issuer one").digest()


class MemoryLedger:
    """``LedgerReader`` over plain attributes, with an operator's and a saboteur's handles."""

    chain_id = 1337
    seal_registry = "0x" + "aB" * 20
    usage_ledger = "0x" + "cD" * 20
    finality = "immediate"

    def __init__(self):
        self.blocks = []
        self.seals = {}
        self.changes = {}
        self.logs = {}
        self.heads = {}
        self.reachable = True
        self.asked = []
        self.mine(START)

    def mine(self, timestamp=None):
        time = self.blocks[-1].timestamp + 10 if timestamp is None else timestamp
        number = len(self.blocks)
        block = Block(number, hashlib.sha256(b"block %d" % number).digest(), time)
        self.blocks.append(block)
        return block

    def reorganise(self, number):
        """Put other, empty blocks in place of this one and those above it."""
        for place in range(number, len(self.blocks)):
            other = hashlib.sha256(b"other block %d" % place).digest()
            self.blocks[place] = replace(self.blocks[place], hash=other)
        for name, anchors in self.heads.items():
            self.heads[name] = [anchor for anchor in anchors if anchor.block.number < number]

    def register(self, handle, issuer=ISSUER, not_before=START - YEAR, not_after=START + YEAR):
        time = self.mine().timestamp
        self.seals[handle] = SealRegistration(handle, issuer, not_before, not_after, time)
        self.changes[handle] = [(time, Status.ACTIVE, Reason.NONE)]

    def change(self, handle, status, reason):
        self.changes[handle].append((self.mine().timestamp, status, reason))

    def open_log(self, origin, public_key, issuer=ISSUER):
        name = log_id(origin)
        self.logs[name] = LogRegistration(name, issuer, public_key)
        self.heads[name] = []

    def advance(self, name, old_size, head, proof):
        """As ``UsageLedger.advance``: only what extends the head."""
        old = self.head(name)
        assert old.size == old_size
        verify_consistency(old_size, head.size, old.root, head.root, proof)
        self.force(name, head)

    def force(self, name, head):
        """What the contract would never accept."""
        block = self.mine()
        transaction = hashlib.sha256(b"tx" + block.hash).digest()
        self.heads[name].append(Anchor(name, head, block, transaction))

    def _ask(self, question):
        self.asked.append(question)
        if not self.reachable:
            raise LedgerUnreachableError("The node does not answer.")

    def final_block(self):
        self._ask("final_block")
        return self.blocks[-1]

    def block(self, number):
        self._ask("block")
        return self.blocks[number] if number < len(self.blocks) else None

    def log(self, log_id):
        self._ask("log")
        return self.logs.get(log_id)

    def head(self, log_id):
        self._ask("head")
        anchors = self.heads.get(log_id)
        return anchors[-1].head if anchors else Head(0, EMPTY_ROOT)

    def root_at(self, log_id, size):
        anchor = self.anchor_at(log_id, size)
        return None if anchor is None else anchor.head.root

    def anchor_at(self, log_id, size):
        self._ask("anchor_at")
        return next((a for a in self.heads.get(log_id, []) if a.head.size == size), None)

    def anchor_covering(self, log_id, index):
        self._ask("anchor_covering")
        return next((a for a in self.heads.get(log_id, []) if a.head.size > index), None)

    def anchors(self, log_id):
        self._ask("anchors")
        return tuple(self.heads.get(log_id, []))

    def seal(self, handle):
        self._ask("seal")
        return self.seals.get(handle)

    def status_at(self, handle, time):
        """As ``SealRegistry.statusAt``: revoked outranks the validity period."""
        self._ask("status_at")
        seal = self.seals.get(handle)
        if seal is None or time < seal.registered_at:
            return StatusAt(Status.UNKNOWN, Reason.NONE, 0)
        since, status, reason = [c for c in self.changes[handle] if c[0] <= time][-1]
        if status is Status.REVOKED:
            return StatusAt(status, reason, since)
        if time < seal.not_before:
            return StatusAt(Status.NOT_YET_VALID, Reason.NONE, seal.registered_at)
        if time > seal.not_after:
            return StatusAt(Status.EXPIRED, Reason.NONE, seal.not_after + 1)
        return StatusAt(status, reason, max(since, seal.not_before))
