"""From a certificate up to a trusted root: RFC 5280 section 6.1, the part that seals need.

Checked: signatures and their strength, validity at the time, names, CA flags, key usage, path
length, and that no critical extension goes unread. Name constraints and policy mappings are not
processed; marked critical, as they must be, they make a chain fail. Revocation is not looked at
here: a seal's status stands on the ledger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from eseal.errors import (
    InvalidChainError,
    InvalidInputError,
    InvalidSignatureError,
    ProofError,
    UntrustedChainError,
)
from eseal.pki.der import load_certificate
from eseal.pki.names import quoted
from eseal.suites import HASHES, is_weak, key_title

MAX_PATH_CERTIFICATES = 8
"""Certificate and root included; real chains have two to four."""
MAX_SUPPLIED_CERTIFICATES = 32
"""Intermediates a document may bring along: bounds the work somebody else can make us do."""
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,  # no policy is demanded, so any set of them will do
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)


def verify_chain(
    certificate: bytes, intermediates: Sequence[bytes], roots: Sequence[bytes], at: datetime
) -> bytes:
    """Check that a path of good issuers leads from a certificate to one of the roots.

    Args:
        certificate: DER.
        intermediates: DER, in any order; those that do not fit are passed over.
        roots: the trusted certificates, DER.
        at: the moment the chain must be good at, aware.

    Returns:
        The root it leads to, DER.

    Raises:
        InvalidFormatError: a certificate does not parse.
        InvalidInputError: too many certificates, or ``at`` has no time zone.
        UntrustedChainError: no issuer leads on towards a root.
        InvalidSignatureError: the only issuer found did not sign what it is said to have signed.
        InvalidChainError: a certificate on the way is out of its time, no CA, ….
    """
    _check_time(at)
    if len(intermediates) > MAX_SUPPLIED_CERTIFICATES:
        raise InvalidInputError(
            f"expected at most {MAX_SUPPLIED_CERTIFICATES} intermediate certificates, got "
            f"{len(intermediates)}",
            field="chain",
        )
    leaf = load_certificate(certificate)
    _check_certificate(leaf, at)
    supplied = [load_certificate(der) for der in intermediates]
    anchors = [load_certificate(der) for der in roots]
    # Breadth first, each intermediate tried once: the shortest path is found, and a heap of
    # certificates that all certify each other costs its square at most.
    paths: deque[tuple[x509.Certificate, ...]] = deque([(leaf,)])
    problem: ProofError | None = None
    while paths:
        path = paths.popleft()
        for candidate, trusted in [(a, True) for a in anchors] + [(s, False) for s in supplied]:
            if candidate.subject != path[-1].issuer or candidate in path:
                continue
            try:
                _check_issuer(path, candidate, at)
            except ProofError as error:
                problem = problem or error
                continue
            if trusted:
                return candidate.public_bytes(Encoding.DER)
            supplied.remove(candidate)
            paths.append((*path, candidate))
    raise problem or UntrustedChainError(
        f"no path from {_called(leaf)} to a trusted root: {len(anchors)} roots and "
        f"{len(intermediates)} other certificates were tried"
    )


def verify_path(path: Sequence[bytes], at: datetime) -> None:
    """Check a path given in order: each certificate issued by the next.

    The last one is taken as trusted; whether it is, is the caller's to decide.

    Args:
        path: DER, at least one.
        at: the moment the path must be good at, aware.

    Raises:
        InvalidFormatError: a certificate does not parse.
        InvalidInputError: no certificate, or too many, or ``at`` has no time zone.
        UntrustedChainError: a certificate was not issued by the next.
        InvalidSignatureError: it names the next one as issuer, which did not sign it.
        InvalidChainError: a certificate is out of its time, no CA, ….
    """
    _check_time(at)
    if not 0 < len(path) <= MAX_PATH_CERTIFICATES:
        raise InvalidInputError(
            f"expected 1 to {MAX_PATH_CERTIFICATES} certificates, got {len(path)}", field="chain"
        )
    loaded = [load_certificate(der) for der in path]
    _check_certificate(loaded[0], at)
    for count in range(1, len(loaded)):
        below, issuer = tuple(loaded[:count]), loaded[count]
        if below[-1].issuer != issuer.subject:
            raise UntrustedChainError(
                f"{_called(below[-1])} was issued by {quoted(below[-1].issuer)}, but "
                f"the next certificate is {_called(issuer)}"
            )
        _check_issuer(below, issuer, at)


def verify_signing_usage(certificate: bytes) -> None:
    """Check that a certificate's key may sign documents.

    Its key usage, if it has one, must allow contentCommitment or digitalSignature (RFC 5280 section
    4.2.1.3), and it must be no CA.

    Raises:
        InvalidFormatError: it does not parse.
        InvalidChainError: it is for something else.
    """
    loaded = load_certificate(certificate)
    usage = _key_usage(loaded)
    if usage is not None and not (usage.content_commitment or usage.digital_signature):
        raise InvalidChainError(
            f"{_called(loaded)}: expected a key usage of contentCommitment (nonRepudiation) or "
            f"digitalSignature, got neither"
        )
    constraints = _basic_constraints(loaded)
    if constraints is not None and constraints.ca:
        raise InvalidChainError(f"{_called(loaded)}: expected a seal's certificate, got a CA's")


def _check_time(at: datetime) -> None:
    if at.tzinfo is None:
        raise InvalidInputError("expected a time with a time zone", field="at")


def _check_certificate(certificate: x509.Certificate, at: datetime) -> None:
    """What is demanded of every certificate of a path."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start <= at <= end:
        raise InvalidChainError(
            f"{_called(certificate)} is valid from {start.isoformat()} to {end.isoformat()}, not "
            f"at {at.isoformat()}"
        )
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise InvalidChainError(
                f"{_called(certificate)} has the critical extension {extension.oid.dotted_string}, "
                f"which is not understood"
            )


