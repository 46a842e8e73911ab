"""The check by a form, and every verdict as the page shows it."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from eseal.documents.evidence import Evidence
from eseal.verify.verdict.vocabulary import CheckName, CheckStatus, Finding
from eseal.words import Language, speak
from eseal.words.reporting import tell
from eseal_api.frame.host import Host
from eseal_api.web.checking import Given, Result
from eseal_api.web.pages import Moments, _templates
from tests.actors import acting

TIME = "2026-11-22T18:15:56Z"
NOBODYS = hashlib.sha256(b"sealed by nobody").hexdigest()
HOSTILE = "<script>alert(1)</script>{{7*7}}"


def post(client, files=(), **fields):
    """Send the form as a browser does: a field without a file has an empty name."""
    parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
    parts += [(f'name="{field}"; filename="{name}"', data) for field, name, data in files]
    body = b"".join(
        b"--edge\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), data)
        for head, data in parts
    )
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Accept-Language": "en"}
    return client.post("/", content=body + b"--edge--\r\n", headers=headers)


def check(name, status):
    return {"name": name, "status": status, "detail": HOSTILE, "rests_on": {}}


def page_of(finding, words, *, status=CheckStatus.VALID, **members):
    """The result as the page shows it, of a report with one seal."""
    meaning = Finding(finding).meaning
    seal = {
        "indication": meaning.indication.value,
        "sub_indication": None,
        "finding": str(finding),
        "message": "",
        "name": HOSTILE,
        "use": {"id": "u1", "sealed_at": TIME, "purpose": HOSTILE, "digest": "ab" * 32},
        "checks": [check(name.value, status.value) for name in CheckName],
    }
    moments = Moments(words)
    report = tell({**seal, "seals": [seal], "alarm": False} | members, words, moments)
    given = Given(HOSTILE, 1, "ab" * 32, (HOSTILE,), "sent")
    result = Result(report, None, given, "1 byte", moments(TIME), same_use=False, raw=HOSTILE)
    return (
        _templates()
        .get_template("result.html")
        .render(t=words, timed=moments.marked, result=result, issuer="Office", base="http://here")
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("finding", Finding)
def test_every_verdict_can_be_shown_and_nothing_in_it_is_markup(language, finding):
    for status in CheckStatus:
        page = page_of(finding, speak(language), status=status)
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "{{7*7}}" in page
        assert f'<time datetime="{TIME}">' in page
        visible = re.sub(
            r"(?s)<dl class=\"facts basis\">.*?</dl>|<details class=\"part tech.*", "", page
        )
        assert "anchor" not in visible, "names of checks are one click below"


def test_the_sealed_document_is_offered_where_it_can_be_taken_out():
    words = speak(Language.EN)
    assert "/v1/verifications/extract" not in page_of(Finding.AUTHENTIC, words)
    page = page_of(Finding.ALTERED_AFTER_SEALING, words, extractable=True)
    form = page[page.index('<form id="extract"') : page.index("</form>")]
    assert 'action="/v1/verifications/extract"' in form
    assert 'method="post"' in form
    assert 'name="file"' in form
    assert "Download the sealed document" in form


def test_of_times_alike_in_part_each_is_marked_whole():
    moments = Moments(speak(Language.EN))
    text = f"{moments('2026-11-02T18:15:56Z')} <{moments('2026-11-22T18:15:56Z')}>"
    assert moments.marked(text) == (
        '<time datetime="2026-11-02T18:15:56Z">2 Nov 2026, 18:15:56 UTC</time> &lt;'
        '<time datetime="2026-11-22T18:15:56Z">22 Nov 2026, 18:15:56 UTC</time>&gt;'
    )


def test_a_form_answers_with_a_page_and_is_counted(client, sample_pdf):
    answer = post(client, [("file", "plain.pdf", sample_pdf)])
    assert answer.status_code == 200
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Language"
    assert "Cannot be decided: no seal found" in answer.text
    assert "plain.pdf" in answer.text


def test_a_field_left_empty_is_no_file(client, sample_pdf):
    empty = [("signature", "", b""), ("evidence", "", b"")]
    assert "no seal found" in post(client, [("file", "plain.pdf", sample_pdf), *empty]).text
    nothing = post(client, [("file", "", b""), *empty])
    assert nothing.status_code == 422
    assert "Could not be verified" in nothing.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"digest": NOBODYS, "name": "a.txt", "size": "12", "way": "stayed"}, 200),
        ({"digest": NOBODYS, "size": "-1", "way": "moon"}, 200),
        ({"digest": NOBODYS, "size": "9" * 400}, 200),
        ({"digest": "AB" * 31}, 422),
        ({"digest": NOBODYS, "more": "x"}, 422),
    ],
)
def test_a_digest_stands_for_a_file_that_stays_where_it_is(client, fields, status):
    answer = post(client, [("signature", "", b"")], **fields)
    assert answer.status_code == status
    told = "No use of a seal on these bytes is on record" if status == 200 else "Could not be"
    assert told in answer.text


def test_a_page_tells_of_a_digest_and_offers_the_evidence_of_what_is_shown(client, shared_world):
    service, data = shared_world.service, b"text of a page"
    made = service.sealing.seal_document(
        shared_world.contract.id, data, filename="a.txt", actor=acting()
    )
    bare = post(client, digest=hashlib.sha256(data).hexdigest(), name="a.txt", way="stayed").text
    assert "These bytes were sealed here" in bare
    assert shared_world.company.name not in bare
    assert "data:application/json" not in bare
    page = post(client, [("file", "a.txt", data), ("signature", "a.txt.p7s", made.data)]).text
    assert 'download="a.txt.eseal.json"' in page
    href = re.search('href="data:application/json;base64,([^"]*)"', page)[1]
    evidence = Evidence.parse(base64.b64decode(href))
    assert evidence.statement.id == made.use.id


def test_what_is_no_form_is_told_on_a_page(client):
    answer = client.post("/?lang=zh", content=b"<x>", headers={"Content-Type": "text/xml"})
    assert answer.status_code == 415
    assert "未能核验" in answer.text
    answer = client.post("/", json={"digest": {}})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "ja, en;q=0.5", "ja"),
        ("?lang=zh", "ja", "zh-Hans"),
        ("?lang=%3Cx%3E", "ja", "ja"),
        ("", None, "en"),
    ],
)
def test_the_language_of_a_page(client, query, header, language):
    page = client.get(f"/{query}", headers={} if header is None else {"Accept-Language": header})
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language
    assert "%3Cx" not in page.text
    assert 'href="/how?lang=zh"' in page.text if query == "?lang=zh" else True


def test_a_document_on_the_page_never_waits_where_digests_and_the_ledger_do(client, monkeypatch):
    async def taken(*_):
        raise AssertionError("hostile documents would take the few threads of everybody else")

    monkeypatch.setattr(Host, "serve_stranger", taken)
    answer = post(client, [("file", "a.pdf", b"%PDF-1.7 nothing")])
    assert answer.status_code == 200


def test_of_several_seals_each_evidence_file_has_a_name_of_its_own(client, shared_world):
    service, made = shared_world.service, None
    for seal in (shared_world.contract, shared_world.finance):
        file = ("a.txt", b"a text") if made is None else ("both.asice", made.data)
        made = service.containers.seal(seal.id, [file], actor=acting())
    page = post(client, [("file", "both.asice", made.data)]).text
    offered = re.findall(r'download="([^"]*)">([^<]*)</a>', page)
    assert offered == [
        (f"both.asice.{number}.eseal.json", f"Download the evidence file (seal {number} of 2)")
        for number in (1, 2)
    ]
