"""What is put in order before a document is examined."""

from __future__ import annotations

import pytest

from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.opening import effort
from eseal.documents.pdf.opening.opening import open_document
from eseal.documents.pdf.readying.tidying import tidy
from eseal.errors import TooLargeError
from tests.unit.documents.pdf.examination.dangers import (
    COVER,
    FORM,
    SHOWS_100,
    WHITE,
    field,
    with_objects,
    with_text,
)


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


def test_actions_that_are_none_leave_the_catalog(pdfs):
    with open_document(with_objects(pdfs, {}, root=b"/AA << >>")) as opened:
        tidy(opened)
        assert "/AA" not in opened.Root


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


def codes(opened) -> list[str]:
    return [each.code.value for each in examine(opened)]


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
