"""The first seal of a document: written with it, as one revision."""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING, Final

from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.file.writing import IDENTITY_BYTES, Signature, Written, write_base
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.geometry import pages_of
from eseal.documents.pdf.placing.options import InField
from eseal.documents.pdf.placing.seal_drawing import Shown, in_place, show
from eseal.documents.pdf.placing.stamps import add_appearance
from eseal.documents.pdf.sealing.compacting import compacted
from eseal.documents.pdf.sealing.party_places import add_places, tell_beneath
from eseal.documents.pdf.sealing.tagging import Tagging
from eseal.documents.pdf.seals.dictionary import (
    FILL_FORMS,
    NO_CHANGES,
    Said,
    certification,
    seal_entries,
)
from eseal.documents.pdf.seals.fields import (
    SignatureField,
    form_fields,
    signature_fields,
    text_string,
    widget,
)
from eseal.documents.pdf.seals.party import place_size
from eseal.errors import InvalidInputError, UnsupportedDocumentError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.documents.pdf.placing.layout import Layout
    from eseal.documents.pdf.sealing.options import PdfSealOptions
    from eseal.documents.pdf.sealing.rewriting import Rewritten

SIGNATURES_EXIST: Final = 3
"""``SigFlags`` (ISO 32000-1 table 219): there are signatures, and changes are to be appended."""
_NAMED: Final = 64
"""Characters of a field's name."""


def write_first(
    source: Rewritten,
    original: bytes,
    options: PdfSealOptions,
    *,
    blend: bool,
) -> tuple[Written, tuple[str, ...]]:
    """Write a document with its first seal, which certifies it and lacks only its CMS.

    Args:
        source: the document, examined, as qpdf has written it.
        original: the file as it was handed in: the new one is identified by its digest.
        options: how to seal it.
        blend: whether ink may let shine through what lies under it.

    Returns:
        The file, and notes of the choices made.

    Raises:
        InvalidInputError: options that cannot be used in this document.
        UnsupportedDocumentError: it has no room for what was asked for.
    """
    draft = Draft(source)
    canvas = Canvas(draft, source.data, pages_of(draft), blend)
    _First(canvas, options).add()
    objects = [
        draft.changed[number] if number in draft.changed else source.spelt(number)
        for number in range(1, draft.size)
    ]
    objects, info = compacted(objects, source.info)
    identity = hashlib.sha256(original).digest()[:IDENTITY_BYTES]
    written = write_base(source.version, objects, info=info, identity=identity)
    return written, tuple(canvas.notes)


