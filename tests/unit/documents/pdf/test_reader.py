"""Our reader reads as pyHanko's does, but for what would never end."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.pdf.opening import DEFAULT_LIMITS, open_pdf
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.tables import TableData
from eseal.errors import UnsupportedDocumentError
from eseal.verify import Finding, verify_document
from tests.unit.documents.pdf.packed import packed_pdf

REAL = sorted((Path(__file__).parents[3] / "data" / "pdf").glob("*.pdf"))


def opened(pdf: bytes):
    return open_pdf(pdf, DEFAULT_LIMITS, UnsupportedDocumentError)


def packed_form(form: bytes, **changed: bytes) -> bytes:
    return packed_pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >> ",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >> ",
            3: b"<< /Type /Page /Parent 2 0 R >> ",
            6: form,
        },
        **changed,
    )


def test_it_has_what_pyhankos_has(document):
    ours, theirs = opened(document), PdfFileReader(BytesIO(document))
    more = vars(ours).keys() - vars(theirs).keys()
    assert more == {"_bounded", "_data", "_packed", "header_version"}
    assert vars(theirs).keys() <= vars(ours).keys()


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_documents(path):
    data = path.read_bytes()
    ours, theirs = opened(data), PdfFileReader(BytesIO(data))
    assert ours.trailer.flatten() == theirs.trailer.flatten()
    assert ours.total_revisions == theirs.total_revisions
    for revision in range(ours.total_revisions):
        mine, other = (r.xrefs.get_xref_data(revision) for r in (ours, theirs))
        assert mine.explicit_refs_in_revision == other.explicit_refs_in_revision
        assert ours.xrefs.get_xref_container_info(revision) == (
            theirs.xrefs.get_xref_container_info(revision)
        )
        for number, generation in sorted(mine.explicit_refs_in_revision)[:400]:
            reference = generic.Reference(number, generation)
            if mine.try_resolve(reference) is not None:
                assert ours.get_object(reference) == theirs.get_object(reference)


def test_a_plain_document_needs_no_table_of_pyhankos(pdfs):
    assert isinstance(opened(pdfs.fpdf()).xrefs.get_xref_data(0), TableData)


def test_an_object_of_nothing_but_a_comment_is_not_read_for_ever():
    pdf = packed_form(b"% without end")
    with pytest.raises(PdfReadError, match="object 6 is a comment that does not end"):
        opened(pdf).root["/AcroForm"].get_object()
    report = verify_document(pdf, ledger=None)
    assert report.finding is Finding.NO_SEAL
    assert "comment that does not end" in report.checks[0].detail


def test_a_comment_that_ends_is_none_of_our_business():
    assert opened(packed_form(b"% a form\n<< /Fields [] >>")).root["/AcroForm"] == {"/Fields": []}


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        (b"3 0 R ", {}),
        (b"<< /Fields [] >>", {"count": b"3"}),
        (b"<< /Fields [] >>", {"count": b"(4)"}),
        (b"<< /Fields [] >>", {"kind": b"/Other"}),
    ],
)
def test_a_stream_that_is_not_as_it_should_be_is_left_to_pyhanko(form, changed):
    pdf = packed_form(form, **changed)
    with pytest.raises(Exception) as ours:  # noqa: PT011  whatever pyHanko says
        opened(pdf).root["/AcroForm"].get_object()
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        PdfFileReader(BytesIO(pdf)).root["/AcroForm"].get_object()
    assert (type(ours.value), str(ours.value)) == (type(theirs.value), str(theirs.value))


def test_the_examination_reads_the_same_object_streams():
    pdf = packed_form(b"<< /Fields [] >>")
    assert Structure(opened(pdf), pdf).get(6) == {"Fields": []}


@pytest.mark.parametrize("changed", [{"count": b"3"}, {"count": b"(4)"}, {"kind": b"/Other"}])
def test_the_examination_reads_no_object_that_pyhanko_would_not(changed):
    pdf = packed_form(b"<< /Fields [] >>", **changed)
    with pytest.raises(PdfReadError, match="does not hold object 6"):
        Structure(opened(pdf), pdf).get(6)
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever pyHanko says
        PdfFileReader(BytesIO(pdf)).root["/AcroForm"].get_object()
