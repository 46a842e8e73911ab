"""What is added to a sealed PDF for the long term (ETSI EN 319 142-1, ISO 32000-2 section 12.8).

Both are increments in our form (:mod:`eseal.documents.pdf.seals.increments`): the document security
store (DSS) with certificates and revocation data, and document time-stamps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from eseal.documents.cms.validation_data import Carried
from eseal.documents.pdf.sealing.prepared import PreparedPdf, covered
from eseal.documents.pdf.seals.increments import (
    add_time_stamp,
    add_validation_data,
)
from eseal.documents.pdf.seals.judging import Judged, judge
from eseal.errors import InvalidFormatError, UnsupportedDocumentError

SIGNATURE_BYTES: Final = 28 * 1024
"""Room for the CMS of a seal above B-B: what one without a token has, and ``TOKEN_BYTES``."""


def with_validation_data(
    pdf: bytes, *, certificates: Iterable[bytes], ocsps: Iterable[bytes], crls: Iterable[bytes]
) -> bytes:
    """Add to the document security store (ISO 32000-2 section 12.8.4.3) what it lacks, DER all.

    Raises:
        UnsupportedDocumentError: the file is not a sealed PDF in our form.
    """
    judged = sealed(pdf)
    added = Carried(tuple(certificates), tuple(crls), tuple(ocsps))
    written = add_validation_data(judged.revision, added)
    return pdf if written is None else b"".join((pdf, *written.pieces))


def prepare_time_stamp(pdf: bytes) -> PreparedPdf:
    """Add a document time-stamp that lacks only its token (EN 319 142-1 clause 5.4.3).

    Raises:
        UnsupportedDocumentError: the file is not a sealed PDF in our form.
    """
    written = add_time_stamp(sealed(pdf).revision)
    assert written.gap is not None  # noqa: S101  it has a signature
    return covered(b"".join((pdf, *written.pieces)), written.gap)


def sealed(pdf: bytes) -> Judged:
    """A sealed PDF, all of it in our form.

    Raises:
        UnsupportedDocumentError: it is not.
    """
    try:
        judged = judge(pdf)
    except InvalidFormatError as error:
        raise UnsupportedDocumentError(
            f"expected a PDF as this service seals it: {error}", field="document"
        ) from None
    if judged.problem is not None:
        raise UnsupportedDocumentError(
            "another program has added something behind the seals of this PDF: take the sealed "
            f"document out of it first (eseal verify --extract): {judged.problem}",
            field="document",
        )
    return judged
