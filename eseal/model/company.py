"""Companies and their registration ids (ETSI EN 319 412-1 semantic identifiers)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from stdnum.exceptions import InvalidChecksum

from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt
from eseal.model.countries import check_country
from eseal.model.schemes import GLOBAL_COUNTRY, SCHEMES, Scheme, primary_prefix, written
from eseal.model.text import check_text

MAX_NAME_CHARS = 200
"""The longest registered company names known are a little over 160 characters."""
MAX_REGISTRATION_ID_CHARS = 64
"""The longest canonical form is 26 characters; the rest is room for separators."""

_FIELD = "registration_id"
_ASCII_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_SEMANTIC = re.compile(r"(VAT|NTR|LEI)([A-Z]{2})-(.+)")
"""ETSI EN 319 412-1 clause 5.1.4: type, ISO 3166-1 country, hyphen, identifier."""
_SEPARATORS = str.maketrans("", "", " -./:")
_COUNTRY_OF_PREFIX = {"EL": "GR", "XI": "GB"}
"""VAT prefixes that are not ISO 3166-1 codes (Directive 2006/112/EC Article 215)."""


@dataclass(frozen=True, slots=True)
class RegistrationId:
    """A number that names one legal person in one register, its check characters verified.

    Attributes:
        scheme: the register, e.g. ``uscc``, ``lei``, ``vat``, ``ntr-no``.
        number: the number as the register writes it, without separators, in upper case; a VAT
            number with its country prefix.
        identifier: the ETSI EN 319 412-1 semantic identifier, e.g. ``NTRCN-91330100799655058B``.
    """

    scheme: str
    number: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.number}"

    @property
    def country(self) -> str | None:
        """ISO 3166-1 code of the register's country; ``None`` of a register of the whole world."""
        prefix = self.identifier[3:5]
        return None if prefix == GLOBAL_COUNTRY else _COUNTRY_OF_PREFIX.get(prefix, prefix)

    def seat(self, told: str | None) -> str:
        """ISO 3166-1 code of the seat: the register's country, or what the company told.

        Raises:
            InvalidInputError: ``field`` is ``country``; the register is of no country and nothing
                was told, or what was told is no country or another one than the register's.
        """
        known = self.country
        if told is None and known is None:
            raise InvalidInputError(
                f"country: expected the ISO 3166-1 code of the company's seat, such as DE, because "
                f"{self.identifier} names none; got nothing",
                field="country",
            )
        seat = known if told is None else check_country(told)
        if known not in (None, seat):
            raise InvalidInputError(
                f"country: expected {known}, the country of the register of {self.identifier}, "
                f"or nothing, got {seat}",
                field="country",
            )
        return str(seat)

    def check_primary(self, told: str | None) -> str:
        """The seat, if this is the id by which companies of that seat are registered.

        An LEI or a VAT number besides names no second company: one id, one pseudonym.

        Raises:
            InvalidInputError: see :meth:`seat`; or ``field`` is ``registration_id``, and the
                companies of that country have another primary register.
        """
        seat = self.seat(told)
        expected = primary_prefix(seat)
        if self.identifier.partition("-")[0] != expected:
            raise _invalid_id(
                f"expected {written(expected)}, by which companies of {seat} are registered here, "
                f"got {self.identifier}"
            )
        return seat


@dataclass(frozen=True, slots=True)
class Company:
    """A legal person that holds seals.

    Attributes:
        id: random identifier.
        name: the registered name, NFC, 1 to 200 characters.
        scheme: the scheme of its registration id.
        number: the number of its registration id.
        identifier: its ETSI EN 319 412-1 semantic identifier.
        country: ISO 3166-1 code of its seat.
        created_at: when it was put on record, UTC.
        subject: its pseudonym on the ledger, 32 bytes.
        subject_proof: the authority's newest proof that subject, identifier and name belong
            together (``eseal.model.subject``).
        founders_account: checksummed address that may change its founders, or ``None``.
        registration: the authority's EIP-712 signature with which the ledger registers it, 65
            bytes.
        registered_block: the height of a final block in which the ledger has it; ``None`` as long
            as that is on its way.
    """

    id: str
    name: str
    scheme: str
    number: str
    identifier: str
    country: str
    created_at: datetime
    subject: bytes
    subject_proof: bytes
    founders_account: str | None
    registration: bytes
    registered_block: int | None = None


