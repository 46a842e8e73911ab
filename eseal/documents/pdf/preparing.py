"""Preparing a PDF for its seal: everything but the CMS (ETSI EN 319 142-1, PAdES-B-B)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.appearance import Frame, appearance
from eseal.documents.pdf.checking import check_document
from eseal.documents.pdf.manner import PLAIN, Manner
from eseal.documents.pdf.objects import build
from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.documents.pdf.pages import check_on_page, geometry
from eseal.documents.pdf.parties import add_fields
from eseal.documents.pdf.standing import Standing, lock_dictionary
from eseal.errors import InvalidInputError, UnsupportedDocumentError

CONTENTS_BYTES: Final = 12 * 1024
"""Room for the CMS: 1.5 KB of signature and statement with the longest purpose aside, 4 KB of
certificates, 3 KB of receipt at 10**9 leaves with a few witnesses, and 4 KB for a time-stamp to
be added later. It cannot grow once the digest is taken."""
_MAX_TEXT_CHARS: Final = 500
"""Names and reasons shown to people."""
_COPY_BYTES: Final = 256 * 1024
"""The original is copied in pieces of this size; pyHanko's 4 KiB cost more than the rest."""


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
        manner: alone or with others, as it is or flattened.
    """

    field_name: str
    signer_name: str
    sealed_at: datetime
    visible: SealBox | None = None
    reason: str | None = None
    manner: Manner = PLAIN


@dataclass(frozen=True, slots=True)
class PreparedPdf:
    """A PDF that lacks only its CMS.

    Attributes:
        data: the whole file; zeros stand where the CMS goes.
        digest: SHA-256 of the bytes under the signature, 32 bytes.
        contents_offset: offset of the first hexadecimal digit of the CMS.
        contents_length: room for the CMS, in bytes of DER (twice as many digits).
    """

    data: bytes
    digest: bytes
    contents_offset: int
    contents_length: int

    def embed(self, cms: bytes) -> bytes:
        """The sealed PDF.

        Args:
            cms: DER.

        Raises:
            InvalidInputError: there is no CMS, or it does not fit.
        """
        if not 0 < len(cms) <= self.contents_length:
            raise InvalidInputError(
                f"CMS: expected 1 to {self.contents_length} bytes, got {len(cms)}"
            )
        digits = cms.hex().encode("ascii")
        start = self.contents_offset
        return b"".join((self.data[:start], digits, self.data[start + len(digits) :]))


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
        pages = checked.pages
        box = options.visible
        if box is not None and not -pages <= box.page < pages:
            raise InvalidInputError(
                f"visible: expected a page from {-pages} to {pages - 1}, got {box.page}",
                field="visible",
            )
        checked.standing.check_field(shows=box is not None)
        writer = _Writer(reader.stream, prev=reader)
        add_fields(writer, options.manner.parties, pages)
        return _write(writer, options, checked.standing)


class _Writer(IncrementalPdfFileWriter):
    """Adds the seal and nothing else.

    pyHanko would also rewrite the document's metadata, with the wall clock's time.
    """

    IO_CHUNK_SIZE = _COPY_BYTES

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
    options.manner.check(options.field_name)
    if options.sealed_at.tzinfo is None:
        raise InvalidInputError("sealed_at: expected a time with its zone")


def _write(writer: _Writer, options: PdfSealOptions, before: Standing) -> PreparedPdf:
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
        bytes_reserved=2 * CONTENTS_BYTES,
    )
    setup = before.setup(options.manner)
    if setup.field_lock is not None:
        field["/Lock"] = lock_dictionary()
    steps.send(SigObjSetup(sig_placeholder=signature, mdp_setup=setup))
    digest, output = steps.send(SigIOSetup(md_algorithm="sha256", output=BytesIO()))
    return PreparedPdf(
        data=output.getvalue(),
        digest=digest.document_digest,
        contents_offset=digest.reserved_region_start + 1,
        contents_length=CONTENTS_BYTES,
    )


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
