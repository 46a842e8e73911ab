"""The registers whose numbers a registration id may hold.

Only registers whose numbers carry check characters are here: a mistyped number must not name
another company. That leaves out, for one, the German Handelsregister, whose numbers have none (a
German company is named by its VAT number).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum import lei
from stdnum.au import acn
from stdnum.be import vat as be_enterprise
from stdnum.br import cnpj
from stdnum.ch import uid
from stdnum.cn import uscc
from stdnum.dk import cvr
from stdnum.ee import registrikood
from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum
from stdnum.fi import ytunnus
from stdnum.fr import siren
from stdnum.il import hp
from stdnum.it import iva
from stdnum.jp import cn as hojin_bango
from stdnum.lv import pvn
from stdnum.no import orgnr as no_orgnr
from stdnum.ru import ogrn
from stdnum.se import orgnr as se_orgnr
from stdnum.sg import uen
from stdnum.tw import ubn

from eseal.model.countries import COUNTRIES

GLOBAL_COUNTRY = "XG"
"""What ETSI EN 319 412-1 clause 5.1.4 writes for the country of an LEI, which has none."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A register.

    Attributes:
        slug: its name in ``scheme:number``.
        prefix: type and country of its semantic identifier, e.g. ``NTRCN``.
        name: its name in an error message.
        form: what its numbers look like, in words.
        example: one of its numbers.
        pattern: what its numbers look like, without separators and in upper case.
        validate: python-stdnum's check; raises a ``ValueError``, returns the canonical number.
    """

    slug: str
    prefix: str
    name: str
    form: str
    example: str
    pattern: re.Pattern[str]
    validate: Callable[[str], str]


def _trade_register(  # noqa: PLR0913, PLR0917 - one row of the table below
    country: str, name: str, form: str, example: str, pattern: str, validate: Callable[[str], str]
) -> Scheme:
    return Scheme(
        slug=f"ntr-{country}",
        prefix=f"NTR{country.upper()}",
        name=name,
        form=form,
        example=example,
        pattern=re.compile(pattern),
        validate=validate,
    )


def _unified_social_credit_code(number: str) -> str:
    """Check digit only: ``uscc.validate`` refuses the registrars GB 32100 names by letters."""
    if uscc.calc_check_digit(number) != number[-1]:
        raise InvalidChecksum
    return number


def _digits(count: int) -> str:
    return f"{count} digits with their check digit"


_ALL = (
    Scheme(
        slug="uscc",
        prefix="NTRCN",
        name="unified social credit code (GB 32100)",
        form="18 characters of 0-9 and A-Z without I, O, S, V, Z, the last a check character",
        example="91330100799655058B",
        pattern=re.compile(r"[0-9A-HJ-NPQRTUW-Y]{2}[0-9]{6}[0-9A-HJ-NPQRTUW-Y]{10}"),
        validate=_unified_social_credit_code,
    ),
    Scheme(
        slug="lei",
        prefix=f"LEI{GLOBAL_COUNTRY}",
        name="legal entity identifier (ISO 17442)",
        form="18 characters of 0-9 and A-Z and two check digits",
        example="213800KUD8LAJWSQ9D15",
        pattern=re.compile(r"[0-9A-Z]{18}[0-9]{2}"),
        validate=lei.validate,
    ),
    Scheme(
        slug="vat",
        prefix="VAT",
        name="EU VAT number",
        form="the two letters of a member state (EL for Greece) and its number",
        example="DE136695976",
        pattern=re.compile(
            "(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI"
            "|SK|XI)[0-9A-Z+*]{2,12}"
        ),
        validate=vat.validate,
    ),
    _trade_register(
        "au", "Australian company number", _digits(9), "004085616", r"[0-9]{9}", acn.validate
    ),
    _trade_register(
        "be",
        "Belgian enterprise number",
        _digits(10),
        "0403019261",
        r"[01][0-9]{9}",
        be_enterprise.validate,
    ),
    _trade_register(
        "br",
        "Brazilian CNPJ",
        "12 letters or digits and two check digits",
        "16727230000197",
        r"[0-9A-Z]{12}[0-9]{2}",
        cnpj.validate,
    ),
    _trade_register(
        "ch",
        "Swiss business identifier (UID)",
        "CHE and nine digits",
        "CHE100155212",
        r"CHE[0-9]{9}",
        uid.validate,
    ),
    _trade_register("dk", "Danish CVR number", _digits(8), "13585628", r"[0-9]{8}", cvr.validate),
    _trade_register(
        "ee",
        "Estonian registry code",
        _digits(8),
        "12345678",
        r"[1789][0-9]{7}",
        registrikood.validate,
    ),
    _trade_register(
        "fi",
        "Finnish business id (Y-tunnus)",
        _digits(8),
        "20774740",
        r"[0-9]{8}",
        ytunnus.validate,
    ),
    _trade_register("fr", "French SIREN", _digits(9), "552008443", r"[0-9]{9}", siren.validate),
    _trade_register(
        "il",
        "Israeli company number",
        _digits(9),
        "516179157",
        r"5[0-9]{8}",
        hp.validate,
    ),
    _trade_register(
        "it", "Italian company tax code", _digits(11), "00743110157", r"[0-9]{11}", iva.validate
    ),
    _trade_register(
        "jp",
        "Japanese corporate number",
        _digits(13),
        "5835678256246",
        r"[1-9][0-9]{12}",
        hojin_bango.validate,
    ),
    _trade_register(
        "lv",
        "Latvian registration number",
        _digits(11),
        "40003521600",
        r"[4-9][0-9]{10}",
        pvn.validate,
    ),
    _trade_register(
        "no",
        "Norwegian organisation number",
        _digits(9),
        "988077917",
        r"[0-9]{9}",
        no_orgnr.validate,
    ),
    _trade_register(
        "ru", "Russian OGRN", _digits(13), "1022200525819", r"[1-9][0-9]{12}", ogrn.validate
    ),
    _trade_register(
        "se",
        "Swedish organisation number",
        _digits(10),
        "1234567897",
        r"[0-9]{10}",
        se_orgnr.validate,
    ),
    _trade_register(
        "sg",
        "Singapore UEN",
        "9 or 10 characters, the last a check letter",
        "00192200M",
        r"[0-9]{8,9}[A-Z]|[RST][0-9]{2}[A-Z]{2}[0-9]{4}[A-Z]",
        uen.validate,
    ),
    _trade_register(
        "tw",
        "Taiwanese unified business number",
        _digits(8),
        "00501503",
        r"[0-9]{8}",
        ubn.validate,
    ),
)

SCHEMES: dict[str, Scheme] = {scheme.slug: scheme for scheme in _ALL}
"""By slug."""
REGISTERS: dict[str, Scheme] = {
    scheme.prefix[3:]: scheme for scheme in _ALL if scheme.prefix.startswith("NTR")
}
"""National registers by country (ISO 3166-1)."""
_VAT_PREFIX_OF = {"GR": "EL"}
"""Where a VAT number does not begin with the ISO 3166-1 code (Directive 2006/112/EC Article 215).
"""
_MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EUROPEAN_UNION = frozenset(_MEMBER_STATES.split())


def primary_prefix(country: str) -> str:
    """Type and country of the ids by which companies of a country are registered, e.g. ``NTRCN``.

    There is one for each country, so that no company has two pseudonyms: the national register
    where one is known here, else the VAT number in the European Union, else the LEI.

    Args:
        country: ISO 3166-1 code of the company's seat.
    """
    if country in REGISTERS:
        return REGISTERS[country].prefix
    if country in _EUROPEAN_UNION:
        return f"VAT{_VAT_PREFIX_OF.get(country, country)}"
    return SCHEMES["lei"].prefix


def written(prefix: str) -> str:
    """How an id of a primary scheme is written, e.g. ``uscc:… (such as uscc:91330100799655058B)``.

    Args:
        prefix: the scheme, as :func:`primary_prefix` has it.
    """
    if prefix.startswith("VAT"):
        return f"vat:{prefix[3:]}… (the VAT number)"
    scheme = next(each for each in _ALL if each.prefix == prefix)
    return f"{scheme.slug}:… ({scheme.name}, such as {scheme.slug}:{scheme.example})"


PRIMARY_PREFIXES: tuple[str, ...] = tuple(
    sorted({primary_prefix(country) for country in COUNTRIES})
)
"""Every scheme that is some country's primary one."""
