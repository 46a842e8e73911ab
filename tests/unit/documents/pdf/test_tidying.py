"""What is put in order before a document is examined."""

from __future__ import annotations

from io import BytesIO

import pytest

from eseal.documents.pdf import effort
from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.opening import open_document
from eseal.documents.pdf.tidying import tidy
from eseal.errors import TooLargeError
from tests.unit.documents.pdf.examination.dangers import (
    COVER,
    FORM,
    SHOWS_100,
    WHITE,
    field,
    ticked,
    with_objects,
    with_text,
)

DRAWN = FORM.replace(b"/DR", b"/DA (/F1 12 Tf 0 g) /DR")
REDRAWN = DRAWN.replace(b"/Fields", b"/NeedAppearances true /Fields")


def test_what_no_reader_shows_leaves_the_catalog(pdfs):
    root = (
        b"/Legal << /JavaScriptActions 1 >> /X 1 /DSS << >> /Requirements [] /Lang (de) "
        b"/Names << /Templates << /Names [(a) 4 0 R] >> /Dests << /Names [] >> >>"
    )
    pdf = with_objects(pdfs, {4: b"<< /Type /Page >>"}, root=root)
    with open_document(pdf) as opened:
        assert [hazard.code for hazard in examine(opened)] == [HazardCode.UNREACHABLE_PAGE]
        tidy(opened)
        assert opened.Root.keys() == {"/Type", "/Pages", "/Lang", "/Names"}
        assert opened.Root.Names.keys() == {"/Dests"}
        assert examine(opened) == ()


@pytest.mark.parametrize(
    "tree",
    [
        b"<< /Type /Pages /Kids [4 0 R] /Count 7 /MediaBox [0 0 9 9] /Rotate 90 /X 1 >>",
        b"<< /Kids [3 0 R 4 0 R] /Count 1 /MediaBox [0 0 9 9] /CropBox [1 1 8 8] >>",
    ],
)
def test_the_page_tree_is_made_anew(pdfs, tree):
    inner = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R /CropBox [1 1 8 8] >>"
    pdf = pdfs.hand_made({**pdfs.objects(), 2: tree, 4: inner})
    with open_document(pdf) as opened:
        count = len(opened.pages)
        tidy(opened)
        root = opened.Root.Pages
        assert root.keys() == {"/Type", "/Kids", "/Count"}
        assert root.Count == len(root.Kids) == len(opened.pages) == count
        for page in root.Kids:
            assert page.Parent.objgen == root.objgen
            assert [int(side) for side in page.MediaBox] == [0, 0, 9, 9]
            assert [int(side) for side in page.CropBox] == [1, 1, 8, 8]
            assert page.get("/Rotate", 0) == (90 if b"Rotate" in tree else 0)
        written = BytesIO()
        opened.save(written)
    with open_document(written.getvalue()) as again:
        assert len(again.pages) == count


@pytest.mark.parametrize(
    ("annotation", "flags"),
    [
        ((COVER % b"Stamp").replace(b"/F 4", b""), 4),
        ((COVER % b"Stamp").replace(b"/F 4", b"/F 128"), 132),
        ((COVER % b"Link").replace(b"/F 4", b"/F 0"), 0),
        ((COVER % b"Stamp").replace(b"/F 4", b"/F 2"), 2),
        (b"<< /Subtype /Text /F 0 /Rect [0 0 9 9] >>", 0),
    ],
)
def test_what_shows_on_the_screen_shows_on_paper(pdfs, annotation, flags):
    with open_document(with_text(pdfs, annotation, WHITE)) as opened:
        tidy(opened)
        assert flags == opened.pages[0].Annots[0].F


def other(entries: bytes) -> bytes:
    widget = field(entries)
    return widget.replace(b"/FT /Tx ", b"") if b"/Ch" in entries else widget


def codes(opened) -> list[str]:
    return [each.code.value for each in examine(opened)]


@pytest.mark.parametrize("root", [DRAWN, REDRAWN])
@pytest.mark.parametrize("kind", [b"/FT /Tx", b"/FT /Ch /Ff 131072 /Opt [(100) (200)]"])
def test_a_field_of_text_without_a_look_gets_one(pdfs, root, kind):
    widget = field(b"/V (100)").replace(b"/FT /Tx", kind)
    with open_document(with_text(pdfs, widget, SHOWS_100, root=root)) as opened:
        assert codes(opened) == ["field_not_drawn"]
        tidy(opened)
        assert codes(opened) == []
        assert b"(100) Tj" in opened.pages[0].Annots[0].AP.N.read_bytes()


