"""Faxes are packed as we pack them."""

from __future__ import annotations

import base64

import pytest
from pikepdf import Name

from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.meaning.resources.images import faxes
from eseal.errors import TooLargeError
from tests.unit.documents.pdf.meaning.made import document, drawing, image, refused
from tests.unit.documents.pdf.meaning.test_images import fax

SIZED = b"<< /Width 16 /Height 16 /BitsPerComponent 1 /ColorSpace /DeviceGray"
T6 = SIZED + b" /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 %b >> >>"
INLINE = b"q 60 0 0 60 20 60 cm BI /W 16 /H 16 /BPC 1 /CS /G /F %b /DP << /K -1 /Columns 16 >> ID "


def packed(data: bytes, said: bytes = b""):
    """Data and parameters of a fax after it was put in order, and what was told of it."""
    pdf = document()
    found = put_in_order(drawing(pdf, image(pdf, data, T6 % said)))
    assert not found.hazards
    made = pdf.pages[0].obj.Resources.XObject.X
    return made.read_raw_bytes(), dict(made.DecodeParms.items()), found


@pytest.mark.parametrize("said", [b"", b"/Rows 16 /EndOfLine false", b"/BlackIs1 true"])
@pytest.mark.parametrize("behind", [b"", b"\n", b"\0\0"])
def test_what_is_packed_as_ours_stays(behind, said):
    data, _, found = packed(fax() + behind, said)
    assert data == fax() + behind
    assert not found.touched


@pytest.mark.parametrize(
    ("data", "said", "told"),
    [
        (fax()[:-4], b"", True),
        (fax(8), b"", False),
        (fax() + b"more behind", b"", True),
        (fax(), b"/Rows 8", False),
        (b"\xff" * 9, b"/EndOfBlock false", True),
    ],
    ids=["cut", "few-rows", "more", "few-rows-said", "without-end"],
)
def test_all_else_is_packed_anew(data, said, told):
    anew, how, found = packed(data, said)
    assert anew != data or said
    assert found.touched == {0}
    assert bool(found.settled) is told
    assert how == {"/K": -1, "/Columns": 16, "/Rows": 16}
    again, _, later = packed(anew, b"/Rows 16")
    assert again == anew
    assert not later.touched


def test_what_is_black_stays_so():
    data, how, _ = packed(fax()[:-3], b"/BlackIs1 true")
    assert how["/BlackIs1"] is True
    assert data == fax()


def test_row_by_row_is_packed_anew():
    pdf = document()
    entries = T6.replace(b"/K -1", b"/K 0 /EndOfBlock false") % b""
    found = put_in_order(drawing(pdf, image(pdf, b"\x4d\x40" * 40, entries)))
    assert pdf.pages[0].obj.Resources.XObject.X.DecodeParms.K == -1
    assert found.settled


@pytest.mark.parametrize("cut", [0, 3])
@pytest.mark.parametrize("kind", [b"/CCF", b"[/A85 /CCF]"])
def test_inside_contents(kind, cut):
    data = fax()[: len(fax()) - cut]
    if kind != b"/CCF":
        data = base64.a85encode(data) + b"~>"
    content = INLINE % kind + data + b"\nEI Q 0 0 9 9 re f"
    pdf = document(content)
    found = put_in_order(pdf)
    assert not found.hazards
    assert bool(found.settled) is bool(cut)
    made = pdf.pages[0].obj.Contents.read_bytes()
    assert fax() in made or base64.a85encode(data) in made
    assert made.rstrip().endswith(b"0 0 9 9 re f")
    again = document(made)
    put_in_order(again)
    assert again.pages[0].obj.Contents.read_bytes() == made


@pytest.mark.parametrize("said", [b"/Columns 8", b"/BlackIs1 /true", b""])
def test_inside_contents_it_says_what_it_is(said):
    data = INLINE.replace(b"/Columns 16", said) % b"/CCF" + fax() + b"\nEI Q"
    assert refused(document(data)) == {"unclear_image"}


def test_there_is_an_end_to_it(monkeypatch):
    pdf = document()
    made = drawing(pdf, image(pdf, fax(), T6 % b""))
    monkeypatch.setattr(faxes, "MAX_PIXELS", 255)
    with pytest.raises(TooLargeError, match="255 in all"):
        put_in_order(made)


def test_a_fax_of_a_billion_pixels_is_not_unpacked():
    pdf = document()
    huge = image(pdf, fax(), T6.replace(b"Columns 16", b"Columns 40000") % b"")
    huge.Width = huge.Height = 40000
    with pytest.raises(TooLargeError):
        put_in_order(drawing(pdf, huge))
    assert huge.Filter == Name.CCITTFaxDecode
