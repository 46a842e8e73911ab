"""The page a QR code leads to, in a real browser."""

from __future__ import annotations

import pytest

from eseal.documents.cms import decode
from eseal.documents.pdf import read
from eseal.model.statement import Statement
from tests.integration.api.test_page import browser, choose, page

__all__ = ["browser", "page"]  # fixtures


@pytest.fixture
def use_id(site) -> str:
    """The use that sealed the PDF."""
    (seal,) = read(site.pdf).seals
    return Statement.parse(decode(seal.cms).statement).id


def test_the_document_that_carries_the_code_is_the_one(page, site, use_id):
    page.goto(f"{site.url}/u/{use_id}")
    assert "on record" in page.inner_text("h1")
    assert "since block" in page.inner_text("dl.record")
    assert choose(page, ("contract.sealed.pdf", site.pdf)) == "Genuine"
    assert page.inner_text(".same-use") == "This is the use that the code names."


def test_another_genuine_document_is_told_from_it(page, site, use_id):
    page.goto(f"{site.url}/u/{use_id}")
    choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    assert "names another use" in page.inner_text(".same-use.other")


def test_on_the_page_for_any_document_nothing_is_compared(page, site):
    choose(page, ("contract.sealed.pdf", site.pdf))
    assert page.locator(".same-use").count() == 0
