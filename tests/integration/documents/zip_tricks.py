"""Archives built by hand, field by field: each technique by which one shows several contents.

Without a technique :func:`assemble` builds, byte for byte, what our own writer does.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace

UTF8 = 0x0800
DESCRIPTOR = 0x0008
STORED, DEFLATED = 0, 8
UNIX = 0x0314
"""Made by version 2.0 under Unix: its modes stand in the external attributes."""
PLAIN = 0o100644 << 16
EVIL = b"evil.txt"


@dataclass(frozen=True)
class Row:
    """One entry; ``local`` and ``central`` replace fields of the header of that name."""

    name: bytes
    content: bytes
    local: dict = field(default_factory=dict)
    central: dict = field(default_factory=dict)
    before: bytes = b""
    behind: bytes = b""
    listed: bool = True

    def both(self, **fields) -> Row:
        return replace(self, local=self.local | fields, central=self.central | fields)


def header(row: Row) -> dict:
    size, crc = len(row.content), zlib.crc32(row.content)
    flags = 0 if row.name.isascii() else UTF8
    return {
        "made_by": UNIX, "version": 20, "flags": flags, "method": STORED, "time": 0, "date": 0x21,
        "crc": crc, "packed": size, "size": size, "name": row.name, "extra": b"", "comment": b"",
        "disk": 0, "internal": 0, "external": PLAIN,
    }  # fmt: skip


def local_header(row: Row) -> bytes:
    h = header(row) | row.local
    fields = ("version", "flags", "method", "time", "date", "crc", "packed", "size")
    numbers = [h[name] for name in fields]
    lengths = len(h["name"]), len(h["extra"])
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", *numbers, *lengths) + h["name"] + h["extra"]


def central_header(row: Row, offset: int) -> bytes:
    h = header(row) | {"offset": offset} | row.central
    fields = ("made_by", "version", "flags", "method", "time", "date", "crc", "packed", "size")
    numbers = [h[name] for name in fields]
    lengths = len(h["name"]), len(h["extra"]), len(h["comment"])
    rest = h["disk"], h["internal"], h["external"], h["offset"]
    packed = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", *numbers, *lengths, *rest)
    return packed + h["name"] + h["extra"] + h["comment"]


def assemble(
    rows, *, prefix=b"", gap=b"", tail=b"", comment=b"", suffix=b"", reverse=False, end=None
) -> bytes:
    out, directory = bytearray(prefix), []
    for row in rows:
        out += row.before
        if row.listed:
            directory.append(central_header(row, len(out)))
        out += local_header(row) + row.content + row.behind
    out += gap
    listing = b"".join(reversed(directory) if reverse else directory)
    told = {
        "disk": 0, "first": 0, "here": len(directory), "count": len(directory),
        "size": len(listing), "start": len(out),
    }  # fmt: skip
    told |= end or {}
    out += listing + tail
    out += struct.pack("<4sHHHHIIH", b"PK\5\6", *told.values(), len(comment)) + comment + suffix
    return bytes(out)


def extra(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def unicode_path(name: bytes, shown: bytes) -> bytes:
    """Info-ZIP's Unicode Path (APPNOTE.TXT 4.6.9): another name, where the checksum fits."""
    return extra(0x7075, struct.pack("<BI", 1, zlib.crc32(name)) + shown)


def zip64(*numbers: int) -> bytes:
    return extra(1, b"".join(struct.pack("<Q", number) for number in numbers))


def zip64_end(rows, start: int) -> bytes:
    """Record and locator of ZIP64 (4.3.14 and 4.3.15)."""
    count = len(rows)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, 0, start)
    return record + struct.pack("<4sIQI", b"PK\6\7", 0, start, 1)


@dataclass(frozen=True)
class Parts:
    """A sealed archive taken apart: ``mimetype``, the file a trick is played on, and the rest."""

    head: Row
    victim: Row
    rest: list[Row]

    @property
    def rows(self) -> list[Row]:
        return [self.head, self.victim, *self.rest]

    @property
    def other(self) -> Row:
        """Another content under the victim's name."""
        return Row(self.victim.name, b"other content")

    def play(self, **central) -> bytes:
        """The victim's row of the directory with other fields."""
        return self.swap(replace(self.victim, central=central))

    def swap(self, *rows: Row) -> bytes:
        """Other rows in the victim's place."""
        return assemble([self.head, *rows, *self.rest])


def tricks(rows: list[Row]) -> dict[str, bytes]:
    """Every technique, played on the first file behind ``mimetype``."""
    head, victim, *rest = rows
    parts = Parts(head, victim, rest)
    groups = (_extras, _modes, _descriptors, _doubles, _names, _fields, _sizes, _zip64, _frames)
    return {name: data for group in groups for name, data in group(parts).items()}


