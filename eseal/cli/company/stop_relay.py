"""Handing a stop code to a service that relays it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import httpx
import orjson

from eseal.cli.frame.output import printable
from eseal.errors import ConflictError, LedgerUnreachableError, NotFoundError
from eseal.http import bounded_client
from eseal.model.stop_codes import parse_hex

if TYPE_CHECKING:
    from types import TracebackType

    from eseal.ledger.setup.owner_stop import StopAct

MAX_ANSWER_BYTES = 1 << 16
MAX_DETAIL_CHARS = 300
SECONDS = 300.0
"""The service waits until the block is final."""
_ERRORS = {404: NotFoundError, 409: ConflictError}


class StopRelay:
    """The routes of ``eseal serve`` for stop codes."""

    def __init__(self, url: str) -> None:
        """Relay by the service at this URL; nothing is asked yet."""
        self._url = url.rstrip("/")
        self._client = bounded_client(SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def stop_hash(self, handle: bytes) -> bytes:
        """What the next code must hash to, as the service says, 32 bytes."""
        told = self._ask("GET", f"/v1/stops/{handle.hex()}")
        return parse_hex(str(told.get("stop_hash")), "stop_hash")

    def use(self, act: StopAct, handle: bytes, code: bytes) -> tuple[int, bytes]:
        """Have a code used; height of the block and the transaction's hash, as the service says."""
        asked = {"handle": handle.hex(), "code": code.hex(), "act": act.value}
        told = self._ask("POST", "/v1/stops", asked)
        block, transaction = told.get("block"), str(told.get("transaction"))
        if type(block) is not int:
            raise LedgerUnreachableError(f"expected a block from {self._url}, got {block!r:.64}")
        return block, parse_hex(transaction.removeprefix("0x"), "transaction")

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        try:
            with self._client.stream(method, self._url + path, json=body) as answer:
                told = orjson.loads(_limited(answer))
        except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as error:
            raise LedgerUnreachableError(
                f"expected an answer of an eseal service at {self._url}, got none "
                f"({type(error).__name__}): try another one"
            ) from error
        if not isinstance(told, dict):
            raise LedgerUnreachableError(f"expected an answer of an eseal service at {self._url}")
        if answer.status_code != httpx.codes.OK:
            kind = _ERRORS.get(answer.status_code, LedgerUnreachableError)
            raise kind(printable(str(told.get("detail"))[:MAX_DETAIL_CHARS]))
        return told


def _limited(answer: httpx.Response) -> bytes:
    """The body, as far as an answer can go; a longer one is no JSON then."""
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            return b""
    return body
