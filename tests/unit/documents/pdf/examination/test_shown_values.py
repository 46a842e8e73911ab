"""Fields whose looks only a viewer can read show what they hold, no less and no more."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.examination.shown_values import says
from eseal.documents.pdf.opening import open_document
from tests.odd.fonts import ROMAN, plain, simple

OWN = b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [65 /one] >>"
"""An encoding that only a viewer reads."""


def found(held: str, drawn: bytes, printed: bytes = b"") -> set[str]:
    """What is found in a document with a field over something printed."""
    font = simple(
        plain(), flags=ROMAN, encoding=OWN, show=b"BT /F1 20 Tf 22 129 Td (%b) Tj ET" % printed
    )
    with pikepdf.open(BytesIO(font)) as pdf:
        page = pdf.pages[0].obj
        look = pdf.make_stream(
            b"BT /F1 20 Tf 2 9 Td (%b) Tj ET" % drawn,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=[0, 0, 100, 40],
            Resources=Dictionary(Font=page.Resources.Font),
        )
        field = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("amount"),
            V=String(held),
            F=4,
            Rect=[20, 120, 120, 160],
            AP=Dictionary(N=look),
        )
        page.Annots = Array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = Dictionary(Fields=page.Annots)
        out = BytesIO()
        pdf.save(out)
    with open_document(out.getvalue()) as opened:
        return {hazard.code.value for hazard in examine(opened)}


@pytest.mark.parametrize(("held", "drawn"), [("1000", b"1000"), ("1000", b"A000"), ("", b"")])
def test_the_same_is_fine(held, drawn):
    assert found(held, drawn) == set()


@pytest.mark.parametrize("held", ["1", "100", "000", "9", "10000", "-1000", "10.00", "A000"])
def test_another_value_is_found(held):
    assert found(held, b"1000") == {"field_value_differs"}


@pytest.mark.parametrize(("held", "fine"), [("17", True), ("517", False), ("5", False)])
def test_what_is_printed_beneath_does_not_count(held, fine):
    assert found(held, b"  17", printed=b"5") == (set() if fine else {"field_value_differs"})


@pytest.mark.parametrize(
    ("printed", "seen", "held", "same"),
    [
        ("", "1,000.00", "1,000.00", True),
        ("Total 5:", "Total 5:\r\n17", "17", True),
        ("Total 5:", "Total 5:\r\n17", "5", False),
        ("Total 5:", "Total 5:\r\n17", "517", False),
        ("....", "....12.5", "12.5", True),
        ("....", "....125", "12.5", False),
        ("", "1000", "1000 (", False),
        ("", "\u22125", "-5", True),
        ("", "שלום עולם", "עולם שלום", True),
        ("", "שלום", "עולם שלום", False),
        ("", "", "", True),
        ("", "more", "", False),
    ],
)
def test_what_is_said_is_what_is_seen_but_for_what_is_printed(printed, seen, held, same):
    assert says(printed, seen, held) is same