def _extras(parts: Parts) -> dict[str, bytes]:
    made, victim = {}, parts.victim
    for kind, data in {
        "unicode path": unicode_path(victim.name, EVIL),
        "unicode comment": extra(0x6375, b"\1" + bytes(4) + b"x"),
        "unix owner": extra(0x7875, b"\1\4" + bytes(4) + b"\4" + bytes(4)),
        "timestamps": extra(0x5455, b"\1" + bytes(4)),
        "ntfs times": extra(0x000A, bytes(32)),
        "encryption": extra(0x9901, b"\2\0AE\3\0\0"),
        "broken": b"\1\0\xff",
        "zip64": zip64(1, 1),
    }.items():
        made[f"extra in local only: {kind}"] = parts.swap(replace(victim, local={"extra": data}))
        made[f"extra in central only: {kind}"] = parts.play(extra=data)
        made[f"extra in both: {kind}"] = parts.swap(victim.both(extra=data))
    return made


def _modes(parts: Parts) -> dict[str, bytes]:
    modes = {
        "symlink": 0o120777, "device": 0o020666, "pipe": 0o010666, "socket": 0o140666,
        "setuid": 0o104755, "executable": 0o100755, "to write for all": 0o100666, "none": 0,
    }  # fmt: skip
    systems = (0, 1, 7, 10, 11, 14, 19)
    return {
        **{f"mode: {name}": parts.play(external=mode << 16) for name, mode in modes.items()},
        **{f"made by system {one}": parts.play(made_by=one << 8 | 20) for one in systems},
        "dos directory attribute": parts.play(external=PLAIN | 0x10),
        "dos hidden attribute": parts.play(external=PLAIN | 0x02),
        "marked as text": parts.play(internal=1),
    }


def _descriptors(parts: Parts) -> dict[str, bytes]:
    victim = parts.victim
    record = struct.pack("<III", zlib.crc32(victim.content), *[len(victim.content)] * 2)
    late = {"crc": 0, "packed": 0, "size": 0, "flags": DESCRIPTOR}
    records = {
        "agrees": b"PK\7\x08" + record, "without magic": record, "missing": b"",
        "disagrees": b"PK\7\x08" + bytes(12),
    }  # fmt: skip
    made = {"descriptor in local only": parts.swap(replace(victim, local=late, behind=record))}
    for name, behind in records.items():
        told = {"local": late, "central": {"flags": DESCRIPTOR}, "behind": behind}
        made[f"descriptor {name}"] = parts.swap(replace(victim, **told))
    return made


def _doubles(parts: Parts) -> dict[str, bytes]:
    rows, victim, other = parts.rows, parts.victim, parts.other
    unlisted = replace(victim, listed=False)
    again = {"tail": central_header(victim, 0), "end": {"here": 7, "count": 7}}
    return {
        "two of one name": assemble([*rows, other]),
        "two of one name, the other first": parts.swap(other, victim),
        "a second one that is not listed": assemble([*rows, replace(other, listed=False)]),
        "a listed one that shadows": parts.swap(unlisted, other),
        "a hidden file": assemble([*rows, Row(EVIL, b"x", listed=False)]),
        "a file that is listed twice": assemble(rows, **again),
        "another file": parts.swap(other),
        "a file more": parts.swap(victim, Row(EVIL, b"x")),
        "a file fewer": parts.swap(),
        "other order": assemble([parts.head, parts.rest[0], victim, *parts.rest[1:]]),
        "mimetype last": assemble([victim, *parts.rest, parts.head]),
    }


def _names(parts: Parts) -> dict[str, bytes]:
    name, victim = parts.victim.name, parts.victim
    names = {
        "case": name.upper(), "full width": "\uff41.txt".encode(), "trailing dot": name + b".",
        "trailing space": name + b" ", "stream": name + b"::$DATA", "in this folder": b"./" + name,
        "through a folder": b"plans/../" + name, "absolute": b"/" + name,
        "leading out": b"../../" + name, "backslash": b"..\\" + name, "drive": b"C:" + name,
        "device": b"NUL.txt", "control character": b"a\x01.txt", "line end": b"a.txt\n",
        "null": name + b"\0.exe", "bidi": "a\u202etxt.exe".encode(),
        "zero width": "a\u200b.txt".encode(), "apart accents": "e\u0301.txt".encode(),
        "folder": b"folder/", "folder of the file": name + b"/x", "empty": b"",
        "meta": b"META-INF/extra.txt", "meta in small letters": b"meta-inf/signature001.p7s",
        "second mimetype": b"Mimetype", "no text": b"\xff\xfe.txt",
    }  # fmt: skip
    made = {f"name: {how}": parts.swap(victim, Row(one, b"x")) for how, one in names.items()}
    return made | {
        "name differs in local": parts.swap(replace(victim, local={"name": EVIL})),
        "name differs in central": parts.play(name=EVIL),
        "names of two lengths": parts.play(name=name + b"x"),
        "unicode name without its mark": parts.swap(
            replace(victim, name="é.txt".encode()).both(flags=0)
        ),
        "ascii name with the mark": parts.swap(victim.both(flags=UTF8)),
        "mark in central only": parts.play(flags=UTF8),
    }


