"""A further party fills the place that the first seal made for it.

Nothing changes but the field, which gets its value and what it shows; and that stands inside the
place, since a viewer fits it into the rectangle that the first seal covers. It is drawn as ink on
paper: what is printed beneath shines through, so that nobody can paint it over (but in PDF/A-1,
where a place is made only where nothing is printed). A frame around it tells whoever looks at the
page what has come later: without one, ink beside an amount would be another digit of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from eseal.documents.pdf.file.objects import Draft, Objects
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.documents.pdf.file.writing import Signature, Written, write_increment
from eseal.documents.pdf.language import law
from eseal.documents.pdf.placing.geometry import (
    box_of,
    geometry,
    inherited,
    on_page,
    pages_of,
)
from eseal.documents.pdf.placing.stamps import (
    Art,
    Raster,
    add_art,
    is_pdf_a_1,
    look_entries,
    number,
    resources_of_art,
)
from eseal.documents.pdf.seals.dictionary import lock, locks, said_in, seal_entries
from eseal.documents.pdf.seals.fields import SignatureField, signature_fields
from eseal.documents.unpacking import unpack
from eseal.errors import InvalidFormatError

MAX_CONTENT: Final = 4 * 1024 * 1024
"""Bytes of operators that draw an impression; ours take some 50 KB."""
MAX_PICTURE: Final = 64 * 1024 * 1024
"""Bytes of a picture in an impression; the largest that can be uploaded has 48 MB."""
MAX_ART: Final = 2
"""An impression and its code."""
_FILTERS: Final = (None, Name("FlateDecode"), Name("ASCIIHexDecode"))
_NUMBER: Final = rb"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_OPERATORS: Final = re.compile(
    rb"(?:[\n ]*(?:" + _NUMBER + rb"|/[A-Za-z0-9]+|q|Q|cm|re|W\*?|n|f\*?|F|m|l|c|v|y|h|rg|g|k|gs|Do"
    rb"|w|j|J|M|S|s|RG|G|K|B\*?|b\*?)(?=[\n ]|$))*+[\n ]*"
)
"""What impressions are drawn with: paths and colours; no text, no shading, no inline images."""
_DRAWN: Final = (
    rb"q (?:(?:{n} ){4}re (?:{n} ){4}re W\* n )?{ink}(?:{n} ){6}cm /Art[0-9] Do Q"
).replace(b"{n}", _NUMBER)
"""An impression, as :func:`~eseal.documents.pdf.placing.stamps.operators` draws it: its hole, its
ink, its place."""
_LOOKS: Final = {
    blend: re.compile(drawn + rb"(?:\n" + drawn + rb")*+")
    for blend, drawn in (
        (True, _DRAWN.replace(b"{ink}", b"/Ink gs ")),
        (False, _DRAWN.replace(b"{ink}", b"")),
    )
}
"""What a look draws, by whether its ink lets shine through what lies under it."""
_LINE: Final = 0.5
"""Points: the frame's."""
MOST_OF_PAGE: Final = 0.5
"""Of a page's area: the frame of a larger place would be taken for an edge of the page."""
_NEVER_IN_PLACES: Final = frozenset({"AS", "Kids", "OC"})
"""States, other widgets and layers: with these a look shows elsewhere, or only now and then."""
_HIDDEN: Final = 0b100011
"""ISO 32000-1 table 165: Invisible, Hidden and NoView."""
_MAX_METADATA: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Look:
    """What a party shows in its place.

    Attributes:
        content: operators that draw the art by the names ``Art0``, ``Art1`` …, and the frame,
            with nothing but their filter.
        art: the art.
        blend: whether it lets shine through what lies under it.
    """

    content: Stream
    art: tuple[Art, ...]
    blend: bool


