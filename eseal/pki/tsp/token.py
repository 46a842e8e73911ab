"""Reading and checking time-stamp tokens (RFC 3161 section 2.4.2, RFC 5816), ours or foreign.

Authorities write BER, unsorted sets and other liberties; the token is kept as it came, for it is
signed. asn1crypto reads such things; what counts is then checked on the very bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from eseal.errors import ESealError, InvalidFormatError, InvalidSignatureError
from eseal.pki.der import load_certificate
from eseal.suites import HASHES, SHA512, Family, Scheme, is_weak, key_title, verify

MAX_TOKEN_BYTES: Final = 256 * 1024
"""A token with its chain has 2 to 8 KB; one that holds revocation lists may have a hundred."""
MAX_CERTIFICATES: Final = 32

_SET: Final = b"\x31"
_INDEFINITE: Final = 0x80


@dataclass(frozen=True, slots=True, eq=False)
class TimeStamp:
    """What a token says. :meth:`verify` shows whether its authority said so.

    Attributes:
        token: the ContentInfo, as it came.
        generated: the time it states, UTC.
        serial: its number.
        policy: dotted OID it was made under.
        hash_name: algorithm of the imprint.
        imprint: hash of what was stamped.
        nonce: what the request held, or ``None``.
        certificate: the authority's certificate, DER.
        certificates: the others the token carries, DER.
    """

    token: bytes
    generated: datetime
    serial: int
    policy: str
    hash_name: str
    imprint: bytes
    nonce: int | None
    certificate: bytes
    certificates: tuple[bytes, ...]
    _content: bytes = field(repr=False)
    _signed: bytes = field(repr=False)
    _signer: Any = field(repr=False)

    @property
    def authority(self) -> str:
        """How the authority's certificate calls it."""
        subject = load_certificate(self.certificate).subject
        names = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(names[0].value) if names else subject.rfc4514_string()

    @property
    def valid_until(self) -> datetime:
        """When the authority's certificate ends."""
        return load_certificate(self.certificate).not_valid_after_utc

    @classmethod
    def parse(cls, token: bytes) -> TimeStamp:
        """Read a token.

        Args:
            token: the ContentInfo and nothing else.

        Raises:
            InvalidFormatError: not a time-stamp token with one signer whose certificate it carries.
        """
        if not 1 < len(token) <= MAX_TOKEN_BYTES:
            raise _broken(f"2 to {MAX_TOKEN_BYTES} bytes", f"{len(token)}")
        if token[1] == _INDEFINITE:  # it could not stand in a DER signature
            raise _broken("a token with definite length", "BER with indefinite length")
        with _reading():
            return _parse(token)

    def verify(self) -> None:
        """Verify that the authority in the certificate made this token, and was one.

        Checked: the signature; that the signed attributes name this content and this certificate;
        that the certificate is for time-stamping only (RFC 3161 section 2.3) and was in force.
        Whether it leads to a trusted root is another question (:func:`eseal.pki.chain`).

        Raises:
            InvalidSignatureError: one of them does not hold.
            InvalidFormatError: the certificate or a signed attribute does not parse.
        """
        certificate = load_certificate(self.certificate)
        with _reading():
            _check_attributes(self._signer, self._content, self.certificate)
        _check_usage(certificate)
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not start <= self.generated <= end:
            raise InvalidSignatureError(
                f"the time-stamp of {self.generated.isoformat()} lies outside the validity of its "
                f"authority's certificate, which ends {end.isoformat()}"
            )
        with _reading():
            _check_signature(self._signer, self._signed, certificate)


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Turn what asn1crypto throws at foreign bytes, which it parses as late as it can."""
    try:
        yield
    except ESealError:
        raise
    except Exception as error:  # noqa: BLE001  # see above
        raise InvalidFormatError(
            f"time-stamp: expected a token (RFC 3161): {' '.join(str(error).split())[:200]}"
        ) from None


def same_imprint(stamp: TimeStamp, content: bytes) -> bool:
    """Whether a token stamps this content."""
    return hashlib.new(stamp.hash_name, content).digest() == stamp.imprint


def _broken(expected: str, got: str) -> InvalidFormatError:
    return InvalidFormatError(f"time-stamp: expected {expected}, got {got}")


def _parse(token: bytes) -> TimeStamp:
    info = cms.ContentInfo.load(token, strict=True)
    if info["content_type"].native != "signed_data":
        raise _broken("a SignedData", str(info["content_type"].native))
    data = info["content"]
    encapsulated = data["encap_content_info"]
    if encapsulated["content_type"].native != "tst_info":
        raise _broken("a TSTInfo", str(encapsulated["content_type"].native))
    signers = data["signer_infos"]
    if len(signers) != 1:
        raise _broken("one signer", f"{len(signers)}")
    # Parsed anew below: only the octets themselves are signed.
    content: bytes = core.OctetString.load(encapsulated["content"].untag().dump()).native
    stated = tsp.TSTInfo.load(content, strict=True)
    imprint = stated["message_imprint"]
    hash_name = imprint["hash_algorithm"]["algorithm"].native
    if hash_name not in HASHES:
        raise _broken("an imprint with SHA-256, SHA-384 or SHA-512", str(hash_name))
    # Taken before they are looked into: asn1crypto writes anew what it has read into.
    signed = _SET + signers[0]["signed_attrs"].dump()[1:]
    certificate, others = _certificates(data, signers[0]["sid"])
    return TimeStamp(
        token=token,
        generated=stated["gen_time"].native.astimezone(UTC),
        serial=stated["serial_number"].native,
        policy=stated["policy"].dotted,
        hash_name=hash_name,
        imprint=imprint["hashed_message"].native,
        nonce=stated["nonce"].native,
        certificate=certificate,
        certificates=others,
        _content=content,
        _signed=signed,
        _signer=signers[0],
    )


def _certificates(data: Any, sid: Any) -> tuple[bytes, tuple[bytes, ...]]:
    choices = data["certificates"]
    found = [each.chosen for each in choices if each.name == "certificate"]
    if not 1 <= len(found) <= MAX_CERTIFICATES:
        raise _broken(f"1 to {MAX_CERTIFICATES} certificates", f"{len(found)}")
    if sid.name == "issuer_and_serial_number":
        issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
        matches = [c for c in found if c.issuer.dump() == issuer and c.serial_number == serial]
    else:
        matches = [c for c in found if c.key_identifier == sid.chosen.native]
    if not matches:
        raise _broken("the authority's certificate", "another")
    own = matches[0].dump()
    return own, tuple(der for der in dict.fromkeys(c.dump() for c in found) if der != own)


def _check_attributes(signer: cms.SignerInfo, content: bytes, certificate: bytes) -> None:
    """RFC 5652 section 5.3 and RFC 5816: what the signature binds."""
    found: dict[str, Any] = {}
    for each in signer["signed_attrs"] or ():
        values = each["values"]
        if len(values) != 1 or each["type"].native in found:
            raise InvalidSignatureError("the time-stamp has a signed attribute more than once")
        found[each["type"].native] = values[0]
    digest_name = signer["digest_algorithm"]["algorithm"].native
    if digest_name not in HASHES:
        raise InvalidSignatureError(f"the time-stamp is signed with weak {digest_name}")
    if "content_type" not in found or found["content_type"].native != "tst_info":
        raise InvalidSignatureError("the time-stamp's signature is over something else")
    digest = hashlib.new(digest_name, content).digest()
    if "message_digest" not in found or found["message_digest"].native != digest:
        raise InvalidSignatureError("the time-stamp's content was changed")
    named = found.get("signing_certificate_v2") or found.get("signing_certificate")
    if named is None or not len(named["certs"]):
        raise InvalidSignatureError("the time-stamp does not name its authority's certificate")
    first = named["certs"][0]
    name = "sha1"  # RFC 2634 section 5.4: the older attribute knows no other
    if "signing_certificate_v2" in found:
        name = first["hash_algorithm"]["algorithm"].native
    if hashlib.new(name, certificate).digest() != first["cert_hash"].native:
        raise InvalidSignatureError("the time-stamp names another certificate than it carries")


def _check_usage(certificate: x509.Certificate) -> None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        extension = None
    if (
        extension is None
        or not extension.critical
        or list(extension.value) != [ExtendedKeyUsageOID.TIME_STAMPING]
    ):
        raise InvalidSignatureError(
            "expected a certificate whose extended key usage is critical and timeStamping only "
            "(RFC 3161 section 2.3)"
        )


def _check_signature(signer: cms.SignerInfo, message: bytes, certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if is_weak(key):
        raise InvalidSignatureError(
            f"expected an authority with a key of sufficient strength, got {key_title(key)}"
        )
    try:
        verify(key, _scheme(signer, key), signer["signature"].native, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError, TypeError):
        raise InvalidSignatureError(
            "the time-stamp does not verify under its authority's certificate"
        ) from None


def _scheme(signer: cms.SignerInfo, key: object) -> Scheme:
    """How a token's signature is said to have been made, as far as the key leaves it open."""
    algorithm = signer["signature_algorithm"]
    if isinstance(key, ed25519.Ed25519PublicKey):  # RFC 8419: over the attributes themselves
        return Scheme(Family.ED25519, SHA512.name)
    if not isinstance(key, rsa.RSAPublicKey):
        return Scheme(Family.ECDSA, algorithm.hash_algo)
    if algorithm["algorithm"].native == "rsassa_pkcs1v15":  # over the hash the content has
        return Scheme(Family.RSA_PKCS1, signer["digest_algorithm"]["algorithm"].native)
    if algorithm.signature_algo == "rsassa_pss":
        salt_bytes = algorithm["parameters"]["salt_length"].native
        return Scheme(Family.RSA_PSS, algorithm.hash_algo, salt_bytes)
    return Scheme(Family.RSA_PKCS1, algorithm.hash_algo)
