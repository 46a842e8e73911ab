"""Companies seal one contract, each in the place that the first one made, with its impression."""

from __future__ import annotations

import subprocess

import pytest

from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    Beside,
    CrossPage,
    Form,
    InField,
    PartyPlace,
    Placing,
    SealingMode,
    read,
)
from eseal.errors import AlreadySealedError, InvalidInputError
from eseal.model.level import Level
from eseal.model.seal import SealType
from eseal.service.sealing.orders import DocumentOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.verify import Finding
from tests.actors import acting
from tests.artwork import by_pdfium, chinese_pdf, seen
from tests.conftest import COMPANY_NAME
from tests.sealed import places_of

PARTIES = (
    PartyPlace("Buyer", At(0, 20, 20)),
    PartyPlace("Bank", At(0, 80, 20)),
)
TEA = "北京清韵茶业有限公司"
OTHERS = {
    "Buyer": ("Buyer Limited", "lei:213800KUD8LAJWSQ9D15", "GB"),
    "Bank": ("Bank Limited", "lei:529900T8BM49AURSDO55", "GB"),
    "Tea": (TEA, "uscc:91330106673959654P", None),
}
CONTRACT = [
    ("茶叶购销合同", 250, 780),
    (f"甲方：{COMPANY_NAME}", 60, 330),
    ("（盖章）", 90, 250),
    (f"乙方：{TEA}", 330, 330),
    ("（盖章）", 360, 250),
]
"""Where two companies are asked for their seals, in points."""
MM = 25.4 / 72


@pytest.fixture
def seals(world):
    """A contract seal of each company, the seller's first."""
    onboarding = world.service.onboarding
    made = {
        key: onboarding.add_company(
            name, number, country=country, seals=[SealOrder(SealType.CONTRACT)], actor=acting()
        )[1][0].id
        for key, (name, number, country) in OTHERS.items()
    }
    return {"Seller": world.contract.id, **made}


def submit(world, seal_id, data, placing, mode=None, level=None):
    """The sealed document, and the notes of the choices that were made."""
    order = DocumentOrder(visible=placing, mode=mode, level=level)
    pending = world.service.sealing.submit_document(
        seal_id, data, order, filename="contract.pdf", actor=acting()
    )
    return pending.result().data, pending.notes


def seal(*asked):
    return submit(*asked)[0]


def valid(tmp_path, data) -> int:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(data)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    ran = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=True)
    return ran.stdout.count("Signature Validation: Signature is Valid.")


def check_authentic(world, data, *, filled, total):
    report = world.service.verification.document(data)
    assert report.finding is Finding.AUTHENTIC, report.message
    assert [each.finding for each in report.seals] == [Finding.AUTHENTIC] * filled
    assert (report.places.filled, report.places.total) == (filled, total)
    return report


@pytest.mark.parametrize("level", list(Level))
def test_each_seals_in_its_place_and_the_last_one_closes(world, seals, sample_pdf, tmp_path, level):
    across = Placing(At(0, 140, 20), cross_page=CrossPage())
    first = seal(world, seals["Seller"], sample_pdf, across, SealingMode(parties=PARTIES), level)
    second = seal(world, seals["Bank"], first, Placing(InField("Bank")), None, level)
    third = seal(world, seals["Buyer"], second, Placing(Automatic()), SealingMode(lock=True), level)
    later = world.service.long_term.extend(third, Level.B_LTA)
    again = world.service.long_term.extend(later, Level.B_LTA)
    world.service.anchoring.anchor()
    for count, data in enumerate((first, second, third), 1):
        check_authentic(world, data, filled=count, total=3)
        assert valid(tmp_path, data) == count, "poppler does not check time-stamps"
    for before, data in ((third, later), (later, again)):
        assert data.startswith(before)
        report = check_authentic(world, data, filled=3, total=3)
        assert [each.facts.field for each in report.seals][1:] == ["Bank", "Buyer"]
        assert valid(tmp_path, data) == 3
        reading = read(data)
        assert (reading.form, bool(reading.stamps)) == (Form.CANONICAL, True)
    left, bottom, width, height = seen(by_pdfium(again))
    assert (left, bottom) == pytest.approx((23.5, 23.5), abs=4)
    assert left + width > 140
    assert height > 38
    with pytest.raises(AlreadySealedError, match="no place for a further one"):
        seal(world, seals["Seller"], again, None)


