"""Containers: what ZIP allows, and what two programs unpack differently."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from io import BytesIO
from random import Random

from eseal.documents import asic
from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator
from tests.fuzz.mutators.plain import around

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
SYMLINK, DEVICE = 0o120777 << 16, 0o060666 << 16


@dataclass(frozen=True)
class Entry:
    """A file of an archive, with every field that a forger may lie in."""

    name: bytes
    content: bytes
    local_name: bytes | None = None
    extra: bytes = b""
    local_extra: bytes | None = None
    attributes: int = 0
    creator: int = 20
    flags: int = 0
    method: int = 0
    comment: bytes = b""
    size: int | None = None
    local_size: int | None = None
    descriptor: bool = False


def read(data: bytes) -> list[Entry]:
    """The files of an archive."""
    with zipfile.ZipFile(BytesIO(data)) as opened:
        return [
            Entry(info.filename.encode(), opened.read(info), attributes=info.external_attr)
            for info in opened.infolist()
        ]


def write(
    entries: list[Entry], *, front: bytes = b"", comment: bytes = b"", count: int = 0
) -> bytes:
    """An archive of them, as told."""
    out, central = bytearray(front), b""
    for entry in entries:
        data = entry.content
        if entry.method == zipfile.ZIP_DEFLATED:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            data = packer.compress(entry.content) + packer.flush()
        at, crc = len(out), zlib.crc32(entry.content)
        size = len(entry.content) if entry.size is None else entry.size
        local_size = size if entry.local_size is None else entry.local_size
        name = entry.name if entry.local_name is None else entry.local_name
        extra = entry.extra if entry.local_extra is None else entry.local_extra
        flags = entry.flags | (8 if entry.descriptor else 0)
        shown = (0, 0, 0) if entry.descriptor else (crc, len(data), local_size)
        out += LOCAL.pack(
            b"PK\x03\x04", 20, flags, entry.method, 0, 33, *shown, len(name), len(extra)
        )
        out += name + extra + data
        if entry.descriptor:
            out += b"PK\x07\x08" + struct.pack("<3I", crc, len(data), local_size)
        central += (
            CENTRAL.pack(
                b"PK\x01\x02", entry.creator, 20, flags, entry.method, 0, 33, crc, len(data), size,
                len(entry.name), len(entry.extra), len(entry.comment), 0, 0, entry.attributes, at,
            )
            + entry.name + entry.extra + entry.comment
        )  # fmt: skip
    number = count or len(entries)
    end = END.pack(b"PK\x05\x06", 0, 0, number, number, len(central), len(out), len(comment))
    return bytes(out) + central + end + comment


def unicode_path(name: bytes, other: bytes) -> bytes:
    """The extra field 0x7075: another name, which ``unzip`` takes."""
    body = b"\x01" + struct.pack("<I", zlib.crc32(name)) + other
    return struct.pack("<2H", 0x7075, len(body)) + body


def _documents(entries: list[Entry]) -> list[int]:
    return [
        place
        for place, entry in enumerate(entries)
        if not entry.name.startswith(b"META-INF/") and entry.name != b"mimetype"
    ]


@mutator("technique-8-names", "container", weight=6)
def other_names(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """Files that one program finds under other names than another, or as links."""
    entries = read(sealed.data)
    chosen = random.choice(_documents(entries))
    entry = entries[chosen]
    other = random.choice(
        (b"other.txt", b"terms/general.txt", b"offer.txt", b"META-INF/x", b"../x")
    )
    unix = 3 << 8 | 20
    entries[chosen] = random.choice((
        replace(entry, extra=unicode_path(entry.name, other)),
        replace(entry, extra=unicode_path(entry.name, other), local_extra=b""),
        replace(entry, extra=b"", local_extra=unicode_path(entry.name, other)),
        replace(entry, attributes=SYMLINK, creator=unix),
        replace(entry, attributes=DEVICE, creator=unix),
        replace(entry, attributes=0x10),
        replace(entry, local_name=other),
        replace(entry, flags=0x800),
        replace(entry, comment=b"comment"),
        replace(entry, descriptor=True),
        replace(entry, local_size=1),
        replace(entry, size=1),
    ))  # fmt: skip
    return around(sealed, write(entries))


@mutator("container-files", "container", weight=12)
def files(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """Files more, fewer, twice, renamed, changed, reordered, compressed."""
    entries = read(sealed.data)
    chosen = random.randrange(len(entries))
    entry = entries[chosen]
    name = entry.name
    like = random.choice((
        b"new.txt", b"META-INF/new.p7s", b"META-INF/manifest.xml", name, name.upper(), b"dir/",
        name + b"\x00.exe", name + b" ", name + b"/", b"./" + name, b"a\\" + name,
        b"\xef\xbb\xbf" + name, name + b"\r", b"Offer.txt",
    ))  # fmt: skip
    other = Entry(like, b"other")
    kind = random.randrange(8)
    if kind == 0:
        entries.insert(random.randrange(len(entries) + 1), other)
    elif kind == 1:
        del entries[chosen]
    elif kind == 2:
        entries.insert(random.randrange(len(entries) + 1), replace(entry, content=b"other"))
    elif kind == 3:
        entries[chosen] = replace(entry, name=other.name)
    elif kind == 4:
        entries[chosen] = replace(entry, content=entry.content + random.choice((b"\n", b"x")))
    elif kind == 5:
        random.shuffle(entries)
    elif kind == 6:
        entries[chosen] = replace(entry, method=zipfile.ZIP_DEFLATED)
    else:
        entries[chosen] = replace(entry, content=random.choice(entries).content)
    return around(sealed, write(entries))


@mutator("container-frame", "container", weight=8)
def frame(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """An archive in front of, behind or inside another; comments and counts."""
    entries = read(sealed.data)
    changed = [
        replace(entry, content=b"other") if place in _documents(entries) else entry
        for place, entry in enumerate(entries)
    ]
    whole = random.choice((
        lambda: write(changed) + sealed.data,
        lambda: sealed.data + write(changed),
        lambda: write(entries, comment=write(changed)[:60_000]),
        lambda: write(changed, comment=sealed.data[:60_000]),
        lambda: write(entries, front=write(changed)),
        lambda: write(entries, front=b"MZ" + bytes(60)),
        lambda: write(entries, count=1),
        lambda: write(entries, count=len(entries) + 1),
        lambda: write(entries, comment=b"PK\x05\x06" + bytes(18)),
        lambda: write([*entries, *changed]),
        lambda: write([*changed, *entries]),
        lambda: write(entries),
    ))()  # fmt: skip
    return around(sealed, whole)


@mutator("container-signature", "container", weight=10)
def signature(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    """The signature or the manifest inside is changed, or another's."""
    from tests.fuzz.mutators.cms import mutated, signatures

    entries = read(sealed.data)
    inside = [n for n, entry in enumerate(entries) if entry.name.endswith((b".p7s", b".p7m"))]
    manifests = [n for n, entry in enumerate(entries) if entry.name.endswith(b".xml")]
    others = [each for each in pool if each.kind == "container"]
    if random.random() < 0.6 and inside:
        chosen = random.choice(inside)
        made = mutated(random, entries[chosen].content, signatures(pool))
        if made is None:
            return None
        entries[chosen] = replace(entries[chosen], content=made[0])
        return around(sealed, write(entries), unsigned=made[1])
    if not manifests:
        return None
    chosen = random.choice(manifests)
    text = entries[chosen].content
    old, new = random.choice((
        (b"offer.txt", b"other.txt"), (b"SHA256", b"SHA1"), (b"sha256", b"sha1"), (b"?>", b"?> "),
        (b"<", b"<!--x--><"), (b"</", b"<x/></"), (b'"', b"'"), (b"xmlns", b"xmlns:x"),
        (b"text/plain", b"text/html"), (b"=", b" = "), (b"A", b"B"),
    ))  # fmt: skip
    text = text.replace(old, new, random.choice((1, -1)))
    if random.random() < 0.2:
        text = random.choice(read(random.choice(others).data)).content
    entries[chosen] = replace(entries[chosen], content=text)
    return around(sealed, write(entries))


@mutator("container-added-seal", "container", weight=6)
def added_seal(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """A copy of a seal, of this container or of anything else, is put beside those there."""
    from tests.fuzz.mutators.cms import signatures

    container = asic.read(sealed.data)
    containers = [asic.read(each.data) for each in pool if each.kind == "container"]
    inside = [seal.cms for each in (container, *containers) for seal in each.seals]
    added = random.choice((*inside, *signatures(pool)))
    return around(sealed, asic.prepare_again(container).embed(added), unsigned=True)
