"""The page a QR code leads to, in a real browser."""

from __future__ import annotations

import pytest

from eseal.documents.cms import decode
from eseal.documents.pdf import read
from eseal.model.statement import Statement
from tests.integration.api.test_page import browser, choose, open_page, page, payload

__all__ = ["browser", "open_page", "page"]  # fixtures


@pytest.fixture
def use_id(site) -> str:
    """The use that sealed the PDF."""
    (seal,) = read(site.pdf).seals
    return Statement.parse(decode(seal.cms).statement).id


def test_the_document_that_carries_the_code_is_the_one(page, site, use_id):
    page.goto(f"{site.url}/u/{use_id}")
    assert "on record" in page.inner_text("h1")
    assert "since block" in page.inner_text("dl.record")
    assert choose(page, ("contract.sealed.pdf", site.pdf)).startswith("Genuine: ")
    assert page.inner_text(".same-use").strip() == "This is the use that the code names."


def test_another_genuine_document_is_told_from_it(page, site, use_id):
    page.goto(f"{site.url}/u/{use_id}")
    choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    assert "names another use" in page.inner_text(".same-use.other")


def test_on_the_page_for_any_document_nothing_is_compared(page, site):
    choose(page, ("contract.sealed.pdf", site.pdf))
    assert page.locator(".same-use").count() == 0


def test_the_page_of_a_use_speaks_the_reader_s_language_and_works_without_scripts(
    open_page, site, use_id
):
    page = open_page(locale="ja-JP", java_script_enabled=False)
    page.goto(f"{site.url}/u/{use_id}")
    assert page.inner_text("h1") == "この押印は記録済みです"
    page.set_input_files("#file", payload(("contract.sealed.pdf", site.pdf)))
    page.click("fieldset button")
    page.wait_for_selector("#result .verdict")
    assert page.inner_text("#result .headline >> nth=0").startswith("真正と確認")
    assert page.inner_text(".same-use").strip() == "コードが示す押印と一致します。"


def test_an_address_that_names_no_use_says_what_to_do(page, site):
    answer = page.request.get(f"{site.url}/u/nothing?lang=zh")
    assert answer.status == 404
    assert "此地址下没有登记任何用印" in answer.text()
