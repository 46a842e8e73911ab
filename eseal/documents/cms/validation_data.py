"""Whether what lies beside a signature to validate it is what its own chain needs.

Nobody signs which certificates, revocation lists and OCSP answers are carried along, so whoever has
a sealed file can add some. That nothing else travels as such (an archive, a program), each
certificate must have issued another one that is needed, and each list and answer must be signed by
one. It tells whose an item is, not whom to trust: a certificate with an issuer's name and key that
somebody made anew passes. But it is no larger than certificates are, holds next to nothing that
nobody knows, and there are no more of them than a chain has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import TLV
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from eseal.documents import oids
from eseal.documents.cms.algorithms import PARSED_KEPT
from eseal.documents.cms.decoder import MAX_CERTIFICATE_BYTES
from eseal.documents.cms.structures import Certificate, OtherRevocationInfo
from eseal.errors import InvalidFormatError
from eseal.suites import has_signed, is_costly

MAX_EFFORT: Final = 5120
"""Signatures that are verified for one file: a container of 64 seals, each with archive time-stamps
that were renewed twice, takes 4,700; hostile certificates of one name would cost the square of
their number. One takes 0.1 to 0.4 ms."""
LARGE_KEY_BITS: Final = 4096
"""RSA keys above take several times as long; so do those on other large curves than NIST's."""
LARGE_CURVE_BITS: Final = 256
_LARGE_KEY_COST: Final = 4
MAX_ISSUERS: Final = 8
"""Certificates above one signer, those of another spelling or date included: as many as a path may
have. Without an end, each could be issued by a further one that somebody made up."""
MAX_PLAIN_BYTES: Final = 4096
"""Of a certificate above a signer, or of an authority: of 299 found in tokens, the largest has
2,189."""
MAX_UNKNOWN_BYTES: Final = 64
"""In extensions that are in none of the standards: ten of those 299 have such, of 20 bytes at
most."""
MAX_EXTENSION_BYTES: Final = 1024
"""Of any one: policies with their notices have up to 500."""
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)
_KNOWN: Final = frozenset(
    {
        *(
            f"2.5.29.{number}"
            for number in (14, 15, 16, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46)
        ),
        "2.5.29.54",  # RFC 5280 section 4.2.1
        "1.3.6.1.5.5.7.1.1",
        "1.3.6.1.5.5.7.1.11",
        "1.3.6.1.5.5.7.1.3",  # RFC 3739: QC statements
        "1.3.6.1.5.5.7.48.1.5",  # RFC 6960: no check
    }
)
"""Extensions of the standards for certificates."""
_SEQUENCE: Final = b"\x30"
_OTHER: Final = b"\xa1"
"""RFC 5652 section 10.2.1: RevocationInfoChoice [1]."""


class Effort:
    """What looking at one file may still cost, in signatures that are verified.

    Attributes:
        known: what has been paid for: whether a certificate (DER) was issued by another.
    """

    def __init__(self, most: int = MAX_EFFORT) -> None:
        self._left = most
        self.known: dict[tuple[bytes, bytes], bool] = {}

    def allows(self, cost: int = 1) -> bool:
        """Whether so much more may be done; counts it."""
        self._left -= cost
        return self._left >= 0


@dataclass(frozen=True, slots=True)
class Carried:
    """What is carried along to validate signatures, DER each.

    Attributes:
        certificates: RFC 5280 certificates.
        crls: RFC 5280 certificate revocation lists.
        ocsps: RFC 6960 OCSP responses.
    """

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, certificates: Sequence[bytes], revocation: Sequence[bytes]) -> Carried:
        """What stands in the two sets of a SignedData (RFC 5652 section 5.1).

        Args:
            certificates: elements of ``certificates``, DER.
            revocation: elements of ``crls``, DER.

        Raises:
            InvalidFormatError: another kind of certificate or revocation data than is used here
                (RFC 5652 section 10.2), or one twice.
        """
        if any(each[:1] != _SEQUENCE for each in certificates):
            raise InvalidFormatError("another kind of certificate than X.509")
        lists = tuple(each for each in revocation if each[:1] == _SEQUENCE)
        answers = tuple(_answer(each) for each in revocation if each[:1] != _SEQUENCE)
        for items in (certificates, lists, answers):
            if len({*items}) != len(items):
                raise InvalidFormatError("a certificate or revocation data twice")
        return cls(tuple(certificates), lists, answers)

    def items(self) -> frozenset[bytes]:
        """All of it."""
        return frozenset((*self.certificates, *self.crls, *self.ocsps))


