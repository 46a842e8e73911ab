"""Whether a file is in our form, revision by revision: what follows a seal is built anew.

No list of what others may append could be completed, so there is none. A section behind the first
revision is ours if it is, byte for byte, what we write for what it holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Name, Ref, spell, spell_dictionary
from eseal.documents.pdf.file.writing import Written
from eseal.documents.pdf.seals.der import without_padding
from eseal.documents.pdf.seals.dictionary import (
    FILL_FORMS,
    NO_CHANGES,
    certification,
    level_of,
    locks,
    said_in,
    seal_entries,
)
from eseal.documents.pdf.seals.fields import TIME_STAMP, SignatureField, signature_fields
from eseal.documents.pdf.seals.increments import (
    add_time_stamp,
    add_validation_data,
    validation_store,
)
from eseal.documents.pdf.seals.party import read_party
from eseal.errors import InvalidFormatError, InvalidInputError


class Kind(StrEnum):
    """What a section of a sealed file is."""

    SEAL = "seal"
    PARTY = "party"
    VALIDATION_DATA = "validation data"
    TIME_STAMP = "time-stamp"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature in a section of our form.

    Attributes:
        field: name of its field.
        cms: DER, without padding.
        digest: SHA-256 of the bytes it covers, 32 bytes.
        end: length of the file it covers, in bytes.
        gap: offsets of what it leaves out, brackets included.
        entries: its dictionary.
    """

    field: str
    cms: bytes
    digest: bytes
    end: int
    gap: tuple[int, int]
    entries: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A file as far as it is in our form.

    Attributes:
        revision: the last one that is.
        kinds: what each of its sections is, the first seal first.
        seals: the seals, in order.
        stamps: the document time-stamps, in order.
        level: at which the first seal certifies (ISO 32000-1 table 254).
        closed: whether a seal closed the document for further parties.
        problem: why what follows is not in our form, or ``None`` if nothing does.
        unread: whether something follows that has not been looked at.
    """

    revision: Revision
    kinds: tuple[Kind, ...]
    seals: tuple[Signed, ...]
    stamps: tuple[Signed, ...]
    level: int
    closed: bool
    problem: str | None = None
    unread: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the whole file is in our form."""
        return self.problem is None

    def places(self) -> tuple[SignatureField, ...]:
        """The signature fields, filled ones included, in order; time-stamps are none."""
        stamped = {stamp.field for stamp in self.stamps}
        return tuple(
            field for field in signature_fields(self.revision) if field.name not in stamped
        )


def judge(data: bytes, *, unsigned: bool = False) -> Judged:
    """Read a file as far as it is in our form.

    Args:
        data: the file.
        unsigned: whether its last signature may lack its CMS, which is then empty.

    Raises:
        InvalidFormatError: not even its first revision is a sealed document in canonical form.
    """
    *_, judged = judge_in_steps(data, unsigned=unsigned)
    return judged


def judge_in_steps(data: bytes, *, unsigned: bool = False) -> Iterator[Judged]:
    """The same; before that, where something follows the first revision, what is known till then.

    Whoever has a sealed file can put more behind it than anybody has the time to read.

    Raises:
        InvalidFormatError: as :func:`judge`.
    """
    try:
        yield from _Judge(data, unsigned=unsigned).steps()
    except InvalidInputError as error:
        raise InvalidFormatError(str(error)) from None