def check_company_name(name: str) -> str:
    """The form in which a company's name is kept: NFC, without blanks around it.

    Raises:
        InvalidInputError: it is empty or longer than 200 characters, or holds a control character,
            a bidi override or another character that does not show.
    """
    return check_text(
        unicodedata.normalize("NFC", name).strip(), field="name", max_chars=MAX_NAME_CHARS
    )


def parse_registration_id(text: str) -> RegistrationId:
    """Read ``scheme:number`` (``uscc:91330100799655058B``) or a semantic identifier (``NTRCN-…``).

    Blanks, hyphens, dots and slashes inside the number are dropped and letters may be in either
    case: people copy numbers from letterheads.

    Raises:
        InvalidInputError: ``field`` is ``registration_id``; the scheme is unknown, the number has
            another form, or its check character is wrong. The message names the scheme, the form
            expected and what came.
    """
    if len(text) > MAX_REGISTRATION_ID_CHARS or not _ASCII_TEXT.fullmatch(text.strip()):
        raise _invalid_id(
            f"expected SCHEME:NUMBER in at most {MAX_REGISTRATION_ID_CHARS} ASCII characters, "
            f"such as uscc:91330100799655058B, got {excerpt(text, MAX_REGISTRATION_ID_CHARS)}"
        )
    scheme, written = _split(text.strip())
    number = _canonical_number(scheme, written)
    if scheme.slug == "vat":
        number = number.replace("GR", "EL", 1) if number.startswith("GR") else number
        identifier = f"VAT{number[:2]}-{number[2:]}"
    else:
        identifier = f"{scheme.prefix}-{number}"
    return RegistrationId(scheme=scheme.slug, number=number, identifier=identifier)


def _split(text: str) -> tuple[Scheme, str]:
    """The scheme that is named, and the number as it was written."""
    semantic = _SEMANTIC.fullmatch(text.upper())
    if semantic is not None:
        kind, country, number = semantic.groups()
        if kind == "VAT":
            return SCHEMES["vat"], country + number
        prefix = kind + country
        for scheme in SCHEMES.values():
            if scheme.prefix == prefix:
                return scheme, number
        hint = f"LEI identifiers begin LEI{GLOBAL_COUNTRY}-; " if kind == "LEI" else ""
        raise _invalid_id(f"{hint}expected one of {_known_prefixes()}, got {prefix!r}")
    slug, colon, number = text.partition(":")
    known = SCHEMES.get(slug.strip().lower())
    if not colon or known is None:
        raise _invalid_id(
            f"expected SCHEME:NUMBER with a scheme of {_known_slugs()}, "
            f"or an identifier such as VATDE-136695976, got {text!r}"
        )
    return known, number.strip()


def _canonical_number(scheme: Scheme, written: str) -> str:
    number = written.upper().translate(_SEPARATORS)
    expected = f"expected {scheme.form}, such as {scheme.example}, got {written!r}"
    if not scheme.pattern.fullmatch(number):
        raise _invalid_id(f"not a {scheme.name}: {expected}")
    try:
        # Some registers have lengthened their numbers; the old form comes back as the new one.
        return scheme.validate(number)
    except InvalidChecksum:
        raise _invalid_id(f"wrong check character in this {scheme.name}: {expected}") from None
    except (ArithmeticError, LookupError, ValueError):  # stdnum's ValidationError is a ValueError
        raise _invalid_id(f"no such {scheme.name}: {expected}") from None


def _known_slugs() -> str:
    return ", ".join(SCHEMES)


def _known_prefixes() -> str:
    return ", ".join(s.prefix for s in SCHEMES.values())


def _invalid_id(problem: str) -> InvalidInputError:
    return InvalidInputError(f"{_FIELD}: {problem}", field=_FIELD)
