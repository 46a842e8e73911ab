"""Whether a time-stamp token holds nothing but what it needs (RFC 3161 section 2.4.2).

An authority signs the time-stamp and some attributes; all around these anybody can put something.
Tokens are kept as their authorities wrote them, which need not sort what DER sorts. So a token is
taken apart, each part must be one that is known, and what is put together again from these must be
the token, byte for byte. Nothing is verified here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat import asn1

from eseal.documents import oids
from eseal.documents.cms import algorithms
from eseal.documents.cms import validation_data as needed
from eseal.documents.cms.counting import Parts
from eseal.documents.cms.decoder import (
    MAX_CERTIFICATES,
    issuer_and_serial,
    key_identifier,
)
from eseal.documents.cms.encoder import element
from eseal.documents.cms.validation_data import Carried, Effort
from eseal.errors import InvalidFormatError

MAX_TOKEN_PARTS: Final = 256
"""Without what is in certificates and lists: a token has some 40."""

MAX_SIGNED_BYTES: Final = 4096
"""Of the time-stamp, and of the attributes: each has some 200."""

_SEQUENCE, _SET, _CONTEXT_0, _CONTEXT_1 = 0x30, 0x31, 0xA0, 0xA1
_INTEGER, _OCTETS, _KEY_IDENTIFIER = 0x02, 0x04, 0x80
_SIGNED_DATA: Final = asn1.encode_der(oids.ID_SIGNED_DATA)
_TST_INFO: Final = asn1.encode_der(oids.TST_INFO)
_HASH_INDEX: Final = asn1.encode_der(oids.ATS_HASH_INDEX_V3)
_VERSION_3: Final = b"\x02\x01\x03"
"""RFC 5652 section 5.1: of a SignedData that holds something else than data."""
_VERSIONS: Final = frozenset({b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"})
"""Of SignedData and SignerInfo, as authorities write them."""

_SIGNER_FIELDS: Final = 6
"""Of a SignerInfo with signed attributes; unsigned ones follow (RFC 5652 section 5.3)."""

_Part = tuple[int, bytes]
"""The tag of an element, and its content."""


@dataclass(frozen=True, slots=True)
class Token:
    """The parts of a token that nobody signs.

    Attributes:
        signer: the certificate of its authority, DER.
        carried: all certificates and revocation data in it.
        is_archive: whether it has an ats-hash-index (ETSI EN 319 122-1 clause 5.5.2), which only
            what it stamps binds.
    """

    signer: bytes
    carried: Carried
    is_archive: bool


def check_token(token: bytes, effort: Effort, *, archive: bool = False) -> Token:
    """Check that there is nothing in a token but what it needs.

    Args:
        token: the ContentInfo.
        effort: what it may cost.
        archive: whether it stands in an archive time-stamp, and has an index.

    Raises:
        InvalidFormatError: there is, or it is in another form; says what.
    """
    read = read_token(token)
    if read.is_archive and not archive:
        raise _strange("an unsigned attribute")
    if not needed.is_plain(read.signer):
        raise _strange("a certificate of its authority with more in it than certificates have")
    if needed.foreign(read.carried, [read.signer], effort):
        raise _strange("a certificate or revocation data that its authority does not need")
    return read


def read_token(token: bytes) -> Token:
    """Take a token apart.

    Raises:
        InvalidFormatError: it holds something that is not known, or is in another form.
    """
    try:
        read, rebuilt = _Reader().token(token)
    except InvalidFormatError:
        raise
    except (IndexError, ValueError):
        raise _strange("something else than its parts") from None
    if rebuilt != token:
        raise _strange("another spelling than DER")
    return read


def bare(token: bytes) -> bytes:
    """A token as :func:`check_token` wants it, without what its authority put in and did not sign.

    Some put in the certificate of their clock's auditor, or a chain that leads elsewhere.

    Raises:
        InvalidFormatError: it cannot be brought into that form; says why.
    """
    try:
        check_token(token, Effort())
    except InvalidFormatError:
        token = _without_the_rest(token)
        check_token(token, Effort())
    return token


def _without_the_rest(token: bytes) -> bytes:
    parts = Parts()
    try:
        _, digests, content, (_, held), *_, (_, signers) = parts.below(memoryview(token), depth=4)
        ((_, signer),) = parts.of(signers)
        fields = [element(tag, bytes(each)) for tag, each in parts.of(signer)][:_SIGNER_FIELDS]
        found = [element(tag, bytes(each)) for tag, each in parts.of(held) if tag == _SEQUENCE]
    except (IndexError, ValueError):
        raise _strange("something else than its parts") from None
    own = [der for der in found if _is_named_by(fields[1], der)]
    rest = needed.foreign(Carried(tuple(found)), own, Effort())
    data = element(
        _SEQUENCE,
        _VERSION_3,
        *(element(tag, bytes(each)) for tag, each in (digests, content)),
        element(_CONTEXT_0, *(der for der in dict.fromkeys(found) if der not in rest)),
        element(_SET, element(_SEQUENCE, *fields)),
    )
    return element(_SEQUENCE, _SIGNED_DATA, element(_CONTEXT_0, data))


def embedded(der: bytes) -> list[bytes]:
    """The certificates in a signature or a token, DER; none if it cannot be taken apart."""
    try:
        parts = Parts()
        found = [
            content for tag, content in parts.below(memoryview(der), depth=4) if tag == _CONTEXT_0
        ]
        return [element(tag, bytes(each)) for one in found for tag, each in parts.of(one)]
    except (IndexError, InvalidFormatError):
        return []


class _Reader:
    """Takes one token apart and puts it together again."""

    def __init__(self) -> None:
        self._parts = Parts(MAX_TOKEN_PARTS)

    def token(self, token: bytes) -> tuple[Token, bytes]:
        (outer,) = self._of(token)
        kind, wrapped = self._of(_content(outer, _SEQUENCE))
        (inner,) = self._of(_content(wrapped, _CONTEXT_0))
        version, digests, encapsulated, *sets, signers = self._of(_content(inner, _SEQUENCE))
        certificates, revocation = self._sets(sets)
        carried = Carried.of(certificates, revocation)
        ((_, signer),) = self._of(_content(signers, _SET))
        authority, is_archive, made = self._signer(signer, certificates)
        if element(*kind) != _SIGNED_DATA:
            raise _strange("something else than a SignedData")
        data = element(
            _SEQUENCE,
            _version(version),
            element(_SET, *self._algorithms(digests)),
            self._encapsulated(encapsulated),
            *(element(tag, *self._spelt(content)) for tag, content in sets),
            element(_SET, made),
        )
        whole = element(_SEQUENCE, _SIGNED_DATA, element(_CONTEXT_0, data))
        return Token(authority, carried, is_archive), whole

    def _sets(self, sets: list[_Part]) -> tuple[list[bytes], list[bytes]]:
        """What is in ``certificates`` and ``crls``; the first must be there."""
        tags = [tag for tag, _ in sets]
        if tags not in ([_CONTEXT_0], [_CONTEXT_0, _CONTEXT_1]):
            raise _strange("other parts than certificates and revocation data")
        certificates, revocation = [*(self._spelt(content) for _, content in sets), []][:2]
        if len(certificates) > MAX_CERTIFICATES:
            raise _strange(f"more than {MAX_CERTIFICATES} certificates")
        return certificates, revocation

    def _signer(self, signer: bytes, certificates: list[bytes]) -> tuple[bytes, bool, bytes]:
        """The authority's certificate, whether there is a hash index, and the SignerInfo."""
        version, sid, digest, signed, scheme, signature, *unsigned = self._of(signer)
        named = element(*sid)
        own = [der for der in certificates if _is_named_by(named, der)]
        if len(own) != 1:
            raise _strange(f"{len(own)} certificates of its authority")
        if len(unsigned) > 1:
            raise _strange("an unknown part")
        made = element(
            _SEQUENCE,
            _version(version),
            named,
            *self._algorithms((_SET, element(*digest))),
            element(_CONTEXT_0, _short(_content(signed, _CONTEXT_0))),
            *self._algorithms((_SET, element(*scheme))),
            element(_OCTETS, _content(signature, _OCTETS)),
            *(self._unsigned(each) for each in unsigned),
        )
        return own[0], bool(unsigned), made

    def _unsigned(self, attributes: _Part) -> bytes:
        """One attribute, the hash index; who reads that checks it."""
        ((_, attribute),) = self._of(_content(attributes, _CONTEXT_1))
        kind, values = self._of(attribute)
        (value,) = self._of(_content(values, _SET))
        if element(*kind) != _HASH_INDEX:
            raise _strange("an unsigned attribute that is not known")
        held = element(_SEQUENCE, _HASH_INDEX, element(_SET, element(*value)))
        return element(_CONTEXT_1, held)

    def _encapsulated(self, part: _Part) -> bytes:
        """What is stamped, as one string: signed, but for what is around it."""
        kind, wrapped = self._of(_content(part, _SEQUENCE))
        (string,) = self._of(_content(wrapped, _CONTEXT_0))
        if element(*kind) != _TST_INFO:
            raise _strange("something else than a time-stamp")
        content = element(_OCTETS, _short(_content(string, _OCTETS)))
        return element(_SEQUENCE, _TST_INFO, element(_CONTEXT_0, content))

    def _algorithms(self, part: _Part) -> list[bytes]:
        found = self._spelt(_content(part, _SET))
        if len({*found}) != len(found) or not all(map(algorithms.is_known, found)):
            raise _strange("an algorithm that is not known")
        return found

    def _of(self, content: bytes) -> list[_Part]:
        return [(tag, bytes(data)) for tag, data in self._parts.of(memoryview(content))]

    def _spelt(self, content: bytes) -> list[bytes]:
        return [element(*each) for each in self._of(content)]


def _content(part: _Part, tag: int) -> bytes:
    if part[0] != tag:
        raise _strange("something else than its parts")
    return part[1]


def _short(signed: bytes) -> bytes:
    if len(signed) > MAX_SIGNED_BYTES:
        raise _strange(f"more than {MAX_SIGNED_BYTES} bytes that are signed")
    return signed


def _version(part: _Part) -> bytes:
    if _content(part, _INTEGER) not in _VERSIONS:
        raise _strange("an unknown version")
    return element(*part)


def _is_named_by(sid: bytes, certificate: bytes) -> bool:
    if sid[0] == _KEY_IDENTIFIER:
        held = key_identifier(certificate)
        return held is not None and element(_KEY_IDENTIFIER, held) == sid
    return issuer_and_serial(certificate) == sid


def _strange(what: str) -> InvalidFormatError:
    return InvalidFormatError(f"a time-stamp that holds {what}")
