"""Who a certificate says its holder is."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import printable
from eseal.model.company import MAX_NAME_CHARS, MAX_REGISTRATION_ID_CHARS, Company
from eseal.model.countries import check_country
from eseal.model.seal import SealType
from eseal.model.text import check_text
from eseal.pki.der import load_certificate

MAX_COMMON_NAME_BYTES = 64
"""RFC 5280 appendix A.1, ub-common-name (counted in bytes of UTF-8 to please every reader)."""
MAX_QUOTED_CHARS = 200
"""Of a name in a message; whoever made the certificate has written it."""
_SEAL = " seal, "
"""Stands between the type of a seal and its company's name, in the certificate's common name."""


def quoted(name: x509.Name) -> str:
    """A certificate's name for a message: RFC 4514, in quotes that it cannot end."""
    text = name.rfc4514_string()[:MAX_QUOTED_CHARS].rstrip("\\")
    return "'" + printable(text, "").replace("'", '"') + "'"


@dataclass(frozen=True, slots=True)
class SealSubject:
    """A legal person as a certificate names it (ETSI EN 319 412-3 clause 4.2.1).

    Attributes:
        organization_name: the full registered name.
        organization_identifier: an ETSI EN 319 412-1 semantic identifier.
        country: ISO 3166-1 alpha-2.
        common_name: what the holder goes by, at most 64 bytes of UTF-8.

    Read from a certificate, an attribute that is not there is ``""``.
    """

    organization_name: str
    organization_identifier: str
    country: str
    common_name: str

    @classmethod
    def of(cls, company: Company, common_name: str | None = None) -> SealSubject:
        """The subject of a seal of ``company``.

        Args:
            company: whose name, identifier and country it is.
            common_name: e.g. name and kind of seal; the company's name, cut to fit, if ``None``.
        """
        return cls(
            organization_name=company.name,
            organization_identifier=company.identifier,
            country=company.country,
            common_name=cut_common_name(company.name) if common_name is None else common_name,
        )


def cut_common_name(text: str) -> str:
    """The start of ``text`` that fits in a common name, without half a character at its end."""
    encoded = text.encode("utf-8", "ignore")
    return encoded[:MAX_COMMON_NAME_BYTES].decode("utf-8", "ignore").rstrip()


def seal_common_name(kind: SealType, company: str) -> str:
    """The common name of a company's seal of this type, e.g. ``contract seal, Acme Ltd``."""
    return cut_common_name(f"{_words(kind)}{_SEAL}{company}")


def seal_type_of(common_name: str) -> SealType | None:
    """The type that :func:`seal_common_name` wrote, or ``None`` for a name of another form.

    The type of a seal stands nowhere else in its certificate; so it is as true as the certificate.
    """
    words, separator, _ = common_name.partition(_SEAL)
    return next((kind for kind in SealType if separator and _words(kind) == words), None)


def called(subject: SealSubject) -> str:
    """What a certificate's holder is called: common name, else organisation, else ``""``."""
    return subject.common_name or subject.organization_name


def subject_of(certificate: bytes) -> SealSubject:
    """Read whom a certificate names.

    Args:
        certificate: DER.

    Raises:
        InvalidFormatError: it does not parse, or names two organisations, identifiers, countries or
            common names: nobody could say which of them is meant.
    """
    return subject_of_name(load_certificate(certificate).subject)


def subject_of_name(name: x509.Name) -> SealSubject:
    """Like :func:`subject_of`, for a name already parsed.

    Raises:
        InvalidFormatError: an attribute is there twice, or is no text.
    """
    return SealSubject(
        organization_name=_only(name, NameOID.ORGANIZATION_NAME, "organizationName"),
        organization_identifier=_only(
            name, NameOID.ORGANIZATION_IDENTIFIER, "organizationIdentifier"
        ),
        country=_only(name, NameOID.COUNTRY_NAME, "countryName"),
        common_name=_only(name, NameOID.COMMON_NAME, "commonName"),
    )


def serial_number(certificate: bytes) -> int:
    """The serial number of a certificate (DER), as a CRL names it.

    Raises:
        InvalidFormatError: it does not parse.
    """
    return load_certificate(certificate).serial_number


def to_name(subject: SealSubject) -> x509.Name:
    """The X.501 name of a subject, its attributes in the order of EN 319 412-3 clause 4.2.1.

    Raises:
        InvalidInputError: an attribute is empty, too long or does not read as it is written, or the
            country is none of ISO 3166-1.
    """
    check_country(subject.country)
    check_text(subject.organization_name, field="organization_name", max_chars=MAX_NAME_CHARS)
    check_text(
        subject.organization_identifier,
        field="organization_identifier",
        max_chars=MAX_REGISTRATION_ID_CHARS,
    )
    check_text(subject.common_name, field="common_name", max_chars=MAX_COMMON_NAME_BYTES)
    size = len(subject.common_name.encode("utf-8"))
    if size > MAX_COMMON_NAME_BYTES:
        raise InvalidInputError(
            f"common_name: expected at most {MAX_COMMON_NAME_BYTES} bytes of UTF-8, got {size}",
            field="common_name",
        )
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, subject.country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.organization_name),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, subject.organization_identifier),
            x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name),
        ]
    )


def _words(kind: SealType) -> str:
    return kind.value.replace("_", " ")


def _only(name: x509.Name, oid: x509.ObjectIdentifier, label: str) -> str:
    attributes = name.get_attributes_for_oid(oid)
    if not attributes:
        return ""
    value = attributes[0].value
    if len(attributes) > 1 or not isinstance(value, str):
        raise InvalidFormatError(
            f"expected one {label} as text in the certificate's subject, got {len(attributes)}",
            field="certificate",
        )
    return value