@pytest.mark.parametrize("level", [Level.B_B, Level.B_LTA])
def test_two_companies_seal_where_a_chinese_contract_asks_them_to(world, seals, tmp_path, level):
    pdf = chinese_pdf(CONTRACT)
    party = SealingMode(parties=(PartyPlace(TEA, Beside()),))
    first, told = submit(world, seals["Seller"], pdf, Placing(AtKeyword("盖章")), party, level)
    chosen, reserved, beneath = told
    assert "stands at 2 places" in chosen
    assert "beside the company's own name" in chosen
    assert f"{TEA!r} is beside the words that ask for it" in reserved
    assert f"{TEA!r} on page 1 lies over what is printed there: " in beneath
    ours, theirs, *_ = places_of(first)
    for place, x in ((ours, 90), (theirs, 360)):
        left, bottom, width, height = place.box
        middle = ((x + 24) * MM, (250 + 5) * MM)  # of four letters of 12 points
        assert (left + width / 2, bottom + height / 2) == pytest.approx(middle, abs=3)
    assert (theirs.name, theirs.filled) == (TEA, False)
    left, _, width, _ = seen(by_pdfium(first))
    assert left + width < 60, "only the first company's impression shows"

    second, told = submit(world, seals["Tea"], first, Placing(Automatic()), None, level)
    assert told[0] == f"sealed in the place made for {TEA!r}"
    left, bottom, width, height = (round(side) for side in seen(by_pdfium(second)))
    at, low, wide, high = theirs.box
    assert left + width <= at + wide, "it shows inside its place"
    assert left + width > at + wide / 2
    assert low <= bottom + height <= low + high
    world.service.anchoring.anchor()
    report = check_authentic(world, second, filled=2, total=2)
    assert [each.facts.name for each in report.seals] == [COMPANY_NAME, TEA]
    assert valid(tmp_path, second) == 2


def test_a_later_seal_has_no_place_but_those_that_were_made(world, seals, sample_pdf):
    first = seal(world, seals["Seller"], sample_pdf, None, SealingMode(parties=PARTIES[:1]))
    for placing in (Placing(At(0, 20, 20)), Placing(AtKeyword("page 1")), Placing(InField("Bank"))):
        with pytest.raises(InvalidInputError, match="Buyer"):
            seal(world, seals["Buyer"], first, placing)
    with pytest.raises(AlreadySealedError, match="further pages"):
        seal(world, seals["Buyer"], first, Placing(InField("Buyer"), cross_page=CrossPage()))
    with pytest.raises(InvalidInputError, match="places are made by the first seal"):
        seal(world, seals["Buyer"], first, None, SealingMode(parties=PARTIES[1:]))
    alone = seal(world, seals["Seller"], sample_pdf, None)
    with pytest.raises(AlreadySealedError, match="no place for a further one"):
        seal(world, seals["Buyer"], alone, None)


def test_whose_place_is_meant_is_not_guessed(world, seals, sample_pdf):
    places = (PartyPlace("First bank", At(0, 20, 20)), PartyPlace("Second bank", At(0, 80, 20)))
    first = seal(world, seals["Seller"], sample_pdf, None, SealingMode(parties=places))
    with pytest.raises(InvalidInputError, match="'First bank', 'Second bank'"):
        seal(world, seals["Buyer"], first, Placing(Automatic()))
    with pytest.raises(InvalidInputError, match="has sealed this document already"):
        seal(world, seals["Seller"], first, Placing(Automatic()))
    second, told = submit(world, seals["Buyer"], first, Placing(InField("Second bank")))
    assert not any("sealed in" in note for note in told)
    _, told = submit(world, seals["Bank"], second, Placing(Automatic()))
    assert told[0] == "sealed in the only place left, 'First bank'"
    assert [place.filled for place in places_of(second)] == [True, False, True]
