"""Verification with what this instance knows: its ledger, its log, its own evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from eseal.documents.evidence import Evidence
from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.service.tiles import LocalTiles
from eseal.verify import (
    Policy,
    Report,
    Trust,
    verify_digest,
    verify_document,
    verify_evidence,
)

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.ledger.protocol import LedgerReader
    from eseal.log.tiles import TileReader
    from eseal.service.context import Context
    from eseal.service.records import Records


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


class Verification:
    """The verifier of ``eseal.verify``, supplied with this instance's ledger and log."""

    def __init__(self, context: Context, records: Records) -> None:
        self._context = context
        self._records = records
        self._logs = LocalLogs(context)
        self._trust = Trust(
            chain_id=context.ledger.chain_id,
            seal_registry=context.ledger.seal_registry,
            usage_ledger=context.ledger.usage_ledger,
        )
        self._policy = _policy(context.settings.policy)

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
        return _alarmed(
            verify_document(
                data,
                signature=signature,
                evidence=evidence,
                ledger=reader or self._context.reader,
                logs=self._logs,
                records=self._records,
                trust=self._trust,
                policy=self._policy,
            )
        )

    def digest(
        self,
        digest: bytes,
        *,
        signature: bytes | None = None,
        evidence: Evidence | None = None,
    ) -> Report:
        """Verify a digest alone.

        Without signature and evidence, what this instance has on record for these bytes is taken:
        who can name the digest has the document, so nothing is told that they could not know.
        """
        return _alarmed(
            verify_digest(
                digest,
                signature=signature,
                evidence=evidence,
                ledger=self._context.reader,
                logs=self._logs,
                records=self._records,
                trust=self._trust,
                policy=self._policy,
            )
        )

    def evidence(self, evidence: Evidence) -> Report:
        """Verify an evidence file without its document."""
        return verify_evidence(
            evidence,
            ledger=self._context.reader,
            logs=self._logs,
            records=self._records,
            trust=self._trust,
            policy=self._policy,
        )


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