def test_it_keeps_its_ground_and_its_border(pdfs):
    widget = field(b"/V (100) /MK << /BG [1 1 0] /BC [0.5] >>")
    with open_document(with_text(pdfs, widget, SHOWS_100, root=DRAWN)) as opened:
        tidy(opened)
        shown = opened.pages[0].Annots[0].AP.N.read_bytes()
        assert shown.startswith(
            b"q 1 1 0 rg 0 0 200 30 re f Q q 0.5 G 1 w 0.5 0.5 199 29 re S Q /Tx BMC"
        )
        assert b"(100) Tj" in shown


@pytest.mark.parametrize(("value", "found"), [(b"100", []), (b"999", ["field_value_differs"])])
def test_one_that_has_a_look_keeps_it(pdfs, value, found):
    """It is what most viewers show, whether or not it says what the field holds."""
    widget = field(b"/V (%b) /AP << /N 6 0 R >>" % value)
    with open_document(with_text(pdfs, widget, SHOWS_100, root=REDRAWN)) as opened:
        tidy(opened)
        assert not opened.Root.AcroForm.NeedAppearances
        assert opened.pages[0].Annots[0].AP.N.read_bytes() == SHOWS_100
        assert codes(opened) == found


@pytest.mark.parametrize(
    "entries",
    [
        b"/V (1) /FT /Ch /Opt [[(1) (one)]] /Ff 131072",
        b"/V <FEFF516C53F8>",
        b"/V (1) /Ff 4096",
        b"/V (1) /Ff 8192",
        b"/V (1) /Ff 16777216",
    ],
)
@pytest.mark.parametrize("root", [DRAWN, REDRAWN])
def test_one_that_viewers_draw_otherwise_is_left_and_refused(pdfs, entries, root):
    with open_document(with_text(pdfs, other(entries), SHOWS_100, root=root)) as opened:
        tidy(opened)
        assert codes(opened) == ["field_not_drawn"]


def test_one_whose_look_cannot_be_read_is_left_to_be_drawn_anew_and_refused(pdfs):
    widget = field(b"/V (100) /AP << /N 6 0 R >>")
    pdf = with_text(pdfs, widget, SHOWS_100, root=REDRAWN).replace(b"WinAnsiEncoding", b"Odd")
    with open_document(pdf) as opened:
        tidy(opened)
        assert opened.Root.AcroForm.NeedAppearances
        assert codes(opened) == ["field_not_drawn"]


@pytest.mark.parametrize("widget", [field(b""), field(b"/V ()"), ticked(b"/AS /Yes /V /Yes")])
def test_a_form_with_nothing_to_draw_is_not_drawn_anew(pdfs, widget):
    with open_document(with_text(pdfs, widget, WHITE, root=REDRAWN)) as opened:
        tidy(opened)
        assert not opened.Root.AcroForm.NeedAppearances
        assert codes(opened) == []


SCRIPT = b"<< /S /JavaScript /JS (AFDate_FormatEx\\('dd.mm.yyyy'\\)) >>"


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        (b"/K %b /F %b", []),
        (b"/K %b /C %b", ["javascript", "automatic_action"]),
        (b"/F %b /Fo %b", ["javascript", "automatic_action"]),
    ],
)
def test_what_helps_to_type_leaves_the_form(pdfs, actions, found):
    """As in forms of pdfcpu; a form that calculates is refused."""
    acting = b"/V (100) /AP << /N 6 0 R >> /AA << %b >>" % (actions % (SCRIPT, SCRIPT))
    with open_document(with_text(pdfs, field(acting), SHOWS_100, root=FORM)) as opened:
        assert codes(opened) == ["javascript", "automatic_action"]
        tidy(opened)
        assert codes(opened) == found


def test_what_is_no_field_keeps_its_actions(pdfs):
    with open_document(
        with_objects(
            pdfs, {4: b"<< /Subtype /Widget /AA << /K %b >> >>" % SCRIPT}, page=b"/Annots [4 0 R]"
        )
    ) as opened:
        tidy(opened)
        assert codes(opened) == ["javascript", "automatic_action"]


def test_pages_that_share_their_annotations(pdfs, monkeypatch):
    monkeypatch.setattr(effort, "STEPS", 50_000)
    kids = b" ".join(b"%d 0 R" % number for number in range(10, 110))
    pdf = pdfs.hand_made(
        {
            **dict.fromkeys(range(1, 10), b"null"),
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%b] /Count 100 /MediaBox [0 0 9 9] >>" % kids,
            4: b"[%b]" % (b"5 0 R " * 100),
            5: b"<< /Subtype /Link /Rect [0 0 1 1] >>",
            **dict.fromkeys(range(10, 110), b"<< /Type /Page /Parent 2 0 R /Annots 4 0 R >>"),
        }
    )
    with open_document(pdf) as opened, pytest.raises(TooLargeError, match="entangled"):
        tidy(opened)
