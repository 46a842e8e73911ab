import pytest

from eseal.documents.impressions import PROFILES, USUAL, Colour, Outline
from eseal.documents.impressions.drawing.paths import SEAL_RED
from eseal.documents.impressions.templates.choice import Bearer, Choice
from eseal.documents.impressions.templates.spec import ImpressionSpec, purpose_of
from eseal.errors import CorruptionError, InvalidFormatError, InvalidInputError
from eseal.model.seal import SealType


def bearer(kind=SealType.CONTRACT, **rest):
    given = {"company": "云栖茶业有限公司", "scheme": "uscc", "number": "91330106MA2GLYQ19H"}
    return Bearer(kind=kind, **{**given, **rest})


def test_every_type_has_a_template():
    assert set(USUAL) == set(SealType)
    assert set(USUAL.values()) <= set(PROFILES)


def test_a_spec_follows_from_the_seal():
    spec = Choice().spec(bearer(label="[2]", physical_code="3301061234567"))
    assert spec.profile is PROFILES["contract-38"]
    assert (spec.name, spec.lines) == ("云栖茶业有限公司", ("合同专用章", "[2]"))
    assert (spec.code, spec.number, spec.colour) == ("3301061234567", None, SEAL_RED)


def test_a_physical_code_that_is_no_seal_code_is_not_drawn():
    assert Choice().spec(bearer(physical_code="HZ-7")).code is None


def test_the_number_stands_on_the_invoice_seal_only():
    assert Choice().spec(bearer(SealType.INVOICE)).number == "91330106MA2GLYQ19H"
    assert Choice().spec(bearer(SealType.INVOICE, scheme="lei")).number is None
    assert Choice().spec(bearer(SealType.OFFICIAL)).number is None


@pytest.mark.parametrize(
    ("label", "name"),
    [("张小明", "张小明印"), ("王强", "王强之印"), ("欧阳小明", "欧阳小明"), ("J. Doe", "J. Doe")],
)
def test_a_name_seal_bears_the_persons_name(label, name):
    spec = Choice().spec(bearer(SealType.LEGAL_REPRESENTATIVE, label=label))
    assert (spec.name, spec.lines) == (name, ())


def test_a_name_seal_without_a_person_bears_the_companys():
    spec = Choice().spec(bearer(SealType.LEGAL_REPRESENTATIVE))
    assert (spec.name, spec.lines) == ("云栖茶业有限公司", ("法定代表人章",))


def test_the_purpose_is_in_the_language_of_the_name():
    assert purpose_of(SealType.CONTRACT, "株式会社さくら") == "契約専用印"
    assert purpose_of(SealType.CONTRACT, "Acme") == "CONTRACTS"
    assert purpose_of(SealType.OFFICIAL, "云栖") is None


def test_what_is_chosen_wins_and_survives_storing():
    choice = Choice(
        profile="contract-42",
        outline=Outline.OVAL,
        width=50.0,
        height=36.0,
        colour="blue",
        star=False,
        name="云栖",
        second_name="Yunqi",
        lines=("合同章",),
        code="44030512345678",
    )
    assert Choice.decode(choice.encode()) == choice
    spec = choice.spec(bearer())
    assert (spec.profile.width, spec.profile.height, spec.profile.star) == (50, 36, 0)
    assert (spec.name, spec.second_name, spec.lines) == ("云栖", "Yunqi", ("合同章",))
    assert spec.colour == Colour(0x1B, 0x3F, 0x94)
    assert Choice(lines=()).spec(bearer(label="x")).lines == ()


def test_one_side_keeps_the_proportions():
    invoice = bearer(SealType.INVOICE)
    assert Choice(width=20).spec(invoice).profile.height == pytest.approx(15)
    assert Choice(height=15).spec(invoice).profile.width == pytest.approx(20)
    square = Choice(outline=Outline.SQUARE).spec(invoice).profile
    assert (square.width, square.height) == (40, 40)
    assert Choice(star=True).spec(bearer(SealType.OTHER)).profile.star == 10


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (Choice(profile="wax"), "profile"),
        (Choice(colour="scarlet-ish"), "colour"),
        (Choice(width=300), "size"),
        (Choice(width=float("nan")), "size"),
        (Choice(width=40, height=30), "size"),
        (Choice(code="123"), "code"),
        (
            Choice(
                code="\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11"
            ),
            "code",
        ),
        (Choice(name=" "), "name"),
        (Choice(name="长" * 81), "name"),
        (Choice(name="شركة"), "name"),
        (Choice(name="q\u0303x"), "name"),
        (Choice(lines=("a", "b", "c", "d")), "lines"),
        (Choice(profile="finance-25", star=True), "star"),
    ],
)
def test_what_cannot_be_used_is_refused(choice, field):
    with pytest.raises(InvalidInputError) as caught:
        choice.spec(bearer())
    assert caught.value.field == field


def test_numbers_and_stars_have_limits():
    with pytest.raises(InvalidInputError, match="number"):
        ImpressionSpec(PROFILES["invoice"], "云栖", number="1" * 21)


@pytest.mark.parametrize("stored", ["", "[]", '{"wax": 1}', '{"outline": "star"}', "null"])
def test_a_damaged_choice_is_corruption(stored):
    with pytest.raises(CorruptionError):
        Choice.decode(stored)


@pytest.mark.parametrize("text", ["#12345", "rot", "", "#12345g", "rgb(1,2,3)"])
def test_colours_that_are_none(text):
    with pytest.raises(InvalidFormatError):
        Colour.parse(text)


def test_colours():
    assert Colour.parse("#0A0b0C") == Colour(10, 11, 12)
    assert Colour.parse("Red") == SEAL_RED
    assert Colour(10, 11, 12).hex == "#0a0b0c"