def foreign(carried: Carried, signers: Iterable[bytes], effort: Effort) -> frozenset[bytes]:
    """What of it no chain needs, DER; what there is no effort left for is not needed.

    Args:
        carried: the whole of it.
        signers: the certificates at which chains begin, DER; they are needed.
        effort: what it may cost.
    """
    chains = _Chains(signers, effort)
    chains.climb(carried.certificates)
    delegated = {
        der for der in carried.certificates if is_plain(der) and chains.may_answer(_read(der))
    }
    good = {*chains.needed, *delegated}
    good |= {der for der in carried.crls if chains.is_list(der)}
    good |= {der for der in carried.ocsps if chains.is_answer(der)}
    return carried.items() - good


@dataclass(frozen=True, slots=True)
class _Read:
    """A certificate as it is asked about.

    Attributes:
        der: its bytes.
        loaded: what it says.
        issuer: its issuer's name, DER: RFC 5280 section 4.1.2.4 has names spelt alike.
        subject: its own.
        answers: whether it is for signing OCSP answers.
    """

    der: bytes
    loaded: x509.Certificate
    issuer: bytes
    subject: bytes
    answers: bool


class _Chains:
    """What is needed so far."""

    def __init__(self, signers: Iterable[bytes], effort: Effort) -> None:
        self._effort = effort
        found = ((der, _read(der)) for der in signers)
        self.needed = {der: read for der, read in found if read is not None}
        self._issuers: list[_Read] = []

    def climb(self, certificates: Iterable[bytes]) -> None:
        """Add the issuers of what is needed, and theirs; only they sign lists and answers."""
        named: dict[bytes, dict[bytes, _Read]] = {}
        for der in certificates:
            if is_plain(der) and (read := _read(der)) is not None:
                named.setdefault(read.subject, {})[der] = read
        for signer in [*self.needed.values()]:
            self.needed |= self._above(signer, named)
        all_needed = self.needed.values()
        self._issuers = [
            by for by in all_needed if any(self._issued(each, by=by) for each in all_needed)
        ]

    def _above(
        self, signer: _Read, named: Mapping[bytes, Mapping[bytes, _Read]]
    ) -> dict[bytes, _Read]:
        """The issuers of one, the next first; ``named`` are all there are, by their names."""
        chain: dict[bytes, _Read] = {}
        waiting = deque([signer])
        while waiting:
            below = waiting.popleft()
            for der, read in named.get(below.issuer, {}).items():
                if len(chain) == MAX_ISSUERS:
                    return chain
                if der not in chain and self._issued(below, by=read):
                    chain[der] = read
                    waiting.append(read)
        return chain

    def may_answer(self, read: _Read | None) -> bool:
        """Whether an issuer that is needed has it sign answers (RFC 6960 section 4.2.2.2)."""
        return (
            read is not None
            and read.answers
            and any(self._issued(read, by=each) for each in self._issuers)
        )

    def is_list(self, der: bytes) -> bool:
        """Whether it is a revocation list of an issuer that is needed."""
        try:
            revoked = x509.load_der_x509_crl(der)
            name = revoked.issuer
            return any(
                revoked.is_signature_valid(each.loaded.public_key())  # type: ignore[arg-type]  # others raise TypeError
                for each in self._issuers
                if each.loaded.subject == name and self._may_verify(each)
            )
        except _UNREADABLE:
            return False

    def is_answer(self, der: bytes) -> bool:
        """Whether an OCSP response is signed by an issuer, or by whom that has delegated to.

        Nobody signs which certificates it brings, so they are looked at as well.
        """
        try:
            response = ocsp.load_der_ocsp_response(der)
            brought = [each.public_bytes(Encoding.DER) for each in response.certificates]
        except _UNREADABLE:
            return False
        delegates = []
        for each in brought:
            if each not in self.needed:
                read = _read(each)
                if read is None or not is_plain(each) or not self.may_answer(read):
                    return False
                delegates.append(read)
        signers = (*delegates, *self._issuers)
        return any(self._may_verify(each) and _signed(response, each.loaded) for each in signers)

    def _issued(self, below: _Read, *, by: _Read) -> bool:
        if below.issuer != by.subject:
            return False
        known, pair = self._effort.known, (below.der, by.der)
        if pair not in known:
            if not self._may_verify(by):
                return False
            known[pair] = _is_issued(below.loaded, by.loaded)
        return known[pair]

    def _may_verify(self, by: _Read) -> bool:
        """Whether one more signature of this key is verified; counts it."""
        try:
            key = by.loaded.public_key()
        except _UNREADABLE:
            return False
        if is_costly(key):
            return False
        return self._effort.allows(_LARGE_KEY_COST if _is_large(key) else 1)


