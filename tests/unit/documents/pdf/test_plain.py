"""The update of a plain document holds what pyHanko's would hold, or there is none."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.pdf import preparing
from eseal.documents.pdf.manner import Manner
from eseal.documents.pdf.opening import DEFAULT_LIMITS, open_pdf
from eseal.documents.pdf.page_tree import page_tree
from eseal.documents.pdf.parties import PartyField
from eseal.documents.pdf.placing import SealBox
from eseal.documents.pdf.plain import plain_update
from eseal.documents.pdf.preparing import prepare
from eseal.documents.pdf.structure import Structure
from eseal.errors import ESealError, UnsupportedDocumentError

REAL = sorted((Path(__file__).parents[3] / "data" / "pdf").glob("*.pdf"))
PLAIN = {"fpdf2", "pikepdf-moved-boxes", "reportlab"}
"""Of the real documents those sealed at once."""


def at_once(pdf, options):
    structure = Structure(open_pdf(pdf, DEFAULT_LIMITS, UnsupportedDocumentError), pdf)
    first = page_tree(structure, DEFAULT_LIMITS.max_pages).pages[0]
    return plain_update(structure, first, options)


def by_pyhanko(pdf, options):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preparing, "plain_update", lambda *_: None)
        return prepare(pdf, options)


def added(prepared):
    """What an update holds: its objects without the seal's value, its trailer, its first ID."""
    reader = PdfFileReader(BytesIO(prepared.data))
    newest = reader.xrefs.get_xref_data(reader.total_revisions - 1)
    objects = {
        number: {
            key: value
            for key, value in reader.get_object(generic.Reference(number, 0, reader)).items()
            if key not in {"/Contents", "/ByteRange"}
        }
        for number in newest.standard_xrefs
    }
    trailer = reader.trailer.flatten()
    first, second = trailer.pop("/ID")
    assert len(second) == 16
    return objects, trailer, bytes(getattr(first, "original_bytes", first)), newest.freed


def check_same(pdf, options):
    ours, theirs = at_once(pdf, options), by_pyhanko(pdf, options)
    mine, other = added(ours), added(theirs)
    if b"/ID" not in pdf:  # then both made one up
        mine, other = (each[:2] + each[3:] for each in (mine, other))
    assert mine == other
    assert ours.data.startswith(pdf)
    assert ours.contents_length == theirs.contents_length


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_documents(path, options):
    pdf = path.read_bytes()
    if path.stem in PLAIN:
        check_same(pdf, options)
    else:
        assert at_once(pdf, options) is None


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "Lease (of 2026) for \\ 4 rooms"},
        {"signer_name": "杭州市某某公司", "reason": "合同"},
        {"signer_name": "Müller & Söhne", "field_name": "Sé al"},
        {"contents_bytes": 20_000},
        {"manner": Manner(further_seals=True)},
        {"manner": Manner(lock=True)},
    ],
    ids="-".join,
)
def test_every_option(pdfs, options, change):
    check_same(pdfs.fpdf(), replace(options, **change))


def hand_made(pdfs, *, start=b"%PDF-1.7", trailer=b"", end=b"\n", **objects):
    pdf = pdfs.hand_made(pdfs.objects(**objects), b"/Root 1 0 R " + trailer)
    return start + pdf[len(start) :].rstrip() + end


@pytest.mark.parametrize(
    "change",
    [
        {"start": b"%PDF-1.4"},
        {"end": b""},
        {"end": b"\r\n"},
        {"trailer": b"/ID [<00ff> <01>]"},
        {"trailer": b"/ID [(a\\)b) (c)]"},
        {"trailer": b"/Info 3 0 R"},
        {"page": b"/Tabs/S%>>\n"},
        {"page": b"/PieceInfo<</A<</B[1<3E3E>]>>>>"},
    ],
    ids=str,
)
def test_every_plain_form(pdfs, options, change):
    check_same(hand_made(pdfs, **change), options)


@pytest.mark.parametrize(
    "change",
    [
        {"trailer": b"/Custom 1"},
        {"trailer": b"/ID []"},
        {"trailer": b"/ID 4"},
        {"trailer": b"/Info <<>>"},
        {"page": b"/Annots []"},
        {"page": b"/Ann#6Fts []"},
        {"page": b"/A 1\0"},
        {"page": b"/A (text)"},
        {"root": b"/AcroForm << /Fields [] >>"},
        {"root": b"/Perms << >>"},
        {"root": b"/Version /1.4"},
        {"root": b"/Extensions << >>"},
        {"root": b"/Metadata 3 0 R"},
    ],
    ids=str,
)
def test_whatever_else_is_left_to_pyhanko(pdfs, options, change):
    assert at_once(hand_made(pdfs, **change), options) is None


def test_a_hybrid_table(pdfs, options):
    check_same(pdfs.hybrid(), options)


def test_a_table_that_is_a_stream_is_left_to_pyhanko(pdfs, options):
    assert at_once(pdfs.object_streams(), options) is None


def test_a_second_revision_is_left_to_pyhanko(pdfs, options):
    once = prepare(pdfs.fpdf(), options).embed(b"\x30\x00")
    assert at_once(once, options) is None


def test_what_shows_and_fields_for_others_are_left_to_pyhanko(pdfs, options):
    pdf = pdfs.fpdf()
    box = SealBox(page=0, x=120, y=20, width=60, height=30)
    assert at_once(pdf, replace(options, visible=box)) is None
    others = Manner(parties=(PartyField("Other"),))
    assert at_once(pdf, replace(options, manner=others)) is None


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_document_is_sealed_the_same_or_left_to_pyhanko(pdfs, options, data):
    pdf = bytearray(data.draw(st.sampled_from([pdfs.fpdf(1), hand_made(pdfs)]), label="pdf"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(pdf) - 1))
        pdf[at] = data.draw(st.sampled_from(b"0159<>[]()/ \nRfn\x00\xff%#"))
    damaged = bytes(pdf)
    try:
        prepare(damaged, options)
    except ESealError:
        return
    if at_once(damaged, options) is not None:
        check_same(damaged, options)
