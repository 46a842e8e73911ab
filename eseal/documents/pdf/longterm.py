"""What is added to a sealed PDF for the long term (ETSI EN 319 142-1, ISO 32000-2 section 12.8).

Both are incremental updates behind the seal, which every certification level allows: the document
security store (DSS) with certificates and revocation data, and document time-stamps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore

from eseal.documents.pdf.opening import DEFAULT_LIMITS, PdfLimits, guarded, open_pdf
from eseal.errors import InvalidInputError, UnsupportedDocumentError

TOKEN_BYTES: Final = 16 * 1024
"""Room for a token: 2 to 8 KB with its chain, more with RSA-4096 and several certificates."""
SIGNATURE_BYTES: Final = 28 * 1024
"""Room for the CMS of a seal above B-B: what one without a token has, and ``TOKEN_BYTES``."""


@dataclass(frozen=True, slots=True)
class PreparedTimeStamp:
    """A PDF that lacks only the token of its document time-stamp.

    Attributes:
        data: the whole file; zeros stand where the token goes.
        digest: SHA-256 of what the time-stamp covers, 32 bytes.
        offset: of the first hexadecimal digit of the token.
        room: bytes of DER that fit.
    """

    data: bytes
    digest: bytes
    offset: int
    room: int

    def embed(self, token: bytes) -> bytes:
        """The time-stamped PDF.

        Raises:
            InvalidInputError: the token does not fit.
        """
        if not 0 < len(token) <= self.room:
            raise InvalidInputError(
                f"time-stamp: expected 1 to {self.room} bytes, got {len(token)}"
            )
        digits = token.hex().encode("ascii")
        end = self.offset + len(digits)
        return b"".join((self.data[: self.offset], digits, self.data[end:]))


class _Writer(IncrementalPdfFileWriter):
    """Adds what it is told and leaves the document's metadata alone."""

    def _update_meta(self) -> None:
        """Leave the metadata as the author wrote them."""


def add_validation_data(
    pdf: bytes,
    *,
    certificates: Iterable[bytes],
    ocsps: Iterable[bytes],
    crls: Iterable[bytes],
    limits: PdfLimits = DEFAULT_LIMITS,
) -> bytes:
    """Add to the document security store (ISO 32000-2 section 12.8.4.3), DER all.

    Raises:
        TooLargeError: the file is above the limit.
        UnsupportedDocumentError: not a PDF that can be added to.
    """
    reader = open_pdf(pdf, limits, UnsupportedDocumentError)
    with guarded(UnsupportedDocumentError, "validation data cannot be added to the PDF"):
        writer = _Writer(reader.stream, prev=reader)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[asn1_x509.Certificate.load(each) for each in certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(each) for each in ocsps],
            crls=[asn1_crl.CertificateList.load(each) for each in crls],
        )
        output = BytesIO()
        writer.write(output)  # type: ignore[no-untyped-call]
        return output.getvalue()


def prepare_time_stamp(
    pdf: bytes, field_name: str, limits: PdfLimits = DEFAULT_LIMITS
) -> PreparedTimeStamp:
    """Add a document time-stamp that lacks only its token (EN 319 142-1 clause 5.4.3).

    Args:
        pdf: the document.
        field_name: of the signature field to make; no such field may exist.
        limits: what it may cost.

    Raises:
        TooLargeError: the file is above the limit.
        UnsupportedDocumentError: not a PDF that can be added to.
    """
    reader = open_pdf(pdf, limits, UnsupportedDocumentError)
    with guarded(UnsupportedDocumentError, "the PDF cannot be time-stamped"):
        writer = _Writer(reader.stream, prev=reader)
        steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(field_name)).write_cms(
            field_name, writer
        )
        next(steps)
        placeholder = DocumentTimestamp(2 * TOKEN_BYTES)  # type: ignore[no-untyped-call]
        steps.send(SigObjSetup(sig_placeholder=placeholder))
        digest, output = steps.send(SigIOSetup(md_algorithm="sha256", output=BytesIO()))
    return PreparedTimeStamp(
        data=output.getvalue(),
        digest=digest.document_digest,
        offset=digest.reserved_region_start + 1,
        room=TOKEN_BYTES,
    )