def fill_place(  # noqa: PLR0913  # what a place is filled with
    before: Revision,
    place: SignatureField,
    said: dict[str, Any],
    look: Look | None,
    *,
    closing: bool,
    room: int,
) -> Written:
    """Write the increment by which a party seals, without its CMS.

    Args:
        before: the file so far.
        place: an empty signature field of it.
        said: texts of the signature dictionary.
        look: what shows, or ``None``.
        closing: whether no further party may follow.
        room: bytes of DER to leave room for.
    """
    draft = Draft(before)
    entries = before.dictionary(place.reference)
    if look is not None:
        entries["AP"] = {"N": _add_look(draft, place, look)}
    reference = lock(field.name for field in signature_fields(before)) if closing else None
    entries["V"] = draft.add(Signature(seal_entries(said, reference), room))
    draft.change(place.reference, entries)
    return write_increment(before, draft.changed)


def place_size(objects: Objects, place: SignatureField) -> tuple[tuple[float, float], int]:
    """Width and height of a place as shown, in points, and the rotation of its page."""
    page = geometry(objects, place.page)
    _, _, width, height = page.shown(*place.rectangle)
    return (width, height), page.rotation


def frame(size: tuple[float, float]) -> bytes:
    """Operators that draw the frame of a place of this size, in points as shown."""
    sides = (number(max(side - _LINE, 0.0)) for side in size)
    return b"q 0.6 0.6 0.6 RG 0.5 w 0.25 0.25 %b %b re S Q" % tuple(sides)


def check_place(objects: Objects, place: SignatureField) -> None:
    """Check that whoever sees what is put into a place sees its frame.

    Raises:
        InvalidFormatError: part of it is off the page, or it is more than half of it.
    """
    page = geometry(objects, place.page)
    box, (width, height) = page.shown(*place.rectangle), page.shown_size
    if not on_page(page, box) or box[2] * box[3] > MOST_OF_PAGE * width * height:
        raise InvalidFormatError("expected a place on its page, and no larger than half of it")


def shines_through(revision: Revision) -> bool:
    """Whether ink lets shine through what lies under it: it must wherever the file allows that."""
    metadata = revision.value(revision.catalog.get("Metadata"))
    if not isinstance(metadata, Stream):
        return True
    packing = metadata.entries.get("Filter")
    try:
        plain = unpack(
            bytes(metadata.data), packing if type(packing) is Name else None, _MAX_METADATA
        )
    except InvalidFormatError:
        return True
    return not is_pdf_a_1(plain)


def read_party(before: Revision, after: Revision) -> tuple[SignatureField, Written]:
    """Build again what a section says it is: the place of a party, filled.

    Args:
        before: the file before the section.
        after: the same after it.

    Returns:
        The place, and the section as we would have written it, with zeros for the CMS.

    Raises:
        InvalidFormatError: it is something else.
        OddContentsError: it draws in a way that readers read differently.
    """
    section = after.sections[-1]
    places = [
        field
        for field in signature_fields(before)
        if field.value is None and field.reference.number in section.objects
    ]
    if len(places) != 1:
        raise InvalidFormatError("expected one place of a further party to be filled")
    (place,) = places
    _check_blank(before, place)
    field = after.dictionary(place.reference)
    if not isinstance(field.get("V"), Ref):
        raise InvalidFormatError("expected a signature in the place of a further party")
    entries = after.dictionary(field["V"])
    contents = entries.get("Contents")
    if not isinstance(contents, bytes):
        raise InvalidFormatError("expected a signature in the place of a further party")
    look = None
    appearance = field.get("AP")
    if appearance != before.dictionary(place.reference).get("AP"):
        if not isinstance(appearance, dict) or not isinstance(appearance.get("N"), Ref):
            raise InvalidFormatError("expected one look of a filled place")
        check_place(before, place)
        size, _ = place_size(before, place)
        look = _read_look(after, appearance["N"], size, blend=shines_through(before))
    made = fill_place(
        before, place, said_in(entries), look, closing=locks(entries), room=len(contents)
    )
    return place, made


