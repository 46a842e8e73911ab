from __future__ import annotations

from datetime import datetime

import pytest

from eseal.verify.verdict.vocabulary import CheckName, CheckStatus, Finding
from eseal.words import Language, speak
from eseal.words.amounts import age_in_words, size_in_words
from eseal.words.report_parts import Look
from eseal.words.reporting import tell
from eseal.words.times import in_utc, in_zone_and_utc

EN = speak(Language.EN)
SEALED_AT = "2026-11-22T18:15:56Z"


def check(name, status="VALID", **basis):
    return {"name": name, "status": status, "detail": "Exactly.", "rests_on": basis}


def verdict(finding="authentic", *, checks=None, **members):
    meaning = Finding(finding).meaning
    sub = meaning.sub_indication
    standing = [check("signature"), check("registration"), check("document")]
    return {
        "indication": meaning.indication.value,
        "sub_indication": None if sub is None else sub.value,
        "finding": finding,
        "message": "In one sentence.",
        "checks": standing if checks is None else checks,
    } | members


def seal(finding="authentic", **members):
    return verdict(
        finding,
        name="云栖茶业",
        seal_type="contract",
        use={"id": "u1", "sealed_at": SEALED_AT, "purpose": "tea", "digest": "ab" * 32},
        proven_time={"not_before": SEALED_AT, "not_after": None},
        **members,
    )


def report(*seals, **members):
    worst = min(seals, key=lambda one: Finding(one["finding"]).rank)
    return {**worst, "alarm": False, "seals": list(seals), **members}


def told(given, words=EN):
    return tell(given, words, lambda text: f"<{text}>")


def texts(facts):
    return {fact.name: fact.text for fact in facts}


def test_a_good_verdict_names_seal_and_company():
    found = told(report(seal()))
    assert found.verdict.headline == "Genuine: contract seal of 云栖茶业"
    assert found.verdict.look is Look.PASSED
    assert found.verdict.technical == "TOTAL_PASSED: authentic"
    assert texts(found.seals[0].facts)["sealed_at"] == f"<{SEALED_AT}>"
    assert texts(found.seals[0].facts)["proven_time"] == f"not before <{SEALED_AT}>"


def test_of_several_good_seals_all_are_named():
    other = seal() | {"name": "Elbe GmbH", "seal_type": "official"}
    headline = told(report(seal(), other)).verdict.headline
    assert headline == "Genuine: contract seal of 云栖茶业; official seal of Elbe GmbH"


def test_of_several_seals_the_bad_one_decides():
    found = told(report(seal(), seal("document_altered")))
    assert found.verdict.headline == "Not genuine: the document has been changed (seal 2 of 2)"
    assert [one.verdict.look for one in found.seals] == [Look.PASSED, Look.FAILED]


def test_a_name_that_the_ledger_does_not_bear_out_is_a_claim():
    facts = texts(told(report(seal("unregistered_seal"))).seals[0].facts)
    assert facts["claims"] == "云栖茶业"
    assert "company" not in facts
    unsure = seal("ledger_unreachable", checks=[check("signature"), check("document")])
    assert "claims" in texts(told(report(unsure)).seals[0].facts)
    assert "company" in texts(told(report(seal("anchor_pending"))).seals[0].facts)


def test_without_a_document_the_headline_says_so():
    alone = seal(checks=[check("document", "SKIPPED"), check("signature")])
    assert told(report(alone)).verdict.headline.endswith("without its document")


def test_what_failed_stands_first_and_keeps_its_order():
    checks = [check("seal"), check("status", "SKIPPED"), check("time", "ERROR")]
    checks += [check("document", "INVALID"), check("log")]
    made = told(report(seal(checks=checks))).seals[0].checks
    assert [one.code for one in made] == ["document", "time", "seal", "log", "status"]
    assert made[0].sentence == "The document is not the one that was sealed."
    assert made[0].detail == "Exactly."


def test_what_a_check_rests_on():
    basis = {"log_index": 0, "head_size": 5, "block": {"number": 6}, "age": 90}
    (made,) = told(report(seal(checks=[check("anchor", **basis)]))).seals[0].checks
    assert texts(made.rests_on) == {
        "log_index": "0", "head_size": "5 leaves", "block": "block 6", "age": "90 s",
    }  # fmt: skip


def test_what_a_newer_verifier_says_stands_for_itself():
    odd = seal(checks=[check("moon")]) | {"finding": "eclipse", "seal_type": "lunar"}
    found = tell({**odd, "seals": [odd], "alarm": True}, EN, str)
    assert found.verdict.headline == "Genuine: eclipse"
    assert found.verdict.sentence == "In one sentence."
    assert found.seals[0].checks[0].name == "moon"
    assert found.alarm == "The company whose seal this is must be told."


def test_more_facts_where_the_verifier_gives_them():
    more = {"issuer": "Seal Office", "root": "Root", "vouched_by": ["authority", "moon"]}
    found = told(
        report(
            seal(**more, files=["a", "b"]),
            places={"filled": 1, "total": 2},
            others=[
                {"state": "intact", "name": "A. Notary", "algorithm": "RSA 2048"},
                {"state": "waxed", "detail": "Not a company seal."},
            ],
            extractable=True,
        )
    )
    facts = texts(found.seals[0].facts)
    assert (facts["issuer"], facts["root"]) == ("Seal Office", "Root")
    assert facts["vouched_by"] == "the authority, moon"
    assert facts["covers"] == "a, b"
    assert texts(found.facts) == {
        "places": "1 of 2 filled",
        "others": "A. Notary (RSA 2048): not a company seal; intact, but nobody checked whose it "
        "is; Not a company seal.",
    }
    assert found.extractable


