"""Raising seals to the levels B-T, B-LT and B-LTA, when they are made or years later.

Everything here works on a finished signature: it needs no seal key and no database, only an
authority for time-stamps and somebody to ask about certificates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eseal.documents import asic
from eseal.documents import cms as seal_cms
from eseal.documents.cms import levels as cms_levels
from eseal.documents.cms.tokens import bare
from eseal.documents.media import is_pdf
from eseal.errors import InvalidFormatError, InvalidInputError, TimeStampUnavailableError
from eseal.model.level import Level
from eseal.pki.revocation import StatusCollector, ValidationData
from eseal.pki.tsp.token import TimeStamp

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.documents.pdf import PreparedPdf
    from eseal.pki.tsp.client import TimeStampers


@dataclass(frozen=True, slots=True)
class _Contents:
    """The signatures in a PDF.

    Attributes:
        seals: those that are seals or other signatures.
        stamps: the tokens of the document time-stamps.
        unstamped: whether a seal has no time-stamp of its own and none over it.
    """

    seals: tuple[SealSignature, ...]
    stamps: tuple[TimeStamp, ...]
    unstamped: bool


class LongTerm:
    """Raises levels. Safe to call from several threads.

    Args:
        stampers: the time-stamp authorities.
        collector: where revocation data comes from.
        now: the clock, UTC.
    """

    def __init__(
        self, stampers: TimeStampers, collector: StatusCollector, now: Callable[[], datetime]
    ) -> None:
        self._stampers = stampers
        self._collector = collector
        self._now = now

    def check_reachable(self, level: Level, certificate: bytes, chain: Sequence[bytes]) -> None:
        """Check, before a seal is applied, that its level may be reached. Asks nobody.

        Raises:
            ValidationDataError: no time-stamp authority is set, or nobody would say whether a
                certificate of the seal's is revoked.
        """
        if level.reaches(Level.B_T):
            self._stampers.check_set()
        if level.reaches(Level.B_LT):
            self._collector.check_known(certificate, chain, self._now())

    def extend(self, data: bytes, level: Level) -> bytes:
        """Raise a sealed PDF, a container or a detached signature to a level, or renew it.

        At B-LTA each seal gets a new archive time-stamp, whatever it had.

        Raises:
            InvalidInputError: there is no seal in it, or one that cannot be read.
            ValidationDataError: a time-stamp or revocation data could not be had; try again.
        """
        if asic.is_container(data):
            return self.extend_container(data, level)
        if is_pdf(data):
            return self.extend_pdf(data, level)
        return self.extend_signature(data, level)

    def time_stamp(self, cms: bytes) -> bytes:
        """Add a time-stamp over the signature value: a B-B becomes a B-T.

        Raises:
            TimeStampUnavailableError: no authority gave one.
            InvalidFormatError: not a seal signature.
        """
        signature = seal_cms.decode(cms).signature
        token = self._token(hashlib.sha256(signature).digest())
        return cms_levels.add_signature_time_stamp(cms, token)

    def extend_signature(self, cms: bytes, level: Level) -> bytes:
        """Raise a detached signature; errors as :meth:`extend`."""
        if level is Level.B_B:
            return cms
        if not seal_cms.decode(cms).time_stamps:
            cms = self.time_stamp(cms)
        if level.reaches(Level.B_LT):
            signature = seal_cms.decode(cms)
            data = self._about((signature,), _stamps_of(signature))
            cms = cms_levels.add_validation_data(
                cms, certificates=data.certificates, crls=data.crls, ocsps=data.ocsps
            )
        if level.reaches(Level.B_LTA):
            imprint = cms_levels.archive_imprint(cms, signature.message_digest)
            token = self._token(imprint.digest)
            cms = cms_levels.add_archive_time_stamp(cms, token, imprint.index)
        return cms

    def extend_container(self, data: bytes, level: Level) -> bytes:
        """Raise every seal of a container (ETSI EN 319 162-1); errors as :meth:`extend`."""
        container = asic.read(data)
        if not container.seals:
            raise InvalidInputError(
                "expected a sealed container, got one without a seal", field="document"
            )
        container.check_covered()
        for seal in container.seals:
            container = container.with_cms(seal.number, self.extend_signature(seal.cms, level))
        return container.encode()

    def embed(self, prepared: PreparedPdf, cms: bytes, level: Level) -> bytes:
        """Put a seal signature into its PDF, and raise that to a level; errors as :meth:`extend`.

        A token too large for the room in the document goes behind it, as a document time-stamp.
        """
        if level.reaches(Level.B_T):
            stamped = self.time_stamp(cms)
            cms = stamped if len(stamped) <= prepared.contents_length else cms
        return self.extend_pdf(prepared.embed(cms), level)

    def extend_pdf(self, pdf: bytes, level: Level) -> bytes:
        """Raise a sealed PDF; errors as :meth:`extend`."""
        from eseal.documents.pdf import longterm

        if level is Level.B_B:
            return pdf
        contents = _contents(pdf)
        if contents.unstamped:
            pdf = self._time_stamp_pdf(pdf)
            contents = _contents(pdf)
        if level.reaches(Level.B_LT):
            data = self._about(contents.seals, contents.stamps)
            pdf = longterm.with_validation_data(
                pdf, certificates=data.certificates, crls=data.crls, ocsps=data.ocsps
            )
        return self._time_stamp_pdf(pdf) if level.reaches(Level.B_LTA) else pdf

    def _time_stamp_pdf(self, pdf: bytes) -> bytes:
        from eseal.documents.pdf import longterm

        prepared = longterm.prepare_time_stamp(pdf)
        return prepared.embed(self._token(prepared.digest))

    def _token(self, imprint: bytes) -> bytes:
        """A time-stamp token with nothing in it that a verifier would take for added.

        Raises:
            TimeStampUnavailableError: no authority gave one.
        """
        token = self._stampers.stamp(imprint).token
        try:
            return bare(token)
        except InvalidFormatError as error:
            raise TimeStampUnavailableError(f"the authority gave {error}") from None

    def _about(
        self, signatures: Sequence[SealSignature], others: Sequence[TimeStamp]
    ) -> ValidationData:
        """Certificates and revocation data of the seals and of all time-stamps."""
        stamps = dict.fromkeys((*others, *(s for each in signatures for s in _stamps_of(each))))
        brought = [der for each in signatures for der in (each.signer, *each.chain)]
        brought += [der for each in stamps for der in (each.certificate, *each.certificates)]
        proven = min((each.generated for each in stamps), default=self._now())
        wanted = {each.signer: proven for each in signatures}
        wanted |= {each.certificate: each.generated for each in stamps}
        found = ValidationData()
        for certificate, at in wanted.items():
            found += self._collector.collect(certificate, brought, at)
        return found


def archive_ends(data: bytes) -> datetime | None:
    """When the certificate of the newest time-stamp over everything ends.

    Args:
        data: a sealed PDF, or a detached signature: of a container, one of its signatures.

    Returns:
        ``None`` if there is no archive time-stamp: the level is not B-LTA.

    Raises:
        InvalidInputError: there is no seal in it, or one that cannot be read.
    """
    if is_pdf(data):
        stamps: tuple[TimeStamp, ...] = _contents(data).stamps
    else:
        archived = seal_cms.decode(data).archive_time_stamps
        stamps = tuple(TimeStamp.parse(token) for token in archived)
    if not stamps:
        return None
    return max(stamps, key=lambda stamp: stamp.generated).valid_until


def _stamps_of(signature: SealSignature) -> tuple[TimeStamp, ...]:
    tokens = (*signature.time_stamps, *signature.archive_time_stamps)
    return tuple(TimeStamp.parse(token) for token in tokens)


def _contents(pdf: bytes) -> _Contents:
    from eseal.documents.pdf import longterm

    judged = longterm.sealed(pdf)
    signatures = tuple(seal_cms.decode(each.cms) for each in judged.seals)
    last = max((stamp.end for stamp in judged.stamps), default=0)
    return _Contents(
        signatures,
        tuple(TimeStamp.parse(each.cms) for each in judged.stamps),
        any(
            not signature.time_stamps and seal.end > last
            for seal, signature in zip(judged.seals, signatures, strict=True)
        ),
    )
