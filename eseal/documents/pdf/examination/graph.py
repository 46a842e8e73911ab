"""A PDF's objects as plain values, reached from its root, each once.

qpdf has parsed the file: there are no tables, no object streams and no odd spellings any more. Its
JSON (qpdf manual, "qpdf JSON", version 2) says unambiguously what a value is: names begin with a
slash, strings with ``u:`` or ``b:``, references end in ``R``. What cannot be reached from the root
is not looked at, since it is not written into the sealed file either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any, Final

import orjson
import pikepdf

from eseal.documents.pdf.opening.effort import Effort
from eseal.errors import UnsupportedDocumentError
from eseal.excerpts import excerpt

MAX_PARENTS: Final = 64
"""Fields inside one another: real forms have three or four levels."""
_MAX_LINKS: Final = 32
"""References that lead to references: a real document has none."""
_KEPT: Final = 20_000
"""Values kept for a second look; a hostile document has a million, at a kilobyte each."""
_REFERENCES: Final = re.compile(rb'[\s\[]"(\d+ \d+ R)"')
"""Within a string a quotation mark follows a backslash."""
_TELLING: Final = re.compile(
    rb'"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|ResetForm|Hide|SetOCGState|GoToR|GoToE|'
    rb"Movie|Sound|Rendition|GoTo3DView|RichMediaExecute|AA|EF|Ref|OPI|Alternates|OCMD|"
    rb'ByteRange|FontFile[23]?)"'
)
"""Names that make a dictionary worth a look."""
_ELSEWHERE: Final = b'"/F":'
"""The same in the dictionary of a stream, where it names a file."""
_PAGE: Final = b'"/Type": "/Page"'
_ODD_NUMBER: Final = re.compile(
    rb'^(\s*+(?:"(?:[^"\\]|\\.)*+": )?)(?:\+|(-))?0*(\d*\.\d+)(,?)$', re.MULTILINE
)
"""qpdf copies numbers as they are spelt, which JSON would rather have another way."""


class StreamEntries(dict[str, Any]):
    """The dictionary of a stream."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something hangs.

    Attributes:
        page: from 0; ``None`` if it belongs to no page alone.
        annotation: reference to the annotation it is part of, if it is.
    """

    page: int | None = None
    annotation: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A dictionary in which one of the telling names stands.

    Attributes:
        place: where it hangs.
        entries: the dictionary.
    """

    place: Place
    entries: dict[str, Any]

    @property
    def is_stream(self) -> bool:
        """Whether it is a stream's."""
        return isinstance(self.entries, StreamEntries)