@pytest.mark.parametrize("language", Language)
def test_everything_can_be_told_in_every_language(language):
    words = speak(language)
    for finding in Finding:
        for status in CheckStatus:
            one = seal(finding.value, checks=[check(name.value, status) for name in CheckName])
            for given in (report(one), report(verdict(finding.value), seals=[])):
                found = tell(given, words, str)
                assert found.verdict.sentence != "In one sentence."
                assert "{" not in found.verdict.headline


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2e6, "2.0 MB")]
)
def test_sizes(count, expected):
    assert size_in_words(int(count), EN) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 days")],
)
def test_ages(seconds, expected):
    assert age_in_words(seconds, EN) == expected


def test_times_are_written_as_their_readers_do(monkeypatch):
    moment = datetime.fromisoformat(SEALED_AT)
    assert in_utc(moment, EN) == "22 Nov 2026, 18:15:56 UTC"
    assert in_utc(moment, speak(Language.ZH)) == "2026年11月22日 18:15:56 UTC"
    import time

    for zone, expected in (
        ("UTC0", "22 Nov 2026, 18:15:56 UTC"),
        ("CST-8", "23 Nov 2026, 02:15:56 CST (22 Nov 2026, 18:15:56 UTC)"),
    ):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert in_zone_and_utc(moment, EN) == expected
    monkeypatch.undo()
    time.tzset()


def test_a_time_whose_zone_leads_out_of_the_calendar(monkeypatch):
    """A stranger's document claims what it likes."""
    import time

    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    last = datetime.fromisoformat("9999-12-31T23:59:59Z")
    assert in_zone_and_utc(last, EN) == "31 Dec 9999, 23:59:59 UTC"
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("language", Language)
def test_a_label_ends_no_quotation(language):
    """Whoever makes a place could else name the seal of another company in our words."""
    marks = "\u201d\uff1b\u00bb\u2019\u201a\u300d\u202e\n\u2014;"
    found = told(report(seal(party=f"甲方{marks}云栖茶业的合同专用章{marks}乙方")), speak(language))
    for text in (found.verdict.headline, texts(found.seals[0].facts)["party"]):
        assert "甲方 云栖茶业的合同专用章 乙方" in text
    long = told(report(seal(party="A" * 900)), speak(language)).verdict.headline
    assert "A" * 60 + "…" in long
    kept = "Müller & Söhne (Nord-Süd) GmbH, 株式会社サンプル"
    assert kept in told(report(seal(party=kept)), speak(language)).verdict.headline


@pytest.mark.parametrize("language", Language)
def test_what_others_put_in_later_is_not_called_unchanged(language):
    words = speak(language)
    first, second = seal(), seal(party="Buyer") | {"name": "Bolt GmbH"}
    found = told(report(first, second), words)
    assert "Bolt GmbH" in found.seals[0].verdict.sentence
    assert found.seals[1].verdict.sentence == words("findings.authentic.sentence")
    several = words("findings.authentic.several_followed", later="Bolt GmbH")
    assert found.verdict.sentence == several, "that on the whole speaks of all of them"
    assert found.verdict.advice == words("findings.authentic.several_advice")
    together = told(report(seal(), seal()), words).verdict.sentence
    assert together == words("findings.authentic.several")


def test_who_vouches_is_told_in_the_readers_language():
    found = told(report(seal(vouched_by="built-in CA, for trying out")), speak(Language.ZH))
    assert texts(found.seals[0].facts)["vouched_by"] == "内置签发机构（仅供试用）"


@pytest.mark.parametrize(
    ("language", "name", "built_in", "told_as"),
    [
        (Language.EN, "Register", False, "“Register”, as the trust file calls it (key 0a)"),
        (Language.EN, "A” (key 0b)", False, "“A (key 0b)”, as the trust file calls it (key 0a)"),
        (Language.EN, None, True, "the issuer of the seal itself: a trial set-up"),
        (Language.EN, None, False,
         "the authority with the key 0a, to which the trust file gives no name"),
        (Language.JA, "Register", False, "「Register」（信頼ファイルでの呼び名、鍵 0a）"),
    ],
)  # fmt: skip
def test_who_vouches_for_the_name_is_named(language, name, built_in, told_as):
    authority = {"key": "0a", "name": name, "built_in": built_in}
    found = told(report(seal(authority=authority)), speak(language))
    assert texts(found.seals[0].facts)["authority"] == told_as


@pytest.mark.parametrize(
    ("finding", "language", "begins"),
    [
        ("declared_void", Language.EN, "Genuine, but taken back: 云栖茶业 has declared"),
        ("declared_void", Language.ZH, "印章真实，但已被撤回：云栖茶业"),
        ("declared_void", Language.JA, "真正ですが、取り消されています: 云栖茶业"),
        ("disputed", Language.EN, "Genuine, but disputed: 云栖茶业 disputes"),
        ("disputed", Language.ZH, "印章真实，但有异议：云栖茶业"),
        ("disputed", Language.JA, "真正ですが、異議があります: 云栖茶业"),
    ],
)
def test_what_the_owner_says_of_a_genuine_use_is_no_doubt_about_it(finding, language, begins):
    found = told(report(seal(finding)), speak(language))
    for one in (found.verdict, found.seals[0].verdict):
        assert one.headline.startswith(begins)
        assert one.look is Look.OPEN
