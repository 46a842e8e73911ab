"""Changes inside seal signatures, beside a document or in the gap of a PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from asn1crypto import cms, core

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator
from tests.fuzz.mutators.plain import around, noise
from tests.fuzz.mutators.revisions import RANGE
from tests.fuzz.mutators.signed_data import (
    Attribute,
    Attributes,
    Signature,
    SignerInfo,
    SignerInfos,
)

Change = Callable[[Random, Signature, Signature], bool]
"""Changes a signature in place, perhaps by another one; whether it left the signed parts alone."""


def _signer(info: Signature) -> SignerInfo:
    return info["content"]["signer_infos"][0]


def drop_unsigned(random: Random, info, other) -> bool:
    """No receipt, no time-stamp any more: the record is elsewhere."""
    _signer(info)["unsigned_attrs"] = Attributes([])
    return True


def drop_one_unsigned(random: Random, info, other) -> bool:
    kept = list(_signer(info)["unsigned_attrs"])
    if kept:
        kept.pop(random.randrange(len(kept)))
    _signer(info)["unsigned_attrs"] = Attributes(kept)
    return True


def damage_unsigned(random: Random, info, other) -> bool:
    kept = list(_signer(info)["unsigned_attrs"])
    if kept:
        which = random.randrange(len(kept))
        der = bytearray(kept[which]["values"].dump())
        der[-1 - random.randrange(min(60, len(der) - 8))] ^= 1 << random.randrange(8)
        kept[which] = Attribute.load(_attribute(kept[which], bytes(der)))
    _signer(info)["unsigned_attrs"] = Attributes(kept)
    return True


def _attribute(old, values: bytes) -> bytes:
    """DER of an attribute with other values."""
    inside = old["type"].dump() + values
    octets = len(inside).to_bytes((len(inside).bit_length() + 7) // 8 or 1, "big")
    length = octets if len(inside) < 128 else bytes([0x80 | len(octets)]) + octets
    return b"\x30" + length + inside


def swap_unsigned(random: Random, info, other) -> bool:
    """The receipt of another use."""
    _signer(info)["unsigned_attrs"] = _signer(other)["unsigned_attrs"].copy()
    return True


def double_unsigned(random: Random, info, other) -> bool:
    kept = list(_signer(info)["unsigned_attrs"])
    _signer(info)["unsigned_attrs"] = Attributes([*kept, *kept[: random.randrange(3)]])
    return True


def more_unsigned(random: Random, info, other) -> bool:
    kept = list(_signer(info)["unsigned_attrs"])
    theirs = list(_signer(other)["unsigned_attrs"])
    _signer(info)["unsigned_attrs"] = Attributes([*kept, *theirs])
    return True


def swap_signed(random: Random, info, other) -> bool:
    _signer(info)["signed_attrs"] = _signer(other)["signed_attrs"].copy()
    return False


def swap_signature(random: Random, info, other) -> bool:
    _signer(info)["signature"] = _signer(other)["signature"].native
    return False


def swap_signer(random: Random, info, other) -> bool:
    theirs = other["content"]
    info["content"]["signer_infos"] = theirs["signer_infos"].copy()
    return False


def two_signers(random: Random, info, other) -> bool:
    theirs = other["content"]
    both = [*info["content"]["signer_infos"], *theirs["signer_infos"]]
    info["content"]["signer_infos"] = SignerInfos(both)
    return False


def certificates(random: Random, info, other) -> bool:
    kept = list(info["content"]["certificates"])
    kind = random.randrange(3)
    if kind == 0:
        kept.reverse()
    elif kind == 1:
        kept = kept[:1]
    else:
        kept += list(other["content"]["certificates"])
    info["content"]["certificates"] = cms.CertificateSet(kept)
    return False


def versions(random: Random, info, other) -> bool:
    info["content"]["version"] = random.choice(("v0", "v1", "v3", "v4", "v5"))
    return False


def algorithms(random: Random, info, other) -> bool:
    name = random.choice(("sha1", "sha512", "sha384"))
    _signer(info)["digest_algorithm"] = {"algorithm": name}
    return False


def content(random: Random, info, other) -> bool:
    kind = info["content"]["encap_content_info"]["content_type"].native
    info["content"]["encap_content_info"] = {"content_type": kind, "content": b"another document"}
    return False


CHANGES: tuple[Change, ...] = (
    drop_unsigned, drop_one_unsigned, damage_unsigned, swap_unsigned, double_unsigned,
    more_unsigned, swap_signed, swap_signature, swap_signer, two_signers, certificates, versions,
    algorithms, content,
)  # fmt: skip


def mutated(random: Random, der: bytes, others: Sequence[bytes]) -> tuple[bytes, bool] | None:
    """A changed signature, and whether only unsigned parts were touched."""
    try:
        info = Signature.load(der)
        other = Signature.load(random.choice(others))
        unsigned = random.choice(CHANGES)(random, info, other)
        return info.dump(), unsigned
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def gaps(data: bytes) -> list[tuple[int, int, bytes]]:
    """Where a PDF holds signatures: from, to, DER."""
    found = []
    for match in RANGE.finditer(data):
        start, length, end, _ = map(int, match.groups())
        inside = data[start + length + 1 : end - 1]
        try:
            raw = bytes.fromhex(inside.decode("ascii"))
            core.Sequence.load(raw)
        except ValueError:
            continue
        found.append((start + length, end, _only(raw)))
    return found


def _only(raw: bytes) -> bytes:
    """DER without the padding behind it."""
    if raw[1] < 128:
        return raw[: 2 + raw[1]]
    octets = raw[1] & 0x7F
    return raw[: 2 + octets + int.from_bytes(raw[2 : 2 + octets], "big")]


@cache
def signatures(pool: Pool) -> tuple[bytes, ...]:
    """Every signature of the run."""
    beside = [each.signature for each in pool if each.signature]
    inside = [der for each in pool if each.kind == "pdf" for _, _, der in gaps(each.data)[:1]]
    return tuple(beside + inside)


@mutator("cms-beside", "detached", weight=30)
def in_file(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    if random.random() < 0.3:
        return replace(
            Mutant.of(sealed), signature=_bytes(random, sealed.signature), unsigned=False
        )
    made = mutated(random, sealed.signature, signatures(pool))
    return made and Mutant(sealed.data, made[0], None, unsigned=made[1])


def _bytes(random: Random, der: bytes) -> bytes:
    at = random.randrange(len(der))
    kind = random.randrange(4)
    if kind == 0:
        return der[:at] + bytes([der[at] ^ 1 << random.randrange(8)]) + der[at + 1 :]
    if kind == 1:
        return der[:at]
    if kind == 2:
        return der + noise(random)
    # The indefinite length of BER in place of the definite one.
    return b"\x30\x80" + der[4:] + b"\x00\x00"


@mutator("cms-in-pdf", "pdf", weight=20)
def in_pdf(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    found = gaps(sealed.data)
    if not found:
        return None
    start, end, der = random.choice(found)
    others = signatures(pool)
    if random.random() < 0.2:
        made = random.choice(others), False
    elif random.random() < 0.25:
        made = _bytes(random, der), False
    else:
        made = mutated(random, der, others)
    room = (end - start - 2) // 2
    if made is None or len(made[0]) > room:
        return None
    # What lies over an earlier seal, as a time-stamp or a second one, covers the gap of it.
    last = start == max(place for place, _, _ in found)
    inside = b"<" + made[0].hex().encode().ljust(2 * room, b"0") + b">"
    data = sealed.data[:start] + inside + sealed.data[end:]
    return around(sealed, data, unsigned=made[1] and last)