class _First:
    """One seal in one document."""

    def __init__(self, canvas: Canvas, options: PdfSealOptions) -> None:
        self._canvas = canvas
        self._draft = draft = canvas.draft
        self._options = options
        names = {name for name, *_ in form_fields(draft)}
        for wanted in (options.field_name, *(each.label for each in options.mode.parties)):
            if wanted in names:
                raise UnsupportedDocumentError(
                    f"the PDF's form already has a field {wanted!r}", field="document"
                )
        self._empty = signature_fields(draft)
        self._form = draft.own(Ref(1), "AcroForm", {})
        self._fields = draft.own(self._form, "Fields", [])
        self._tagging = Tagging.of(draft)

    def add(self) -> None:
        draft, options = self._draft, self._options
        form = draft.dictionary(self._form)
        form.pop("NeedAppearances", None)
        draft.change(self._form, form | {"SigFlags": SIGNATURES_EXIST})
        signature = self._sign()
        self._blank()
        added = add_places(self._canvas, options.mode.parties, self._taken)
        for label, page, entries in added:
            self._add_field(page, widget(page, label, **entries), label)
        opens = bool(added or [field for field in self._empty if field.value is None])
        level = FILL_FORMS if opens else NO_CHANGES
        said = said_by(options)
        reference = certification(level)
        draft.change(
            signature, Signature(seal_entries(said.entries(), reference), options.contents_bytes)
        )
        draft.update(Ref(1), Perms={"DocMDP": signature})
        self._tagging.finish()

    def _blank(self) -> None:
        """Give the document's own empty fields a look, or viewers would paint one.

        Whoever made the document may fill them: what lies beneath is told as of other places.
        """
        for field in self._empty:
            size, rotation = place_size(self._draft, field)
            look = add_appearance(self._draft, (), size, rotation, blend=False)
            self._draft.update(field.reference, AP={"N": look})
            index = self._canvas.pages.index(field.page)
            box = self._canvas.geometry(index).shown(*field.rectangle)
            tell_beneath(self._canvas, field.name[:_NAMED], index, box, field="document")
            self._taken.append((index, box))

    def _sign(self) -> Ref:
        """Show the seal and make its field; its signature is a promise for now."""
        draft, options, visible = self._draft, self._options, self._options.asked
        self._taken: list[tuple[int, tuple[float, float, float, float]]] = []
        if visible is not None and isinstance(visible.placing.spot, InField):
            return self._fill(visible.placing.spot.name)
        shown = None
        if visible is not None:
            shown = show(self._canvas, visible, lines(options), names_of(options))
        index = 0 if shown is None else shown.index
        page = self._canvas.pages[index]
        entries = self._look(shown, index)
        signature = draft.add(None)
        made = widget(page, options.field_name, **entries, V=signature)
        self._add_field(page, made, options.alternative or options.signer_name)
        return signature

    def _look(self, shown: Shown | None, index: int) -> dict[str, object]:
        """Every field has a look, even one that does not show (ISO 19005-1 section 6.9)."""
        draft = self._draft
        geometry = self._canvas.geometry(index)
        if shown is None:
            return {"AP": {"N": add_appearance(draft, (), (0, 0), 0, blend=False)}}
        layout = shown.layout
        self._taken.append((index, (layout.x, layout.y, layout.width, layout.height)))
        rectangle = geometry.rectangle(layout.x, layout.y, layout.width, layout.height)
        look = self._appearance(layout, geometry.rotation)
        return {"AP": {"N": look}, "Rect": list(rectangle)}

    def _appearance(self, layout: Layout, rotation: int) -> Ref:
        size = layout.width, layout.height
        return add_appearance(
            self._draft, layout.drawings, size, rotation, blend=self._canvas.blend
        )

    def _fill(self, name: str) -> Ref:
        """Seal in a field that the document has."""
        draft, options = self._draft, self._options
        field = named_field(self._empty, name)
        entries = draft.dictionary(field.reference)
        if draft.dictionary(entries.get("SV")).get("Ff"):
            raise UnsupportedDocumentError(
                f"the signature field {name!r} demands (in its seed value) what a seal of this "
                "service may not meet: ask for a document without these demands",
                field="field",
            )
        visible = options.asked
        if field.shows and visible is not None:
            page = self._canvas.pages.index(field.page)
            frame = self._canvas.geometry(page).shown(*field.rectangle)
            self._taken.append((page, frame))
            layout = in_place(self._canvas, visible, lines(options), frame)
            entries["AP"] = {"N": self._appearance(layout, self._canvas.geometry(page).rotation)}
        signature = draft.add(None)
        draft.change(field.reference, entries | {"V": signature})
        self._empty = [each for each in self._empty if each.name != name]
        return signature

    def _add_field(self, page: Ref, entries: dict[str, object], words: str) -> None:
        """Add a field to form, page and structure."""
        draft = self._draft
        made = draft.add(entries | {"TU": text_string(words)})
        annotations = draft.own(page, "Annots", [])
        draft.append(made, self._fields, annotations)
        self._tagging.add_field(made, page, words)


def named_field(fields: Sequence[SignatureField], name: str) -> SignatureField:
    """The empty signature field of this name.

    Raises:
        InvalidInputError: there is none; names those there are.
    """
    for field in fields:
        if field.name == name and field.value is None:
            return field
    empty = ", ".join(excerpt(field.name, 64) for field in fields if field.value is None)
    raise InvalidInputError(
        f"field: the PDF has no empty signature field {excerpt(name, 64)}; "
        + (f"empty ones are {empty}" if empty else "it has none at all"),
        field="field",
    )


def said_by(options: PdfSealOptions) -> Said:
    """What the signature dictionary says."""
    at = options.verify_at
    return Said(
        options.signer_name,
        options.sealed_at,
        options.reason,
        None if at is None else f"Verify at {at}",
        at,
    )


def names_of(options: PdfSealOptions) -> tuple[str, ...]:
    """Names by which a document may call the company."""
    return tuple(dict.fromkeys((options.signer_name, *options.own_names)))


def lines(options: PdfSealOptions) -> list[str]:
    """What a seal of text says below its word."""
    moment = options.sealed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return [line for line in (options.signer_name, moment, options.reason) if line]
