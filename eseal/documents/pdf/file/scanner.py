"""Whether a file is in canonical form: one strict pass, small enough to read in one sitting.

A canonical file is one revision as :mod:`eseal.documents.pdf.file.writing` writes it: objects 1 to
n in the order of their numbers, each once, one table, one trailer, and nothing else. What is
appended to it comes in sections of the same form (:mod:`eseal.documents.pdf.file.revision`).
Readers disagree about everything that is odd; here nothing is. docs/canonical-form.md states the
grammar for strangers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from eseal.documents.pdf.file.grammar import check_values, references_in
from eseal.documents.pdf.file.values import Name, Ref, parse, spell_dictionary
from eseal.errors import InvalidFormatError

HEADER: Final = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)\n%\xbf\xf7\xa2\xfe\n")
_BEGIN: Final = re.compile(rb"([1-9][0-9]{0,7}) 0 obj\n")
_CUT_HEADER: Final = re.compile(rb"[1-9][0-9]{0,7}(?: (?:0(?: (?:o(?:bj?)?)?)?)?)?")
"""The beginning of one."""
_LINES_OF_END: Final = 4
"""Trailer, ``startxref``, offset and ``%%EOF``."""
_OBJ: Final = re.compile(rb"obj")
_END_OBJECT: Final = b"\nendobj\n"
_STREAM: Final = b"\nstream\n"
_END_STREAM: Final = b"\nendstream\nendobj\n"
_BLANKS: Final = b"\x00\t\n\f\r "
_IDENTIFIERS: Final = [16, 16]
"""Bytes of each: what the file was made from, and what it is now."""
_FRAME_WORDS: Final = ((b"xref", 2), (b"trailer", 1), (b"%%EOF", 1))
"""How often each stands in a section; ``startxref`` holds the first, too."""
FILTERS: Final = frozenset(
    {
        "ASCIIHexDecode", "ASCII85Decode", "LZWDecode", "FlateDecode", "RunLengthDecode",
        "CCITTFaxDecode", "JBIG2Decode", "DCTDecode", "JPXDecode",
    }
)  # fmt: skip
_NEVER_IN_STREAMS: Final = frozenset({"F", "FFilter", "FDecodeParms", "DP", "DL", "Fl"})
"""Data elsewhere, and keys that only some readers take for others (ISO 32000-1 table 5)."""
_NEVER_TYPES: Final = frozenset({"XRef", "ObjStm"})
CATALOG_KEYS: Final = frozenset(
    {
        "AcroForm", "AF", "Dests", "DSS", "Extensions", "Lang", "MarkInfo", "Metadata", "Names",
        "OCProperties", "OpenAction", "Outlines", "OutputIntents", "PageLabels", "PageLayout",
        "PageMode", "Pages", "Perms", "PieceInfo", "StructTreeRoot", "Threads",
        "Type", "URI", "Version", "ViewerPreferences",
    }
)  # fmt: skip
"""ISO 32000-2 table 29, without what a canonical file never has: collections, legal attestation,
requirements and actions, which examination refuses before."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands in a file.

    Attributes:
        offset: of its header.
        head: span of its value, or of the dictionary of a stream.
        data: span of a stream's bytes, or ``None``.
    """

    offset: int
    head: tuple[int, int]
    data: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Section:
    """A revision's own part of a file.

    Attributes:
        start: offset of its first byte.
        end: offset behind its last byte.
        objects: its objects, by number.
        trailer: its trailer dictionary.
        table: offset of its cross-reference table.
    """

    start: int
    end: int
    objects: dict[int, Place]
    trailer: dict[str, Any]
    table: int

    @property
    def size(self) -> int:
        """One more than the highest number of an object so far."""
        size: int = self.trailer["Size"]
        return size


def scan_base(data: bytes) -> Section:
    """Read the first revision of a canonical file, strictly.

    Raises:
        InvalidFormatError: it is not in canonical form; says where.
    """
    header = HEADER.match(data)
    if header is None:
        raise InvalidFormatError("expected a canonical header")
    section, heads = _scan(data, 0, header.end(), size=1)
    if list(section.objects) != list(range(1, len(section.objects) + 1)):
        raise InvalidFormatError("expected objects from 1 on, each once and in order")
    _check_reached(heads, section.trailer)
    check_catalog(data, section)
    _check_frame(data, section, versions=1)
    return section


def scan_increment(data: bytes, before: Section) -> Section:
    """Read one revision behind another, strictly; what it says is for others to judge.

    Args:
        data: the whole file.
        before: the revision it follows.

    Raises:
        InvalidFormatError: what follows is no section in canonical form.
    """
    section, heads = _scan(data, before.end, before.end, size=before.size)
    if max((each for head in heads for each in references_in(head)), default=1) >= section.size:
        raise InvalidFormatError("expected references to objects that are there")
    if 1 in section.objects:
        check_catalog(data, section)
    if section.trailer.get("Prev") != before.table:
        raise InvalidFormatError("expected an increment that follows the section before it")
    _check_frame(data, section, versions=0)
    return section


def is_cut_off(data: bytes, before: Section) -> bool:
    """Whether what follows a section is the beginning of a further one, and its end is missing.

    That happens to files on their way; nobody is accused of it.

    Args:
        data: the whole file.
        before: the last section that is whole.
    """
    position, offsets = before.end, dict[int, int]()
    while begin := _BEGIN.match(data, position):
        try:
            place = _object(data, begin)
        except InvalidFormatError:
            return not any(data.find(word, position) >= 0 for word, _ in _FRAME_WORDS)
        offsets[int(begin[1])] = position
        position = (place.head[1] + len(_END_OBJECT)) if place.data is None else (
            place.data[1] + len(_END_STREAM)
        )  # fmt: skip
    rest, made = data[position:], table(offsets, first=False) + b"trailer << "
    if made.startswith(rest) or _CUT_HEADER.fullmatch(rest):
        return bool(offsets) or bool(rest)
    return rest.startswith(made) and rest.count(b"\n", len(made)) < _LINES_OF_END


def table(offsets: dict[int, int], *, first: bool) -> bytes:
    """The cross-reference table of a section (ISO 32000-1 section 7.5.4).

    Args:
        offsets: of its objects, by number, ascending.
        first: whether it is the file's first, which also names object 0.
    """
    lines = [b"xref\n"]
    numbers = [*offsets]
    if first:
        lines.append(b"0 %d\n0000000000 65535 f \n" % (len(numbers) + 1))
    for index, number in enumerate(numbers):
        if not first and (index == 0 or numbers[index - 1] != number - 1):
            run = index
            while run < len(numbers) and numbers[run] - number == run - index:
                run += 1
            lines.append(b"%d %d\n" % (number, run - index))
        lines.append(b"%010d 00000 n \n" % offsets[number])
    return b"".join(lines)


def closing(trailer: dict[str, Any], table_at: int) -> bytes:
    """What follows the table of a section: trailer, where the table is, and the end."""
    return b"trailer %b\nstartxref\n%d\n%%%%EOF\n" % (spell_dictionary(trailer), table_at)


def check_catalog(data: bytes, section: Section) -> None:
    """Check that the catalog of a section holds what every reader knows.

    Raises:
        InvalidFormatError: it holds something else.
    """
    start, end = section.objects[1].head
    catalog = parse(data[start:end])
    if not isinstance(catalog, dict) or catalog.keys() - CATALOG_KEYS:
        raise InvalidFormatError("expected a catalog without unknown entries")


def _scan(data: bytes, start: int, position: int, *, size: int) -> tuple[Section, list[bytes]]:
    """Objects in the order of their numbers, table, trailer, end; and their values."""
    objects: dict[int, Place] = {}
    last = 0
    while begin := _BEGIN.match(data, position):
        number = int(begin[1])
        if number <= last:
            raise InvalidFormatError(f"expected objects in order, got {number} behind {last}")
        last = number
        objects[number] = place = _object(data, begin)
        position = (place.head[1] + len(_END_OBJECT)) if place.data is None else (
            place.data[1] + len(_END_STREAM)
        )  # fmt: skip
    if not objects:
        raise InvalidFormatError(f"expected an object at offset {position}")
    heads = check_values([data[place.head[0] : place.head[1]] for place in objects.values()])
    made = table({number: place.offset for number, place in objects.items()}, first=start == 0)
    trailer_at = position + len(made)
    if data[position:trailer_at] != made:
        raise InvalidFormatError(f"expected the table of these objects at offset {position}")
    line_end = data.find(b"\n", trailer_at)
    if data[trailer_at : trailer_at + 8] != b"trailer " or line_end < 0:
        raise InvalidFormatError(f"expected a trailer at offset {trailer_at}")
    trailer = parse(data[trailer_at + 8 : line_end])
    _check_trailer(trailer, max(size, last + 1), first=start == 0)
    end = closing(trailer, position)
    if data[trailer_at : trailer_at + len(end)] != end:
        raise InvalidFormatError(f"expected the end of the section at offset {line_end}")
    return Section(start, trailer_at + len(end), objects, trailer, position), heads


def _object(data: bytes, begin: re.Match[bytes]) -> Place:
    start = begin.end()
    end = data.find(b"\n", start)
    if data.startswith(_END_OBJECT, end):
        return Place(begin.start(), (start, end), None)
    if not data.startswith(_STREAM, end):
        raise InvalidFormatError(f"expected one value in the line at offset {start}")
    entries = parse(data[start:end])
    length = entries.get("Length") if isinstance(entries, dict) else None
    if type(length) is not int or length < 0:
        raise InvalidFormatError(f"expected a stream with its length at offset {start}")
    first = end + len(_STREAM)
    if not data.startswith(_END_STREAM, first + length):
        raise InvalidFormatError(f"expected the end of a stream at offset {first + length}")
    _check_stream(entries, start)
    return Place(begin.start(), (start, end), (first, first + length))


def _check_stream(entries: dict[str, Any], at: int) -> None:
    """A stream's data is here, and how it is read is said once."""
    filters = _listed(entries.get("Filter", []))
    if (
        _NEVER_IN_STREAMS & entries.keys()
        or not all(type(each) is Name and each in FILTERS for each in filters)
        or any(type(each) is Ref for each in _listed(entries.get("DecodeParms")))
        or type(kind := entries.get("Type", Name())) is not Name
        or kind in _NEVER_TYPES
    ):
        raise InvalidFormatError(f"expected a stream that every reader reads alike, at {at}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _check_trailer(trailer: Any, size: int, *, first: bool) -> None:
    expected = {"ID", "Root", "Size"} | (set() if first else {"Prev"})
    if not isinstance(trailer, dict) or trailer.keys() - {"Info"} != expected:
        raise InvalidFormatError("expected a trailer of ID, Info, Root and Size")
    if trailer["Root"] != Ref(1) or trailer["Size"] != size:
        raise InvalidFormatError("expected object 1 as catalog, and the number of objects")
    if not isinstance(trailer.get("Info", Ref(1)), Ref):
        raise InvalidFormatError("expected Info as a reference")
    found = [isinstance(each, bytes) and len(each) for each in _listed(trailer["ID"])]
    if found != _IDENTIFIERS:
        raise InvalidFormatError("expected two identifiers of 16 bytes")


def _check_reached(heads: list[bytes], trailer: dict[str, Any]) -> None:
    """Every reference leads to an object, and to every object leads a reference."""
    waiting = [1, trailer["Info"].number] if "Info" in trailer else [1]
    reached = set(waiting)
    while waiting:
        number = waiting.pop()
        if number > len(heads):
            raise InvalidFormatError(f"expected references to objects, got one to {number}")
        new = set(references_in(heads[number - 1])) - reached
        reached |= new
        waiting += new
    if len(reached) != len(heads):
        raise InvalidFormatError("expected no object to which nothing leads")


def _check_frame(data: bytes, section: Section, *, versions: int) -> None:
    """Who repairs the file by searching finds the same objects, tables and trailers."""
    start, end = section.start, section.end
    for word, times in (*_FRAME_WORDS, (b"%PDF-", versions)):
        if data.count(word, start, end) != times:
            raise InvalidFormatError(f"expected {word!r} nowhere but in the frame of the file")
    strays = data.count(b"obj", start, end) - 2 * len(section.objects)
    if strays:
        found = sum(is_telltale(data, hit.start()) for hit in _OBJ.finditer(data, start, end))
        if found != 2 * len(section.objects):
            raise InvalidFormatError("expected 'obj' nowhere but in the frame of the file")


def is_telltale(data: bytes, at: int) -> bool:
    """Whether a reader that searches for objects may take the ``obj`` at this offset for one.

    Readers look for the word, for the word behind two numbers, or for what begins with it there.
    """
    if data.startswith(b"end", max(at - 3, 0)):
        return True
    before = at - 1
    while before >= 0 and data[before] in _BLANKS:
        before -= 1
    if before >= 0 and data[before : before + 1].isdigit():
        return True
    return not data[at - 1 : at].isalpha() and not data[at + 3 : at + 4].isalpha()
