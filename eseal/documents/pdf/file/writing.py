"""Writing the sections of a canonical file, and the gap in one that its signature leaves out."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eseal.documents.pdf.file.scanner import closing, is_telltale, table
from eseal.documents.pdf.file.values import Name, Ref, Stream, spell, spell_dictionary
from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from eseal.documents.pdf.file.revision import Revision

IDENTITY_BYTES: Final = 16
_MARKER: Final = b"%\xbf\xf7\xa2\xfe\n"
_END: Final = b"\nendobj\n"
_WORDS: Final = (b"xref", b"trailer", b"%%EOF", b"%PDF-")
_PACKINGS: Final = (6, 9, 1, 3, 5, 7)
"""Levels of compression: one of them gives bytes without a word of the frame."""


@dataclass(frozen=True, slots=True)
class Spelt:
    """An object as it is to stand in the file, not looked at again.

    Attributes:
        head: its value, or the dictionary of a stream with its length.
        data: a stream's bytes, or ``None``.
    """

    head: bytes
    data: bytes | memoryview | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature dictionary that lacks its CMS.

    Attributes:
        entries: without ``ByteRange`` and ``Contents``.
        room: bytes of DER that ``Contents`` has room for.
    """

    entries: dict[str, Any]
    room: int

    def spell(self, byte_range: tuple[int, int, int, int]) -> tuple[bytes, int]:
        """The dictionary, zeros in the place of the CMS; and their offset, at the bracket."""
        before = {key: value for key, value in self.entries.items() if key < "Contents"}
        after = {key: value for key, value in self.entries.items() if key > "Contents"}
        head = spell_dictionary({**before, "ByteRange": list(byte_range)}).removesuffix(b">>")
        head += b"/Contents "
        zeros = b"0" * (2 * self.room)
        return b"%b<%b>%b" % (head, zeros, spell_dictionary(after).removeprefix(b"<<")), len(head)


@dataclass(frozen=True, slots=True)
class Written:
    """A section of a file.

    Attributes:
        pieces: its bytes, in pieces that follow each other.
        gap: offsets in the file of what its signature leaves out, brackets included, or ``None``.
        end: offset behind it.
    """

    pieces: tuple[bytes | memoryview, ...]
    gap: tuple[int, int] | None
    end: int


def write_base(
    version: bytes, objects: Sequence[Any], *, info: int | None, identity: bytes
) -> Written:
    """Write a canonical file of one revision.

    Args:
        version: such as ``1.7``.
        objects: the values of objects 1 to n; the first is the catalog.
        info: number of the information dictionary, or ``None``.
        identity: 16 bytes, both identifiers of the file.

    Raises:
        InvalidFormatError: a value has no canonical form.
    """
    trailer: dict[str, Any] = {"ID": [identity, identity], "Root": Ref(1), "Size": len(objects) + 1}
    if info is not None:
        trailer["Info"] = Ref(info)
    header = b"%%PDF-%b\n%b" % (version, _MARKER)
    numbered = dict(enumerate(objects, start=1))
    return _settled(0, header, numbered, trailer)


def write_increment(before: Revision, objects: Mapping[int, Any]) -> Written:
    """Write a section behind a file.

    Args:
        before: the file so far.
        objects: the values of new and changed objects, by number.
    """
    trailer, last = before.trailer, before.sections[-1]
    permanent, changing = trailer["ID"]
    # The identifier follows from all bytes before: each holds the hash of its section and the last.
    digest = hashlib.sha256(changing)
    digest.update(memoryview(before.data)[last.start : last.end])
    new = trailer | {
        "ID": [permanent, digest.digest()[:IDENTITY_BYTES]],
        "Prev": last.table,
        "Size": max(before.size, max(objects) + 1),
    }
    return _settled(before.end, b"", dict(sorted(objects.items())), new)


def spelt(value: Any) -> Spelt:
    """An object as it is to stand in a file.

    Raises:
        InvalidFormatError: it has no canonical form.
    """
    match value:
        case Spelt():
            return value
        case Stream(entries, data):
            return Spelt(spell_dictionary({**entries, "Length": len(data)}), data)
        case _:
            return Spelt(spell(value))


