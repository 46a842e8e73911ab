import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidInputError
from eseal.model.company import RegistrationId, check_company_name, parse_registration_id
from eseal.model.schemes import SCHEMES

SCHEME_LIST = sorted(SCHEMES)

# One number per register, from python-stdnum's own documentation or public registers, spelled as
# letterheads do; what we keep; and its semantic identifier.
NUMBERS = [
    ("uscc:91330100799655058B", "91330100799655058B", "NTRCN-91330100799655058B"),
    ("USCC: 9133 0100 7996 5505 8b", "91330100799655058B", "NTRCN-91330100799655058B"),
    ("lei:213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D15", "LEIXG-213800KUD8LAJWSQ9D15"),
    ("vat:DE 136 695 976", "DE136695976", "VATDE-136695976"),
    ("vat:ATU13585627", "ATU13585627", "VATAT-U13585627"),
    ("vat:BE 428.759.497", "BE0428759497", "VATBE-0428759497"),  # nine digits until 2005
    ("vat:EL094259216", "EL094259216", "VATEL-094259216"),
    ("vat:GR094259216", "EL094259216", "VATEL-094259216"),
    ("vat:XI980780684", "XI980780684", "VATXI-980780684"),
    ("ntr-au:004 085 616", "004085616", "NTRAU-004085616"),
    ("ntr-be:0403.019.261", "0403019261", "NTRBE-0403019261"),
    ("ntr-br:16.727.230/0001-97", "16727230000197", "NTRBR-16727230000197"),
    ("ntr-br:12.ABC.345/01DE-35", "12ABC34501DE35", "NTRBR-12ABC34501DE35"),
    ("ntr-ch:CHE-100.155.212", "CHE100155212", "NTRCH-CHE100155212"),
    ("ntr-dk:13585628", "13585628", "NTRDK-13585628"),
    ("ntr-ee:12345678", "12345678", "NTREE-12345678"),
    ("ntr-fi:2077474-0", "20774740", "NTRFI-20774740"),
    ("ntr-fr:552 008 443", "552008443", "NTRFR-552008443"),
    ("ntr-il:516179157", "516179157", "NTRIL-516179157"),
    ("ntr-it:00743110157", "00743110157", "NTRIT-00743110157"),
    ("ntr-jp:5-8356-7825-6246", "5835678256246", "NTRJP-5835678256246"),
    ("ntr-lv:40003521600", "40003521600", "NTRLV-40003521600"),
    ("ntr-no:988 077 917", "988077917", "NTRNO-988077917"),
    ("ntr-ru:1022200525819", "1022200525819", "NTRRU-1022200525819"),
    ("ntr-se:123456-7897", "1234567897", "NTRSE-1234567897"),
    ("ntr-sg:197401143C", "197401143C", "NTRSG-197401143C"),
    ("ntr-tw:00501503", "00501503", "NTRTW-00501503"),
]


@pytest.mark.parametrize(("written", "number", "identifier"), NUMBERS)
def test_a_number_is_kept_in_one_spelling_whichever_way_it_was_written(written, number, identifier):
    parsed = parse_registration_id(written)
    assert (parsed.number, parsed.identifier) == (number, identifier)
    assert parse_registration_id(identifier) == parsed
    assert parse_registration_id(identifier.lower()) == parsed
    assert parse_registration_id(str(parsed)) == parsed


def test_every_scheme_is_covered_above():
    assert {w.partition(":")[0].lower() for w, _, _ in NUMBERS} == set(SCHEMES)


@pytest.mark.parametrize("slug", SCHEME_LIST)
def test_a_wrong_check_character_is_refused_and_says_whose_check_failed(slug):
    scheme = SCHEMES[slug]
    example = scheme.example
    position = 0 if slug == "ntr-jp" else len(example) - 1  # Japan puts its check digit first
    wrong = []
    for character in string.digits[1:] + string.ascii_uppercase:
        altered = example[:position] + character + example[position + 1 :]
        if altered == example or not scheme.pattern.fullmatch(altered):
            continue
        with pytest.raises(InvalidInputError) as caught:
            parse_registration_id(f"{slug}:{altered}")
        assert caught.value.field == "registration_id"
        wrong.append(str(caught.value))
        assert scheme.name in wrong[-1]
        assert scheme.form in wrong[-1]
        assert altered in wrong[-1]
    assert any("wrong check character" in message for message in wrong)


