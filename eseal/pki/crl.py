"""Revocation lists (RFC 5280 section 5): what they say of revoked and suspended seals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509

from eseal.errors import InvalidInputError
from eseal.model.seal import Reason
from eseal.pki import profile

MAX_SERIAL_BITS = 159
"""RFC 5280 section 4.1.2.2: at most 20 octets, and positive."""

CRL_REASONS: Final[dict[Reason, x509.ReasonFlags]] = {
    Reason.RENAME: x509.ReasonFlags.affiliation_changed,
    Reason.DISSOLUTION: x509.ReasonFlags.cessation_of_operation,
    Reason.LICENCE_REVOKED: x509.ReasonFlags.privilege_withdrawn,
    Reason.BANKRUPTCY: x509.ReasonFlags.cessation_of_operation,
    Reason.SPLIT: x509.ReasonFlags.affiliation_changed,
    Reason.MERGER: x509.ReasonFlags.affiliation_changed,
    Reason.KEY_COMPROMISE: x509.ReasonFlags.key_compromise,
    Reason.LOSS: x509.ReasonFlags.key_compromise,  # nobody knows who has found it
    Reason.SUPERSEDED: x509.ReasonFlags.superseded,
    Reason.BY_ORDER: x509.ReasonFlags.privilege_withdrawn,
}
"""RFC 5280 section 5.3.1. Not here: ``NONE``, since "unspecified" is to be left out, and
``OWNER_STOP``, which revokes nothing."""


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """One line of a revocation list.

    Attributes:
        serial: the certificate's serial number.
        revoked_at: since when, aware.
        reason: why.
        suspended: the seal is only suspended (certificateHold); ``reason`` is then not shown.
    """

    serial: int
    revoked_at: datetime
    reason: Reason
    suspended: bool = False


def reason_flag(entry: RevokedEntry) -> x509.ReasonFlags | None:
    """The reason as CRLs and OCSP write it (RFC 5280 section 5.3.1); ``None`` to leave it out."""
    if entry.suspended:
        return x509.ReasonFlags.certificate_hold
    return CRL_REASONS.get(entry.reason)


def revocation_list(
    issuer: x509.Certificate,
    revoked: Iterable[RevokedEntry],
    this_update: datetime,
    next_update: datetime,
) -> x509.CertificateRevocationListBuilder:
    """A whole list, ready to sign. Its CRL number is ``this_update`` in microseconds.

    Raises:
        InvalidInputError: a time has no time zone, the end is not after the start, or a serial
            number is none.
    """
    valid = profile.validity(this_update, next_update)
    entries = [_entry(entry) for entry in revoked]
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        # Given at once: the builder copies its list for every entry added singly.
        x509.CertificateRevocationListBuilder(revoked_certificates=entries)
        .issuer_name(issuer.subject)
        .last_update(valid.not_before)
        .next_update(valid.not_after)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id),
            critical=False,
        )
        .add_extension(x509.CRLNumber(_microseconds(this_update)), critical=False)
    )


def _microseconds(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _entry(entry: RevokedEntry) -> x509.RevokedCertificate:
    if not 0 < entry.serial < 1 << MAX_SERIAL_BITS:
        raise InvalidInputError(
            f"serial: expected a positive number of at most {MAX_SERIAL_BITS} bits, got one of "
            f"{entry.serial.bit_length()}",
            field="serial",
        )
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.serial)
        .revocation_date(profile.whole_second(entry.revoked_at, "revoked_at"))
    )
    flag = reason_flag(entry)
    if flag is not None:
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()
