"""A file that was cut off on its way accuses nobody, wherever it was cut."""

from __future__ import annotations

from itertools import pairwise

import pytest

from eseal.documents.pdf import Form, read
from eseal.documents.pdf.file.scanner import is_cut_off
from eseal.documents.pdf.seals.judging import judge
from tests.unit.documents.pdf.seals.forging import at, forged, last, party, stamped, validated


@pytest.fixture(scope="module")
def long(opened) -> bytes:
    return stamped(validated(party(opened, "Buyer")))


def test_a_file_that_was_cut_is_no_altered_one(long):
    ends = [section.end for section in last(long).sections]
    for end in ends[1:]:
        for cut in range(end - 300, end):
            assert is_cut_off(long[:cut], judge(long[:cut]).revision.sections[-1])
    for start, end in pairwise(ends):
        for cut in (start + 1, start + 9, (start + end) // 2, end - 40, end - 1):
            reading = read(long[:cut])
            assert reading.form is Form.ADDED
            assert reading.end in ends
            assert "cut off" in reading.detail


def test_what_is_whole_was_not_cut(opened):
    def blank(draft):
        page = draft.dictionary(draft.dictionary(draft.catalog["Pages"])["Kids"][0])
        reference = draft.dictionary(draft.catalog["Pages"])["Kids"][0]
        draft.changed[at(reference)] = page | {"MediaBox": [0, 0, 99, 99]}

    changed = forged(opened, blank)
    assert read(changed).form is Form.ALTERED
    for added in (b"\n", b"%%EOF\n", b"junk", b"9 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"):
        assert not is_cut_off(opened + added, last(opened).sections[-1])
        assert not is_cut_off(changed + added, last(opened).sections[-1])