def _fields(parts: Parts) -> dict[str, bytes]:
    victim, made = parts.victim, {}
    for flag in (0, 1, 2, 4, 5, 6, 13):
        made[f"flag {flag}"] = parts.swap(victim.both(flags=1 << flag))
    for method in (1, 9, 12, 14, 93, 99):
        made[f"method {method}"] = parts.swap(victim.both(method=method))
    for name in ("version", "time", "date"):
        made[f"{name} in local"] = parts.swap(replace(victim, local={name: 45}))
        made[f"{name} in both"] = parts.swap(victim.both(**{name: 45}))
    return made | {
        "disk of an entry": parts.play(disk=1),
        "offset of another": parts.play(offset=0),
        "offset beyond": parts.play(offset=0xFFFFFFF0),
        "comment of an entry": parts.play(comment=b"x"),
    }


def _sizes(parts: Parts) -> dict[str, bytes]:
    victim, made = parts.victim, {}
    for name, value in (("crc", 1), ("packed", 1), ("size", 1), ("size", 0xFFFFFFFF)):
        made[f"{name} {value} in local"] = parts.swap(replace(victim, local={name: value}))
        made[f"{name} {value} in central"] = parts.play(**{name: value})
        made[f"{name} {value} in both"] = parts.swap(victim.both(**{name: value}))
    packer = zlib.compressobj(wbits=-15)
    deflated = packer.compress(victim.content) + packer.flush()
    told = {
        "method": DEFLATED, "size": len(victim.content), "crc": zlib.crc32(victim.content),
        "packed": len(deflated),
    }  # fmt: skip
    return made | {
        "deflated": parts.swap(replace(victim, content=deflated).both(**told)),
        "deflated in central only": parts.play(method=DEFLATED),
        "deflated in local only": parts.swap(replace(victim, local={"method": DEFLATED})),
    }


def _zip64(parts: Parts) -> dict[str, bytes]:
    rows, size = parts.rows, len(parts.victim.content)
    start = directory_of(assemble(rows))
    wide = {"packed": 0xFFFFFFFF, "size": 0xFFFFFFFF, "extra": zip64(size, size)}
    return {
        "zip64 sizes": parts.swap(parts.victim.both(**wide)),
        "zip64 sizes in central only": parts.play(**wide),
        "zip64 offset of another": parts.play(offset=0xFFFFFFFF, extra=zip64(0)),
        "zip64 end record": assemble(rows, tail=zip64_end(rows, start)),
        "zip64 counts": assemble(rows, end={"here": 0xFFFF, "count": 0xFFFF}),
        "zip64 start": assemble(rows, tail=zip64_end(rows, start), end={"start": 0xFFFFFFFF}),
    }


def _frames(parts: Parts) -> dict[str, bytes]:
    rows, plain, foreign = parts.rows, assemble(parts.rows), parts.swap(parts.other)
    start, made = directory_of(plain), {}
    for name, junk in (("a byte", b"x"), ("nulls", bytes(1000)), ("an archive", foreign)):
        made[f"before: {name}"] = assemble(rows, prefix=junk)
        made[f"before, not counted: {name}"] = junk + plain
        made[f"between: {name}"] = parts.swap(replace(parts.victim, before=junk))
        made[f"before the directory: {name}"] = assemble(rows, gap=junk)
        made[f"behind the directory: {name}"] = assemble(rows, tail=junk)
        made[f"behind: {name}"] = assemble(rows, suffix=junk)
        made[f"in the comment: {name}"] = assemble(rows, comment=junk)
    ends = {
        "disk": {"disk": 1}, "first disk": {"first": 1}, "two counts": {"here": 3},
        "fewer": {"here": 3, "count": 3}, "more": {"here": 9, "count": 9},
        "start": {"start": 0}, "size": {"size": 0},
    }  # fmt: skip
    made |= {f"end record: {name}": assemble(rows, end=end) for name, end in ends.items()}
    return made | {
        "comment with an end record": assemble(rows, comment=foreign[-22:]),
        "two directories": plain[:-22] + foreign[directory_of(foreign) :],
        "directory in another order": assemble(rows, reverse=True),
        "signature of the directory": assemble(rows, tail=b"PK\5\5\1\0x"),
        "extra data record": assemble(rows, gap=b"PK\6\x08\1\0\0\0x"),
        "spanning mark": assemble(rows, prefix=b"PK00"),
        "split mark": assemble(rows, prefix=b"PK\7\x08"),
        "cut": plain[:-1],
        "cut before the directory": plain[:start],
    }


def directory_of(data: bytes) -> int:
    """Where the directory begins."""
    (start,) = struct.unpack_from("<I", data, len(data) - 6)
    return start
