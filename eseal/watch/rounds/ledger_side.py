"""What the ledger says about a company, its seals and their books, and about its issuers.

It rests on the ledger alone, and on the trust file for what should stand there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.authority.word.attestation import verify_subject_proof
from eseal.errors import LedgerUnreachableError, ProofError
from eseal.ledger.changes import Change, ChangeKind
from eseal.ledger.events import (
    CompanyContinued,
    FoundersChanged,
    SealRegistered,
    SealStatusChanged,
    StopSet,
    SubjectEvent,
    VolumeOpened,
)
from eseal.ledger.facts import StopFlags
from eseal.watch.alarms import AlarmKind, Gathered
from eseal.watch.log.tickets import BookVolume
from eseal.watch.rounds.volumes import OpenBook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.ledger.protocol import LedgerReader
    from eseal.model.subject import SubjectProof
    from eseal.verify.inputs.trust import Trust
    from eseal.watch.file import WatchedSeal, WatchFile

_ISSUER = frozenset(
    {
        ChangeKind.ISSUER_RETIRED,
        ChangeKind.OPERATOR_ADDED,
        ChangeKind.OPERATOR_REMOVED,
        ChangeKind.ROOT_ADDED,
        ChangeKind.ROOT_ENDED,
        ChangeKind.LOG_OPENED,
    }
)
_AUTHORITY = frozenset(
    {
        ChangeKind.SCHEME_SET,
        ChangeKind.AUTHORITY_ACCOUNT_SET,
        ChangeKind.AUTHORITY_KEY_ADDED,
        ChangeKind.AUTHORITY_KEY_ENDED,
    }
)
_OF_LOGS = {
    ChangeKind.HEAD_DISOWNED: AlarmKind.HEAD_DISOWNED,
    ChangeKind.LOG_SUCCEEDED: AlarmKind.LOG_SUCCEEDED,
}


class LedgerSide:
    """Asks one ledger. Findings go where :class:`Gathered` keeps them."""

    def __init__(self, ledger: LedgerReader, trust: Trust, gathered: Gathered) -> None:
        self._ledger = ledger
        self._trust = trust
        self._gathered = gathered
        self._roots = {sha256(root).digest() for root in trust.roots}
        self._authorities = {one.vrf_key: one for one in trust.authorities}

    def company(self, file: WatchFile, since: int | None) -> list[OpenBook]:
        """Check all that the ledger says about a company.

        Args:
            file: what it watches.
            since: height up to which events were told, or ``None`` on the first round.

        Returns:
            Its seals' books.

        Raises:
            LedgerUnreachableError: it cannot be asked, or contradicts itself.
        """
        for proof in file.proofs:
            self._proof(proof, file)
        events = [event for subject in file.subjects for event in self._ledger.events(subject)]
        for event in events:
            if since is not None and event.block.number > since:
                self._event(event, file)
            if isinstance(event, CompanyContinued) and event.new_subject not in file.subjects:
                self._add(
                    AlarmKind.CONTINUED,
                    event.new_subject,
                    f"an authority says that {file.name} goes on as {event.new_subject.hex()}, "
                    "which the watch file does not hold: get its proof and a new watch file",
                    file,
                )
        self._founders(file)
        self._registered(file, [one for one in events if isinstance(one, SealRegistered)])
        opened: dict[bytes, list[VolumeOpened]] = {}
        for event in events:
            if isinstance(event, VolumeOpened):
                opened.setdefault(event.handle, []).append(event)
        return [self._book(seal, file, opened.get(seal.handle, [])) for seal in file.seals]

    def issuers(
        self, files: Sequence[WatchFile], logs: Sequence[bytes], since: int | None, now: int
    ) -> Sequence[Change]:
        """Check what administrators and operators changed that concerns these companies.

        Args:
            files: what is watched.
            logs: ids of their issuers' logs.
            since: as above.
            now: Unix seconds.

        Returns:
            All changes, in order.

        Raises:
            LedgerUnreachableError: it cannot be asked.
        """
        changes = self._ledger.changes(0)
        issuers = {issuer for file in files for issuer in file.issuers}
        schemes = {proof.scheme for file in files for proof in file.proofs}
        authorities = {self._ledger.scheme_authority(scheme) for scheme in schemes} - {None}
        for change in changes:
            if since is not None and change.block.number > since:
                self._change(change, issuers, authorities, schemes, logs)
        self._issuer_roots(changes, issuers, now)
        for file in files:
            self._authority_keys(changes, file, now)
        return changes

    def _add(self, kind: AlarmKind, key: bytes | str, message: str, file: WatchFile | None) -> None:
        self._gathered.add(kind, key, message, None if file is None else file.name)

    def _proof(self, proof: SubjectProof, file: WatchFile) -> None:
        trusted = self._authorities.get(proof.key)
        if trusted is not None:
            attest_key: bytes | None = trusted.attest_key
        else:
            known = None if self._authorities else self._ledger.authority_key(proof.key)
            attest_key = None if known is None else known.attest_key
        wrong = f"expected a key of a trusted authority, got {proof.key.hex()}"
        if attest_key is not None:
            try:
                verify_subject_proof(proof, attest_key)
            except ProofError as error:
                wrong = str(error)
            else:
                return
        text = f"the watch file's proof for {proof.id} proves nothing: {wrong}"
        self._add(AlarmKind.UNPROVEN_SUBJECT, proof.subject, text, file)

    def _event(self, event: SubjectEvent, file: WatchFile) -> None:
        key = _key(event)
        when = _at(event.block.timestamp)
        match event:
            case SealStatusChanged():
                stops = [flag.name.lower() for flag in StopFlags(event.flags) if flag.name]
                text = (
                    f"seal {event.handle.hex()} is {event.status.name.lower()} since {when}, "
                    f"reason {event.reason.slug}, stopped by {' and '.join(stops) or 'nobody'}"
                )
                self._add(AlarmKind.STATUS_CHANGED, key, text, file)
            case StopSet():
                text = f"seal {event.handle.hex()} has another end of its stop codes since {when}"
                self._add(AlarmKind.STOP_CHANGED, key, text, file)
            case FoundersChanged():
                text = f"the founders of {file.name} on the ledger were changed at {when}"
                self._add(AlarmKind.FOUNDERS_CHANGED, key, text, file)

    def _founders(self, file: WatchFile) -> None:
        newest = {proof.subject: proof for proof in file.proofs}
        for subject, proof in newest.items():
            known = self._ledger.company(subject)
            if known is not None and known.founders != proof.founders:
                self._add(
                    AlarmKind.FOUNDERS_CHANGED,
                    subject,
                    f"the ledger holds other founders of {proof.name} than its newest proof",
                    file,
                )

    def _registered(self, file: WatchFile, registered: Sequence[SealRegistered]) -> None:
        held = {seal.handle: seal for seal in file.seals}
        for event in registered:
            if event.handle not in held:
                known = event.issuer in file.issuers
                issuer = "its issuer" if known else "another issuer,"
                self._add(
                    AlarmKind.UNKNOWN_SEAL,
                    event.handle,
                    f"{issuer} {event.issuer.hex()}, registered a seal under {file.name} at "
                    f"{_at(event.block.timestamp)} that the watch file does not hold",
                    file,
                )
        for handle, seal in held.items():
            known_seal = self._ledger.seal(handle)
            expected = seal.issuer, seal.depth
            if known_seal is None:
                text = f"the ledger does not know seal {handle.hex()} of the watch file"
            elif (known_seal.issuer, known_seal.depth) != expected:
                text = f"the ledger has seal {handle.hex()} with another issuer or depth"
            elif known_seal.subject not in file.subjects:
                text = f"the ledger has seal {handle.hex()} under another company"
            else:
                continue
            self._add(AlarmKind.SEAL_DIFFERS, handle, text, file)

    def _book(self, seal: WatchedSeal, file: WatchFile, opened: Sequence[VolumeOpened]) -> OpenBook:
        handle, book = seal.handle, seal.book
        known = self._ledger.seal(handle)
        # as many as there are events of: a list of as many as a node says would fill the memory
        whole = [event.number for event in opened] == list(range(len(opened)))
        if known is not None and not (whole and len(opened) == known.volumes):
            raise LedgerUnreachableError(
                f"the ledger node contradicts itself: {len(opened)} volumes of seal "
                f"{handle.hex()} were opened, and there are {known.volumes}; ask again"
            )
        volumes = [
            BookVolume(book, handle, event.number, event.block.number, event.root)
            for event in opened
        ]
        return OpenBook(file.name, seal.issuer, book, handle, volumes)

    def _change(
        self,
        change: Change,
        issuers: set[bytes],
        authorities: set[bytes | None],
        schemes: set[bytes],
        logs: Sequence[bytes],
    ) -> None:
        named = change.get("authority"), change.get("scheme")
        if change.kind in _ISSUER:
            kind = AlarmKind.ISSUER_CHANGED
            concerns = change.issuer in issuers
        elif change.kind in _AUTHORITY:
            kind = AlarmKind.AUTHORITY_CHANGED
            concerns = named[0] in authorities or named[1] in schemes
        elif change.kind in _OF_LOGS:
            kind = _OF_LOGS[change.kind]
            concerns = change.log_id in logs
        else:
            kind = AlarmKind.ROLES_CHANGED
            concerns = change.kind is not ChangeKind.ISSUER_ADMITTED
        if concerns:
            self._add(kind, _key(change), f"{told(change)}", None)

    def _issuer_roots(self, changes: Sequence[Change], issuers: set[bytes], now: int) -> None:
        for change in changes:
            root, issuer = change.get("rootHash"), change.issuer
            if change.kind is not ChangeKind.ROOT_ADDED or issuer not in issuers:
                continue
            if not self._roots or not isinstance(root, bytes) or issuer is None:
                continue
            period = self._ledger.issuer_root(issuer, root)
            if root not in self._roots and period is not None and period.holds(now):
                text = (
                    f"issuer {issuer.hex()} has the root certificate {root.hex()}, which the "
                    "trust file does not hold"
                )
                self._add(AlarmKind.FOREIGN_ROOT, root, text, None)

    def _authority_keys(self, changes: Sequence[Change], file: WatchFile, now: int) -> None:
        """Keys in force under which somebody could give the company another name."""
        for proof in {proof.id: proof for proof in file.proofs}.values():
            authority = self._ledger.scheme_authority(proof.scheme)
            held = {one.key for one in file.proofs if one.id == proof.id}
            for change in changes:
                key = change.get("vrfKey")
                if change.kind is not ChangeKind.AUTHORITY_KEY_ADDED or not isinstance(key, bytes):
                    continue
                known = self._ledger.authority_key(key)
                if change.get("authority") != authority or known is None:
                    continue
                if not known.period.holds(now):
                    continue
                if key not in held:
                    text = (
                        f"the authority for {proof.id} has the key {key.hex()}, under which "
                        f"{file.name} has another name: get its proof and a new watch file"
                    )
                    self._add(AlarmKind.NEW_AUTHORITY_KEY, key + proof.id.encode(), text, file)
                if self._authorities and key not in self._authorities:
                    text = f"the trust file does not hold the key {key.hex()} for {proof.id}"
                    self._add(AlarmKind.FOREIGN_AUTHORITY, key, text, file)


def told(change: Change) -> str:
    """A change in a sentence: the event and its arguments."""
    shown = (
        f"{name} {'0x' + value.hex() if isinstance(value, bytes) else value}"
        for name, value in change.values
    )
    return f"{change.kind.value} at {_at(change.block.timestamp)}: {', '.join(shown)}"


def _key(event: SubjectEvent | Change) -> str:
    return f"{event.block.number}-{event.position}"


def _at(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
