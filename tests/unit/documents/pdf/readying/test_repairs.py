"""Damaged documents: what their repair may not change."""

from __future__ import annotations

from io import BytesIO

import pytest

from eseal.documents.pdf.examination.examining import examine
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.meaning import Meaning, put_in_order
from eseal.documents.pdf.opening.opening import open_document
from eseal.documents.pdf.readying import repairs as module
from eseal.documents.pdf.readying.repairs import check_alike, repairs
from eseal.errors import TooLargeError, UnsafeDocumentError, UnsupportedDocumentError
from tests.unit.documents.pdf.examination.dangers import FONT, stream, with_objects
from tests.unit.documents.pdf.pictures import PRICE

DEEP = b"[" * 600 + b"]" * 600
FAULT = ("its table is wrong",)
NOTHING = Meaning((), (), frozenset(), {}, ())


def written(data: bytes) -> bytes:
    out = BytesIO()
    with open_document(data) as pdf:
        pdf.save(out)
    return out.getvalue()


def priced(pdfs, more: bytes = b"") -> bytes:
    page = b"/Contents 4 0 R /Resources << /Font << /F1 9 0 R >> >> %b" % more
    return with_objects(pdfs, {4: stream(PRICE), 5: DEEP, 9: FONT}, page=page)


@pytest.mark.parametrize(
    ("entry", "named"), [(b"/X << 1 2 >>", "non-name"), (b"/X 5 0 R", "deeply nested")]
)
def test_what_cannot_be_read_is_refused(pdfs, entry, named):
    with open_document(priced(pdfs, entry)) as pdf:
        examine(pdf)
        with pytest.raises(UnsupportedDocumentError, match=rf"damaged: .*{named}.*print it anew"):
            repairs(pdf)


def test_what_was_said_to_others_counts(pdfs):
    """qpdf says everything once; what is said twice is a hazard, and compared."""
    data = priced(pdfs, b"/Rotate 0 /Rotate 90").replace(DEEP, b"null")
    with open_document(data) as pdf:
        meaning = put_in_order(pdf)
        assert [hazard.code for hazard in meaning.hazards] == [HazardCode.KEY_TWICE]
        assert repairs(pdf) == ()
        assert any("key /Rotate" in each for each in repairs(pdf, meaning.warnings))


def test_what_says_nothing_about_pages_is_no_repair(pdfs):
    """Such as a page without resources, or a size that does not fit."""
    with open_document(pdfs.hand_made(pdfs.objects()).replace(b"/Size 4", b"/Size 9")) as pdf:
        examine(pdf)
        assert repairs(pdf) == ()


def test_a_repair_that_changes_nothing_is_accepted(pdfs):
    damaged = priced(pdfs).replace(b"startxref", b"startxfer").replace(DEEP, b"null")
    with open_document(damaged) as pdf:
        examine(pdf)
        found = repairs(pdf)
    assert found
    check_alike(damaged, written(damaged), 1, found, NOTHING)


def test_a_repair_that_changes_a_page_is_refused(pdfs):
    other = priced(pdfs).replace(b"100 euros", b"900 euros")
    with pytest.raises(UnsupportedDocumentError, match=r"table is wrong.* on page 1\. Seal a fl"):
        check_alike(priced(pdfs), written(other), 1, FAULT, NOTHING)


def test_what_was_put_in_order_is_refused_where_a_page_changes(pdfs):
    odd, other = (Hazard(HazardCode.UNCLEAR_CONTENTS, f"page {n}", n - 1) for n in (1, 2))
    meaning = Meaning((), (other, odd), frozenset({0}), {}, ())
    check_alike(priced(pdfs), written(priced(pdfs)), 1, (), meaning)
    changed = written(priced(pdfs).replace(b"100 euros", b"900 euros"))
    with pytest.raises(UnsafeDocumentError, match=r"\(page 1\)\. What") as raised:
        check_alike(priced(pdfs), changed, 1, (), meaning)
    assert raised.value.reasons == ("unclear_contents",)


def test_buttons_that_are_drawn_no_more_do_not_count(pdfs):
    changed = written(priced(pdfs).replace(b"100 euros", b"900 euros"))
    everywhere = Meaning((), (), frozenset({0}), {0: [(0.0, 0.0, 900.0, 900.0)]}, ())
    check_alike(priced(pdfs), changed, 1, (), everywhere)


def test_what_cannot_be_compared_is_refused(pdfs, monkeypatch):
    with pytest.raises(UnsupportedDocumentError):
        check_alike(b"%PDF-1.7 nothing", written(priced(pdfs)), 1, FAULT, NOTHING)
    monkeypatch.setattr(module, "MAX_COMPARED_PAGES", 0)
    with pytest.raises(TooLargeError, match="at most 0 such pages, got 1"):
        check_alike(priced(pdfs), written(priced(pdfs)), 1, FAULT, NOTHING)
