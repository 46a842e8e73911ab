"""The two kinds of increment that stand behind a seal for the long term.

Each is built from what it holds and the file before, and from nothing else: whoever has the file
can build it again and compare (ISO 32000-2 section 12.8.4.3, ETSI EN 319 142-1 clause 5.4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

from eseal.documents.cms.validation_data import Carried
from eseal.documents.pdf.file.objects import Draft, Objects
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.documents.pdf.file.writing import Signature, Written, is_quiet, write_increment
from eseal.documents.pdf.seals.der import without_padding
from eseal.documents.pdf.seals.fields import TIME_STAMP, form_fields, widget
from eseal.errors import InvalidFormatError, InvalidInputError

TOKEN_BYTES: Final = 16 * 1024
"""Room for a token: 2 to 8 KB with its chain, more with RSA-4096 and several certificates."""
_PREFIX: Final = "Time-"
_STORES: Final = ("Certs", "CRLs", "OCSPs")
_ARCHIVES: Final = (b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
"""What ZIP, RAR and 7z are found by: a PDF is none of these besides."""
_MAX_ITEMS: Final = 1024
"""Validation data of one document: every section looks at all that is there. A seal needs some ten,
and a time-stamp as many."""


@dataclass(frozen=True)
class _Store:
    """The document security store of a revision, as far as there is one."""

    reference: Ref | None = None
    entries: Mapping[str, list[Ref]] = field(default_factory=dict)


def validation_store(objects: Objects) -> Carried:
    """What the document security store holds.

    Raises:
        InvalidFormatError: it is not as we write it.
    """
    store = _store(objects)
    parts = [tuple(_der(objects, each) for each in store.entries.get(key, ())) for key in _STORES]
    return Carried(*parts)


def validation_items(objects: Objects) -> dict[int, bytes]:
    """What it holds, by the numbers of the objects it stands in.

    Raises:
        InvalidFormatError: as :func:`validation_store`.
    """
    entries = _store(objects).entries.values()
    return {each.number: _der(objects, each) for items in entries for each in items}


def add_validation_data(before: Revision, added: Carried) -> Written | None:
    """Write what a document's security store lacks, each once, sorted by its SHA-256.

    Returns:
        The increment; ``None`` if all is there.

    Raises:
        InvalidFormatError: the store is not as we write it, or too much would be in it.
    """
    draft = Draft(before)
    store, there = _store(before), _by_key(validation_store(before))
    entries: dict[str, Any] = {"Type": Name("DSS")}
    for key, items in _by_key(added).items():
        missing = sorted({*items} - {*there[key]}, key=_by_hash)
        references = [*store.entries.get(key, ()), *(draft.add(_stream(der)) for der in missing)]
        if references:
            entries[key] = references
    if not draft.changed:
        return None
    _check_number({key: each for key, each in entries.items() if key in _STORES})
    if store.reference is not None:
        draft.change(store.reference, entries)
    else:
        draft.update(Ref(1), DSS=draft.add(entries))
    return write_increment(before, draft.changed)


def add_time_stamp(before: Revision, room: int = TOKEN_BYTES) -> Written:
    """Write a document time-stamp that lacks only its token (EN 319 142-1 clause 5.4.3).

    Its field stands on the page of the document's first signature field: validators allow a
    new field in a list of annotations that is there, and no new list. It has no size, and so
    shows nothing; a look it must have all the same (ISO 19005-1 section 6.9), and validators allow
    none that is new: it names the one of that first field.

    Args:
        before: the file so far.
        room: bytes of DER to leave room for.

    Raises:
        InvalidInputError: the document has no signature.
        InvalidFormatError: its form is not as we write it.
    """
    draft = Draft(before)
    form = before.catalog.get("AcroForm")
    fields = before.dictionary(form).get("Fields")
    there = form_fields(before)
    first = next((entries for _, _, entries, kind in there if kind == "Sig"), None)
    if first is None or not isinstance(fields, Ref):
        raise InvalidInputError("expected a sealed PDF, got one without a seal", field="document")
    page = first.get("P")
    annotations = before.dictionary(page).get("Annots")
    if not isinstance(page, Ref) or not isinstance(annotations, Ref):
        raise InvalidFormatError("expected annotations as a list of their own")
    signature = draft.add(
        Signature(
            {
                "Type": Name("DocTimeStamp"),
                "Filter": Name("Adobe.PPKLite"),
                "SubFilter": Name(TIME_STAMP),
            },
            room,
        )
    )
    names = {name for name, *_ in there}
    free = (f"{_PREFIX}{number}" for number in count(1))
    name = next(each for each in free if each not in names)
    made = draft.add(widget(page, name, AP=first.get("AP"), V=signature))
    draft.append(made, fields, annotations)
    return write_increment(before, draft.changed)


def _by_key(data: Carried) -> dict[str, tuple[bytes, ...]]:
    """The three lists under their names in the file (ISO 32000-2 table 261)."""
    return dict(zip(_STORES, (data.certificates, data.crls, data.ocsps), strict=True))


def _by_hash(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()


def _store(objects: Objects) -> _Store:
    reference = objects.catalog.get("DSS")
    if reference is None:
        return _Store()
    entries = objects.dictionary(reference)
    if not isinstance(reference, Ref) or entries.pop("Type", None) != Name("DSS"):
        raise InvalidFormatError("expected a document security store of its own")
    for key, items in entries.items():
        if key not in _STORES or not isinstance(items, list):
            raise InvalidFormatError(f"expected {', '.join(_STORES)} in the store, got {key}")
        if not all(isinstance(item, Ref) for item in items) or len({*items}) != len(items):
            raise InvalidFormatError("expected streams in the document security store, each once")
    _check_number(entries)
    return _Store(reference, entries)


def _check_number(entries: Mapping[str, list[Ref]]) -> None:
    if sum(map(len, entries.values())) > _MAX_ITEMS:
        raise InvalidFormatError(f"expected at most {_MAX_ITEMS} validation data, got more")


def _stream(der: bytes) -> Stream:
    """DER as it is; in digits where it holds what readers look for to repair or unpack a file."""
    if is_quiet(der) and not any(mark in der for mark in _ARCHIVES):
        return Stream({}, der)
    return Stream({"Filter": Name("ASCIIHexDecode")}, der.hex().encode("ascii") + b">")


def _der(objects: Objects, item: Ref) -> bytes:
    """One element of DER: nothing else can be put where validation data are."""
    return objects.once(("DER", item), partial(_read_der, item))


def _read_der(item: Ref, objects: Objects) -> bytes:
    stream = objects.stream(item)
    data = bytes(stream.data)
    try:
        if stream.entries:
            data = bytes.fromhex(data.removesuffix(b">").decode("ascii"))
    except ValueError:
        raise InvalidFormatError("expected DER in the document security store") from None
    if without_padding(data) != data:
        raise InvalidFormatError("expected DER and nothing else in the document security store")
    return data
