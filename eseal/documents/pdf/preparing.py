"""Preparing a PDF for its seal: everything but the CMS (ETSI EN 319 142-1, PAdES-B-B)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.appearance import Frame, appearance
from eseal.documents.pdf.assembling import PreparedPdf, Update, assemble
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.objects import build, entry
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.pages import check_on_page, geometry
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError

CONTENTS_BYTES: Final = 12 * 1024
"""Room for the CMS: 1.5 KB of signature and statement with the longest purpose aside, 4 KB of
certificates, 3 KB of receipt at 10**9 leaves with a few witnesses, and 4 KB to spare. It
cannot grow once the digest is taken."""
_MAX_TEXT_CHARS: Final = 500
"""Names and reasons shown to people."""


@dataclass(frozen=True, slots=True)
class SealBox:
    """A visible seal's place.

    Attributes:
        page: from 0; negative counts from the last page.
        x: millimetres from the left edge of the page as shown to the box.
        y: millimetres from the bottom edge of the page as shown to the box.
        width: millimetres.
        height: millimetres.
        text: the word on top.
    """

    page: int
    x: float
    y: float
    width: float
    height: float
    text: str = "Seal"


@dataclass(frozen=True, slots=True)
class PdfSealOptions:
    """How a PDF is sealed.

    Attributes:
        field_name: name of the signature field to make; no such field may exist yet.
        signer_name: the company, for viewers to show.
        sealed_at: the claimed time; the only clock that enters the file.
        visible: where the seal shows, or ``None`` for an invisible one.
        reason: the purpose, for viewers to show, or ``None``.
        contents_bytes: room for the CMS; more where it is to hold a time-stamp.
    """

    field_name: str
    signer_name: str
    sealed_at: datetime
    visible: SealBox | None = None
    reason: str | None = None
    contents_bytes: int = CONTENTS_BYTES


def prepare(pdf: bytes, options: PdfSealOptions, limits: PdfLimits = DEFAULT_LIMITS) -> PreparedPdf:
    """Add a certifying signature (DocMDP: no changes allowed) that lacks only its CMS.

    The original stays as it is; the signature follows it as an incremental update
    (ISO 32000-1 section 7.5.6).

    Args:
        pdf: the document.
        options: how to seal it.
        limits: what it may cost.

    Raises:
        TooLargeError: the file is above the limit.
        AlreadySealedError: it carries a signature already.
        UnsupportedDocumentError: empty, not a PDF, truncated, broken, encrypted, without pages,
            with a dynamic form, or with text the visible seal cannot show.
        InvalidInputError: options that cannot be used.
    """
    _check_options(options)
    reader = open_pdf(pdf, limits, UnsupportedDocumentError)
    with guarded(UnsupportedDocumentError, "the PDF cannot be sealed"):
        pages = _check_document(reader, options, limits)
        box = options.visible
        if box is not None and not -pages <= box.page < pages:
            raise InvalidInputError(
                f"visible: expected a page from {-pages} to {pages - 1}, got {box.page}",
                field="visible",
            )
        return _write(_Writer(reader.stream, prev=reader), options)


class _Writer(IncrementalPdfFileWriter):
    """Adds the seal and nothing else.

    pyHanko would also rewrite the document's metadata, with the wall clock's time.
    """

    def _write_header(self, stream: Any) -> None:
        """Copy the original, unless only what follows it is wanted."""
        if not isinstance(stream, Update):
            super()._write_header(stream)  # type: ignore[no-untyped-call]

    def _update_meta(self) -> None:
        """Leave the metadata as the author wrote them."""


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
    if options.sealed_at.tzinfo is None:
        raise InvalidInputError("sealed_at: expected a time with its zone")


def _check_document(reader: PdfFileReader, options: PdfSealOptions, limits: PdfLimits) -> int:
    """Refuse what must not be sealed; return the number of pages."""
    root = reader.root
    pages: object = root["/Pages"]["/Count"]
    if not isinstance(pages, int) or pages < 1:
        raise UnsupportedDocumentError("the PDF has no pages", field="document")
    for field in form_fields(reader, limits.max_fields):
        if field.is_filled_signature:
            raise AlreadySealedError(
                f"the PDF already carries a signature, in field {field.name!r}", field="document"
            )
        if field.name == options.field_name:
            raise UnsupportedDocumentError(
                f"the PDF's form already has a field {field.name!r}", field="document"
            )
    if "/Perms" in root:
        raise AlreadySealedError("the PDF is already certified or carries usage rights")
    _check_numbering(reader)
    form = entry(root, "/AcroForm")
    if isinstance(form, generic.DictionaryObject) and "/XFA" in form:
        raise UnsupportedDocumentError(
            "the PDF holds a dynamic form (XFA), which viewers show differently", field="document"
        )
    return pages


def _check_numbering(reader: PdfFileReader) -> None:
    """New objects are numbered from ``/Size``: where it lies, they would replace old ones."""
    highest = 0
    for revision in range(reader.total_revisions):
        data = reader.xrefs.get_xref_data(revision)
        parts = [data, data.hybrid.xref_data] if data.hybrid is not None else [data]
        for part in parts:
            highest = max(highest, *(number for number, _ in part.explicit_refs_in_revision), 0)
    size: object = reader.trailer["/Size"]
    if not isinstance(size, int) or size <= highest:
        raise UnsupportedDocumentError(
            f"the PDF is broken: expected a /Size above {highest}, got {size}", field="document"
        )


def _write(writer: _Writer, options: PdfSealOptions) -> PreparedPdf:
    spec, frame = _field(writer, options)
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(options.field_name, writer)
    field = next(steps).get_object()
    if frame is not None:
        normal = appearance(writer, frame, _lines(options))
        field["/AP"] = build({"/N": normal})
    signature = SignatureObject(
        timestamp=options.sealed_at.astimezone(UTC),
        subfilter=SigSeedSubFilter.PADES,
        name=options.signer_name,
        reason=options.reason,
        bytes_reserved=2 * options.contents_bytes,
    )
    certify = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps.send(SigObjSetup(sig_placeholder=signature, mdp_setup=certify))
    original: bytes = writer.input_stream.getvalue()  # the very object it was opened with
    return assemble(writer, original, signature)


def _field(writer: _Writer, options: PdfSealOptions) -> tuple[SigFieldSpec, Frame | None]:
    """The signature field to make, and the frame to draw if it shows."""
    box = options.visible
    if box is None:
        return SigFieldSpec(options.field_name), None
    reference = writer.find_page_for_modification(box.page)[0]  # type: ignore[no-untyped-call]
    page = geometry(reference.get_object())
    x, y, width, height = (
        number * POINTS_PER_MM for number in (box.x, box.y, box.width, box.height)
    )
    check_on_page(page, x, y, width, height)
    rectangle = page.rectangle(x, y, width, height)
    spec = SigFieldSpec(options.field_name, on_page=box.page, box=rectangle)  # type: ignore[arg-type]
    return spec, Frame(width=width, height=height, rotation=page.rotation)


def _lines(options: PdfSealOptions) -> list[str]:
    word = options.visible.text if options.visible else ""
    moment = options.sealed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return [line for line in (word, options.signer_name, moment, options.reason) if line]
