"""Three companies seal one contract, each on top of the other, each with its impression."""

from __future__ import annotations

import subprocess

import pytest

from eseal.documents.pdf import At, CrossPage, InField, Manner, PartyField, Placing
from eseal.errors import AlreadySealedError, UnsupportedDocumentError
from eseal.model.level import Level
from eseal.model.seal import SealType
from eseal.service.onboarding import SealOrder
from eseal.verify import Finding
from tests.artwork import by_pdfium, seen

PLACES = {"Buyer": (20.0, 20.0, 45.0, 45.0), "Bank": (80.0, 20.0, 45.0, 45.0)}
OTHERS = {"Buyer": "lei:213800KUD8LAJWSQ9D15", "Bank": "lei:529900T8BM49AURSDO55"}


@pytest.fixture
def seals(world):
    """A contract seal of each company, the seller's first."""
    onboarding = world.service.onboarding
    made = {
        name: onboarding.add_company(
            f"{name} Limited", number, seals=[SealOrder(SealType.CONTRACT)], actor="test"
        )[1][0].id
        for name, number in OTHERS.items()
    }
    return {"Seller": world.contract.id, **made}


def seal(world, seal_id, data, placing, manner=None, level=None):
    return world.service.sealing.seal_document(
        seal_id,
        data,
        filename="contract.pdf",
        actor="test",
        visible=placing,
        manner=manner,
        level=level,
    ).data


def valid(tmp_path, data) -> int:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(data)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    ran = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=True)
    return ran.stdout.count("Signature Validation: Signature is Valid.")


@pytest.mark.parametrize("level", [Level.B_B, Level.B_LTA])
def test_each_seals_on_top_of_the_others(world, seals, sample_pdf, tmp_path, level):
    parties = tuple(PartyField(name, 0, box) for name, box in PLACES.items())
    first = seal(
        world,
        seals["Seller"],
        sample_pdf,
        Placing(At(0, 140, 20), cross_page=CrossPage()),
        Manner(parties=parties),
        level,
    )
    second = seal(world, seals["Bank"], first, Placing(InField("Bank")), None, level)
    third = seal(world, seals["Buyer"], second, Placing(InField("Buyer")), Manner(lock=True), level)
    world.service.anchoring.anchor()
    for count, data in enumerate((first, second, third), 1):
        report = world.service.verification.document(data)
        assert report.finding is Finding.AUTHENTIC, report.message
        assert [each.finding for each in report.seals] == [Finding.AUTHENTIC] * count
        assert valid(tmp_path, data) >= count
    left, bottom, width, height = seen(by_pdfium(third))
    assert (left, bottom) == pytest.approx((23.5, 20), abs=4)
    assert left + width > 140
    assert height > 38
    with pytest.raises(AlreadySealedError, match="Buyer"):
        seal(world, seals["Seller"], third, None)


def test_a_later_seal_has_no_place_of_its_own_on_a_certified_document(world, seals, sample_pdf):
    parties = (PartyField("Buyer", 0, PLACES["Buyer"]),)
    first = seal(world, seals["Seller"], sample_pdf, None, Manner(parties=parties))
    with pytest.raises(UnsupportedDocumentError, match="Buyer"):
        seal(world, seals["Buyer"], first, Placing(At(0, 20, 20)))
    with pytest.raises(AlreadySealedError, match="further pages"):
        seal(world, seals["Buyer"], first, Placing(InField("Buyer"), cross_page=CrossPage()))
    alone = seal(world, seals["Seller"], sample_pdf, None)
    with pytest.raises(AlreadySealedError, match="no further seal"):
        seal(world, seals["Buyer"], alone, None)
