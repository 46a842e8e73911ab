"""Where the world finds what a relying party needs: paths under the service's public URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

CRL_PATH: Final = "/pki/issuing.crl"
ROOT_CRL_PATH: Final = "/pki/root-{root}.crl"
"""Each root has a list and a certificate of its own: ``root`` is SHA-256 of its DER, as the ledger
names it. A renewed root does not speak for the one before."""
ISSUING_PATH: Final = "/pki/issuing.cer"
ROOT_PATH: Final = "/pki/root-{root}.cer"
NEWEST_ROOT_PATH: Final = "/pki/root.cer"
OCSP_PATH: Final = "/pki/ocsp"
TSA_PATH: Final = "/pki/tsa"
MAX_URL_CHARS: Final = 2000
"""What every HTTP client takes."""

_URL = re.compile(r"https?://[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """The URLs that a certificate names, of the CA that issued it.

    Attributes:
        crl: its revocation list (RFC 5280 section 4.2.1.13).
        issuer: its own certificate (RFC 5280 section 4.2.2.1).
        ocsp: its responder (likewise); ``None`` of the root, which has none: it certifies one CA,
            and its list says all there is to say.
    """

    crl: str
    issuer: str
    ocsp: str | None = None

    @classmethod
    def of_issuing(cls, public_url: str) -> Self:
        """What certificates of the issuing CA name.

        Args:
            public_url: the service's, with or without a slash at its end.

        Raises:
            InvalidInputError: it is no http or https URL.
        """
        base = _base(public_url)
        return cls(base + CRL_PATH, base + ISSUING_PATH, base + OCSP_PATH)

    @classmethod
    def of_root(cls, public_url: str, root: bytes) -> Self:
        """What the issuing CA's own certificate names; errors as before.

        Args:
            public_url: as before.
            root: the root's certificate, DER.
        """
        base, name = _base(public_url), sha256(root).hexdigest()
        return cls(base + ROOT_CRL_PATH.format(root=name), base + ROOT_PATH.format(root=name))


def _base(public_url: str) -> str:
    if len(public_url) > MAX_URL_CHARS or not _URL.fullmatch(public_url):
        raise InvalidInputError(
            f"public_url: expected an http or https URL, got {excerpt(public_url, 64)}",
            field="public_url",
        )
    return public_url.rstrip("/")
