"""What somebody lets a seal signature or a time-stamp carry: beside what is signed, for anything
that a certificate, an attribute or an algorithm could be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from eseal.documents import asic
from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator

RANGE = re.compile(rb"/ByteRange \[ 0 (\d+) (\d+) (\d+) \]")
SIGNED_DATA = (1, 0)
"""Where it stands in a ContentInfo: of its parts the second, of that the first."""
SIGNER = (*SIGNED_DATA, -1, 0)
UNKNOWN = bytes.fromhex("060a2b060104018237020106")
"""An identifier of somebody's: 1.3.6.1.4.1.311.2.1.6."""
STAMPS = tuple(bytes.fromhex(oid) for oid in ("060b2a864886f70d010910020e", "060604008d450204"))
"""The attributes that hold time-stamps: RFC 3161 appendix A, EN 319 122-1 clause 5.5.3."""

Parts = list[bytes]
Way = Callable[[bytes, bytes], bytes]
"""Puts something into a ContentInfo."""


def element(tag: int, *parts: bytes) -> bytes:
    """DER."""
    content = b"".join(parts)
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (octets if size < 128 else bytes([0x80 | len(octets)]) + octets) + content


def head(der: bytes, at: int = 0) -> tuple[int, int]:
    """Where the content of an element begins, and where it ends."""
    size, start = der[at + 1], at + 2
    if size >= 128:
        start += size & 127
        size = int.from_bytes(der[at + 2 : start], "big")
    return start, start + size


def parts(der: bytes) -> Parts:
    """The elements in an element."""
    at, end = head(der)
    found = []
    while at < end:
        after = head(der, at)[1]
        found.append(der[at:after])
        at = after
    return found


def changed(der: bytes, path: tuple[int, ...], change: Callable[[Parts], Parts]) -> bytes:
    """An element with other parts in what stands at a place in it; sets stay sorted."""
    inside = parts(der)
    if path:
        inside[path[0]] = changed(inside[path[0]], path[1:], change)
    else:
        inside = change(inside)
    return element(der[0], *(sorted(inside) if der[0] in {0x31, 0xA0, 0xA1} else inside))


def put(path: tuple[int, ...], made: Callable[[bytes], bytes]) -> Way:
    """A way to add a part there."""
    return lambda der, what: changed(der, path, lambda inside: [*inside, made(what)])


def sequence(what: bytes) -> bytes:
    return element(0x30, element(4, what))


def named(tag: int) -> Callable[[bytes], bytes]:
    """Makes an identifier and what it names."""
    return lambda what: element(tag, UNKNOWN, element(4, what))


def attribute(what: bytes) -> bytes:
    return element(0x30, UNKNOWN, element(0x31, element(4, what)))


def unsigned_attribute(der: bytes, what: bytes) -> bytes:
    """Among the unsigned attributes, which there need not be yet."""
    if len(_signer(der)) == 6:
        return changed(der, SIGNER, lambda inside: [*inside, element(0xA1, attribute(what))])
    return changed(der, (*SIGNER, -1), lambda inside: [*inside, attribute(what)])


def _signer(der: bytes) -> Parts:
    return parts(parts(parts(parts(parts(der)[1])[0])[-1])[0])


def second_value(der: bytes, what: bytes) -> bytes:
    """A known attribute with one value more."""
    if len(_signer(der)) == 6:
        return unsigned_attribute(der, what)
    return changed(der, (*SIGNER, -1, 0, 1), lambda inside: [*inside, element(4, what)])


def revocation(kind: Callable[[bytes], bytes]) -> Way:
    """Among the revocation data, which there need not be yet."""

    def way(der: bytes, what: bytes) -> bytes:
        data = parts(parts(parts(der)[1])[0])
        if data[4][0] == 0xA1:
            return changed(der, (*SIGNED_DATA, 4), lambda inside: [*inside, kind(what)])
        made = element(0xA1, kind(what))
        return changed(der, SIGNED_DATA, lambda inside: [*inside[:4], made, *inside[4:]])

    return way


