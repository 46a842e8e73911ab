"""An authority somewhere else, asked by HTTP."""

from __future__ import annotations

import ipaddress
import time
from typing import Final

import httpx
import orjson

from eseal.authority.asking.checking import check_answer
from eseal.authority.asking.protocol import KeysOf
from eseal.authority.word.messages import MAX_ANSWER_BYTES, Ask, Attested
from eseal.authority.word.registration import Registry
from eseal.errors import (
    AuthorityAnswerError,
    AuthorityRefusedError,
    AuthorityUnreachableError,
    ConfigurationError,
    InvalidInputError,
)
from eseal.excerpts import printable
from eseal.http import bounded_client

PATH: Final = "/v1/subjects"
CONNECT_SECONDS: Final = 5.0
"""A host that takes longer to accept is down."""
ANSWER_SECONDS: Final = 15.0
"""A proof takes a millisecond; an authority that asks a register first takes a few seconds."""
MAX_DETAIL_CHARS: Final = 200
_JSON: Final = "application/json"
_TRY_LATER: Final = frozenset({408, 425, 429})


class HttpAuthority:
    """A ``SubjectAuthority`` over HTTP. Believes nothing that it cannot check."""

    def __init__(  # noqa: PLR0913  # who is asked, and what is believed of them
        self,
        url: str,
        token: str,
        keys_of: KeysOf,
        registry: Registry,
        *,
        transport: httpx.BaseTransport | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Prepare, without asking anything yet.

        Args:
            url: where it serves; https, or http on this machine: the token travels with every
                request.
            token: who asks.
            keys_of: what belongs to a VRF key, as somebody says whom we believe.
            registry: where companies are registered.
            transport: how requests travel; by default over the network.
            seconds: how long an answer may take.

        Raises:
            ConfigurationError: not such a URL.
        """
        self._url = _checked(url) + PATH
        self._keys_of = keys_of
        self._registry = registry
        self._seconds = seconds
        self._client = bounded_client(
            seconds,
            connect=CONNECT_SECONDS,
            transport=transport,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": _JSON,
                "Accept": _JSON,
            },
        )

    def prove(self, ask: Ask) -> Attested:
        """See ``SubjectAuthority``."""
        ask.check()
        try:
            status, body = self._post(ask.encode())
        except httpx.HTTPError as error:
            raise AuthorityUnreachableError(
                f"the authority cannot be asked ({type(error).__name__}); try again"
            ) from None
        if status != httpx.codes.OK:
            raise _refusal(status, body)
        try:
            answer = Attested.parse(body)
        except InvalidInputError as error:
            raise AuthorityAnswerError(f"the authority's answer cannot be read: {error}") from None
        check_answer(ask, answer, self._keys_of, self._registry)
        return answer

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _post(self, body: bytes) -> tuple[int, bytes]:
        until = time.monotonic() + self._seconds
        with self._client.stream("POST", self._url, content=body) as answer:
            data = b""
            for part in answer.iter_raw():  # as it came: nothing is unpacked
                data += part
                if len(data) > MAX_ANSWER_BYTES:
                    raise AuthorityAnswerError(
                        f"expected at most {MAX_ANSWER_BYTES} bytes of the authority, got more"
                    )
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("the whole answer takes too long")
            return answer.status_code, data


def _refusal(status: int, body: bytes) -> Exception:
    """What an answer without proof means."""
    if status in _TRY_LATER or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return AuthorityUnreachableError(
            f"the authority cannot answer now (status {status}); try again"
        )
    if status >= httpx.codes.BAD_REQUEST:
        return AuthorityRefusedError(f"the authority refuses (status {status}): {_said(body)}")
    return AuthorityAnswerError(f"expected status 200 of the authority, got {status}")


def _said(body: bytes) -> str:
    """What a problem document (RFC 9457) says, cut short; a stranger's words."""
    try:
        detail = orjson.loads(body)["detail"]
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
        detail = None
    if not isinstance(detail, str):
        return "it does not say why"
    return printable(detail[:MAX_DETAIL_CHARS]) or "it does not say why"


def _checked(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL("")
    if parsed.scheme == "https" or (parsed.scheme == "http" and _is_here(parsed.host)):
        return url.rstrip("/")
    raise ConfigurationError(
        "the authority's URL: expected https, or http on this machine, because a token goes there"
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
