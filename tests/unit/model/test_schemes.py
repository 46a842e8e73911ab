from eseal.model.countries import COUNTRIES
from eseal.model.schemes import PRIMARY_PREFIXES, REGISTERS, SCHEMES, primary_prefix


def test_every_country_has_one_primary_scheme_and_its_ids_are_known():
    known = {scheme.prefix for scheme in SCHEMES.values()}
    for country in COUNTRIES:
        prefix = primary_prefix(country)
        assert prefix in known or prefix[:3] == "VAT"
        assert prefix in PRIMARY_PREFIXES
    assert len(PRIMARY_PREFIXES) == len(set(PRIMARY_PREFIXES))


def test_a_national_register_comes_before_vat_and_vat_before_lei():
    assert [primary_prefix(country) for country in ("CN", "FR", "DE", "GR", "GB", "US")] == [
        "NTRCN",
        "NTRFR",
        "VATDE",
        "VATEL",
        "LEIXG",
        "LEIXG",
    ]


def test_every_national_register_is_the_primary_one_of_its_country():
    for country, scheme in REGISTERS.items():
        assert primary_prefix(country) == scheme.prefix
