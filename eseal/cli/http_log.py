"""A log read over HTTP, as C2SP tlog-tiles lays it out."""

from __future__ import annotations

import httpx

from eseal.errors import InvalidFormatError, LedgerUnreachableError, NotFoundError
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.tiles import TILE_WIDTH, TileCoordinate, tile_path

HASH_BYTES = 32
TIMEOUT_SECONDS = 15.0
"""As long as a ledger node may take."""
MAX_CHECKPOINT_BYTES = 1 << 16
"""A checkpoint with hundreds of cosignatures fits."""


class HttpLog:
    """The tiles of one log behind a URL: a ``LogSource`` of :mod:`eseal.verify`.

    Nothing it answers is believed: tiles prove themselves against a root from the ledger.
    """

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        """Prepare, without asking anything yet.

        Args:
            url: the log's prefix, below which ``checkpoint`` and ``tile/…`` lie.
            transport: how requests travel; by default over the network.

        Raises:
            InvalidFormatError: not an ``http`` or ``https`` URL.
        """
        if not url.startswith(("http://", "https://")):
            raise InvalidFormatError(
                f"log: expected a URL that starts with http:// or https://, got {url[:80]!r}",
                field="log",
            )
        self._url = url.rstrip("/")
        self._client = httpx.Client(
            timeout=TIMEOUT_SECONDS, transport=transport, follow_redirects=True
        )

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def tiles(self, origin: str) -> HttpLog | None:
        """The tiles if the log behind the URL is that of ``origin``, else ``None``.

        Raises:
            LedgerUnreachableError: nobody answers there, or not as a log does.
        """
        note = self._get("checkpoint", MAX_CHECKPOINT_BYTES)
        if note is None:
            raise LedgerUnreachableError(f"there is no log at {self._url}: it has no checkpoint")
        try:
            found = parse_checkpoint(note).checkpoint.origin
        except InvalidFormatError as error:
            raise LedgerUnreachableError(f"{self._url} is not a log: {error}") from error
        return self if found == origin else None

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile, ``width * 32`` bytes.

        A log may drop a partial tile once the full one exists (tlog-tiles, "Partial Tiles").

        Raises:
            NotFoundError: the log has fewer.
            LedgerUnreachableError: nobody answers there, or not as a log does.
        """
        for asked in sorted({width, TILE_WIDTH}):
            path = tile_path(TileCoordinate(level, index, asked))
            data = self._get(path, TILE_WIDTH * HASH_BYTES)
            if data is None:
                continue
            if len(data) != asked * HASH_BYTES:
                raise LedgerUnreachableError(
                    f"{self._url}/{path}: expected {asked * HASH_BYTES} bytes, got {len(data)}"
                )
            return data[: width * HASH_BYTES]
        raise NotFoundError(f"the log at {self._url} holds no {width} hashes of {level}/{index}")

    def _get(self, path: str, limit: int) -> bytes | None:
        """What lies below the prefix at ``path``, or ``None`` if nothing does."""
        url = f"{self._url}/{path}"
        try:
            with self._client.stream("GET", url) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return None
                answer.raise_for_status()
                data = b""
                for part in answer.iter_bytes():
                    data += part
                    if len(data) > limit:
                        raise LedgerUnreachableError(
                            f"{url}: expected at most {limit} bytes, got more"
                        )
                return data
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LedgerUnreachableError(
                f"cannot reach the log at {self._url}: {type(error).__name__}"
            ) from error
