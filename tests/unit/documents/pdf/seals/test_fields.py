"""The form of a canonical file: a tree that is looked through once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.values import Ref
from eseal.documents.pdf.seals import fields as module
from eseal.documents.pdf.seals.fields import (
    form_fields,
    signature_fields,
    text_of,
    text_string,
    widget,
)
from eseal.errors import InvalidFormatError, UnsupportedDocumentError
from tests.unit.documents.pdf.file.by_hand import PAGE, PAGES, SIMPLE, file_of

SIG = b"/FT /Sig /P 3 0 R /Rect [ 1 2 3 4 ] "


def form(fields: bytes, *more: bytes) -> Revision:
    """A file whose form lists fields; objects from 5 on."""
    catalog = (
        b"<< /AcroForm << /Fields [ %b] >> /Pages 2 0 R /PieceInfo [ %b] /Type /Catalog >>"
        % (
            fields,
            b"".join(b"%d 0 R " % (5 + n) for n in range(len(more))),
        )
    )
    return Revision.first(file_of([catalog, PAGES, PAGE, SIMPLE[3], *more]))


def named(revision: Revision) -> list[tuple[str, int]]:
    return [(name, reference.number) for name, reference, *_ in form_fields(revision)]


def test_fields_have_the_names_of_those_above_them():
    revision = form(
        b"5 0 R 8 0 R ",
        b"<< /FT /Sig /Kids [ 6 0 R 7 0 R ] /T (A) >>",
        b"<< /P 3 0 R /Rect [ 0 0 0 0 ] /T (B) >>",
        b"<< /FT /Tx /Kids [ 9 0 R ] /T <feff5370> >>",
        b"<< %b/T (C) /V 9 0 R >>" % SIG,
        b"<< /Subtype /Widget >>",
    )
    assert named(revision) == [("A.B", 6), ("A.印", 7), ("C", 8)]
    one, other = signature_fields(revision)
    assert (one.name, one.value, one.page, one.shows) == ("A.B", None, Ref(3), False)
    assert (other.rectangle, other.value, other.shows) == ((1, 2, 3, 4), Ref(9), True)


def test_no_form_has_no_fields():
    assert signature_fields(Revision.first(file_of())) == []
    assert signature_fields(form(b"")) == []


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        (b"5 0 R 5 0 R ", (b"<< /T (A) >>",)),
        (b"<< /T (A) >> ", ()),
        (b"1 ", ()),
        (b"5 0 R ", (b"[ ]",)),
        (b"5 0 R ", (b"<< /Kids 7 /T (A) >>",)),
        (b"5 0 R ", (b"<< /Kids [ 5 0 R ] /T (A) >>",)),
        (b"5 0 R ", (b"<< /Kids [ 6 0 R 6 0 R ] /T (A) >>", b"<< >>")),
        (b"5 0 R 6 0 R ", (b"<< /Kids [ 6 0 R ] /T (A) >>", b"<< /T (B) >>")),
        (b"5 0 R ", (b"<< /Kids [ << /T (B) >> ] /T (A) >>",)),
        (b"5 0 R ", (b"<< /T (%b) >>" % (b"a" * 1001),)),
        (
            b"5 0 R ",
            (b"<< /Kids [ 6 0 R ] /T (%b) >>" % (b"a" * 600), b"<< /T (%b) >>" % (b"b" * 600)),
        ),
    ],
)
def test_a_form_that_is_no_tree_is_refused(fields, more):
    with pytest.raises(InvalidFormatError):
        named(form(fields, *more))


def test_a_form_has_an_end(monkeypatch):
    chain = [b"<< /Kids [ %d 0 R ] /T (A) >>" % (6 + n) for n in range(40)] + [b"<< /T (B) >>"]
    with pytest.raises(InvalidFormatError, match="less deep"):
        named(form(b"5 0 R ", *chain))
    monkeypatch.setattr(module, "MAX_FIELDS", 2)
    assert len(named(form(b"5 0 R 6 0 R ", b"<< /T (A) >>", b"<< /T (B) >>"))) == 2
    with pytest.raises(InvalidFormatError, match="in a tree"):
        named(form(b"5 0 R 6 0 R 7 0 R ", *[b"<< /T (A) >>"] * 3))


@pytest.mark.parametrize(
    "entries",
    [
        b"/FT /Sig /P 3 0 R /T (A)",
        b"/FT /Sig /Rect [ 0 0 1 1 ] /T (A)",
        b"/FT /Sig /P << >> /Rect [ 0 0 1 1 ] /T (A)",
        b"/FT /Sig /P 3 0 R /Rect [ 0 0 1 ] /T (A)",
        b"/FT /Sig /P 3 0 R /Rect [ 0 0 1 1 ] /T (A) /V << /Type /Sig >>",
    ],
)
def test_a_signature_field_is_its_own_widget(entries):
    with pytest.raises(InvalidFormatError, match="its own widget"):
        signature_fields(form(b"5 0 R ", b"<< %b >>" % entries))


def test_a_rectangle_of_names_is_refused():
    entries = b"/FT /Sig /P 3 0 R /Rect [ 0 0 /A 1 ] /T (A)"
    with pytest.raises(UnsupportedDocumentError):
        signature_fields(form(b"5 0 R ", b"<< %b >>" % entries))


@given(st.text(max_size=40))
def test_texts_come_back(text):
    assert text_of(text_string(text)) == text.encode("utf-16-be", "surrogatepass").decode(
        "utf-16-be", "replace"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"\xe9", "é"),
        (b"\xef\xbb\xbf\xc3\xa9", "\ufeffé"),
        (b"\xfe\xff\x00", "\ufffd"),
        (b"", ""),
    ],
)
def test_texts_of_others(value, text):
    assert text_of(value) == text


def test_a_widget_is_invisible_and_printed():
    made = widget(Ref(3), "Siegel Ü", Rect=[0, 0, 9, 9])
    assert made["Rect"] == [0, 0, 9, 9]
    assert widget(Ref(3), "A")["Rect"] == [0, 0, 0, 0]
    assert made["F"] == 4 | 128
    assert made["T"] == b"\xfe\xff" + "Siegel Ü".encode("utf-16-be")


@pytest.mark.parametrize("flags", [b"8", b"16", b"148", b"4.0", b"(4)"])
def test_a_signature_field_turns_with_its_page(flags):
    """Else pdf.js lays it over the page, and its ink covers what is printed."""
    assert signature_fields(form(b"5 0 R ", b"<< /F 132 %b/T (C) >>" % SIG))
    with pytest.raises(InvalidFormatError):
        signature_fields(form(b"5 0 R ", b"<< /F %b %b/T (C) >>" % (flags, SIG)))