@lru_cache(maxsize=PARSED_KEPT)
def is_plain(der: bytes) -> bool:
    """Whether a certificate holds no more than one of its kind does.

    Nobody can tell without a root whether an issuer has made it, or somebody else with the issuer's
    name and key in it.
    """
    if len(der) > MAX_PLAIN_BYTES:
        return False
    try:
        tbs = asn1.decode_der(Certificate, der).tbs
    except ValueError:
        return False
    if tbs.issuer_unique_id is not None or tbs.subject_unique_id is not None:
        return False  # any bits; RFC 5280 section 4.1.2.8: no CA writes them
    extensions = tbs.extensions or []
    sizes = [(each.kind.dotted_string, len(each.value)) for each in extensions]
    unknown = sum(size for kind, size in sizes if kind not in _KNOWN)
    return unknown <= MAX_UNKNOWN_BYTES and all(size <= MAX_EXTENSION_BYTES for _, size in sizes)


def _is_large(key: object) -> bool:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name.startswith("brainpool") and key.key_size > LARGE_CURVE_BITS
    return isinstance(key, rsa.RSAPublicKey) and key.key_size > LARGE_KEY_BITS


@lru_cache(maxsize=PARSED_KEPT)
def _is_issued(below: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(by)
    except _UNREADABLE:
        return False
    return True


def _read(der: bytes) -> _Read | None:
    return None if len(der) > MAX_CERTIFICATE_BYTES else _parsed(der)


@lru_cache(maxsize=PARSED_KEPT)
def _parsed(der: bytes) -> _Read | None:
    try:
        tbs = asn1.decode_der(Certificate, der).tbs
        loaded = x509.load_der_x509_certificate(der)
    except _UNREADABLE:
        return None
    names = asn1.encode_der(tbs.issuer), asn1.encode_der(tbs.subject)
    return _Read(der, loaded, *names, answers=_answers(loaded))


def _answer(choice: bytes) -> bytes:
    """The OCSPResponse in a RevocationInfoChoice [1] (RFC 5940 section 2.1)."""
    try:
        other = asn1.decode_der(OtherRevocationInfo, _SEQUENCE + choice[1:])
    except ValueError:
        other = None
    if choice[:1] != _OTHER or other is None or other.format != oids.OCSP_RESPONSE:
        raise InvalidFormatError("revocation data that are neither lists nor OCSP answers")
    info: TLV = other.info
    return asn1.encode_der(info)


def _answers(certificate: x509.Certificate) -> bool:
    """Whether it is for signing OCSP answers."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _signed(response: ocsp.OCSPResponse, by: x509.Certificate) -> bool:
    try:
        key, function = by.public_key(), response.signature_hash_algorithm
        return has_signed(key, function, response.signature, response.tbs_response_bytes)
    except _UNREADABLE:
        return False
