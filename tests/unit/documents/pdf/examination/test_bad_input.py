"""What is no document to seal at all: broken, endless or too large."""

from __future__ import annotations

import zlib

import pytest

from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.opening import effort
from eseal.documents.pdf.opening.opening import PdfLimits, open_document
from eseal.documents.pdf.readying.repairs import repairs
from eseal.errors import TooLargeError, UnsupportedDocumentError
from tests.unit.documents.pdf.examination.dangers import (
    FONT,
    field,
    form_xobject,
    look,
    stream,
    with_objects,
)


def pages(count: int) -> dict[int, bytes]:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%b] /Count %d /MediaBox [0 0 9 9] >>" % (kids, count),
        **dict.fromkeys(range(3, 3 + count), b"<< /Type /Page /Parent 2 0 R >>"),
    }


MANY = 300
BLANK = zlib.compress(b" " * 900_000)
ENTANGLED = {
    "pages that share annotations": (
        b"/Annots 10 0 R",
        {
            10: b"[%b]" % (b"11 0 R " * MANY),
            11: b"<< /Type /Annot /Subtype /Link /Rect [0 0 1 1] >>",
        },
        b"",
    ),
    "fields that share fonts": (
        b"/Annots 10 0 R",
        {
            10: b"[%b]" % (b"11 0 R " * MANY),
            11: field(b"/V (1) /AP << /N 13 0 R >>"),
            12: b"<< %b >>" % b" ".join(b"/F%d 9 0 R" % number for number in range(MANY)),
            13: form_xobject(b"BT (1) Tj ET"),
            9: FONT,
        },
        b"/AcroForm << /DR << /Font 12 0 R >> /Fields [11 0 R] >>",
    ),
    "fields that share a long look": (
        b"/Annots [11 0 R]",
        {
            11: field(b"/V (1) /AP << /N 13 0 R >>"),
            13: stream(
                zlib.compress(b"(1) Tj " * 10_000),
                b"/Filter /FlateDecode /Resources << /Font << /F1 9 0 R >> >> /BBox [0 0 1 1]",
            ),
            9: FONT,
        },
        b"/AcroForm << /Fields [11 0 R] >>",
    ),
    "pages that share contents": (
        b"/Contents 10 0 R /Resources << /XObject << /X 12 0 R >> >>",
        {
            10: stream(BLANK, b"/Filter /FlateDecode"),
            12: stream(b"x", b"/Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"),
        },
        b"",
    ),
    "pages that share pieces of contents": (
        b"/Contents 10 0 R /Resources << /XObject << /X 12 0 R >> >>",
        {
            10: b"[%b]" % (b"11 0 R " * MANY),
            11: stream(b"q"),
            12: stream(b"x", b"/Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"),
        },
        b"",
    ),
}


