"""The verdicts on several seals in one file: whoever has it can put one of their own into it."""

from __future__ import annotations

import pytest

from eseal.verify import Finding, Indication
from eseal.words import Language, speak
from eseal.words.reporting import tell
from tests.unit.verify.asking import verify_document
from tests.unit.verify.sealed_pdfs import plain_pdf, sealed


@pytest.fixture(scope="module")
def pdf():
    return plain_pdf()


def test_a_forged_seal_in_an_open_place_is_accused_and_named(world, seal, pdf):
    """It shows in that place. The genuine one above it keeps its good verdict."""
    _, opened = sealed(world, seal, pdf, parties=["Bolt", "Cog"])
    forger = world.new_seal("Bolt", register=False)
    _, file = sealed(world, forger, opened, said="Bolt")
    _, file = sealed(world, world.new_seal("Cog"), file, said="Cog")
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    assert [each.finding for each in report.seals] == [
        Finding.AUTHENTIC,
        Finding.UNREGISTERED_SEAL,
        Finding.AUTHENTIC,
    ]
    assert report.finding is Finding.UNREGISTERED_SEAL
    told = tell(report.to_dict(), speak(Language.EN), str)
    assert told.verdict.headline.endswith("the seal is not registered (seal 2 of 3)")
    assert "seal 2" not in told.seals[1].verdict.headline
    for language, which in ((Language.ZH, "第2枚"), (Language.JA, "2番目")):
        assert which in tell(report.to_dict(), speak(language), str).verdict.headline


def test_what_is_wrong_with_all_of_them_names_none(world, seal, pdf):
    _, opened = sealed(world, seal, pdf, parties=["Bolt"])
    _, file = sealed(world, world.new_seal("Bolt"), opened, said="Bolt")
    report = verify_document(file.replace(b"[ 0 0 300 300 ]", b"[ 0 0 900 300 ]"))
    assert {each.indication for each in report.seals} == {Indication.TOTAL_FAILED}
    told = tell(report.to_dict(), speak(Language.EN), str)
    assert told.verdict.headline == "Not genuine: the document has been changed"
