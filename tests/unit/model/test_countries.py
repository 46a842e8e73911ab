"""Country codes."""

import pytest

from eseal.errors import InvalidInputError
from eseal.model.countries import COUNTRIES, check_country
from eseal.model.schemes import SCHEMES


def test_all_that_iso_assigns_and_no_more():
    assert len(COUNTRIES) == 249
    assert {"CN", "DE", "GB", "JP", "TW", "ZW"} <= COUNTRIES
    assert not {"XG", "XK", "EU", "EL", "UK"} & COUNTRIES


def test_every_register_but_those_of_several_countries_is_of_one():
    several = {"lei", "vat"}
    assert {
        check_country(scheme.prefix[3:]) for slug, scheme in SCHEMES.items() if slug not in several
    }


@pytest.mark.parametrize("country", ["", "cn", "CHN", "XG", "C", "C\n"])
def test_what_is_no_country(country):
    with pytest.raises(InvalidInputError, match="ISO 3166-1") as raised:
        check_country(country)
    assert raised.value.field == "country"
