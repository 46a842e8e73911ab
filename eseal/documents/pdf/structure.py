"""A PDF's objects as plain values, found through its cross-reference table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import compress, repeat
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefSectionData

from eseal.documents.pdf.effort import Effort
from eseal.documents.pdf.inventory import Entry, walk
from eseal.documents.pdf.reader import BoundedReader
from eseal.documents.pdf.syntax import (
    REGULAR,
    SPACE,
    Name,
    Ref,
    Stream,
    decode_name,
    parse,
)
from eseal.documents.pdf.tables import TableData, offsets_in
from eseal.documents.pdf.tiling import DIGITS, Cut, cut

_NAME: Final = re.compile(rb"/(" + REGULAR + rb"*+)")
_HEADER: Final = re.compile(
    SPACE + rb"*(\d{1,10})" + SPACE + rb"+(\d{1,5})" + SPACE + rb"+obj(?!" + REGULAR + rb")"
)
_STREAM: Final = re.compile(SPACE + rb"*stream\r?\n")
MAX_PARENTS: Final = 64
"""Pages and fields inside one another: a balanced tree of a million pages is 10 deep."""
_MAX_LINKS: Final = 32
"""References that lead to references: a real document has none."""


class Structure:
    """The objects of one file as its newest revision lists them.

    Args:
        reader: the file, opened within its limits.
        data: its bytes.
        effort: what looking through it may cost; several revisions of a file can share it.
    """

    def __init__(self, reader: BoundedReader, data: bytes, effort: Effort | None = None) -> None:
        self.reader = reader
        self.data = data
        self.effort = effort or Effort(len(data))
        self._values: dict[int, Any] = {}

    @cached_property
    def places(self) -> Mapping[int, int | ObjStreamRef]:
        """Place of every live object, by number: an offset, or a place in an object stream."""
        tables = self._tables()
        if len(tables) == 1 and isinstance(tables[0], TableData):
            return tables[0].offsets
        found: dict[int, int | ObjStreamRef] = {}
        for table in tables:
            for number in table.freed:
                found.pop(number, None)
            if table.hybrid is not None:
                found.update(offsets_in(table.hybrid.xref_data))
                found.update(table.hybrid.xref_data.xrefs_in_objstm)
            found.update(offsets_in(table))
            found.update(table.xrefs_in_objstm)
        return found

    @cached_property
    def generations(self) -> dict[int, int]:
        """Generation of every live object that has another than 0, by number."""
        found: dict[int, int] = {}
        for table in self._tables():
            for part in [table] if table.hybrid is None else [table.hybrid.xref_data, table]:
                for number in found.keys() & offsets_in(part).keys():
                    del found[number]
                found.update(part.higher_generation_refs())  # type: ignore[no-untyped-call]
        return {number: found[number] for number in found.keys() & self.offsets.keys()}

    def ref(self, number: int) -> Ref:
        """The reference to an object."""
        return Ref(number, self.generations.get(number, 0))

    def _tables(self) -> list[XRefSectionData]:
        xrefs = self.reader.xrefs
        return [xrefs.get_xref_data(revision) for revision in range(xrefs.total_revisions)]

    @cached_property
    def offsets(self) -> Mapping[int, int]:
        """Offset of every live object that is no part of an object stream, by number."""
        places: Mapping[int, Any] = self.places
        packed = self.packed
        return {n: at for n, at in places.items() if n not in packed} if packed else places

    @cached_property
    def packed(self) -> dict[int, ObjStreamRef]:
        """Place of every live object in an object stream, by number."""
        if not any(table.xrefs_in_objstm or table.hybrid for table in self._tables()):
            return {}
        return {n: at for n, at in self.places.items() if isinstance(at, ObjStreamRef)}

    @cached_property
    def entries(self) -> list[Entry]:
        """Every object that stands in the file, listed or not."""
        return walk(self.data, 0, self.offsets)

    @cached_property
    def cut(self) -> Cut | None:
        """The objects of a file that holds these and no others; ``None`` if it must be walked."""
        return cut(self.data, self.offsets)

    @cached_property
    def heads(self) -> dict[int, bytes]:
        """The text of every live object without stream data, by number."""
        data, offsets = self.data, self.offsets
        if self.cut is not None:
            heads = dict(zip(self.cut.numbers, self.cut.heads, strict=True))
        else:
            heads = {
                entry.number: data[entry.body : entry.end]
                for entry in self.entries
                if offsets.get(entry.number) == entry.offset
            }
        for number, place in self.packed.items():
            heads[number] = self._in_stream(number, place)
        for number, offset in offsets.items() if self.cut is None else ():
            if number not in heads:
                match = _HEADER.match(data, offset)
                if match is not None and int(match[1]) == number:
                    end = parse(data, match.end())[1]
                    heads[number] = data[match.end() : end]
        return heads

    @cached_property
    def text(self) -> bytes:
        """All heads, one after the other."""
        return b"\n".join(self.heads.values())

    @cached_property
    def shapes(self) -> set[bytes]:
        """All heads with every digit as 0.

        The pages of a document, and what belongs to them, are alike but for numbers: to look at
        each shape once is to look at everything.
        """
        if self.cut is not None and not self.packed:
            return self.cut.kinds
        return set(self._shape_by_position)

    @cached_property
    def _shape_by_position(self) -> list[bytes]:
        if self.cut is not None and not self.packed:
            return self.cut.shapes
        return [*map(bytes.translate, self.heads.values(), repeat(DIGITS))]

    def having(self, fits: Callable[[bytes], object]) -> Iterator[int]:
        """Numbers of the live objects whose shape fits."""
        shapes = {shape for shape in self.shapes if fits(shape)}
        if shapes:
            numbers = self.heads if self.cut is None or self.packed else self.cut.numbers
            yield from compress(numbers, map(shapes.__contains__, self._shape_by_position))

    @cached_property
    def has_escapes(self) -> bool:
        """Whether any name, or a string that looks like one, is spelt with ``#``."""
        return any(b"#" in shape for shape in self.shapes)

    @cached_property
    def spellings(self) -> dict[str, frozenset[bytes]]:
        """Every name that occurs in the live objects, and how it is spelt."""
        found: dict[str, frozenset[bytes]] = {}
        for raw in set(_NAME.findall(self.text)):
            name = decode_name(raw)
            found[name] = found.get(name, frozenset()) | {raw}
        return found

    @cached_property
    def _name_shapes(self) -> frozenset[bytes]:
        return frozenset(_NAME.findall(b"\n".join(self.shapes)))

    def mentions(self, names: Iterable[str]) -> bool:
        """Whether any of ``names`` may occur in a live object: digits are not told apart."""
        return any(raw.translate(DIGITS) in self._name_shapes for raw in self._spelt(names))

    def naming(self, names: Iterable[str]) -> Iterator[tuple[int, Any]]:
        """The live objects in which any of ``names`` occurs, with their values."""
        spelt = [raw for raw in self._spelt(names) if raw.translate(DIGITS) in self._name_shapes]
        if spelt:
            exactly = _any_of(spelt)
            for number in self.having(_any_of(raw.translate(DIGITS) for raw in spelt).search):
                if exactly.search(self.heads[number]):
                    yield number, self.get(number)

    def _spelt(self, names: Iterable[str]) -> Iterable[bytes]:
        """Names as they stand in the file."""
        if self.has_escapes:
            return [raw for name in names for raw in self.spellings.get(name, ())]
        return [name.encode("latin-1") for name in names]

    def get(self, number: int) -> Any:
        """The value of a live object, ``None`` where there is none (section 7.3.10).

        Raises:
            PdfReadError: it cannot be read.
        """
        if number not in self._values:
            self._values[number] = self._read(number)
        return self._values[number]

    def resolve(self, value: Any) -> Any:
        """The value a reference leads to, or the value itself.

        Raises:
            TooLargeError: this has been asked too often.
        """
        self.effort.spend()
        for _ in range(_MAX_LINKS):
            if not isinstance(value, Ref):
                return value
            if value.generation != self.generations.get(value.number, 0):
                return None
            value = self.get(value.number)
        raise PdfReadError("a reference leads to references without end")

    def dictionary(self, value: Any) -> dict[str, Any]:
        """A dictionary, or that of a stream; an empty one for anything else."""
        value = self.resolve(value)
        if isinstance(value, Stream):
            return value.entries
        return value if isinstance(value, dict) else {}

    def array(self, value: Any) -> list[Any]:
        """The items of an array as they stand; none for anything else."""
        value = self.resolve(value)
        if not isinstance(value, list):
            return []
        self.effort.spend(len(value))
        return value

    def entry(self, value: Any, *keys: str) -> Any:
        """What ``keys`` lead to, dictionary by dictionary, resolved."""
        for key in keys:
            value = self.dictionary(value).get(key)
        return self.resolve(value)

    def inherited(self, node: dict[str, Any], key: str) -> Any:
        """An entry of a page or field, its own or its parents' (7.7.3.4, 12.7.3.1), resolved.

        Raises:
            PdfReadError: its parents run in a circle, or are too many.
        """
        for _ in range(MAX_PARENTS):
            value = self.resolve(node.get(key))
            if value is not None:
                return value
            parent = node.get("Parent")
            if not isinstance(parent, Ref):
                return None
            node = self.dictionary(parent)
        raise PdfReadError("parents are nested too deeply")

    @cached_property
    def root(self) -> Any:
        """The reference to the catalog."""
        root: object = self.reader.trailer.raw_get("/Root")
        if not isinstance(root, generic.IndirectObject):
            raise PdfReadError("expected the trailer to refer to a catalog")
        return Ref(root.idnum, root.generation)

    @cached_property
    def catalog(self) -> dict[str, Any]:
        """The catalog (section 7.7.2)."""
        return self.dictionary(self.root)

    def decoded(self, number: int) -> bytes:
        """The data of a stream, filters undone within the limits.

        Raises:
            PdfReadError: it is no stream.
            Exception: whatever pyHanko throws on data that cannot be decoded.
        """
        reference = generic.Reference(*self.ref(number), self.reader)
        stream = self.reader.get_object(reference)  # type: ignore[no-untyped-call]
        if not isinstance(stream, generic.StreamObject):
            raise PdfReadError(f"object {number} is not a stream")
        data: bytes = stream.data
        return data

    def _read(self, number: int) -> Any:
        place = self.places.get(number)
        if place is None:
            return None
        if not isinstance(place, int):
            return parse(self._in_stream(number, place))[0]
        match = _HEADER.match(self.data, place)
        if match is None or int(match[1]) != number:
            return None
        value, end = parse(self.data, match.end())
        if isinstance(value, dict):
            start = _STREAM.match(self.data, end)
            if start is not None:
                return Stream(value, start.end())
        return value

    def _in_stream(self, number: int, place: ObjStreamRef) -> bytes:
        """The text of an object in an object stream (section 7.5.7)."""
        packed, index = self.reader.packed(place.obj_stream_id), place.ix_in_stream
        if packed is None or packed.numbers[index : index + 1] != [number]:
            raise PdfReadError(f"its object stream does not hold object {number}")
        return packed.data[packed.starts[index] : packed.ends[index]]


def _any_of(spelt: Iterable[bytes]) -> re.Pattern[bytes]:
    return re.compile(rb"/(?:" + b"|".join(map(re.escape, spelt)) + rb")(?!" + REGULAR + rb")")


def kind(entries: dict[str, Any], key: str = "Type") -> str:
    """The name under a key, or nothing."""
    value = entries.get(key)
    return str(value) if isinstance(value, Name) else ""


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a value, references not followed."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Stream):
            item = item.entries
        if isinstance(item, dict):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
