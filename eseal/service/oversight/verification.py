"""Verification with what this instance knows: its ledger, its log, its own evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from eseal.documents.evidence import Evidence
from eseal.errors import ConfigurationError, InvalidFormatError, NotFoundError
from eseal.ledger.contracts.deployment import Deployment
from eseal.service.instance.tiles import LocalTiles
from eseal.service.instance.trust import trust_of
from eseal.service.oversight.history import LocalHistory
from eseal.verify import (
    Policy,
    Report,
    SealFacts,
    verify_digest,
    verify_document,
    verify_evidence,
)

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.ledger.protocol import LedgerReader
    from eseal.log.tiles import TileReader
    from eseal.service.instance.context import Context
    from eseal.service.oversight.records import Records


_log = structlog.get_logger(__name__)


class LocalLogs:
    """The tiles of this instance's own log: a ``LogSource``."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def tiles(self, origin: str) -> TileReader | None:
        """The log's tiles if ``origin`` is this instance's, else ``None``."""
        if origin != self._context.instance.origin:
            return None
        return LocalTiles(self._context.database)


@dataclass(frozen=True, slots=True)
class Verified:
    """A verdict, and what this instance has on record of the uses that were shown.

    Attributes:
        report: the verdict.
        evidence: for each seal in the report, in order: the evidence of its use, or ``None``.
    """

    report: Report
    evidence: tuple[Evidence | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """The report, JSON-ready, each seal with its ``evidence``."""
        told = self.report.to_dict()
        for seal, evidence in zip(told["seals"], self.evidence, strict=True):
            seal["evidence"] = None if evidence is None else orjson.loads(evidence.encode())
        return told


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is said of a bare digest: who only names one may hold nothing.

    Attributes:
        not_before: the day on which these bytes were sealed first, its beginning, UTC.
        not_after: the end of the day on which that use was on the ledger, UTC; ``None`` while it is
            not. An anchor follows within seconds, so its own time would tell that of the use.
    """

    not_before: datetime
    not_after: datetime | None


class Verification:
    """The verifier of ``eseal.verify``, supplied with this instance's ledger and log.

    Attributes:
        trust: what counts here: as the instance publishes it, with what its operator has added.
    """

    def __init__(self, context: Context, records: Records) -> None:
        self._context = context
        self._records = records
        deployment = Deployment.parse((context.instance.deployment or "").encode())
        self.trust = trust_of(context.settings, context.instance, context.keys, deployment)
        self._given: dict[str, Any] = {
            "logs": LocalLogs(context),
            "records": records,
            "history": LocalHistory(context),
            "trust": self.trust,
            "policy": _policy(context.settings.policy),
        }

    def document(
        self,
        data: bytes,
        *,
        signature: bytes | None = None,
        evidence: Evidence | None = None,
        reader: LedgerReader | None = None,
    ) -> Report:
        """Verify a document, with the signature or evidence beside it if there is one.

        Where a seal lost its proof, or what lies beside it proves nothing, what this instance has
        on record is tried: who shows the document is told nothing that they could not know.

        Args:
            data: the document.
            signature: a detached ``.p7s``, or ``None``.
            evidence: an evidence file, or ``None``.
            reader: another node than this instance's to ask, or ``None``.
        """
        asked = reader or self._context.reader
        beside: dict[str, Any] = {"signature": signature, "evidence": evidence}
        return _alarmed(verify_document(data, ledger=asked, **beside, **self._given))

    def digest(
        self,
        digest: bytes,
        *,
        signature: bytes | None = None,
        evidence: Evidence | None = None,
    ) -> Report:
        """Verify a document that stays where it is, by its digest.

        Without signature and evidence, what this instance has on record for these bytes is taken.
        That is for who is known to have the document: strangers get :meth:`on_record`.
        """
        beside: dict[str, Any] = {"signature": signature, "evidence": evidence}
        asked = self._context.reader
        return _alarmed(verify_digest(digest, ledger=asked, **beside, **self._given))

    def evidence(self, evidence: Evidence) -> Report:
        """Verify an evidence file without its document."""
        return verify_evidence(evidence, ledger=self._context.reader, **self._given)

    def on_record(self, digest: bytes) -> OnRecord | None:
        """Whether these bytes were sealed here, and in which window of time.

        The first use of them counts: so nobody learns by the answer that others sealed them later.
        Neither who sealed, nor why, nor how often is said: digests can be guessed.

        Args:
            digest: SHA-256 of what may have been sealed, 32 bytes.
        """
        found = self._records.first_of_digest(digest)
        if found is None:
            return None
        statement, anchor = found
        day = statement.sealed_at.replace(hour=0, minute=0, second=0)
        if anchor is None:
            return OnRecord(day, None)
        anchored = datetime.fromtimestamp(anchor.block_time, UTC)
        return OnRecord(day, anchored.replace(hour=23, minute=59, second=59))

    def with_evidence(self, report: Report) -> Verified:
        """A report with the evidence of each seal whose very statement is on record.

        A statement holds 32 random bytes: who shows it has held the document or its signature.
        """
        return Verified(report, tuple(self._evidence_of(seal.facts) for seal in report.seals))

    def _evidence_of(self, facts: SealFacts | None) -> Evidence | None:
        statement = None if facts is None else facts.statement
        if statement is None:
            return None
        try:
            evidence = self._records.evidence(statement.id)
        except NotFoundError:
            return None
        return evidence if evidence.statement == statement else None


def _policy(path: Path | None) -> Policy | None:
    """The policy in force (``ESEAL_POLICY``).

    Raises:
        ConfigurationError: the file cannot be used: to demand less than was asked would be worse.
    """
    if path is None:
        return None
    try:
        return Policy.parse(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"ESEAL_POLICY: {path}: {error.strerror}") from None
    except InvalidFormatError as error:
        raise ConfigurationError(f"ESEAL_POLICY: {path}: {error}") from None


def _alarmed(report: Report) -> Report:
    """Tell the operator of what the owner of a seal must hear: a stolen key, a rewritten record."""
    if report.alarm:
        handles = [
            seal.facts.handle.hex()
            for seal in report.seals
            if seal.facts is not None and seal.facts.handle is not None
        ]
        _log.warning("alarm", finding=report.finding.value, seals=handles)
    return report