def test_letters_for_registrars_other_than_the_market_authority_are_known():
    # GB 32100 table 1: N is the agricultural administration, which registers collectives.
    body = "N2110102MF1234567"
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(alphabet.index(c) * w for c, w in zip(body, weights, strict=True))
    code = body + alphabet[(31 - total % 31) % 31]
    assert parse_registration_id(f"uscc:{code}").identifier == f"NTRCN-{code}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected SCHEME:NUMBER"),
        ("91330100799655058B", "expected SCHEME:NUMBER with a scheme of uscc, lei, vat"),
        ("duns:123456789", "expected SCHEME:NUMBER with a scheme of"),
        (":91330100799655058B", "expected SCHEME:NUMBER with a scheme of"),
        ("uscc:", "not a unified social credit code"),
        ("uscc:91330100799655058", "expected 18 characters of 0-9"),
        ("uscc:91330100799655058I", "expected 18 characters of 0-9"),  # I is not in the alphabet
        ("uscc:９１３３０１００７９９６５５０５８Ｂ", "ASCII"),  # noqa: RUF001 - full width, on purpose
        ("lei:213800KUD8LAJWSQ9D1", "two check digits"),
        ("lei:" + "0" * 59 + "15", "at most 64 ASCII"),
        ("vat:US123456789", "two letters of a member state"),
        ("vat:EU372012345", "two letters of a member state"),
        ("vat:NL12345", "no such EU VAT number"),
        ("ntr-sg:Z16FC0121D", "Singapore UEN"),
        ("ntr-be:BE0403019261", "Belgian enterprise number"),
        ("LEIDE-213800KUD8LAJWSQ9D15", "LEI identifiers begin LEIXG-"),
        ("NTRDE-HRB12345", "expected one of NTRCN"),
        ("uscc:91330100799655058B\x00", "ASCII"),
    ],
)
def test_anything_else_is_refused_saying_what_was_expected(text, said):
    with pytest.raises(InvalidInputError) as caught:
        parse_registration_id(text)
    assert caught.value.field == "registration_id"
    assert said in str(caught.value)


@given(
    st.sampled_from(SCHEME_LIST),
    st.text(alphabet=string.ascii_letters + string.digits + "+* -./:", max_size=24),
)
def test_no_number_makes_the_parser_stumble(slug, number):
    try:
        parsed = parse_registration_id(f"{slug}:{number}")
    except InvalidInputError:
        pass
    else:
        assert parse_registration_id(parsed.identifier) == parsed


@pytest.mark.parametrize("slug", SCHEME_LIST)
@given(data=st.data())
def test_no_number_of_the_right_shape_makes_the_parser_stumble(slug, data):
    number = data.draw(st.from_regex(SCHEMES[slug].pattern, fullmatch=True))
    try:
        parsed = parse_registration_id(f"{slug}:{number}")
    except InvalidInputError:
        pass
    else:
        assert parse_registration_id(parsed.identifier) == parsed


@given(st.text())
def test_no_text_makes_the_parser_stumble(text):
    with contextlib.suppress(InvalidInputError):
        parse_registration_id(text)


def test_a_name_is_trimmed_and_composed():
    assert check_company_name("  Socie\u0301te\u0301 X \n") == "Soci\u00e9t\u00e9 X"
    assert check_company_name("杭" * 200) == "杭" * 200


@pytest.mark.parametrize("name", ["", " \t", "x" * 201, "Acme\tLtd", "Acme \u202eGmbH", "a\ud800"])
def test_a_name_that_cannot_be_read_is_refused(name):
    with pytest.raises(InvalidInputError) as caught:
        check_company_name(name)
    assert caught.value.field == "name"


@pytest.mark.parametrize(
    ("identifier", "country"),
    [
        ("NTRCN-91330100799655058B", "CN"),
        ("VATEL-094259216", "GR"),
        ("VATXI-980780684", "GB"),
        ("LEIXG-213800KUD8LAJWSQ9D15", None),
    ],
)
def test_the_country_is_that_of_the_register(identifier, country):
    registration = RegistrationId("vat", "", identifier)
    assert registration.country == country
    if country is not None:
        assert registration.seat(None) == registration.seat(country) == country


LEI = RegistrationId("lei", "213800KUD8LAJWSQ9D15", "LEIXG-213800KUD8LAJWSQ9D15")
USCC = RegistrationId("uscc", "91330100799655058B", "NTRCN-91330100799655058B")


def test_the_seat_is_told_where_the_register_is_of_the_world():
    assert LEI.seat("JP") == "JP"


@pytest.mark.parametrize(
    ("registration", "told", "message"),
    [
        (LEI, None, "seat, such as DE, because LEIXG-213800KUD8LAJWSQ9D15 names none"),
        (LEI, "XG", "expected an ISO 3166-1 code"),
        (LEI, "de", "expected an ISO 3166-1 code"),
        (USCC, "DE", "expected CN, the country of the register"),
        (USCC, "CHN", "expected an ISO 3166-1 code"),
    ],
)
def test_a_seat_that_cannot_be(registration, told, message):
    with pytest.raises(InvalidInputError, match=message) as raised:
        registration.seat(told)
    assert raised.value.field == "country"


@pytest.mark.parametrize(
    ("text", "told", "seat"),
    [
        ("uscc:91330100799655058B", None, "CN"),
        ("ntr-fr:552008443", None, "FR"),
        ("vat:DE136695976", None, "DE"),
        ("vat:EL094259216", "GR", "GR"),
        ("lei:213800KUD8LAJWSQ9D15", "GB", "GB"),
        ("lei:213800KUD8LAJWSQ9D15", "US", "US"),
    ],
)
def test_each_country_has_one_register(text, told, seat):
    assert parse_registration_id(text).check_primary(told) == seat


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("lei:213800KUD8LAJWSQ9D15", "CN", "uscc"),
        ("lei:213800KUD8LAJWSQ9D15", "DE", "vat:DE"),
        ("vat:FR40303265045", None, "ntr-fr"),
        ("vat:XI980780684", None, "lei"),
    ],
)
def test_another_register_makes_no_second_company(text, told, expected):
    with pytest.raises(InvalidInputError, match=f"expected {expected}.*…") as raised:
        parse_registration_id(text).check_primary(told)
    assert raised.value.field == "registration_id"
