"""Preparing a PDF for its seal: everything but the CMS (ETSI EN 319 142-1, PAdES-B-B)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from pyhanko.pdf_utils.writer import init_xobject_dictionary
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.pdf.assembling import PreparedPdf, assemble
from eseal.documents.pdf.checking import check_document
from eseal.documents.pdf.empty_fields import check_seed_values
from eseal.documents.pdf.manner import PLAIN, Manner
from eseal.documents.pdf.objects import build
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.parties import add_fields
from eseal.documents.pdf.placing import Placing, SealBox, VisibleSeal
from eseal.documents.pdf.plain import plain_update
from eseal.documents.pdf.shown import Shown
from eseal.documents.pdf.stamps import may_blend
from eseal.documents.pdf.standing import Standing, lock_dictionary
from eseal.documents.pdf.writing import Writer
from eseal.errors import InvalidInputError, UnsupportedDocumentError

CONTENTS_BYTES: Final = 12 * 1024
"""Room for the CMS: 1.5 KB of signature and statement with the longest purpose aside, 4 KB of
certificates, 3 KB of receipt at 10**9 leaves with a few witnesses, and 4 KB to spare. It
cannot grow once the digest is taken."""
_MAX_TEXT_CHARS: Final = 500
"""Names and reasons shown to people."""


@dataclass(frozen=True, slots=True)
class PdfSealOptions:
    """How a PDF is sealed.

    Attributes:
        field_name: name of the signature field to make; no such field may exist yet. Not used
            where the seal goes into a field that is there.
        signer_name: the company, for viewers to show.
        sealed_at: the claimed time; the only clock that enters the file.
        visible: what shows, and where; ``None`` for an invisible seal; a box alone for text.
        reason: the purpose, for viewers to show, or ``None``.
        contents_bytes: room for the CMS; more where it is to hold a time-stamp.
        manner: alone or with others, as it is or flattened.
    """

    field_name: str
    signer_name: str
    sealed_at: datetime
    visible: VisibleSeal | SealBox | None = None
    reason: str | None = None
    contents_bytes: int = CONTENTS_BYTES
    manner: Manner = PLAIN


def prepare(pdf: bytes, options: PdfSealOptions, limits: PdfLimits = DEFAULT_LIMITS) -> PreparedPdf:
    """Examine a document and add a signature that lacks only its CMS.

    The original, or its flattened copy, stays as it is; the signature follows it as an
    incremental update (ISO 32000-1 section 7.5.6). The first seal certifies, those after it
    approve.

    Args:
        pdf: the document.
        options: how to seal it.
        limits: what it may cost.

    Raises:
        TooLargeError: the file is above the limit.
        AlreadySealedError: it carries a signature that allows no further one.
        UnsafeDocumentError: the examination found what must not be sealed.
        UnsupportedDocumentError: empty, not a PDF, truncated, broken, encrypted, without pages,
            or with text the visible seal cannot show.
        InvalidInputError: options that cannot be used.
    """
    _check_options(options)
    if options.manner.flatten:
        from eseal.documents.pdf.flattening import flatten  # draws with PDFium

        pdf = flatten(pdf, limits)
    reader = open_pdf(pdf, limits, UnsupportedDocumentError)
    with guarded(UnsupportedDocumentError, "the PDF cannot be sealed"):
        checked = check_document(reader, pdf, limits, options)
        plain = plain_update(checked.structure, checked.pages[0], options)
        if plain is not None:
            return plain
        writer = Writer(checked.structure, checked.pages)
        add_fields(writer, options.manner.parties)
        return _write(writer, pdf, options, limits, checked.standing)


def _check_options(options: PdfSealOptions) -> None:
    if not options.field_name or "." in options.field_name:
        raise InvalidInputError(
            f"field name: expected a name without a dot, got {options.field_name[:64]!r}"
        )
    for text in (options.field_name, options.signer_name, options.reason or ""):
        if len(text) > _MAX_TEXT_CHARS or not text.isprintable():
            raise InvalidInputError(
                f"expected at most {_MAX_TEXT_CHARS} printable characters, got {text[:64]!r}"
            )
    options.manner.check(options.field_name)
    if options.sealed_at.tzinfo is None:
        raise InvalidInputError("sealed_at: expected a time with its zone")


def _write(
    writer: Writer, pdf: bytes, options: PdfSealOptions, limits: PdfLimits, before: Standing
) -> PreparedPdf:
    shown = _show(writer, pdf, options, limits)
    setup = before.setup(options.manner)
    name, existing = options.field_name, shown.existing
    if existing is None:
        before.check_field(shows=shown.rectangle is not None)
    else:
        level = setup.docmdp_perms.value if setup.certify and setup.docmdp_perms else None
        check_seed_values(existing, reason=options.reason, docmdp=level)
        name = existing.name
        if setup.field_lock is None:
            setup = replace(setup, field_lock=existing.lock)
    embedder = PdfCMSEmbedder(new_field_spec=shown.spec(name))
    steps = embedder.write_cms(name, writer, existing_fields_only=existing is not None)
    field = next(steps).get_object()
    if options.manner.lock and setup.field_lock is not None:
        field["/Lock"] = lock_dictionary()
    shown.dress(writer, field)
    if "/AP" not in field and existing is None and not may_blend(writer.root):
        # ISO 19005-1 section 6.9: every field has an appearance, even if nothing shows.
        field["/AP"] = build({"/N": writer.add_object(init_xobject_dictionary(b"", 0, 0))})
    signature = SignatureObject(
        timestamp=options.sealed_at.astimezone(UTC),
        subfilter=SigSeedSubFilter.PADES,
        name=options.signer_name,
        reason=options.reason,
        bytes_reserved=2 * options.contents_bytes,
    )
    steps.send(SigObjSetup(sig_placeholder=signature, mdp_setup=setup))
    original: bytes = writer.input_stream.getvalue()  # the very object it was opened with
    return assemble(writer, original, signature)


def _show(writer: Writer, pdf: bytes, options: PdfSealOptions, limits: PdfLimits) -> Shown:
    """Draw what shows; nothing of it is loaded for an invisible seal."""
    visible = options.visible
    if visible is None:
        return Shown()
    if isinstance(visible, SealBox):
        visible = VisibleSeal(Placing(spot=visible))
    from eseal.documents.pdf.showing import show

    return show(writer, pdf, visible, _lines(options), limits)


def _lines(options: PdfSealOptions) -> list[str]:
    """What a seal of text says below its word."""
    moment = options.sealed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return [line for line in (options.signer_name, moment, options.reason) if line]
