"""The public page in a real browser: what a counterparty sees."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.integration.api.browsing import (
    CHROMIUM,
    FLAGS,
    REMEMBER_SENT,
    WAIT_MS,
    choose,
    is_complaint,
    payload,
    sent,
)


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "these tests drive Chromium: apt-get install -y chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser, site):
    """Open the page in a browser of a reader: locale, time zone, with scripts or without, …"""
    complaints: list[str] = []
    opened = []

    def open_it(**reader):
        size = {"width": 1000, "height": 900}
        context = browser.new_context(**{"viewport": size, "locale": "en-GB"} | reader)
        context.add_init_script(REMEMBER_SENT)
        page = context.new_page()
        page.requests = requests = []

        def note(request):  # Playwright takes no built-in method
            requests.append(request)

        page.on("request", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if is_complaint(line) else 0)
        page.goto(site.url)
        opened.append(page)
        return page

    yield open_it
    for page in opened:
        elsewhere = [one.url for one in page.requests if not one.url.startswith(site.url)]
        assert [url for url in elsewhere if not url.startswith("blob:")] == []
        page.context.close()
    assert complaints == []


@pytest.fixture
def page(open_page):
    return open_page()


def test_a_genuine_pdf_passes_and_names_the_company(page, site, shared_world):
    headline = choose(page, ("contract.sealed.pdf", site.pdf))
    assert re.fullmatch(r"Genuine: .*seal of " + re.escape(shared_world.company.name), headline)
    shown = page.inner_text("#result")
    assert shared_world.company.identifier in shown
    assert "contract.sealed.pdf" in shown
    assert "supply contract" in shown
    assert "Sent to this service to be verified, and not kept." in shown
    assert page.locator("ul.checks li.passed").count() >= 8
    assert page.locator("ul.checks li.failed").count() == 0
    assert headline in page.title()


def test_names_of_checks_are_technical_detail(page, site):
    choose(page, ("contract.sealed.pdf", site.pdf))
    shown = page.inner_text("#result")
    assert "Place in the log" in shown
    assert "inclusion" not in shown
    assert "TOTAL_PASSED" not in shown
    page.locator("ul.checks summary", has_text="Place in the log").click()
    assert "inclusion" in page.inner_text("#result")
    page.locator("details.technical summary").click()
    assert "TOTAL_PASSED: authentic" in page.inner_text("#result")


def test_an_altered_pdf_fails_and_says_why(page, site):
    altered = site.pdf.replace(b"/MediaBox", b"/MediaBux", 1)
    headline = choose(page, ("contract.sealed.pdf", altered))
    assert headline == "Not genuine: the document has been changed"
    assert page.locator("ul.checks li").first.get_attribute("class") == "failed"
    assert "Do not rely on it." in page.inner_text("#result .advice")


def test_a_verdict_speaks_by_shape_word_and_colour(page, site, sample_pdf):
    altered = site.pdf.replace(b"/MediaBox", b"/MediaBux", 1)
    shown = {}
    for data in (site.pdf, altered, sample_pdf):
        choose(page, ("a.pdf", data))
        shape = page.locator("#result .verdict > .sign .shape").first
        word = page.inner_text("#result .headline >> nth=0").partition(":")[0]
        colour = shape.evaluate("node => getComputedStyle(node).fill")
        shown[word] = (shape.evaluate("node => node.tagName"), colour)
    assert {word: shape for word, (shape, _) in shown.items()} == {
        "Genuine": "circle",
        "Not genuine": "rect",
        "Cannot be decided": "path",
    }
    assert len({colour for _, colour in shown.values()}) == 3


def test_an_unsealed_pdf_has_nothing_to_check(page, sample_pdf):
    assert choose(page, ("plain.pdf", sample_pdf)) == "Cannot be decided: no seal found"
    assert "Did a .p7s" in page.inner_text("#result .advice")


def test_any_other_file_stays_on_the_device(page, site):
    headline = choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    assert headline.startswith("Genuine: ")
    shown = page.inner_text("#result")
    assert "Stayed on your device" in shown
    assert "offer.txt.p7s" in shown
    assert sent(page) == {
        "digest": hashlib.sha256(site.text).hexdigest(),
        "name": "offer.txt",
        "size": str(len(site.text)),
        "way": "stayed",
        "signature": "offer.txt.p7s",
    }


def test_a_container_that_was_packed_again_is_not_called_forged(page, site):
    headline = choose(page, ("renamed.zip", site.container + b"x"))
    assert headline == "Cannot be decided: the file cannot be read safely"


def test_a_bare_digest_is_told_when_it_was_sealed_and_nothing_else(page, site, shared_world):
    assert choose(page, ("offer.txt", site.text)) == "These bytes were sealed here"
    assert "file" not in sent(page)
    shown = page.inner_text("#result")
    assert re.search(r"First sealed: .*00:00.*23:59", shown)
    assert shared_world.company.name not in shown
    assert "Offer no. 7" not in shown
    assert choose(page, ("offer.txt", b"other")).startswith("No use of a seal on these bytes")
    assert "First sealed" not in page.inner_text("#result")


def test_an_altered_file_fails_by_its_digest(page, site):
    altered = site.text.replace(b"forty", b"fifty")
    headline = choose(page, ("offer.txt", altered), ("offer.txt.p7s", site.signature))
    assert headline.startswith("Not genuine: ")
    assert sent(page)["digest"] == hashlib.sha256(altered).hexdigest()
    assert "file" not in sent(page)


def test_a_container_is_sent_whole_because_its_seal_is_inside(page, site):
    assert choose(page, ("offer.asice", site.container)).startswith("Genuine: ")
    shown = page.inner_text("#result")
    assert "Sent to this service" in shown
    assert "offer.txt, contract.pdf" in shown
    assert "Files in the container" in shown
    assert sent(page)["file"] == "offer.asice"


def test_what_was_added_behind_a_seal_is_told_and_the_sealed_document_comes_out(page, site):
    headline = choose(page, ("contract.sealed.pdf", site.pdf + b"\n% kept by another program\n"))
    assert headline == "Cannot be decided: added after sealing"
    assert page.locator("#result .headline").first.is_visible()
    assert "Take out the sealed document" in page.inner_text("#result .advice >> nth=0")
    with page.expect_download(timeout=WAIT_MS) as download:
        page.click("#extract button")
    taken = download.value
    assert taken.suggested_filename == "contract.sealed.pdf"
    extracted = Path(taken.path()).read_bytes()
    assert extracted == site.pdf
    assert choose(page, ("contract.sealed.pdf", extracted)).startswith("Genuine: ")
    assert page.locator("#extract").count() == 0, "there is nothing to take out of what is whole"


@pytest.mark.parametrize("name", ["contract.pdf", "contract.sealed-2.PDF"])
def test_what_is_taken_out_keeps_a_name_that_says_it_is_sealed(page, site, name):
    choose(page, (name, site.pdf + b"\n"))
    with page.expect_download(timeout=WAIT_MS) as download:
        page.click("#extract button")
    expected = {"contract.pdf": "contract.sealed.pdf"}
    assert download.value.suggested_filename == expected.get(name, name)


def test_without_scripts_the_sealed_document_is_offered_all_the_same(open_page, site):
    page = open_page(java_script_enabled=False)
    page.set_input_files("#file", payload(("contract.pdf", site.pdf + b"\n")))
    page.click("fieldset button")
    page.wait_for_selector("#result .verdict", timeout=WAIT_MS)
    page.set_input_files("#again", payload(("contract.pdf", site.pdf + b"\n")))
    with page.expect_download(timeout=WAIT_MS) as download:
        page.click("#extract button")
    assert Path(download.value.path()).read_bytes() == site.pdf


def test_a_signature_waits_for_its_document(page, site):
    page.set_input_files("#files", payload(("offer.txt.p7s", site.signature)))
    page.get_by_text("Now add the document it belongs to").wait_for(timeout=WAIT_MS)
    assert page.locator("#result").is_hidden()
    assert choose(page, ("offer.txt", site.text)).startswith("Genuine: ")


def test_evidence_alone_says_that_no_document_was_compared(page, site):
    headline = choose(page, ("offer.txt.eseal.json", site.evidence))
    assert headline.endswith("without its document")
    assert "No document was compared" in page.inner_text("#result .sentence >> nth=0")


def test_broken_evidence_is_told(page, site):
    files = [("offer.txt", site.text), ("offer.txt.eseal.json", b"{")]
    assert choose(page, *files) == "Could not be verified"
    assert "the right file" in page.inner_text("#result .verdict")
    page.locator("#result summary").click()
    assert "evidence: expected" in page.inner_text("#result .verdict")


def test_a_new_document_forgets_what_lay_beside_the_old_one(page, site, sample_pdf):
    choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    page.set_input_files("#files", payload(("plain.pdf", sample_pdf)))
    page.get_by_role("heading", name="no seal found").wait_for(timeout=WAIT_MS)


def test_without_digests_in_the_browser_the_file_is_sent_and_the_page_says_so(page, site):
    page.add_init_script("delete Crypto.prototype.subtle")
    page.reload()
    headline = choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    assert headline.startswith("Genuine: ")
    assert "not opened over https" in page.inner_text("#result")
    assert sent(page)["file"] == "offer.txt"


def test_a_service_that_is_gone_says_nothing_about_the_document(page, site):
    page.evaluate("() => { XMLHttpRequest.prototype.send = function () { this.onerror?.(); "
                  "this.dispatchEvent(new ProgressEvent('error')); } }")  # fmt: skip
    assert choose(page, ("contract.pdf", site.pdf)) == "Could not be verified"
    assert "says nothing about the document" in page.inner_text("#result .sentence")


def test_the_keyboard_and_a_screen_reader_can_follow(page, site):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(7):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "files"
    choose(page, ("contract.pdf", site.pdf))
    assert page.evaluate("document.activeElement.id") == "result"
    assert page.get_attribute("#status", "aria-live") == "polite"
    assert page.text_content("#status") == "Verified contract.pdf."


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "ja-JP"])
@pytest.mark.parametrize("width", [320, 390])
def test_nothing_sticks_out_on_a_phone(open_page, site, width, locale):
    page = open_page(locale=locale, viewport={"width": width, "height": 800})
    choose(page, ("a-very-long-name-of-a-contract-" * 4 + ".pdf", site.pdf))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{site.url}/how")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("locale", "lang", "headline"),
    [
        ("zh-TW", "zh-Hans", "核验通过"),
        ("ja-JP", "ja", "真正と確認"),
        ("fr-FR", "en", "Genuine"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(open_page, site, locale, lang, headline):
    page = open_page(locale=locale)
    assert page.get_attribute("html", "lang") == lang
    assert choose(page, ("contract.pdf", site.pdf)).startswith(headline)


def test_the_language_is_changed_in_sight_of_the_result(page, site):
    choose(page, ("offer.txt", site.text), ("offer.txt.p7s", site.signature))
    page.get_by_role("link", name="日本語").click()
    page.locator("#result .headline", has_text="真正と確認").first.wait_for(timeout=WAIT_MS)
    assert page.get_attribute("html", "lang") == "ja"
    assert page.inner_text("h1") == "押印された文書を検証"
    assert page.url.endswith("?lang=ja")
    assert page.evaluate("document.activeElement.hreflang") == "ja"
    assert len(page.evaluate("sentForms")) == 2
    assert "file" not in sent(page)
    page.click("nav.pages a >> nth=1")
    assert page.inner_text("h1") == "当方に頼らない検証方法", "and stays so on the next page"


def test_times_are_the_reader_s_with_utc_beside(open_page, site):
    page = open_page(timezone_id="Asia/Shanghai", locale="zh-CN")
    choose(page, ("contract.pdf", site.pdf))
    local, utc = page.inner_text("dd.sealed_at .local"), page.inner_text("dd.sealed_at .utc")
    assert local.endswith("GMT+8")
    assert utc.endswith("UTC）")
    assert local.split()[1] != utc.split()[1]
    page = open_page(timezone_id="UTC")
    choose(page, ("contract.pdf", site.pdf))
    assert page.inner_text("dd.sealed_at").endswith(" UTC")
    assert page.locator("dd.sealed_at .local").count() == 0


def test_without_scripts_a_form_does_the_same(open_page, site):
    phone = {"width": 390, "height": 800}
    page = open_page(java_script_enabled=False, locale="zh-CN", viewport=phone)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_input_files("#file", payload(("offer.txt", site.text)))
    page.set_input_files("#signature", payload(("offer.txt.p7s", site.signature)))
    page.click("fieldset button")
    page.wait_for_selector("#result .verdict", timeout=WAIT_MS)
    assert page.inner_text("#result .headline >> nth=0").startswith("核验通过")
    assert "UTC" in page.inner_text("dd.sealed_at")
    assert not page.locator("#drop").is_visible()


def test_without_scripts_an_evidence_file_is_one_wherever_it_was_chosen(open_page, site):
    page = open_page(java_script_enabled=False)
    page.set_input_files("#file", payload(("offer.txt.eseal.json", site.evidence)))
    page.click("fieldset button")
    page.wait_for_selector("#result .verdict", timeout=WAIT_MS)
    assert "without its document" in page.inner_text("#result .headline >> nth=0")


def test_a_print_holds_verdict_digest_time_and_address(page, site):
    headline = choose(page, ("contract.pdf", site.pdf))
    page.emulate_media(media="print")
    shown = page.inner_text("body")
    assert headline in shown
    assert "Digest of the file (SHA-256)" in shown
    assert "Verified at" in shown
    assert f"Verify this report yourself: {site.url}/" in shown
    for hidden in ("#check", "nav.languages", "#print", ".technical"):
        assert not page.locator(hidden).is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read(open_page, site, scheme):
    """WCAG 2.1 criterion 1.4.3: 4.5 to 1; in the dark as in the light."""
    page = open_page(color_scheme=scheme)
    for data in (site.pdf, site.pdf.replace(b"/MediaBox", b"/MediaBux", 1), b"%PDF-1.7 none"):
        choose(page, ("contract.pdf", data))
        poor = page.evaluate(POOR_CONTRASTS)
        assert poor == []


POOR_CONTRASTS = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!own || !node.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""


def test_the_page_how_to_check_without_us_opens(page):
    page.click("nav a[href='/how']")
    page.wait_for_selector("ol.steps li")
    assert "openssl cms -verify" in page.inner_text("main")
