"""Reading a log over HTTP, as C2SP tlog-tiles lays it out: bounded, patient, believing nothing."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Self

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from eseal.errors import InvalidFormatError, LedgerUnreachableError, NotFoundError
from eseal.http import bounded_client, web_address
from eseal.log.checkpoint import SignedCheckpoint, parse_checkpoint
from eseal.log.leaf import LEAF_BYTES
from eseal.log.note import MAX_NOTE_BYTES
from eseal.log.rfc9162 import HASH_BYTES
from eseal.log.tiles import (
    TILE_WIDTH,
    TileCoordinate,
    decode_entries,
    entries_path,
    tile_path,
    width_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_SECONDS = 15.0
"""As long as a ledger node may take."""
BUNDLE_SECONDS = 0.5
"""How long 256 leaves may take on average: a log that is slower hides them as well as any other."""
READING_SECONDS = 1800.0
"""What a round spends on the leaves of one log: there can be any number of them, and other alarms
must not wait. What is left is read in the next rounds, from the last head that was reached."""
ATTEMPTS = 3
"""A proxy that restarts is back by the third."""
WAIT_SECONDS = 0.5
"""Before the second attempt; twice as long before each further one."""
MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + LEAF_BYTES)
"""Our leaves are all of one length, so a larger bundle is not one of ours."""
_TROUBLE = 500


class LogUnreachableError(LedgerUnreachableError):
    """The log could not be read, or does not answer as a log does; worth trying again."""

    code = "log_unreachable"


class LeavesMissingError(LogUnreachableError):
    """The log answers, and has not got the leaves that a head covers."""

    code = "leaves_missing"


class LeavesLateError(LogUnreachableError):
    """The log shows its leaves, and not all of them in time."""


class _PassingError(LogUnreachableError):
    """Trouble that may be over in a second."""


class LogClient:
    """The public log behind a URL: its checkpoint, its leaves, its tiles (a ``TileReader``)."""

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        wait: float = WAIT_SECONDS,
    ) -> None:
        """Prepare, without asking anything yet.

        Args:
            url: the log's prefix, below which ``checkpoint`` and ``tile/…`` lie.
            transport: how requests travel; by default over the network.
            wait: seconds before a request is repeated, doubling.

        Raises:
            InvalidFormatError: not an ``http`` or ``https`` URL.
        """
        parsed = web_address(url)
        if parsed is None:
            raise InvalidFormatError(
                "log: expected a URL that starts with http:// or https://, such as "
                "https://seals.example.org/log, got another text",
                field="log",
            )
        self._url = url.rstrip("/")
        self.name = parsed.netloc.decode("ascii")
        """Host and port: a URL may hold a secret, and messages are read by many."""
        self._client = bounded_client(TIMEOUT_SECONDS, transport=transport, follow_redirects=True)
        hooks = self._client.event_hooks
        self._client.event_hooks = hooks | {"response": [*hooks["response"], _stay]}
        self._retrying = Retrying(
            retry=retry_if_exception_type(_PassingError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=wait),
            reraise=True,
        )

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def below(self, path: str) -> Self:
        """What lies below ``path``, by the same connection: leaves under disowned heads."""
        lower = copy.copy(self)
        lower._url = f"{self._url}/{path}"  # noqa: SLF001  # its own kind
        return lower

    def checkpoint(self) -> SignedCheckpoint:
        """The newest checkpoint the log shows; its signature is not checked.

        Raises:
            LogUnreachableError: it shows none, or something else.
        """
        note = self._get("checkpoint", MAX_NOTE_BYTES)
        if note is None:
            raise LogUnreachableError(f"there is no log at {self.name}: it has no checkpoint")
        try:
            return parse_checkpoint(note)
        except InvalidFormatError as error:
            raise LogUnreachableError(f"{self.name} is not a log: {error}") from error

    def leaves(self, start: int, end: int, until: float | None = None) -> Iterator[bytes]:
        """The log's leaves from index ``start`` up to, not including, ``end``.

        Asks for each bundle as it stands in a log of ``end`` leaves (tlog-tiles, "Log entries");
        where that partial one is gone, for the full one.

        Args:
            start: of the first.
            end: behind the last.
            until: when all must be here, by the monotonic clock; else as long as a round has.

        Raises:
            LeavesMissingError: they are not all there.
            LeavesLateError: they take longer than anybody has to wait.
            LogUnreachableError: it cannot be reached, or does not answer as a log does.
        """
        end_of_all = time.monotonic() + READING_SECONDS if until is None else until
        due = time.monotonic() + ATTEMPTS * TIMEOUT_SECONDS
        for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            if time.monotonic() > min(due, end_of_all):
                raise LeavesLateError(f"the log at {self.name} shows its leaves too slowly")
            due += BUNDLE_SECONDS
            width = width_at(end, 0, index)
            first = index * TILE_WIDTH
            yield from self._bundle(index, width)[max(0, start - first) :]

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile, ``width * 32`` bytes.

        Raises:
            NotFoundError: the log has fewer.
            LogUnreachableError: it does not answer as a log does.
        """
        for asked in sorted({width, TILE_WIDTH}):
            path = tile_path(TileCoordinate(level, index, asked))
            data = self._get(path, TILE_WIDTH * HASH_BYTES)
            if data is None:
                continue
            if len(data) != asked * HASH_BYTES:
                raise LogUnreachableError(
                    f"{self.name}: {path}: expected {asked * HASH_BYTES} bytes, got {len(data)}"
                )
            return data[: width * HASH_BYTES]
        raise NotFoundError(f"the log at {self.name} holds no {width} hashes of {level}/{index}")

    def _bundle(self, index: int, width: int) -> list[bytes]:
        for asked in sorted({width, TILE_WIDTH}):
            path = entries_path(TileCoordinate(0, index, asked))
            data = self._get(path, MAX_BUNDLE_BYTES)
            if data is None:
                continue
            try:
                entries = decode_entries(data)
            except InvalidFormatError as error:
                raise LogUnreachableError(f"{self.name}: {path}: {error}") from error
            if len(entries) != asked:
                raise LogUnreachableError(
                    f"{self.name}: {path}: expected {asked} entries, got {len(entries)}"
                )
            return entries[:width]
        raise LeavesMissingError(
            f"the log at {self.name} does not show the leaves under its head: "
            f"no {width} entries in bundle {index}"
        )

    def _get(self, path: str, limit: int) -> bytes | None:
        """What lies below the prefix at ``path``, or ``None`` if nothing does."""
        return self._retrying(self._get_once, path, limit)

    def _get_once(self, path: str, limit: int) -> bytes | None:
        try:
            with self._client.stream("GET", f"{self._url}/{path}") as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return None
                if answer.status_code != httpx.codes.OK:
                    busy = answer.status_code == httpx.codes.TOO_MANY_REQUESTS
                    passing = busy or answer.status_code >= _TROUBLE
                    raise (_PassingError if passing else LogUnreachableError)(
                        f"the log at {self.name} answers {path} with status {answer.status_code}"
                    )
                data = b""
                for part in answer.iter_bytes():
                    data += part
                    if len(data) > limit:
                        raise LogUnreachableError(
                            f"{self.name}: {path}: expected at most {limit} bytes, got more"
                        )
                return data
        except httpx.HTTPError as error:
            raise _PassingError(
                f"cannot reach the log at {self.name}: {type(error).__name__}"
            ) from error


def chunks(leaves: Iterator[bytes], count: int) -> Iterator[list[bytes]]:
    """So many leaves at a time; where they end with an error, those before it first.

    Raises:
        LogUnreachableError: as :meth:`LogClient.leaves`.
    """
    chunk: list[bytes] = []
    try:
        for leaf in leaves:
            chunk.append(leaf)
            if len(chunk) == count:
                yield chunk
                chunk = []
    except LogUnreachableError:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _stay(answer: httpx.Response) -> None:
    """A log may move on its host; whom else a reader asks is the reader's to say."""
    if not answer.has_redirect_location:
        return
    try:
        there = answer.url.join(answer.headers["location"])
    except httpx.InvalidURL:
        there = httpx.URL("")
    if there.host != answer.url.host:
        raise httpx.TooManyRedirects("expected the same host", request=answer.request)
