"""A ledger in memory, so that a hundred cases run in a second."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from eseal.errors import LedgerUnreachableError
from eseal.ledger.changes import Change, ChangeKind
from eseal.ledger.facts import (
    Anchor,
    AuthorityKey,
    Block,
    CompanyRegistration,
    Head,
    LogRegistration,
    Period,
    SealRegistration,
    Status,
    StatusAt,
    StopFlags,
    Volume,
)
from eseal.log.checkpoint import log_id
from eseal.log.rfc9162 import EMPTY_ROOT, verify_consistency
from eseal.model.scheme_id import scheme_id
from eseal.model.seal import Reason, handle_of

START = 1_800_000_000
YEAR = 365 * 24 * 3600
ALWAYS = Period(START - YEAR, None)
AUTHORITY = hashlib.sha256(b"an authority").digest()
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
        self.volumes = {}
        self.companies = {}
        self.roots = {}
        self.authority_keys = {}
        self.schemes = {}
        self._status_changes = {}
        self.retired = {}
        self.logs = {}
        self.heads = {}
        self.disowned = {}
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

    def appoint(self, vrf_key, attest_key, schemes, authority=AUTHORITY, period=ALWAYS):
        """An authority of these registers, by its prefixes."""
        self.authority_keys[vrf_key] = AuthorityKey(vrf_key, authority, attest_key, period)
        self.schemes |= {scheme_id(prefix): authority for prefix in schemes}

    def found(self, proof):
        """Register the company that a subject proof is of, once."""
        if proof.subject not in self.companies:
            time = self.mine().timestamp
            self.companies[proof.subject] = CompanyRegistration(
                proof.subject, proof.key, proof.founders, None, time
            )

    def register_seals(self, issuer, seals):
        block = self.mine()
        for new in seals:
            handle = handle_of(issuer, new.certificate)
            self.seals[handle] = SealRegistration(
                handle, issuer, new.subject, new.not_before, new.not_after, block.timestamp,
                new.depth, 1,
            )  # fmt: skip
            self._status_changes[handle] = [
                (block.timestamp, Status.ACTIVE, Reason.NONE, StopFlags.NONE)
            ]
            self.volumes[handle, 0] = Volume(handle, 0, new.volume_root, block.number)

    def open_volume(self, seal, number):
        block = self.mine()
        root = seal.volume(number).root
        self.volumes[seal.handle, number] = Volume(seal.handle, number, root, block.number)

    def change(self, handle, status, reason, flags=StopFlags.NONE):
        self._status_changes[handle].append((self.mine().timestamp, status, reason, flags))

    def retire(self, issuer=ISSUER):
        self.retired[issuer] = self.mine().timestamp

    def add_root(self, issuer, certificate, period=ALWAYS):
        self.roots[issuer, hashlib.sha256(certificate).digest()] = period

    def open_log(self, origin, public_key, issuer=ISSUER):
        name = log_id(issuer, origin)
        self.logs[name] = LogRegistration(name, issuer, ((0, public_key),), 0)
        self.heads[name] = []

    def disown(self, name, size):
        """As ``UsageLedger.disown``: the heads beyond ``size`` count no more."""
        self.mine()
        log = self.logs[name]
        self.logs[name] = replace(log, epoch=log.epoch + 1)
        gone = [anchor for anchor in self.heads[name] if anchor.head.size > size]
        self.heads[name] = [anchor for anchor in self.heads[name] if anchor.head.size <= size]
        self.disowned.setdefault(name, []).extend(gone)

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
        epoch = self.logs[name].epoch
        self.heads[name].append(Anchor(name, head, block, transaction, epoch))

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

    def log_of(self, issuer):
        self._ask("log_of")
        return next((name for name, log in self.logs.items() if log.issuer == issuer), None)

    def was_disowned(self, log_id, size, root):
        self._ask("was_disowned")
        return any(a.head == Head(size, root) for a in self.disowned.get(log_id, []))

    def issuer_root(self, issuer, root_hash):
        self._ask("issuer_root")
        return self.roots.get((issuer, root_hash))

    def changes(self, _first):
        self._ask("changes")
        return [
            Change(ChangeKind.ROOT_ADDED, (("issuer", issuer), ("rootHash", root)), None, b"", 0)
            for issuer, root in self.roots
        ]

    def authority_key(self, vrf_key):
        self._ask("authority_key")
        return self.authority_keys.get(vrf_key)

    def scheme_authority(self, scheme):
        self._ask("scheme_authority")
        return self.schemes.get(scheme)

    def company(self, subject):
        self._ask("company")
        return self.companies.get(subject)

    def volume(self, handle, number):
        self._ask("volume")
        return self.volumes.get((handle, number))

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
        none = StopFlags.NONE
        if seal is None or time < seal.registered_at:
            return StatusAt(Status.UNKNOWN, Reason.NONE, 0, none)
        since, status, reason, flags = [c for c in self._status_changes[handle] if c[0] <= time][-1]
        retired = self.retired.get(seal.issuer)
        if status is Status.REVOKED:
            return StatusAt(status, reason, since, flags)
        if retired is not None and time >= retired:
            return StatusAt(Status.ISSUER_RETIRED, Reason.NONE, retired, flags)
        if time < seal.not_before:
            return StatusAt(Status.NOT_YET_VALID, Reason.NONE, seal.registered_at, flags)
        if time > seal.not_after:
            return StatusAt(Status.EXPIRED, Reason.NONE, seal.not_after + 1, flags)
        return StatusAt(status, reason, max(since, seal.not_before), flags)