class _Judge:
    """One file, hashed once however many signatures it has."""

    def __init__(self, data: bytes, *, unsigned: bool) -> None:
        self._data = data
        self._unsigned = unsigned
        self._revision = Revision.first(data)
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._kinds: list[Kind] = []
        self._seals: list[Signed] = []
        self._stamps: list[Signed] = []
        self._closed = False

    def steps(self) -> Iterator[Judged]:
        first = self._first()
        level = level_of(first.entries) or 0
        if self._revision.end < len(self._data):
            yield self._judged(level, "what follows has not been read", unread=True)
        problem = None
        try:
            while self._revision.end < len(self._data):
                self._next(allows_parties=level == FILL_FORMS and not self._closed)
        except InvalidInputError as error:
            problem = str(error)
        yield self._judged(level, problem)

    def _judged(self, level: int, problem: str | None, *, unread: bool = False) -> Judged:
        return Judged(
            self._revision,
            tuple(self._kinds),
            tuple(self._seals),
            tuple(self._stamps),
            level,
            self._closed,
            problem,
            unread,
        )

    def _first(self) -> Signed:
        """The first revision holds one seal, which certifies it."""
        revision = self._revision
        filled = [field for field in signature_fields(revision) if field.value is not None]
        if len(filled) != 1:
            raise InvalidFormatError(f"expected one seal in the first revision, got {len(filled)}")
        seal = self._signed(revision, filled[0])
        level, catalog = level_of(seal.entries), revision.catalog
        expected = seal_entries(said_in(seal.entries), certification(level or NO_CHANGES))
        if (
            level is None
            or spell(_bare(seal.entries)) != spell(expected)
            or catalog.get("Perms") != {"DocMDP": filled[0].value}
        ):
            raise InvalidFormatError("expected a first seal that certifies the document")
        if "DSS" in catalog:
            raise InvalidFormatError("expected no validation data before there is a seal")
        self._passed(revision, Kind.SEAL)
        self._seals.append(seal)
        return seal

    def _next(self, *, allows_parties: bool) -> None:
        """Build the next section again, and compare."""
        before, after = self._revision, self._revision.following()
        store = after.catalog.get("DSS")
        if store != before.catalog.get("DSS") or (
            isinstance(store, Ref) and store.number in after.sections[-1].objects
        ):
            kind, made = Kind.VALIDATION_DATA, _validation_data(before, after)
            _compare(after, made)
        elif _is_time_stamp(before, after):
            kind = Kind.TIME_STAMP
            field = _filled(before, after)
            contents = _contents(after.dictionary(field.value))
            _compare(after, add_time_stamp(before, len(contents)))
            self._stamps.append(self._signed(after, field))
        else:
            if not allows_parties:
                raise InvalidFormatError("expected nothing but what validates the seals there are")
            kind = Kind.PARTY
            place, made = read_party(before, after)
            _compare(after, made)
            field = next(each for each in signature_fields(after) if each.name == place.name)
            seal = self._signed(after, field)
            self._seals.append(seal)
            self._closed = locks(seal.entries)
        self._passed(after, kind)

    def _passed(self, revision: Revision, kind: Kind) -> None:
        self._revision = revision
        self._kinds.append(kind)

    def _signed(self, revision: Revision, field: SignatureField) -> Signed:
        """A signature that covers its file up to its section's end, but for one string."""
        section = revision.sections[-1]
        if field.value is None or field.value.number not in section.objects:
            raise InvalidFormatError("expected a signature in the section that it covers")
        entries = revision.dictionary(field.value)
        contents = _contents(entries)
        start, end = gap_of(revision, field.value, entries, contents)
        if spell(entries.get("ByteRange")) != spell([0, start, end, section.end - end]):
            raise InvalidFormatError("expected a byte range that leaves out the contents alone")
        view = memoryview(self._data)
        self._hash.update(view[self._hashed : section.start])
        self._hashed = section.start
        covered = self._hash.copy()
        covered.update(view[section.start : start])
        covered.update(view[end : section.end])
        lacking = self._unsigned and section.end == len(self._data) and not any(contents)
        cms = b"" if lacking else without_padding(contents)
        return Signed(field.name, cms, covered.digest(), section.end, (start, end), entries)


def _contents(entries: dict[str, Any]) -> bytes:
    contents = entries.get("Contents")
    if not isinstance(contents, bytes):
        raise InvalidFormatError("expected a signature with contents")
    return contents


def gap_of(
    revision: Revision, reference: Ref, entries: dict[str, Any], contents: bytes
) -> tuple[int, int]:
    """Where the contents of a signature stand in the file, brackets included.

    Raises:
        InvalidFormatError: they are not written in hexadecimal digits.
    """
    before = {key: value for key, value in entries.items() if key < "Contents"}
    text = spell_dictionary(before)
    start = revision.places[reference.number].head[0] + len(text) - len(">>") + len("/Contents ")
    end = start + 2 * len(contents) + 2
    if revision.data[start : start + 1] != b"<" or revision.data[end - 1 : end] != b">":
        raise InvalidFormatError("expected a signature in hexadecimal digits")
    return start, end


def _bare(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in entries.items() if key not in {"ByteRange", "Contents"}}


def _filled(before: Revision, after: Revision) -> SignatureField:
    """The signature field that is new in a section."""
    new = [field for field in signature_fields(after) if field.reference.number >= before.size]
    if len(new) != 1:
        raise InvalidFormatError(f"expected one new signature field, got {len(new)}")
    return new[0]


def _is_time_stamp(before: Revision, after: Revision) -> bool:
    return any(
        number >= before.size
        and isinstance(value := after.load(number), dict)
        and value.get("SubFilter") == Name(TIME_STAMP)
        for number in after.sections[-1].objects
    )


def _validation_data(before: Revision, after: Revision) -> Written:
    made = add_validation_data(before, validation_store(after))
    if made is None:
        raise InvalidFormatError("expected new validation data")
    return made


def _compare(after: Revision, made: Written) -> None:
    """Compare a section with what we would have written; the CMS alone is not ours to build."""
    section = after.sections[-1]
    there = memoryview(after.data)[section.start : section.end]
    expected = b"".join(made.pieces)
    same = len(there) == len(expected)
    if made.gap is not None and same:
        start, end = made.gap[0] - section.start, made.gap[1] - section.start
        same = there[:start] == expected[:start] and there[end:] == expected[end:]
    elif same:
        same = there == expected
    if not same:
        raise InvalidFormatError("expected a section byte for byte as we write it")
