"""One catalogue: whatever the program can say, it can say in every language."""

from __future__ import annotations

import re
import string

import pytest

from eseal import errors
from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.errors import ESealError
from eseal.model.seal import Reason, SealState, SealType
from eseal.verify.verdict.vocabulary import CheckName, CheckStatus, Finding, Indication
from eseal.words import SECTIONS, Language, section_of, speak

EVERY_LANGUAGE = pytest.mark.parametrize("language", Language)
NO_FINDINGS = {
    "indications", "authentic_without_document", "added_to_container", "alarm",
    "ticket_unknown_perhaps", "history_forked_perhaps", "another_time_shown",
}  # fmt: skip
"""Tables beside those of the findings."""
BESIDE_CLASSES = {
    "os_error", "internal", "internal_error", "bad_request", "method_not_allowed",
    "unsupported_media_type", "log_unreachable", "finding",
}  # fmt: skip
"""Codes that the command line and the service give to what is no error of ``eseal.errors``."""


def places(text: str) -> set[str]:
    """The values a text names."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def codes(kind=ESealError):
    """The codes of the errors in ``eseal.errors``."""
    if kind.__module__ == errors.__name__:
        yield kind.code
    for below in kind.__subclasses__():
        yield from codes(below)


@EVERY_LANGUAGE
@pytest.mark.parametrize("section", SECTIONS)
def test_all_languages_say_the_same(language, section):
    english, other = section_of(Language.EN, section), section_of(language, section)
    assert list(other) == list(english), "the same keys in the same order"
    for key, text in other.items():
        assert text.strip() == text, key
        assert text, key
        assert "\n" not in text, key
        assert places(text) == places(english[key]), key


@EVERY_LANGUAGE
def test_every_finding_has_its_words(language):
    words = speak(language)
    tables = {key.partition(".")[0] for key in section_of(language, "findings")}
    assert tables - NO_FINDINGS == set(map(str, Finding)), "and no words for what nobody finds"
    sentences = [words.text(f"findings.{finding}.sentence") for finding in Finding]
    assert len(set(sentences)) == len(sentences)
    for finding in Finding:
        for part in ("headline", "sentence", "advice"):
            assert words.text(f"findings.{finding}.{part}")
    for indication in Indication:
        assert places(words.text(f"findings.indications.{indication}")) == {"what"}


@EVERY_LANGUAGE
def test_every_check_has_a_name_and_a_sentence_for_each_outcome(language):
    words = speak(language)
    for status in CheckStatus:
        assert words.text(f"checks.statuses.{status}")
    for check in CheckName:
        sentences = [words.text(f"checks.{check}.{part}") for part in ("name", *CheckStatus)]
        assert len(set(sentences)) == len(sentences), check


@EVERY_LANGUAGE
def test_every_refusal_says_what_is_the_matter_and_what_to_do(language):
    words = speak(language)
    for code in {*codes(), *BESIDE_CLASSES}:
        assert words.text(f"refusals.{code}.sentence")
        assert words.text(f"refusals.{code}.advice")
    for hazard in HazardCode:
        assert words.text(f"hazards.{hazard}.sentence")
        assert words.text(f"hazards.{hazard}.advice")


@EVERY_LANGUAGE
def test_seals_have_names(language):
    words = speak(language)
    assert all(words.text(f"seals.types.{kind}") for kind in SealType)
    assert all(words.text(f"seals.states.{state}") for state in SealState)
    assert all(words.text(f"seals.reasons.{reason.slug}") for reason in Reason)
    assert len(words("report.times.months").split()) == 12


@EVERY_LANGUAGE
def test_no_word_claims_what_a_verification_cannot(language):
    """The law decides what is valid; a picture is no seal; certified services are others'."""
    everything = "\n".join(
        text for section in SECTIONS for text in section_of(language, section).values()
    )
    assert not re.search(r"validat|有效|有効|電子印鑑|認定eシール", everything, re.IGNORECASE)


def test_nothing_is_called_forged_because_nobody_could_be_asked():
    for language in Language:
        for key, text in section_of(language, "checks").items():
            if key.endswith((".ERROR", ".SKIPPED")):
                assert not re.search(r"invalid|forged|伪造|偽造", text), key


def test_the_headlines_of_the_seal_offices_of_three_countries():
    values = {
        Language.EN: "Genuine: contract seal of 云栖茶业",
        Language.ZH: "核验通过：云栖茶业的合同专用章",
        Language.JA: "真正と確認: 云栖茶业の契約専用印",
    }
    for language, headline in values.items():
        words = speak(language)
        seal = words("seals.types.contract")
        what = words("findings.authentic.headline", seal=seal, company="云栖茶业")
        assert words("findings.indications.TOTAL_PASSED", what=what) == headline


def test_a_key_that_is_not_there_is_an_error_and_a_code_may_be_asked_for():
    words = speak(Language.EN)
    with pytest.raises(KeyError):
        words("findings.no_such.sentence")
    with pytest.raises(KeyError):
        words("nowhere.at.all")
    assert words.find("findings.no_such.sentence") is None


def test_values_are_never_read_as_places():
    words = speak(Language.EN)
    assert words("report.applied.use", id="{0}{x}") == "use {0}{x}"
