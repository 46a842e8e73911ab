"""The public page in a real browser: what a counterparty sees."""

from __future__ import annotations

import shutil

import pytest

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "these tests drive Chromium: apt-get install -y chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser, site):
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.requests = requests = []

    def note(request):  # Playwright takes no built-in method
        requests.append(request)

    opened.on("request", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else 0)
    opened.goto(site.url)
    yield opened
    context.close()
    assert complaints == []
    assert all(one.url.startswith(site.url) for one in opened.requests), "nothing from elsewhere"


def choose(page, *files: tuple[str, bytes]) -> str:
    """Choose files by name and content; the verdict's heading."""
    payload = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        for name, data in files
    ]
    page.set_input_files("#files", payload)
    page.wait_for_selector("#result:not([hidden]) .verdict", timeout=WAIT_MS)
    return page.inner_text("#result .verdict h2")


def request_for_verification(page):
    (request,) = [one for one in page.requests if one.url.endswith("/v1/verifications")]
    return request


def sent(page) -> bytes:
    """The JSON the page sent for a verification: not the file."""
    request = request_for_verification(page)
    assert request.headers["content-type"] == "application/json"
    return request.post_data_buffer


def test_a_genuine_pdf_passes_and_names_the_company(page, site, shared_world):
    assert choose(page, ("contract.sealed.pdf", site.pdf)) == "Genuine"
    shown = page.inner_text("#result")
    assert shared_world.company.name in shown
    assert shared_world.company.identifier in shown
    assert "contract.sealed.pdf" in shown
    assert "supply contract" in shown
    assert "Sent to this service for the check, and not kept." in shown
    assert page.locator("ul.checks li.valid").count() >= 8
    assert page.locator("ul.checks li.invalid").count() == 0


def test_an_altered_pdf_fails_and_says_why(page, site):
    altered = site.pdf.replace(b"/MediaBox", b"/MediaBux", 1)
    assert choose(page, ("contract.sealed.pdf", altered)) == "Not to be relied on"
    assert "content has been changed" in page.inner_text("#result .sentence")
    assert page.locator("ul.checks li.invalid").count() >= 1


def test_an_unsealed_pdf_has_nothing_to_check(page, sample_pdf):
    assert choose(page, ("plain.pdf", sample_pdf)) == "No seal found"
    assert "Did a .p7s" in page.inner_text("#result .hint")


def test_any_other_file_stays_on_the_device(page, site):
    assert choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature)) == "Genuine"
    assert "Stayed on your device" in page.inner_text("#result")
    assert b"forty seals" not in sent(page)
    assert len(sent(page)) < 10_000


def test_a_bare_digest_is_looked_up_without_its_signature(page, site):
    assert choose(page, ("offer.txt", site.text)) == "Genuine"
    assert b"forty seals" not in sent(page)


def test_an_altered_file_fails_by_its_digest(page, site):
    altered = site.text.replace(b"forty", b"fifty")
    heading = choose(page, ("offer.txt", altered), ("offer.txt.p7s", site.signature))
    assert heading == "Not to be relied on"
    assert b"fifty" not in sent(page)


def test_a_signature_waits_for_its_document(page, site):
    payload = {"name": "offer.txt.p7s", "mimeType": "", "buffer": site.signature}
    page.set_input_files("#files", payload)
    page.get_by_text("Now add the document it belongs to").wait_for(timeout=WAIT_MS)
    assert page.locator("#result").is_hidden()
    assert choose(page, ("offer.txt", site.text)) == "Genuine"


def test_evidence_alone_says_that_no_document_was_compared(page, site):
    assert choose(page, ("offer.txt.eseal.json", site.evidence)) == "Genuine"
    assert "No document was compared" in page.inner_text("#result .sentence")


def test_broken_evidence_is_named(page, site):
    payload = [("offer.txt", site.text), ("offer.txt.eseal.json", b"{")]
    assert choose(page, *payload) == "The check could not be made"
    assert "not an evidence file" in page.inner_text("#result .sentence")


def test_a_new_document_forgets_what_lay_beside_the_old_one(page, site, sample_pdf):
    choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    page.set_input_files(
        "#files", {"name": "plain.pdf", "mimeType": "application/pdf", "buffer": sample_pdf}
    )
    page.get_by_role("heading", name="No seal found").wait_for(timeout=WAIT_MS)


def test_without_digests_in_the_browser_the_file_is_sent_and_the_page_says_so(page, site):
    page.add_init_script("delete Crypto.prototype.subtle")
    page.reload()
    assert choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature)) == "Genuine"
    assert "not opened over https" in page.inner_text("#result")
    request = request_for_verification(page)
    assert request.headers["content-type"].startswith("multipart/form-data")


def test_a_service_that_is_gone_says_nothing_about_the_document(page, site):
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')) }")
    assert choose(page, ("contract.pdf", site.pdf)) == "The check could not be made"
    assert "says nothing about the document" in page.inner_text("#result .sentence")


def test_the_keyboard_and_a_screen_reader_can_follow(page, site):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "files"
    choose(page, ("contract.pdf", site.pdf))
    assert page.evaluate("document.activeElement.id") == "result"
    assert page.get_attribute("#status", "aria-live") == "polite"
    assert page.text_content("#status") == "Checked contract.pdf."


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_sticks_out_on_a_phone(page, site, width):
    page.set_viewport_size({"width": width, "height": 800})
    choose(page, ("a-very-long-name-of-a-contract-" * 4 + ".pdf", site.pdf))
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_how_to_check_without_us_opens(page):
    page.click("nav a[href='/how']")
    page.wait_for_selector("ol.steps li")
    assert "openssl cms -verify" in page.inner_text("main")
