"""Locating the seals in a PDF. The only place that knows in what shape its reader answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.documents import pdf
from eseal.documents.cms.confined import try_strangers
from eseal.documents.pdf import Form
from eseal.errors import InvalidInputError
from eseal.verify.inputs.case import Candidate, Contents, Stranger
from eseal.verify.locating.signatures import is_seal, known_hash
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import Places
from eseal.verify.verdict.vocabulary import Finding, SubIndication

if TYPE_CHECKING:
    from eseal.documents.pdf import PdfReading, PdfSignature


def find_seals(data: bytes) -> Passed[Contents]:
    """Find the seals of a PDF, in the order in which they stand in it.

    Signatures in our own form are judged as seals if one of them is one: whoever signs in a place
    that a seal has made is no stranger beside it.

    Raises:
        FindingError: ``not_understood``; it takes too much to be read.
        InvalidFormatError: its signatures take too much to be read.
        ConfigurationError: nobody can read it now.
    """
    try:
        reading = pdf.read(data)
    except InvalidInputError as error:
        raise FindingError(
            Finding.NOT_UNDERSTOOD,
            f"The PDF cannot be read: {error}.",
            sub_indication=SubIndication.SIGNED_DATA_NOT_FOUND,
        ) from None
    signatures, others = (
        [each for each in found if each.subfilter != pdf.TIME_STAMP]
        for found in (reading.seals, reading.others)
    )
    try_strangers([each.cms for each in (*signatures, *others)])
    ours = [each for each in signatures if is_seal(each.cms)]
    if ours and reading.form is not Form.NOT_UNDERSTOOD:
        ours = signatures
    outside = [each for each in others if is_seal(each.cms)]
    strangers = [each for each in (*signatures, *others) if each not in (*ours, *outside)]
    # Nothing but time-stamps of others: nobody has sealed it.
    stamped = bool(reading.seals) and not (ours or outside or strangers)
    first = reading.seals[:1]
    contents = Contents(
        (
            *(_candidate(each, reading, in_place=each not in first) for each in ours),
            *(_candidate(each, reading, outside=True) for each in outside),
        ),
        tuple(_stranger(each) for each in strangers),
        Places(reading.filled, reading.total) if reading.total > 1 else None,
        Form.NONE if stamped else reading.form,
        reading.detail,
    )
    beside = f" and {len(contents.strangers)} other signatures" if contents.strangers else ""
    return Passed(contents, f"The PDF can be read and holds {len(contents.seals)} seals{beside}.")


def _candidate(
    seal: PdfSignature, reading: PdfReading, *, in_place: bool = False, outside: bool = False
) -> Candidate:
    """One seal.

    Args:
        seal: where it stands.
        reading: of the file.
        in_place: whether it fills a place that the first seal covers, label and all.
        outside: whether it stands in what is not ours.
    """
    detail = reading.detail
    labelled = in_place and reading.form is not Form.NOT_UNDERSTOOD
    if reading.form is Form.CANONICAL:
        detail = ", ".join(reading.additions)
    return Candidate(
        cms=seal.cms,
        digest=seal.digest or None,
        field=seal.field or None,
        form=reading.form,
        detail=detail,
        signed_length=seal.end or None,
        party=seal.field if labelled else None,
        dictionary=None if outside else seal.said,
        hidden=reading.hidden,
        unseen=reading.unseen,
        stamps=tuple(
            (stamp.cms, stamp.digest) for stamp in reading.stamps if stamp.end >= seal.end
        ),
        outside=outside,
    )


def _stranger(signature: PdfSignature) -> Stranger:
    return Stranger(
        signature.cms,
        known_hash(signature.digest),
        signature.field or None,
        signature.subfilter or None,
    )
