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
    texts = {number: _text(value) for number, value in objects.items()}
    byte_range = (0, 0, 0, 0)
    while True:
        made, found = _laid_out(start, header, texts, trailer, byte_range)
        if found is None or found == byte_range:
            return made
        byte_range = found


def _laid_out(
    start: int,
    header: bytes,
    texts: Mapping[int, tuple[bytes | memoryview, ...] | Signature],
    trailer: Mapping[str, Any],
    byte_range: tuple[int, int, int, int],
) -> tuple[Written, tuple[int, int, int, int] | None]:
    pieces: list[bytes | memoryview] = [header] if header else []
    position, gap = start + len(header), None
    offsets = {}
    for number, text in texts.items():
        offsets[number] = position
        begin = b"%d 0 obj\n" % number
        if isinstance(text, Signature):
            head, hole = text.spell(byte_range)
            at = position + len(begin) + hole
            gap = (at, at + 2 * text.room + 2)
            parts: tuple[bytes | memoryview, ...] = (begin, head, b"\nendobj\n")
        else:
            parts = (begin, *text)
        pieces += parts
        position += sum(map(len, parts))
    end_part = table(offsets, first=start == 0) + closing(dict(trailer), position)
    end = position + len(end_part)
    made = Written((*pieces, end_part), gap, end)
    return made, None if gap is None else (0, gap[0], gap[1], end - gap[1])


def _text(value: Any) -> tuple[bytes | memoryview, ...] | Signature:
    """An object's text behind its header, in pieces."""
    if isinstance(value, Signature):
        return value
    made = spelt(value)
    if made.data is None:
        return (made.head, b"\nendobj\n")
    return (made.head, b"\nstream\n", made.data, b"\nendstream\nendobj\n")
