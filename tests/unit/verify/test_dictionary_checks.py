"""What viewers show of a seal is what its certificate and its statement say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eseal.verify import CheckName, CheckStatus, Finding, SubIndication
from eseal.verify.checks.dictionary_checks import check_dictionary
from eseal.verify.verdict.conclusion import FindingError
from eseal.verify.verdict.report import moment
from eseal.words import Language, speak
from eseal.words.reporting import tell
from eseal.words.translation import translated
from tests.unit.verify.asking import verify_document
from tests.unit.verify.sealed_pdfs import plain_pdf, sealed


@pytest.fixture(scope="module")
def pdf():
    return plain_pdf()


@pytest.mark.parametrize("further", [False, True])
def test_a_name_that_is_not_the_certificate_s_is_unproven(world, seal, pdf, further):
    """Whoever has any seal could show the name of another company in every viewer."""
    if further:
        _, pdf = sealed(world, seal, pdf, parties=["Bolt GmbH"])
    _, file = sealed(world, world.new_seal("Mallory Ltd"), pdf, said="Bolt GmbH")
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    assert (report.finding, report.sub_indication) == (
        Finding.NAME_UNPROVEN,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    )
    assert report.check(CheckName.NAME).detail == (
        "The document names 'Bolt GmbH' for this seal, its certificate 'Mallory Ltd'."
    )
    assert report.seals[-1].facts.name == "Mallory Ltd"
    assert [each.finding for each in report.seals[:-1]] == [Finding.AUTHENTIC] * further


def test_every_name_of_a_company_can_stand_in_a_document(world, pdf):
    for name in ("Åkesson & Söner (2019) AB\\", "云栖茶业 有限公司", "𠮷野家 ホールディングス"):
        _, file = sealed(world, world.new_seal(name, common_name="seal"), pdf, said=name)
        world.anchor()
        report = verify_document(file, ledger=world.ledger, logs=world.logs)
        assert report.check(CheckName.NAME).status is CheckStatus.VALID
        assert report.finding is Finding.AUTHENTIC


@pytest.mark.parametrize("apart", [timedelta(days=-30), timedelta(minutes=16)])
def test_the_time_that_viewers_show_is_the_statement_s(world, seal, pdf, apart):
    """Whoever has a seal could back-date it in every viewer."""
    at = moment(world.ledger.final_block().timestamp)
    _, file = sealed(world, seal, pdf, shown=at + apart)
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert "another time of sealing" in report.check(CheckName.STATEMENT).detail
    assert report.message == speak(Language.EN)("findings.another_time_shown.sentence")
    assert report.check(CheckName.DOCUMENT).status is CheckStatus.VALID


@pytest.mark.parametrize(
    "spelt",
    [
        lambda ours: ours.removesuffix("Z"),
        str.lower,
        lambda ours: ours[:-3] + "5Z",
        lambda ours: f"{ours[:6]} {ours[7:]}",
        lambda ours: ours.translate({ord("0") + n: 0x660 + n for n in range(10)}),
        lambda ours: f"{ours}\n",
        lambda _: "",
    ],
)
def test_a_time_in_another_spelling_is_none(world, seal, spelt):
    """Programs that take it for a time read it each in its own way."""
    statement = world.statement(
        seal, bytes(32), sealed_at=datetime(2026, 11, 5, 9, 8, 7, tzinfo=UTC)
    )
    ours = "D:20261105090807Z"
    check_dictionary({"M": ours, "Reason": statement.purpose}, statement)
    with pytest.raises(FindingError, match="another time of sealing"):
        check_dictionary({"M": spelt(ours), "Reason": statement.purpose}, statement)


@pytest.mark.parametrize("language", [Language.ZH, Language.JA])
def test_another_time_is_told_in_words_of_its_own(world, seal, pdf, language):
    at = moment(world.ledger.final_block().timestamp)
    _, file = sealed(world, seal, pdf, shown=at + timedelta(hours=1))
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    told = tell(report.to_dict(), speak(language), str).verdict
    assert told.sentence == speak(language)("findings.another_time_shown.sentence")
    detail = report.check(CheckName.STATEMENT).detail
    assert translated(detail, "details", speak(language)) != detail


def test_a_document_may_have_waited_for_its_statement(world, seal, pdf):
    at = moment(world.ledger.final_block().timestamp)
    _, file = sealed(world, seal, pdf, shown=at - timedelta(minutes=10))
    world.anchor()
    assert verify_document(file, ledger=world.ledger).finding is Finding.AUTHENTIC


@pytest.mark.parametrize("reason", [None, "a test of something else"])
def test_the_reason_that_viewers_show_is_the_statement_s(world, seal, pdf, reason):
    _, file = sealed(world, seal, pdf, reason=reason)
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD
    assert "another purpose" in report.check(CheckName.STATEMENT).detail
