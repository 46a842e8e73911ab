"""Which pages are shown to find covered text: not most."""

from __future__ import annotations

import zlib

import pytest

from eseal.documents.pdf.examination import covered
from eseal.documents.pdf.examination.graph import Graph
from eseal.documents.pdf.opening.opening import open_document
from tests.unit.documents.pdf.examination.dangers import FONT, form_xobject, stream
from tests.unit.documents.pdf.pictures import ALL, PRICE, over

PICTURE = stream(
    b"\xff", b"/Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
)
ONLY = b"/XObject << /Pic 5 0 R >>"
FLATE = b"/Filter /FlateDecode"


def look(
    pdfs, contents: bytes, *streams: bytes, resources: bytes = ONLY, form=True, key=b"/Contents"
):
    """What was shown, and what was found; of a file with a form or without."""
    page = b"%b %b /Resources << /Font << /F1 9 0 R >> %b >>" % (key, contents, resources)
    objects = {
        **pdfs.objects(page=page),
        5: PICTURE,
        6: form_xobject(b"") if form else b"null",
        7: b"null",
        8: b"null",
    }
    pdf = pdfs.hand_made({**objects, 9: FONT, 4: b"null", **dict(enumerate(streams, 10))})
    with open_document(pdf) as opened:
        graph = Graph(opened)
        return covered.doubtful(graph), [hazard.page for hazard in covered.find(graph)]


LATE, EARLY = PRICE + over(ALL), over(ALL) + PRICE


@pytest.mark.parametrize("form", [True, False])
def test_a_picture_behind_the_first_word_is_looked_at(pdfs, form):
    found = ([(0, False)], [0])
    assert look(pdfs, b"10 0 R", stream(LATE), form=form) == found
    assert look(pdfs, b"10 0 R", stream(zlib.compress(LATE), FLATE), form=form) == found
    assert look(pdfs, b"[10 0 R 11 0 R]", stream(PRICE), stream(over(ALL)), form=form) == found
    assert look(pdfs, b"10 0 R", stream(LATE), form=form, key=b"/#43ontents") == found


@pytest.mark.parametrize(
    "streams",
    [
        [stream(EARLY)],
        [stream(zlib.compress(EARLY), FLATE)],
        [stream(zlib.compress(EARLY), b"/Filter [/FlateDecode]")],
        [stream(over(ALL)), stream(PRICE)],
        [stream(PRICE)],
        [stream(over(ALL))],
        [],
    ],
)
@pytest.mark.parametrize("form", [True, False])
def test_others_are_not(pdfs, streams, form):
    listed = b" ".join(b"%d 0 R" % number for number, _ in enumerate(streams, 10))
    assert look(pdfs, b"[%b]" % listed, *streams, form=form) == ([], [])
    if len(streams) == 1:
        assert look(pdfs, listed, *streams, form=form) == ([], [])


@pytest.mark.parametrize("resources", [b"", b"/XObject << >>"])
def test_without_pictures_nothing_is(pdfs, resources):
    assert look(pdfs, b"10 0 R", stream(LATE), resources=resources) == ([], [])


@pytest.mark.parametrize(
    "resources",
    [b"/XObject << /Pic 6 0 R >>", b"/Shading << /S << >> >>", b"/XObject << /A 5 0 R /B 6 0 R >>"],
)
def test_pages_with_forms_or_shadings_always_are(pdfs, resources):
    assert look(pdfs, b"10 0 R", stream(EARLY), resources=resources)[0] == [(0, False)]


def test_patterns_are_said(pdfs):
    pattern = b"/Pattern << /P 6 0 R >>"
    assert look(pdfs, b"10 0 R", stream(EARLY), resources=pattern)[0] == [(0, True)]


@pytest.mark.parametrize(
    "content",
    [
        stream(EARLY.hex().encode() + b">", b"/Filter /ASCIIHexDecode"),
        stream(zlib.compress(EARLY)[:-4], FLATE),
        stream(b"no zlib", FLATE),
        stream(zlib.compress(EARLY), FLATE + b" /DecodeParms << /Predictor 1 >>"),
        stream(EARLY + LATE).replace(b"/Length %d" % len(EARLY + LATE), b"/Length %d" % len(EARLY)),
        stream(zlib.compress(EARLY + b" " * (1 << 20)), FLATE),
        b"<< >>",
    ],
)
@pytest.mark.parametrize("form", [True, False])
def test_contents_that_readers_may_take_otherwise_always_are(pdfs, content, form):
    assert look(pdfs, b"10 0 R", content, form=form)[0] == [(0, False)]


def test_contents_in_many_parts_are_not_read_for_ever(pdfs):
    part = stream(zlib.compress(EARLY + b" " * 600_000), FLATE)
    assert look(pdfs, b"[10 0 R 10 0 R 10 0 R]", part)[0] == [(0, False)]
