"""Changes that know nothing of formats: bits, bytes, ranges, ends."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator

INTERESTING = (
    b"",
    b"\n",
    b"\x00",
    b" ",
    b"%",
    b"%%EOF\n",
    b"\n%%EOF\n",
    b"startxref\n0\n%%EOF\n",
    b"trailer\n<< /Root 1 0 R >>\n",
    b"endobj\n",
    b"endstream\nendobj\n",
    b"xref\n0 0\ntrailer\n<< >>\n",
    b"1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    b"PK\x05\x06" + bytes(18),
    b"PK\x03\x04",
    b"\xff" * 16,
    b"%PDF-1.4\n",
    b"<?xml version='1.0'?>",
)
"""What parsers stop or start at."""


def around(sealed: Sealed, data: bytes, *, unsigned: bool = False) -> Mutant:
    """The document changed, what lies beside it as it was."""
    return replace(Mutant.of(sealed), data=data, unsigned=unsigned)


def place(random: Random, data: bytes) -> int:
    """Somewhere in a file; often near its ends, where the structure is."""
    if random.random() < 0.5:
        return random.randrange(len(data) + 1)
    near = min(len(data), random.choice((64, 1024, 8192)))
    return len(data) - random.randrange(near + 1)


def noise(random: Random) -> bytes:
    """Bytes to put somewhere."""
    if random.random() < 0.6:
        return random.choice(INTERESTING)
    return random.randbytes(random.choice((1, 4, 40, 1000)))


@mutator("bit-flip", weight=2)
def flip(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    data = bytearray(sealed.data)
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        data[min(place(random, sealed.data), len(data) - 1)] ^= 1 << random.randrange(8)
    return around(sealed, bytes(data))


@mutator("byte-set", weight=2)
def set_byte(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    data = bytearray(sealed.data)
    data[min(place(random, sealed.data), len(data) - 1)] = random.choice(
        b"\x00\x0a 0159<>[]()/%R\xff"
    )
    return around(sealed, bytes(data))


@mutator("insert", weight=2)
def insert(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    at = place(random, sealed.data)
    return around(sealed, sealed.data[:at] + noise(random) + sealed.data[at:])


@mutator("delete", weight=2)
def delete(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    at = place(random, sealed.data)
    length = random.choice((1, 2, 10, 100, 1000, 10_000))
    return around(sealed, sealed.data[:at] + sealed.data[at + length :])


@mutator("cut", weight=2)
def cut(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    return around(sealed, sealed.data[: place(random, sealed.data)])


@mutator("duplicate", weight=2)
def duplicate(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    start, to = place(random, sealed.data), place(random, sealed.data)
    part = sealed.data[start : start + random.choice((10, 100, 1000, 10_000))]
    return around(sealed, sealed.data[:to] + part + sealed.data[to:])


@mutator("append", weight=6)
def append(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    tail = b"".join(noise(random) for _ in range(random.choice((1, 1, 2, 4))))
    return around(sealed, sealed.data + tail)


@mutator("prepend", weight=2)
def prepend(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    return around(sealed, noise(random) + sealed.data)


@mutator("join", weight=2)
def join(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """Two whole documents in one file."""
    other = random.choice(pool).data
    first, second = random.choice(((sealed.data, other), (other, sealed.data)))
    return around(sealed, first + noise(random) + second)


@mutator("splice", weight=3)
def splice(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    other = random.choice(pool).data
    return around(sealed, sealed.data[: place(random, sealed.data)] + other[place(random, other) :])


@mutator("beside", "detached", "evidence", weight=3)
def beside(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """What lies beside the document of another lies beside this one."""
    other = random.choice([each for each in pool if each.signature or each.evidence])
    return Mutant(sealed.data, other.signature, other.evidence)


@mutator("other-document", "detached", "evidence", weight=1)
def other_document(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    return around(sealed, random.choice(pool).data)
