"""Bearer tokens: how they are written, and what of them is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from eseal.model.ids import new_id

SECRET_BYTES = 32
"""256 random bits need no slow hash: they cannot be guessed."""
_TOKEN = re.compile(r"eseal_([a-z2-7]{26})_([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])")
"""43 digits of base64 hold two bits more than the secret; they are zero, so it has one form."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token taken apart.

    Attributes:
        id: names it in records.
        hash: SHA-256 of its secret, 32 bytes: what is kept.
    """

    id: str
    hash: bytes

    def is_of(self, kept: bytes) -> bool:
        """Whether the secret is the one whose hash was kept, in constant time."""
        return hmac.compare_digest(self.hash, kept)


def new_bearer() -> tuple[str, Bearer]:
    """A new token as its holder gets it, and what is kept of it."""
    secret = secrets.token_bytes(SECRET_BYTES)
    encoded = base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")
    bearer = Bearer(new_id(), hashlib.sha256(secret).digest())
    return f"eseal_{bearer.id}_{encoded}", bearer


def read_bearer(token: str) -> Bearer | None:
    """Take a token apart; ``None`` if it is not of our form."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    secret = base64.urlsafe_b64decode(match[2] + "=")
    return Bearer(match[1], hashlib.sha256(secret).digest())