class Graph:
    """The objects of an open document.

    Args:
        pdf: the document.

    Raises:
        UnsupportedDocumentError: an object cannot be read.
        Exception: whatever pikepdf throws on a broken file.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self._values: dict[str, Any] = {}
        self.pages: tuple[str, ...] = tuple(_spelt(page.obj.objgen) for page in pdf.pages)
        self.found: list[Found] = []
        self.stray_pages: list[str] = []
        """Pages that something leads to, but not the page tree."""
        self._size = 0
        self._walk()
        self.effort = Effort(self._size)

    @cached_property
    def written(self) -> bytes:
        """The document as qpdf sees it, for PDFium to show."""
        out = BytesIO()
        self.pdf.save(out, encryption=False, fix_metadata_version=False, compress_streams=False)
        return out.getvalue()

    @cached_property
    def catalog(self) -> dict[str, Any]:
        """The catalog (ISO 32000-1 section 7.7.2)."""
        return self._value(_spelt(self.pdf.Root.objgen)) or {}

    def resolve(self, value: Any) -> Any:
        """The value a reference leads to, or the value itself.

        Raises:
            TooLargeError: this has been asked too often.
            UnsupportedDocumentError: references lead to references without end.
        """
        self.effort.spend()
        for _ in range(_MAX_LINKS):
            if not is_reference(value):
                return value
            value = self._value(value)
        raise UnsupportedDocumentError(
            "the PDF is broken: a reference leads to references without end", field="document"
        )

    def dictionary(self, value: Any) -> dict[str, Any]:
        """A dictionary, or that of a stream; an empty one for anything else."""
        value = self.resolve(value)
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

    def inherited(self, field: dict[str, Any], key: str) -> Any:
        """An entry of a field, its own or its parents' (section 12.7.3.1), resolved.

        Raises:
            UnsupportedDocumentError: its parents run in a circle, or are too many.
        """
        for _ in range(MAX_PARENTS):
            value = self.resolve(field.get(key))
            if value is not None:
                return value
            if not is_reference(field.get("/Parent")):
                return None
            field = self.dictionary(field["/Parent"])
        raise UnsupportedDocumentError(
            "the PDF is broken: form fields are nested too deeply", field="document"
        )

    def stream(self, reference: Any) -> pikepdf.Stream | None:
        """The stream under a reference."""
        for _ in range(_MAX_LINKS):
            if not is_reference(reference):
                return None
            held = self._object(reference)
            if isinstance(held, pikepdf.Stream):
                return held
            reference = self._value(reference)
        return None

    def decoded(self, reference: Any) -> bytes:
        """The data of a stream, filters undone within qpdf's limits; nothing for what is none.

        Raises:
            Exception: whatever pikepdf throws on data that cannot be decoded.
        """
        held = self.stream(reference)
        return b"" if held is None else held.read_bytes()

    def where(self, place: Place) -> str:
        """A place in words: the field or annotation, and the page from 1."""
        if place.page is None:
            return "the document as a whole"
        page = f"page {place.page + 1}"
        if place.annotation is None:
            return page
        return f"{self.called(self.dictionary(place.annotation))}, {page}"

    def called(self, annotation: dict[str, Any]) -> str:
        """What somebody would call an annotation: ``link``, or ``field 'Price'``."""
        subtype = kind(annotation, "/Subtype")
        if subtype == "Widget":
            return f"field {excerpt(self.full_name(annotation), 64)}"
        return subtype.lower()[:64] or "annotation"

    def full_name(self, field: dict[str, Any]) -> str:
        """The fully qualified name of a field (section 12.7.3.2), as far as it can be shown."""
        parts: list[str] = []
        for _ in range(MAX_PARENTS):
            own = self.resolve(field.get("/T"))
            if is_string(own):
                parts.append(text(own))
            if not is_reference(field.get("/Parent")):
                break
            field = self.dictionary(field["/Parent"])
        return ".".join(reversed(parts))

    def _walk(self) -> None:
        """Each object once: pages first, so that what they share belongs to the first of them."""
        owners = self._owners()
        seen: set[bytes] = set()
        trailer = self.pdf.trailer
        # Backwards: the first page is on top.
        stack = [
            (_spelt(trailer[key].objgen).encode(), Place())
            for key in ("/Info", "/Root")
            if key in trailer and trailer[key].is_indirect
        ]
        stack += [(page.encode(), Place(n)) for n, page in reversed([*enumerate(self.pages)])]
        while stack:
            reference, place = stack.pop()
            if reference in seen:
                continue
            seen.add(reference)
            spelt = reference.decode()
            place = owners.get(spelt, place)
            held = self._object(spelt)
            json_text = _json(held)
            self._size += len(json_text)
            if _TELLING.search(json_text) or (
                _ELSEWHERE in json_text and isinstance(held, pikepdf.Stream)
            ):
                value = self._value(spelt)
                self.found += (Found(place, entries) for entries in dictionaries(value))
            if _PAGE in json_text and spelt not in owners:
                self.stray_pages.append(spelt)
            stack += ((each, place) for each in _REFERENCES.findall(json_text))

    def _owners(self) -> dict[str, Place]:
        """To which page and annotation an object belongs, whatever else leads to it."""
        owners = {page: Place(index) for index, page in enumerate(self.pages)}
        seen: set[str] = set()
        for index, page in enumerate(self.pages):
            entries = self._value(page)
            listed: Any = entries.get("/Annots") if isinstance(entries, dict) else None
            if is_reference(listed):
                if listed in seen:
                    continue
                seen.add(listed)
                listed = self._value(listed)
            for item in listed if isinstance(listed, list) else ():
                if is_reference(item):
                    owners.setdefault(item, Place(index, item))
        return owners

    def _object(self, reference: str) -> Any:
        number, generation, _ = reference.split()
        return self.pdf.get_object((int(number), int(generation)))

    def _value(self, reference: str) -> Any:
        if reference not in self._values:
            if len(self._values) == _KEPT:
                self._values.clear()
            held = self._object(reference)
            value = _loaded(_json(held), reference)
            self._values[reference] = (
                StreamEntries(value) if isinstance(held, pikepdf.Stream) else value
            )
        return self._values[reference]


def is_reference(value: Any) -> bool:
    """Whether a value is a reference to an object: names and strings begin otherwise."""
    return isinstance(value, str) and value[:1].isdigit()


def is_string(value: Any) -> bool:
    """Whether a value is a string (section 7.3.4)."""
    return isinstance(value, str) and value[:2] in {"u:", "b:"}


def text(value: str) -> str:
    """The characters of a string; those of one that is no text are its bytes."""
    return value[2:] if value.startswith("u:") else bytes.fromhex(value[2:]).decode("latin-1")


def kind(entries: dict[str, Any], key: str = "/Type") -> str:
    """The name under a key without its slash, or nothing."""
    value = entries.get(key)
    return value[1:] if isinstance(value, str) and value.startswith("/") else ""


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a value, references not followed."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _spelt(objgen: tuple[int, int]) -> str:
    return f"{objgen[0]} {objgen[1]} R"


def _json(held: Any) -> bytes:
    if isinstance(held, pikepdf.Stream):
        return held.stream_dict.to_json(True)
    if isinstance(held, pikepdf.Object):
        return held.to_json(True)
    return b"null" if held is None else str(held).lower().encode()  # a number, or a truth value


def _loaded(json_text: bytes, reference: str) -> Any:
    try:
        return orjson.loads(json_text)
    except orjson.JSONDecodeError:
        tidied = _ODD_NUMBER.sub(_spelt_anew, json_text).decode("utf-8", "replace")
    try:
        return json.loads(tidied)
    except (ValueError, RecursionError):
        raise UnsupportedDocumentError(
            f"the PDF is broken: object {reference.split(maxsplit=1)[0]} cannot be read",
            field="document",
        ) from None


def _spelt_anew(match: re.Match[bytes]) -> bytes:
    before, sign, number, after = match.groups(b"")
    return before + sign + (b"0" if number.startswith(b".") else b"") + number + after
