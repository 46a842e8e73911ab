"""``eseal apply --party``: places for those who seal later."""

from __future__ import annotations

import pytest

from eseal.cli.sealing.party_options import mode_of
from eseal.documents.pdf import At, AtKeyword, Beside, PartyPlace
from eseal.errors import InvalidInputError
from tests.artwork import chinese_pdf
from tests.sealed import places_of


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Buyer", PartyPlace("Buyer", Beside())),
        (" Buyer ", PartyPlace("Buyer", Beside())),
        ("Bank@-1,120,40", PartyPlace("Bank", At(-1, 120, 40))),
        ("Bank @ 2, 0, 7.5", PartyPlace("Bank", At(1, 0, 7.5))),
        ("乙方@keyword:乙方（盖章）", PartyPlace("乙方", AtKeyword("乙方（盖章）"))),
        ("Notary@invisible", PartyPlace("Notary", None)),
        ("a@b.example@1,20,20", PartyPlace("a@b.example", At(0, 20, 20))),
    ],
)
def test_a_party_and_its_place(said, place):
    mode = mode_of(flatten=False, lock=False, parties=[said])
    assert mode.parties == (place,)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("@1,20,20", "LABEL@PLACE"),
        ("Bank@", "PAGE,X,Y"),
        ("Bank@0,1,2", "PAGE,X,Y"),
        ("Bank@1,x,2", "--party: expected a number"),
        ("Bank@somewhere", "PAGE,X,Y"),
        ("bank@example.org", "PAGE,X,Y"),
    ],
)
def test_a_place_that_cannot_be_read(said, named):
    with pytest.raises(InvalidInputError, match=named):
        mode_of(flatten=False, lock=False, parties=[said])


def test_nobody_else():
    mode = mode_of(flatten=True, lock=True, parties=None)
    assert (mode.flatten, mode.lock, mode.parties) == (True, True, ())


def test_places_are_made_and_what_was_chosen_is_told(eseal, seals, tmp_path):
    words = [
        ("甲方：杭州云章科技有限公司", 60, 330),
        ("（盖章）", 90, 250),
        ("乙方（盖章）", 360, 250),
    ]
    contract = tmp_path / "合同.pdf"
    contract.write_bytes(chinese_pdf(words))
    shown = eseal(
        *("apply", contract, "--seal", seals["contract"], "--keyword", "（盖章）"),
        *("--party", "乙方", "--party", "公证处@invisible"),
    )
    assert shown.code == 0, shown.out
    done, *notes = shown.out.splitlines()
    assert done.startswith(f"sealed {contract} -> {tmp_path / '合同.sealed.pdf'}")
    assert [note.partition(":")[0] for note in notes] == ["  note"] * 3
    assert "stands at 2 places (page 1 at" in notes[0]
    assert "beside the company's own name" in notes[0]
    assert "the place of '乙方' is beside the words that ask for it: page 1 at" in notes[1]
    assert "'乙方' on page 1 lies over what is printed there: '乙方（盖章）'" in notes[2]
    ours, second, third = places_of((tmp_path / "合同.sealed.pdf").read_bytes())
    assert ours.box[0] < 60 < second.box[0], "each at its own words"
    assert (second.name, third.name, third.box[2:]) == ("乙方", "公证处", (0, 0))
    as_json = eseal(
        *("apply", contract, "--seal", seals["contract"], "--keyword", "（盖章）"),
        *("--force", "--json"),
    ).json
    assert "stands at 2 places" in as_json[0]["notes"][0]


def test_a_keyword_beside_nobody_s_name_is_not_guessed(eseal, seals, tmp_path):
    contract = tmp_path / "contract.pdf"
    contract.write_bytes(chinese_pdf([("（盖章）", 90, 250), ("（盖章）", 360, 250)]))
    ask = ("apply", contract, "--seal", seals["contract"], "--keyword", "（盖章）")
    refused = eseal(*ask)
    assert refused.code == 1
    assert "stands at 2 places (page 1 at 40, 90 mm; page 1 at 135, 90 mm)" in refused.out
    assert eseal("history", "--seal", seals["contract"], "--json").json == []
    assert eseal(*ask, "--occurrence", "last").code == 0
    (place,) = places_of((tmp_path / "contract.sealed.pdf").read_bytes())
    assert place.box[0] > 100
