"""What signatures stand in a PDF, and in what form the file is. Nothing is verified here.

Four questions, asked in one confined process, within one budget. The first, :func:`forms`, decides
whether a file may be green, and is answered by our own strict reader alone: of the sealed document
first, then with what follows it. Its answers have left the process before qpdf or PDFium meet the
file: what happens to them then cannot change it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pikepdf

from eseal.documents.cms import decode
from eseal.documents.pdf.file.scanner import is_cut_off
from eseal.documents.pdf.opening.opening import guarded, open_document
from eseal.documents.pdf.seals.der import without_padding
from eseal.documents.pdf.seals.dictionary import said_in
from eseal.documents.pdf.seals.fields import text_of
from eseal.documents.pdf.seals.increments import validation_items, validation_store
from eseal.documents.pdf.seals.judging import Judged, Signed, judge, judge_in_steps
from eseal.documents.pdf.seals.validation_data import foreign
from eseal.documents.viewer.copies import count_pages, unlike_but_for_specks
from eseal.errors import InvalidFormatError, InvalidInputError

MAX_SIGNATURES: Final = 64
"""Signatures that are told; more are counted by none of those who read a verdict."""
_NAMED: Final = 5
"""Hazards that are named."""
_BYTE_RANGE: Final = re.compile(
    rb"/ByteRange\s*\[\s*0\s+([0-9]{1,10})\s+([0-9]{1,10})\s+([0-9]{1,10})\s*\]"
)
_TRACE: Final = re.compile(rb"/ByteRange|/DocTimeStamp|/DocMDP")
"""What stands in a file only beside a signature: without one, it was lost."""
_HINT: Final = re.compile(_TRACE.pattern + rb"|/Type\s*/Sig\b|/SubFilter|/SigFlags|/ObjStm")
"""What tells of a signature in a file that cannot be read at all, or of objects out of sight."""
_SIGNATURE_TYPES: Final = ("/Sig", "/DocTimeStamp")
_DIGITS: Final = re.compile(rb"<[0-9A-Fa-f]+>")


def read_form(pdf: bytes) -> dict[str, Any]:
    """Read a file by the strict reader alone.

    Args:
        pdf: the whole file.

    Returns:
        ``canonical``: whether all of it is in our form; ``end``: length of what is, in bytes, 0 if
        not even its beginning; ``detail``: why not, or ``""``; ``cut``: whether what follows is
        the beginning of a section whose end is missing; ``seals`` and ``stamps``: its
        signatures; ``filled`` and ``total`` of the places for seals; ``additions``: what follows
        the first seal.
    """
    *_, form = forms(pdf)
    return form


def forms(pdf: bytes) -> Iterator[dict[str, Any]]:
    """The same; before that, where something follows the first revision, the form without that.

    Yields:
        as :func:`read_form` returns it; with ``follows`` where the whole comes next.
    """
    try:
        for judged in judge_in_steps(pdf):
            if judged.unread:
                yield _form(judged, cut=False) | {"follows": True}
                continue
            good = _without_foreign(pdf, judged)
            broken = good.problem is not None
            yield _form(good, cut=broken and is_cut_off(pdf, good.revision.sections[-1]))
    except InvalidFormatError as error:
        yield {"canonical": False, "end": 0, "detail": str(error), "seals": [], "stamps": []}


def _form(judged: Judged, *, cut: bool) -> dict[str, Any]:
    places = judged.places()
    return {
        "canonical": judged.is_whole,
        "end": judged.revision.end,
        "detail": judged.problem or "",
        "cut": cut,
        "seals": [_plain(seal) for seal in judged.seals],
        "stamps": [_plain(stamp) for stamp in judged.stamps],
        "filled": sum(place.value is not None for place in places),
        "total": len(places),
        "additions": [str(kind) for kind in judged.kinds[1:]],
    }


def _without_foreign(pdf: bytes, judged: Judged) -> Judged:
    """The file up to the first validation data that none of its signatures needs."""
    store = validation_store(judged.revision)
    if not store.items():
        return judged
    signatures = [each.cms for each in (*judged.seals, *judged.stamps)]
    strange = foreign(store, signatures)
    if not strange:
        return judged
    held = validation_items(judged.revision)
    item = min(number for number, der in held.items() if der in strange)
    sections = judged.revision.sections
    first = next(index for index, section in enumerate(sections) if item in section.objects)
    return replace(
        judge(pdf[: sections[first - 1].end]),
        problem="it holds validation data that no signature in it needs",
    )


def compare_looks(pdf: bytes, *, end: int) -> str | None:
    """What a viewer shows otherwise since something was added behind a sealed document.

    Args:
        pdf: the whole file.
        end: length of the sealed document at its beginning, in bytes.

    Returns:
        What differs, in words; ``None`` if all pages look the same.
    """
    try:
        pages = count_pages(pdf[:end])
        changed = unlike_but_for_specks(pdf[:end], pdf, pages=pages)
    except InvalidInputError as error:
        return f"with what was added, the file cannot be shown as it was: {error}"
    if changed:
        named = ", ".join(str(page + 1) for page in changed[:_NAMED])
        return f"page {named} shows something else since"
    return None


def search(pdf: bytes, *, start: int = 0) -> dict[str, Any]:
    """Look for signatures in a file that is not in our form.

    Args:
        pdf: the whole file.
        start: offset from which on; what stands before is known.

    Returns:
        ``signatures``: those that can be taken out; ``traces``: whether there are others, or may
        be; ``unreadable``: why qpdf cannot read the file, or ``None``.
    """
    found = {each["gap"][0]: each for each in _by_pattern(pdf)}
    traces, unreadable = _TRACE.search(pdf, start) is not None, None
    try:
        there = _by_qpdf(pdf)
    except InvalidInputError as error:
        unreadable = str(error)
        traces = traces or _HINT.search(pdf, start) is not None
    else:
        for field, entries in there:
            known = _of_dictionary(pdf, field, entries)
            if known is None:
                traces = True
            elif known["gap"][0] >= start:
                found[known["gap"][0]] = known
    signatures = [each for at, each in sorted(found.items()) if at >= start]
    return {
        "signatures": signatures[:MAX_SIGNATURES],
        "traces": traces,
        "unreadable": unreadable,
    }


def _plain(signed: Signed) -> dict[str, Any]:
    return {
        "field": signed.field,
        "cms": signed.cms.hex(),
        "digest": signed.digest.hex(),
        "gap": list(signed.gap),
        "end": signed.end,
        "subfilter": str(signed.entries.get("SubFilter", "")),
        "said": {key: text_of(text) for key, text in said_in(signed.entries).items()},
    }


def _by_pattern(pdf: bytes) -> list[dict[str, Any]]:
    """Signatures written as we and most others write them, wherever they stand."""
    found = []
    for match in _BYTE_RANGE.finditer(pdf):
        first, second, length = map(int, match.groups())
        made = _taken(pdf, "", (first, second), second + length)
        if made is not None:
            found.append(made)
        if len(found) == MAX_SIGNATURES:
            break
    return found


def _by_qpdf(pdf: bytes) -> list[tuple[str, Any]]:
    """Dictionaries that are signatures by any mark, with the name of a field that holds them."""
    with (
        open_document(pdf, signed=True) as opened,
        guarded(InvalidFormatError, "the PDF cannot be read"),
    ):
        objects = [item for item in opened.objects if isinstance(item, pikepdf.Dictionary)]
        names: dict[tuple[int, int], str] = {}
        found: list[tuple[str, Any]] = []
        for item in objects:
            value = item.get("/V")
            if item.get("/FT") != "/Sig" or not isinstance(value, pikepdf.Dictionary):
                continue
            names[value.objgen] = name = str(item.get("/T", ""))
            if not value.is_indirect:
                found.append((name, dict(value.items())))
        found += [
            (names.get(item.objgen, ""), dict(item.items()))
            for item in objects
            if "/ByteRange" in item or item.get("/Type") in _SIGNATURE_TYPES
        ]
        return found


def _of_dictionary(pdf: bytes, field: str, entries: dict[str, Any]) -> dict[str, Any] | None:
    """A signature by its dictionary; ``None`` if it cannot be taken out of the file."""
    try:
        numbers = [int(number) for number in entries["/ByteRange"]]
        zero, first, second, length = numbers
    except (KeyError, ValueError, TypeError):
        return None
    made = _taken(pdf, field, (first, second), second + length) if zero == 0 else None
    if made is not None:
        made["subfilter"] = str(entries.get("/SubFilter", "")).removeprefix("/")
    return made


def _taken(pdf: bytes, field: str, gap: tuple[int, int], end: int) -> dict[str, Any] | None:
    """What a byte range says is signed, if it leaves out one string of digits alone."""
    if not 0 < gap[0] < gap[1] <= end <= len(pdf) or not _DIGITS.fullmatch(pdf, *gap):
        return None
    digits = pdf[gap[0] + 1 : gap[1] - 1].decode("ascii")
    try:
        cms = without_padding(bytes.fromhex(digits + "0" * (len(digits) % 2)))
    except InvalidFormatError:
        cms = b""
    view = memoryview(pdf)
    covered = hashlib.new(_hash_of(cms), view[: gap[0]])
    covered.update(view[gap[1] : end])
    return {
        "field": field,
        "cms": cms.hex(),
        "digest": covered.hexdigest(),
        "gap": [*gap],
        "end": end,
        "subfilter": "",
    }


def _hash_of(cms: bytes) -> str:
    """The hash that a signature is over, as ``hashlib`` calls it; SHA-256 if it cannot be read."""
    try:
        return decode(cms).hash_name
    except InvalidFormatError:
        return hashlib.sha256().name
