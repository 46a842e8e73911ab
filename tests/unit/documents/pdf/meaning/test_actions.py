"""Where links and outlines lead."""

from __future__ import annotations

import pytest
from pikepdf import Dictionary

from tests.unit.documents.pdf.meaning.made import annotated, codes, document, parsed, refused

ELSEWHERE = (
    b"<< /S /GoToR /F (b.pdf) /D [0 /Fit] >>",
    b"<< /S /GoToE /D [0 /Fit] >>",
    b"<< /S (Launch) /F (evil.exe) >>",
    b"<< /S /URI /URI (javascript:alert\\(1\\)) >>",
    b"<< /S /URI /URI (FILE:///etc/passwd) >>",
    b"<< /S /URI /URI (evil.exe) >>",
    b"<< /S /URI /URI /https >>",
    b"<< /S /URI >>",
    b"<< >>",
    b"[0 /Fit]",
    b"(a)",
)
THERE = (
    b"<< /S /URI /URI (HTTPS://example.org) >>",
    b"<< /S /URI /URI (mailto:a@example.org) >>",
    b"<< /S /URI /URI (www.example.org) >>",
    b"<< /S /GoTo /D [0 /Fit] >>",
    b"<< /S /Named /N /NextPage >>",
)


@pytest.mark.parametrize("action", ELSEWHERE)
def test_a_link_into_a_file_leads_nowhere(action):
    pdf = annotated(b"<< /Subtype /Link /A %b >>" % action)
    assert codes(pdf) == {"other_file_action"}
    assert refused(pdf) == set()
    assert "/A" not in pdf.pages[0].obj.Annots[0]


@pytest.mark.parametrize("action", THERE)
def test_a_link_into_the_document_or_the_web_stays(action):
    pdf = annotated(b"<< /Subtype /Link /A %b /Dest [0 /Fit] /PA << /S /URI >> >>" % action)
    assert codes(pdf) == set()
    link = pdf.pages[0].obj.Annots[0]
    assert "/A" in link
    assert "/Dest" not in link
    assert "/PA" not in link


@pytest.mark.parametrize(
    ("action", "found"), [(ELSEWHERE[0], {"other_file_action"}), (THERE[0], set())]
)
def test_an_outline_leads_no_further(action, found):
    pdf = document()
    item = pdf.make_indirect(parsed(b"<< /Title (a) /A %b >>" % action))
    item.Next = item
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=item, Last=item))
    assert codes(pdf) == found
    assert ("/A" in item) == (not found)


@pytest.mark.parametrize("action", [b"<< /S /JavaScript /JS (x) >>", b"<< /S /Launch /F (x) >>"])
def test_programs_are_left_for_the_examination(action):
    pdf = annotated(b"<< /Subtype /Link /A %b >>" % action)
    assert codes(pdf) == set()
    assert "/A" in pdf.pages[0].obj.Annots[0]
