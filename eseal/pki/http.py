"""Fetching small binary answers from the addresses certificates and settings name."""

from __future__ import annotations

from typing import Final

import httpx

from eseal.errors import ValidationDataError
from eseal.excerpts import excerpt
from eseal.http import bounded_client

CONNECT_SECONDS: Final = 5.0
"""A host that takes longer to accept is down."""
ANSWER_SECONDS: Final = 10.0
"""Authorities answer within a second; a slow one is passed over for the next."""
MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
"""The largest public revocation lists have a few megabytes."""


def endpoint(url: str) -> str:
    """``host:port`` of a URL, for messages: the rest may hold credentials."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return "an unreadable URL"
    return f"{parsed.host}:{parsed.port or (443 if parsed.scheme == 'https' else 80)}"


class Fetcher:
    """An HTTP client that reads no more than it should. Safe to call from several threads.

    Args:
        transport: how requests travel; by default over the network.
        seconds: how long an answer may take.
    """

    def __init__(
        self, transport: httpx.BaseTransport | None = None, *, seconds: float = ANSWER_SECONDS
    ) -> None:
        self._client = bounded_client(seconds, connect=CONNECT_SECONDS, transport=transport)

    def get(self, url: str, *, accept: str) -> bytes:
        """Fetch a file; errors as :meth:`post`."""
        return self._send(url, None, {"Accept": accept}, accept)

    def post(self, url: str, body: bytes, *, sent: str, accept: str) -> bytes:
        """Ask for an answer of one media type.

        Args:
            url: http or https.
            body: the request.
            sent: its media type.
            accept: that of the answer; another is refused.

        Raises:
            ValidationDataError: no answer, another status than 200, or too long an answer.
        """
        return self._send(url, body, {"Accept": accept, "Content-Type": sent}, accept)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _send(self, url: str, body: bytes | None, headers: dict[str, str], accept: str) -> bytes:
        method = "GET" if body is None else "POST"
        where = endpoint(url)
        if not url.lower().startswith(("http://", "https://")):
            raise ValidationDataError(f"{where}: expected an http or https URL")
        try:
            with self._client.stream(method, url, content=body, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise ValidationDataError(
                        f"{where}: expected status 200, got {answer.status_code}"
                    )
                got = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
                if body is not None and got != accept:
                    raise ValidationDataError(f"{where}: expected {accept}, got {excerpt(got)}")
                return _limited(answer, where)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ValidationDataError(f"{where}: {_plain(error)}") from None


def _limited(answer: httpx.Response, where: str) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise ValidationDataError(f"{where}: expected at most {MAX_ANSWER_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


def _plain(error: Exception) -> str:
    """The kind of error, never its text: that may quote the URL."""
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return "cannot be reached"
    return f"no usable answer ({type(error).__name__})"
