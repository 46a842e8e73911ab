"""A further seal, in the place that the first one made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.file.writing import packed
from eseal.documents.pdf.placing.blocks import says_only
from eseal.documents.pdf.placing.layout import in_frame
from eseal.documents.pdf.placing.options import Automatic, InField, QrCode
from eseal.documents.pdf.placing.stamps import Stamp, operators, packed_art
from eseal.documents.pdf.readying.hidden import printed_beneath
from eseal.documents.pdf.sealing.first_seal import named_field, names_of, said_by
from eseal.documents.pdf.seals.dictionary import FILL_FORMS
from eseal.documents.pdf.seals.fields import text_string
from eseal.documents.pdf.seals.party import (
    Look,
    check_place,
    fill_place,
    frame,
    place_size,
    shines_through,
)
from eseal.documents.viewer.words import plain
from eseal.errors import (
    AlreadySealedError,
    InvalidFormatError,
    InvalidInputError,
    UnsupportedDocumentError,
)
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.documents.pdf.file.revision import Revision
    from eseal.documents.pdf.file.writing import Written
    from eseal.documents.pdf.placing.options import VisibleSeal
    from eseal.documents.pdf.sealing.options import PdfSealOptions
    from eseal.documents.pdf.seals.fields import SignatureField
    from eseal.documents.pdf.seals.judging import Judged

_MOST_TOLD = 5
"""Open places that are told: a document that was built by hand may have thousands."""


def write_further(judged: Judged, options: PdfSealOptions) -> tuple[Written, tuple[str, ...]]:
    """Write the increment by which a further party seals, without its CMS.

    Args:
        judged: the document, all in our form.
        options: how to seal it.

    Returns:
        The increment, and notes of the choices made.

    Raises:
        AlreadySealedError: its seals allow no further one.
        InvalidInputError: it is not clear which place is meant, or more is asked for.
    """
    empty = empty_places(judged)
    if options.mode.parties:
        raise InvalidInputError(
            "parties: places are made by the first seal; this document has one", field="parties"
        )
    revision, visible = judged.revision, options.asked
    named = visible is not None and isinstance(visible.placing.spot, InField)
    if not named:
        _check_not_twice(judged, options)
    place, notes = _place(empty, visible, names_of(options))
    look = None
    if visible is not None and place.shows:
        look = _look(revision, place, visible)
        notes = (*notes, *_beneath(revision, place))
    said = said_by(options).entries()
    closing = options.mode.lock
    made = fill_place(revision, place, said, look, closing=closing, room=options.contents_bytes)
    others = [] if closing else [each for each in empty if each.shows and each != place]
    told = [_still_open(revision, each) for each in others[:_MOST_TOLD]]
    if len(others) > _MOST_TOLD:
        told.append(f"the same of {len(others) - _MOST_TOLD} more places")
    return made, (*notes, *told)


def _beneath(revision: Revision, place: SignatureField) -> tuple[str, ...]:
    """What the seal goes over: whoever made the place has chosen that, perhaps an amount."""
    index, printed = printed_beneath(revision, place)
    if printed is not None and not shines_through(revision):
        raise UnsupportedDocumentError(
            f"the place of {excerpt(place.name, 60)} lies over something ({printed!r}), and in "
            "PDF/A-1 the seal would cover that: ask for a copy whose places are empty",
            field="document",
        )
    if not printed:  # nothing but the place's own label, perhaps
        return ()
    where = f"the place of {excerpt(place.name, 60)} on page {index + 1}"
    return (f"{where} lies over what is printed there: {printed!r}",)


def _still_open(revision: Revision, place: SignatureField) -> str:
    """What whoever fills another place later can still change: it gets ink, of any shape."""
    index, printed = printed_beneath(revision, place)
    if printed is not None and not shines_through(revision):
        raise UnsupportedDocumentError(
            f"the place of {excerpt(place.name, 60)} lies over something ({printed!r}), and in "
            "PDF/A-1 whoever fills it later can cover that: ask for a copy whose places are empty",
            field="document",
        )
    over = f", over {printed!r}" if printed else ""
    width, height = (round(side / POINTS_PER_MM) for side in place_size(revision, place)[0])
    return (
        f"after this seal, ink can still be put into the place of {excerpt(place.name, 60)} on "
        f"page {index + 1}, {width} x {height} mm{over}"
    )


def empty_places(judged: Judged) -> list[SignatureField]:
    """The places of a sealed document that a further seal may go into, at least one.

    Raises:
        AlreadySealedError: there is none.
    """
    empty = [place for place in judged.places() if place.value is None]
    if judged.level != FILL_FORMS or judged.closed or not empty:
        raise AlreadySealedError(
            "the PDF is sealed, and its seals leave no place for a further one: ask for a copy "
            "whose first seal makes places for all parties, or seal it as a container",
            field="document",
        )
    return empty


def _check_not_twice(judged: Judged, options: PdfSealOptions) -> None:
    """Refuse to guess a second place for a company: what is left is for somebody else."""
    own = text_string(options.signer_name)
    there = [seal.field for seal in judged.seals if seal.entries.get("Name") == own]
    if there:
        raise InvalidInputError(
            f"field: {options.signer_name} has sealed this document already, in {there[0]!r}; to "
            "seal once more, name the place",
            field="field",
        )


def _place(
    empty: Sequence[SignatureField], visible: VisibleSeal | None, own: Sequence[str]
) -> tuple[SignatureField, tuple[str, ...]]:
    """The place that is meant: the one that was named, one's own, or the only one."""
    there = ", ".join(repr(place.name) for place in empty)
    if visible is not None:
        placing = visible.placing
        if placing.cross_page is not None or placing.pages is not None:
            raise AlreadySealedError(
                "a seal across pages or on further pages changes what the seals there are cover, "
                "so it must come first",
                field="document",
            )
        match placing.spot:
            case InField(name):
                return named_field(empty, name), ()
            case Automatic():
                pass
            case _:
                raise InvalidInputError(
                    f"placement: the document's first seal has made the places for the others "
                    f"({there}): name one of them as the field, or leave it to auto",
                    field="placement",
                )
    owned = [place for place in empty if says_only(place.name, own)]
    owned = owned or [place for place in empty if any(_abbreviates(place.name, x) for x in own)]
    if len(owned) == 1:
        return owned[0], (f"sealed in the place made for {owned[0].name!r}",)
    if len(empty) == 1:
        return empty[0], (f"sealed in the only place left, {empty[0].name!r}",)
    raise InvalidInputError(
        f"field: the document has several places ({there}), none or several of them under the "
        "company's name: say which one",
        field="field",
    )