def _check_issuer(
    path: tuple[x509.Certificate, ...], issuer: x509.Certificate, at: datetime
) -> None:
    """Check that ``issuer`` may stand above ``path`` (leaf first) and signed its last one."""
    if len(path) >= MAX_PATH_CERTIFICATES:
        raise InvalidChainError(f"a path has more than {MAX_PATH_CERTIFICATES} certificates")
    _check_certificate(issuer, at)
    constraints = _basic_constraints(issuer)
    if constraints is None or not constraints.ca:
        raise InvalidChainError(f"{_called(issuer)} is not a CA but issued {_called(path[-1])}")
    usage = _key_usage(issuer)
    if usage is not None and not usage.key_cert_sign:
        raise InvalidChainError(f"{_called(issuer)} may not sign certificates (key usage)")
    # RFC 5280 section 4.2.1.9: the leaf and self-issued certificates do not count.
    below = sum(ca.subject != ca.issuer for ca in path[1:])
    if constraints.path_length is not None and below > constraints.path_length:
        raise InvalidChainError(
            f"{_called(issuer)} allows {constraints.path_length} CAs below it, got {below}"
        )
    _check_signature(path[-1], issuer)


def _check_signature(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    key = issuer.public_key()
    if is_weak(key):
        raise InvalidChainError(f"{_called(issuer)} has a weak key, {key_title(key)}")
    algorithm = certificate.signature_hash_algorithm
    if algorithm is not None and algorithm.name not in HASHES:
        raise InvalidChainError(f"{_called(certificate)} is signed with weak {algorithm.name}")
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        raise InvalidSignatureError(
            f"the signature of {_called(certificate)} does not verify under {_called(issuer)}"
        ) from None


def _basic_constraints(certificate: x509.Certificate) -> x509.BasicConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _called(certificate: x509.Certificate) -> str:
    """How an error message calls a certificate: its subject and the start of its SHA-256."""
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()[:16]
    return f"certificate {quoted(certificate.subject)} (SHA-256 {fingerprint}…)"