class TestBadInput:
    """Clear errors; the document is not touched and nothing goes on record."""

    def test_ten_thousand_pages_are_the_limit(self, pdfs):
        assert look(pdfs.hand_made(pages(10_000))) == ()
        with pytest.raises(TooLargeError, match="at most 10000"):
            look(pdfs.hand_made(pages(10_001)))

    def test_too_many_objects_are_refused(self, pdfs):
        with pytest.raises(TooLargeError, match="too many parts: expected at most 2"):
            look(pdfs.hand_made(pdfs.objects()), limits=PdfLimits(max_objects=2))

    @pytest.mark.parametrize(
        ("tree", "named"),
        [
            (b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>", "(?i)loop"),
            (b"<< /Type /Pages /Kids [] /Count 0 >>", "no pages"),
            (b"<< /Type /Page >>", "no pages|no /Kids"),
        ],
    )
    def test_a_page_tree_that_is_none(self, pdfs, tree, named):
        with pytest.raises(UnsupportedDocumentError, match=named):
            look(pdfs.hand_made({**pdfs.objects(), 2: tree}))

    @pytest.mark.parametrize(
        "tree",
        [
            b"<< /Type /Pages /Kids [3 0 R] /Count 4 /MediaBox [0 0 9 9] >>",
            b"<< /Type /Pages /Kids [<< /Type /Page >>] /Count 1 /MediaBox [0 0 9 9] >>",
        ],
    )
    def test_a_page_tree_that_says_so_in_its_own_way(self, pdfs, tree):
        """qpdf counts the pages that are there, and gives each an object of its own."""
        assert look(pdfs.hand_made({**pdfs.objects(), 2: tree})) == ()

    @pytest.mark.parametrize("depth", [100, 20_000])
    def test_a_page_tree_of_many_levels(self, pdfs, depth):
        nodes = {
            n: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /MediaBox [0 0 9 9] >>" % (n + 1)
            for n in range(2, depth)
        }
        root = b"<< /Type /Catalog /Pages 2 0 R >>"
        pdf = pdfs.hand_made({1: root, **nodes, depth: b"<< /Type /Page >>"})
        if depth == 100:
            assert look(pdf) == ()
        else:
            with pytest.raises(UnsupportedDocumentError, match=r"deep|Depth|depth"):
                look(pdf)

    @pytest.mark.parametrize("opening", [b"[", b"<< /A "])
    def test_values_inside_one_another(self, pdfs, opening):
        closing = {b"[": b"]", b"<< /A ": b" >>"}[opening]
        deep = opening * 100_000 + closing * 100_000
        pdf = with_objects(pdfs, {4: deep}, page=b"/X 4 0 R")
        with open_document(pdf) as opened:
            assert examine(opened) == ()
            with pytest.raises(UnsupportedDocumentError, match="deep"):
                repairs(opened)

    def test_form_fields_that_are_their_own_parents(self, pdfs):
        widget = field(b"/V (1) /Parent 5 0 R").replace(b"/FT /Tx", b"")
        pdf = with_objects(
            pdfs, {5: widget}, page=b"/Annots [5 0 R]", root=b"/AcroForm << /Fields [5 0 R] >>"
        )
        with pytest.raises(UnsupportedDocumentError, match="nested too deeply"):
            look(pdf)

    def test_references_in_a_circle(self, pdfs):
        pdf = with_objects(pdfs, {4: b"5 0 R", 5: b"4 0 R"}, root=b"/OpenAction 4 0 R")
        with open_document(pdf) as opened:
            assert examine(opened) == ()
            assert "expected endobj" in repairs(opened)[0]

    def test_thousands_of_fields_side_by_side(self, pdfs):
        count = 700
        numbers = range(10, 10 + count)
        listed = b" ".join(b"%d 0 R" % n for n in numbers)
        fields = {
            n: b"<< /Subtype /Widget /FT /Tx /T (f%d) /Rect [0 %d 9 %d] >>" % (n, n * 2, n * 2 + 1)
            for n in numbers
        }
        pdf = with_objects(
            pdfs,
            fields,
            page=b"/Annots [%b]" % listed,
            root=b"/AcroForm << /Fields [%b] >>" % listed,
        )
        with pytest.raises(UnsupportedDocumentError, match="too many form fields"):
            look(pdf)

    def test_a_bomb_among_the_streams_the_examination_reads(self, pdfs):
        objects = {
            5: stream(zlib.compress(bytes(100_000)), b"/Filter /FlateDecode /Type /Metadata"),
            6: b"<< /Type /Filespec /F (a.txt) /AFRelationship /Data /EF << /F 7 0 R >> >>",
            7: stream(b"x", b"/Type /EmbeddedFile"),
        }
        pdf = with_objects(pdfs, objects, root=b"/Metadata 5 0 R /AF [6 0 R]")
        with pytest.raises(UnsupportedDocumentError, match="limit"):
            look(pdf, limits=PdfLimits(max_stream_bytes=50_000))

    @pytest.mark.parametrize("name", ENTANGLED)
    def test_a_few_kilobytes_that_ask_for_hours(self, pdfs, monkeypatch, name):
        """Parts of parts, each of which many others share."""
        monkeypatch.setattr(effort, "STEPS", 50_000)
        page, objects, root = ENTANGLED[name]
        kids = b" ".join(b"%d 0 R" % number for number in range(100, 400))
        pdf = pdfs.hand_made(
            {
                **dict.fromkeys(range(1, 100), b"null"),
                1: b"<< /Type /Catalog /Pages 2 0 R %b >>" % root,
                2: b"<< /Type /Pages /Kids [%b] /Count 300 /MediaBox [0 0 9 9] >>" % kids,
                **dict.fromkeys(range(100, 400), b"<< /Type /Page /Parent 2 0 R %b >>" % page),
                **objects,
            }
        )
        assert len(pdf) < 60_000
        with pytest.raises(TooLargeError, match=r"too entangled: .* more than 5\d{4} steps"):
            look(pdf)