@cache
def stranger(what: bytes) -> bytes:
    """A certificate that somebody made for himself, with an extension."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    held = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.311.2.1.6"), what)
    made = builder.add_extension(held, critical=False).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def long_length(der: bytes, what: bytes) -> bytes:
    """More octets than a length needs (X.690 section 10.1); ``what`` is not told."""
    start, _ = head(der)
    return der[:1] + b"\x84" + (len(der) - start).to_bytes(4, "big") + der[start:]


def _parameters(der: bytes, what: bytes) -> bytes:
    """Parameters of the digest algorithm in SignerInfo, which are absent or NULL."""
    return changed(der, (*SIGNER, 2), lambda inside: [inside[0], element(4, what)])


WAYS: dict[str, Way] = {
    "unknown attribute": unsigned_attribute,
    "value more": second_value,
    "certificate that is none": put((*SIGNED_DATA, 3), sequence),
    "certificate of another kind": put((*SIGNED_DATA, 3), named(0xA3)),
    "attribute certificate": put((*SIGNED_DATA, 3), named(0xA2)),
    "certificate of a stranger": put((*SIGNED_DATA, 3), stranger),
    "list that is none": revocation(sequence),
    "other revocation data": revocation(named(0xA1)),
    "digest algorithm": put((*SIGNED_DATA, 1), named(0x30)),
    "parameters": _parameters,
    "part of the SignedData": put(SIGNED_DATA, sequence),
    "part of the ContentInfo": put((), sequence),
    "part of the signer": put(SIGNER, named(0xA2)),
    "long length": long_length,
}
"""Techniques that were green once, by what they use."""


def stamps(der: bytes) -> list[tuple[int, ...]]:
    """Where the tokens stand in a signature."""
    signer = _signer(der)
    if len(signer) == 6:
        return []
    return [
        (*SIGNER, -1, place, 1)
        for place, held in enumerate(parts(signer[-1]))
        if parts(held)[0] in STAMPS
    ]


def in_stamp(der: bytes, at: tuple[int, ...], way: Way, what: bytes) -> bytes:
    """The signature with something in the token that stands there."""
    return changed(der, at, lambda tokens: [way(tokens[0], what), *tokens[1:]])


def loaded(random: Random, der: bytes) -> bytes:
    """A signature, or a token, that carries something; perhaps in one of its time-stamps."""
    what = random.choice((b"PK\x03\x04 x", b"#!/bin/sh\n", random.randbytes(200)))
    way = random.choice(list(WAYS.values()))
    places = stamps(der)
    if places and random.random() < 0.5:
        return in_stamp(der, random.choice(places), way, what)
    return way(der, what)


def last_gap(data: bytes) -> tuple[int, int]:
    """Where the digits of the last signature in a PDF stand: the only one that none covers."""
    found = [tuple(map(int, match.groups())) for match in RANGE.finditer(data)]
    start, end, _ = max(found)
    return start + 1, end - 1


def with_last(data: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    """A PDF with another CMS in its last gap, or ``None`` if that has no room."""
    start, end = last_gap(data)
    held = bytes.fromhex(data[start:end].decode("ascii"))
    made = change(held[: head(held)[1]]).hex().encode().ljust(end - start, b"0")
    return data[:start] + made + data[end:] if len(made) == end - start else None


@mutator("carrying", "pdf", "detached", "container", weight=20)
def carrying(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """A genuine seal signature, or time-stamp, that carries something."""
    mutant = replace(Mutant.of(sealed), carries=True)
    if sealed.kind == "detached":
        return replace(mutant, signature=loaded(random, sealed.signature))
    if sealed.kind == "container":
        container = asic.read(sealed.data)
        seal = random.choice(container.seals)
        made = container.with_cms(seal.number, loaded(random, seal.cms))
        return replace(mutant, data=made.encode())
    data = with_last(sealed.data, lambda der: loaded(random, der))
    return data and replace(mutant, data=data)
