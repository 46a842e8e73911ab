"""Where the world finds what a relying party needs: paths under the service's public URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from eseal.errors import InvalidInputError

CRL_PATH: Final = "/pki/issuing.crl"
ROOT_CRL_PATH: Final = "/pki/root.crl"
ISSUING_PATH: Final = "/pki/issuing.cer"
ROOT_PATH: Final = "/pki/root.cer"
OCSP_PATH: Final = "/pki/ocsp"
TSA_PATH: Final = "/pki/tsa"
MAX_URL_CHARS: Final = 2000
"""What every HTTP client takes."""

_URL = re.compile(r"https?://[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs that a certificate of the issuing CA names.

    Attributes:
        crl: its revocation list (RFC 5280 section 4.2.1.13).
        ocsp: its responder (RFC 5280 section 4.2.2.1).
        issuer: its own certificate (likewise).
    """

    crl: str
    ocsp: str
    issuer: str

    @classmethod
    def under(cls, public_url: str) -> Self:
        """The addresses under a service's URL, with or without a slash at its end.

        Raises:
            InvalidInputError: it is no http or https URL.
        """
        if len(public_url) > MAX_URL_CHARS or not _URL.fullmatch(public_url):
            raise InvalidInputError(
                f"public_url: expected an http or https URL, got {public_url[:64]!r}",
                field="public_url",
            )
        base = public_url.rstrip("/")
        return cls(base + CRL_PATH, base + OCSP_PATH, base + ISSUING_PATH)