def packed(entries: Mapping[str, Any], data: bytes) -> Stream:
    """A stream of ours: compressed, and without a word of the file's frame."""
    for level in _PACKINGS:
        made = zlib.compress(data, level)
        if is_quiet(made):
            return Stream({**entries, "Filter": Name("FlateDecode")}, made)
    return Stream({**entries, "Filter": Name("ASCIIHexDecode")}, data.hex().encode("ascii") + b">")


def is_quiet(data: bytes | memoryview) -> bool:
    """Whether bytes hold nothing that a reader would look for to repair the file."""
    data = bytes(data)
    if any(word in data for word in _WORDS):
        return False
    at = data.find(b"obj")
    while at >= 0:
        if is_telltale(data, at):
            return False
        at = data.find(b"obj", at + 1)
    return True


def filled(hole: tuple[int, int], der: bytes) -> bytes:
    """What stands in the gap of a signature, between its brackets: DER in digits, and zeros.

    Raises:
        InvalidInputError: it does not fit.
    """
    room = (hole[1] - hole[0] - 2) // 2
    if not 0 < len(der) <= room:
        raise InvalidInputError(f"CMS: expected 1 to {room} bytes, got {len(der)}")
    return der.hex().encode("ascii").ljust(2 * room, b"0")


def _settled(
    start: int, header: bytes, objects: dict[int, Any], trailer: Mapping[str, Any]
) -> Written:
    """Lay a section out until the numbers in its ``ByteRange`` are those that come out.

    They only grow from one round to the next, and so settle.
    """
    texts = {number: _text(number, value) for number, value in objects.items()}
    byte_range = (0, 0, 0, 0)
    while True:
        offsets, gap, table_at = _placed(start + len(header), texts, byte_range)
        end_part = table(offsets, first=start == 0) + closing(dict(trailer), table_at)
        end = table_at + len(end_part)
        if gap is None or byte_range == (found := (0, gap[0], gap[1], end - gap[1])):
            break
        byte_range = found
    pieces: list[bytes | memoryview] = [header] if header else []
    for text in texts.values():
        pieces += text if isinstance(text, tuple) else text.spell(byte_range)[0]
    return Written((*pieces, end_part), gap, end)


def _placed(
    position: int,
    texts: Mapping[int, tuple[bytes | memoryview, ...] | _Unsettled],
    byte_range: tuple[int, int, int, int],
) -> tuple[dict[int, int], tuple[int, int] | None, int]:
    """Where objects, the gap of a signature and the table come to stand."""
    offsets, gap = {}, None
    for number, text in texts.items():
        offsets[number] = position
        if isinstance(text, tuple):
            position += sum(map(len, text))
        else:
            parts, hole = text.spell(byte_range)
            gap = (position + hole, position + hole + 2 * text.signature.room + 2)
            position += sum(map(len, parts))
    return offsets, gap, position


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """A signature whose ``ByteRange`` is not known yet."""

    number: int
    signature: Signature

    def spell(self, byte_range: tuple[int, int, int, int]) -> tuple[tuple[bytes, ...], int]:
        """Its text in pieces, and the offset of its gap, at the bracket."""
        begin = _begin(self.number)
        text, hole = self.signature.spell(byte_range)
        return (begin, text, _END), len(begin) + hole


def _text(number: int, value: Any) -> tuple[bytes | memoryview, ...] | _Unsettled:
    """An object's text, in pieces."""
    if isinstance(value, Signature):
        return _Unsettled(number, value)
    made = spelt(value)
    if made.data is None:
        return (b"%b%b%b" % (_begin(number), made.head, _END),)
    head = b"%b%b\nstream\n" % (_begin(number), made.head)
    return (head, made.data, b"\nendstream\nendobj\n")


def _begin(number: int) -> bytes:
    return b"%d 0 obj\n" % number