def _abbreviates(label: str, name: str) -> bool:
    """Whether a label is part of a company's name; a longer one is another company's."""
    return bool(plain(label)) and plain(label) in plain(name)


def _look(revision: Revision, place: SignatureField, visible: VisibleSeal) -> Look:
    if visible.artwork is None:
        raise InvalidInputError(
            "a seal without an impression cannot show in a place made for it", field="visible"
        )
    art = [packed_art(visible.artwork)]
    qr, mode = None, visible.placing.qr
    if mode is not QrCode.OFF and visible.qr is not None:
        art.append(packed_art(visible.qr, once=True))
        qr = Stamp(Ref(2), art[1].width, art[1].height)
    elif mode in {QrCode.BESIDE, QrCode.INSIDE}:
        raise InvalidInputError(
            "QR code: the service does not know its public address: set ESEAL_PUBLIC_URL, or do "
            "without",
            field="qr",
        )
    try:
        check_place(revision, place)
    except InvalidFormatError as error:
        raise InvalidInputError(f"field: {place.name!r}: {error}", field="field") from None
    stamp = Stamp(Ref(1), art[0].width, art[0].height)
    size, _ = place_size(revision, place)
    layout = in_frame(stamp, qr, (0, 0, *size), mode)
    blend = shines_through(revision)
    drawn = operators(layout.drawings, prefix="", blend=blend)
    content = packed({}, b"\n".join((drawn, frame(size))))
    return Look(content, tuple(art[: len(layout.drawings)]), blend)