def _check_blank(before: Revision, place: SignatureField) -> None:
    """Check that nothing showed in a place, and that what fills it shows there and nowhere else.

    Whoever seals would see a look that somebody else has laid over the page, and take it away.
    """
    entries = before.dictionary(place.reference)
    looks, flags = entries.get("AP"), entries.get("F", 0)
    if (
        not isinstance(looks, dict)
        or [*looks] != ["N"]
        or _unpacked(_filter_alone(before.stream(looks["N"])), MAX_CONTENT)
        or entries.keys() & _NEVER_IN_PLACES
        or type(flags) is not int
        or flags & _HIDDEN
        or inherited(before, entries, "V") is not None
    ):
        raise InvalidFormatError("expected a place that shows nothing before it is filled")
    pages = [
        page
        for page in pages_of(before)
        for each in before.array(before.dictionary(page).get("Annots"))
        if each == place.reference
    ]
    if pages != [place.page]:
        raise InvalidFormatError("expected a place on one page")


def _add_look(draft: Draft, place: SignatureField, look: Look) -> Ref:
    size, rotation = place_size(draft, place)
    forms = [add_art(draft, art) for art in look.art]
    entries = look_entries(size, rotation, resources_of_art(forms, blend=look.blend))
    return draft.add(Stream(entries | look.content.entries, look.content.data))


def _read_look(objects: Objects, reference: Ref, size: tuple[float, float], *, blend: bool) -> Look:
    form = objects.stream(reference)
    resources = objects.dictionary(form.entries.get("Resources"))
    named = objects.dictionary(resources.get("XObject"))
    if len(named) > MAX_ART:
        raise InvalidFormatError("expected a look of an impression and its code")
    art = tuple(
        _read_art(objects, named[name])
        for name in sorted(named, key=lambda name: (len(name), name))
    )
    content = _bare(form, names=[*named, "Ink"])
    drawn, framed = _unpacked(content, MAX_CONTENT), b"\n" + frame(size)
    if not drawn.endswith(framed) or not _LOOKS[blend].fullmatch(drawn[: -len(framed)]):
        raise InvalidFormatError("expected impression and code put on like ink, and their frame")
    return Look(content, art, blend)


def _read_art(objects: Objects, reference: Any) -> Art:
    form = objects.stream(reference)
    box = box_of(objects, form.entries.get("BBox"))
    if box is None:
        raise InvalidFormatError("expected art with its size")
    named = objects.dictionary(objects.dictionary(form.entries.get("Resources")).get("XObject"))
    pictures = []
    for name, item in named.items():
        picture = objects.stream(item)
        mask = picture.entries.get("SMask")
        opacity = None if mask is None else _raster(objects.stream(mask), parts=1)
        pictures.append((name, _raster(picture, parts=3), opacity))
    return Art(box[2], box[3], _bare(form, names=[*named]), tuple(pictures))


def _raster(stream: Stream, *, parts: int) -> Raster:
    """A picture of so many bytes for each pixel, neither more nor less than its size says."""
    width, height = stream.entries.get("Width"), stream.entries.get("Height")
    if type(width) is not int or type(height) is not int or width <= 0 or height <= 0:
        raise InvalidFormatError("expected a picture with its size")
    size = parts * width * height
    packed = _filter_alone(stream)
    if size > MAX_PICTURE or len(_unpacked(packed, size + 1)) != size:
        raise InvalidFormatError("expected a picture of the size it says it has")
    return Raster(width, height, packed)


def _bare(stream: Stream, *, names: Sequence[str]) -> Stream:
    """Operators with nothing but their filter; they draw paths and art, and nothing else."""
    bare = _filter_alone(stream)
    content = _unpacked(bare, MAX_CONTENT)
    if not _OPERATORS.fullmatch(content):
        raise InvalidFormatError("expected a look that is drawn with paths and colours")
    # In pdf.js a ``Q`` too many takes back what keeps a look in its place: it draws anywhere then.
    law.judge(content)
    called = {name.decode("ascii") for name in re.findall(rb"/([A-Za-z0-9]+)", content)}
    if not called <= {*names}:
        raise InvalidFormatError("expected a look that draws what it brings")
    return bare


def _unpacked(stream: Stream, most: int) -> bytes:
    return unpack(bytes(stream.data), stream.entries.get("Filter"), most)


def _filter_alone(stream: Stream) -> Stream:
    kept = stream.entries.get("Filter")
    if kept not in _FILTERS:
        raise InvalidFormatError("expected a look with a plain filter")
    return Stream({} if kept is None else {"Filter": kept}, stream.data)
