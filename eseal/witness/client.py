"""The log's side: asking witnesses to cosign a checkpoint before it is handed out.

A witness that is down, slow or wrong costs its cosignature and nothing else.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self

import httpx
import orjson
import structlog

from eseal.errors import (
    ConfigurationError,
    ESealError,
    InvalidCheckpointError,
    InvalidFormatError,
    invalid_format,
)
from eseal.http import bounded_client
from eseal.ledger.facts import Head
from eseal.log.c2sp_text import parse_decimal
from eseal.log.checkpoint import SignedCheckpoint, parse_checkpoint, signer_of
from eseal.log.cosignature import add_cosignatures, verify_cosignature
from eseal.log.vkey import KeyType, VerifierKey, parse_vkey
from eseal.witness.request import SIZE_TYPE, AddCheckpoint, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_invalid = partial(invalid_format, "witnesses")
CONNECT_SECONDS = 2.0
"""A witness that does not take the connection by then is down."""
ANSWER_SECONDS = 5.0
"""A witness writes one small file and signs once."""
PAUSE_SECONDS = 30.0
"""How long a witness that failed is left alone: its time-out must not slow every anchor."""
ATTEMPTS = 3
"""One to learn the size it stands at, one from there, one if somebody else was faster."""
MAX_ANSWER_BYTES = 1 << 16
"""A few signature lines."""
MAX_WITNESSES = 64
"""More than signed-note lets a note carry with certainty would be dropped by verifiers."""
MAX_FILE_BYTES = 1 << 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness to ask.

    Attributes:
        url: its submission prefix, below which ``add-checkpoint`` lies.
        key: its public key; its name is the witness's.
    """

    url: str
    key: VerifierKey


def parse_witnesses(data: bytes) -> tuple[WitnessAddress, ...]:
    """Read a list of witnesses: ``{"witnesses": [{"url": "https://…", "vkey": "…"}, …]}``.

    Raises:
        InvalidFormatError: any other form, or a witness named twice.
    """
    if len(data) > MAX_FILE_BYTES:
        raise _invalid(f"at most {MAX_FILE_BYTES} bytes", f"{len(data)} bytes")
    try:
        fields: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _invalid("JSON", str(error)[:256]) from None
    listed = fields.get("witnesses") if isinstance(fields, dict) and len(fields) == 1 else None
    if not isinstance(listed, list) or len(listed) > MAX_WITNESSES:
        raise _invalid(f'{{"witnesses": […]}} with at most {MAX_WITNESSES}', "another form")
    found = tuple(_address(item) for item in listed)
    if len({address.key for address in found}) != len(found):
        raise _invalid("each key once", "one of them twice")
    return found


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A head that a witness has cosigned, and that the log signed.

    Attributes:
        witness: the witness's name.
        size: in leaves.
        root: 32 bytes.
    """

    witness: str
    size: int
    root: bytes

    @property
    def head(self) -> Head:
        """Size and root."""
        return Head(self.size, self.root)

    def __str__(self) -> str:
        return f"witness {self.witness} cosigned it"


class Witnesses:
    """Several witnesses, asked at once."""

    def __init__(
        self,
        addresses: Sequence[WitnessAddress],
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare, without asking anything yet.

        Args:
            addresses: whom to ask.
            transport: how requests travel; by default over the network.
            clock: seconds that never go back.
        """
        self._client = bounded_client(ANSWER_SECONDS, connect=CONNECT_SECONDS, transport=transport)
        self._asked = [_Asked(self._client, address, clock) for address in addresses]

    @classmethod
    def load(cls, path: Path) -> Self:
        """The witnesses listed in a file (``ESEAL_WITNESSES``).

        Raises:
            ConfigurationError: it cannot be read, or lists them in another form.
        """
        try:
            return cls(parse_witnesses(path.read_bytes()))
        except OSError as error:
            raise ConfigurationError(f"ESEAL_WITNESSES: {path}: {error.strerror}") from None
        except InvalidFormatError as error:
            raise ConfigurationError(f"ESEAL_WITNESSES: {path}: {error}") from None

    def __len__(self) -> int:
        return len(self._asked)

    def cosign(self, note: bytes, size: int, prove: Callable[[int], Sequence[bytes]]) -> bytes:
        """Collect cosignatures under a signed checkpoint (C2SP tlog-witness).

        Args:
            note: the checkpoint, signed by its log.
            size: its size in leaves.
            prove: makes the consistency proof from an old size to ``size`` (RFC 9162 section
                2.1.4.1); called from another thread, once at a time.

        Returns:
            The note with the cosignature of every witness that gave one; the same note if none did.

        Raises:
            InvalidFormatError: ``note`` is not a checkpoint.
        """
        checkpoint = parse_checkpoint(note)
        if not self._asked:
            return note
        guard = threading.Lock()

        @cache
        def proof(old_size: int) -> tuple[bytes, ...]:
            return tuple(prove(old_size)) if 0 < old_size < size else ()

        def proof_in_turn(old_size: int) -> tuple[bytes, ...]:
            with guard:
                return proof(old_size)

        with ThreadPoolExecutor(len(self._asked), "eseal-witness") as pool:
            answers = list(pool.map(lambda one: one.ask(checkpoint, proof_in_turn), self._asked))
        for asked, lines in zip(self._asked, answers, strict=True):
            if lines is not None:
                note = add_cosignatures(note, lines, asked.address.key)
        return note

    def newest(self, origin: str, signers: Callable[[int], Iterable[bytes]]) -> list[Cosigned]:
        """The newest head that each witness has cosigned, of those that say one.

        Rests on the log's own signature beside the witness's: no witness can make a head up. One
        that keeps silent hides what it has seen.

        Args:
            origin: the log's.
            signers: the keys that may sign a head of a size (``LogRegistration.signers``).
        """
        if not self._asked:
            return []
        with ThreadPoolExecutor(len(self._asked), "eseal-witness") as pool:
            answers = list(pool.map(lambda one: one.newest(origin, signers), self._asked))
        return [one for one in answers if one is not None]

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class _Asked:
    """One witness, and what is known of where it stands."""

    def __init__(
        self, client: httpx.Client, address: WitnessAddress, clock: Callable[[], float]
    ) -> None:
        self.address = address
        self._client = client
        self._clock = clock
        self._size = 0
        self._rest_until = -1.0

    def ask(
        self, checkpoint: SignedCheckpoint, proof: Callable[[int], tuple[bytes, ...]]
    ) -> bytes | None:
        """Its signature lines, verified; ``None`` if it gave none."""
        if self._clock() < self._rest_until:
            return None
        try:
            return self._ask(checkpoint, proof)
        except (httpx.HTTPError, httpx.InvalidURL, ESealError) as error:
            self._rest_until = self._clock() + PAUSE_SECONDS
            # the URL may hold a secret: the name says which witness it is
            reason = str(error) if isinstance(error, ESealError) else type(error).__name__
            _log.warning("witness_failed", witness=self.address.key.name, error=reason)
            return None

    def newest(self, origin: str, signers: Callable[[int], Iterable[bytes]]) -> Cosigned | None:
        """The newest head it has cosigned; ``None`` if it says none, or cannot be asked."""
        key = self.address.key
        try:
            status, _, answer = self._send("GET", f"checkpoint/{name_of(origin)}")
            if status == httpx.codes.NOT_FOUND:
                return None
            if status != httpx.codes.OK:
                raise InvalidCheckpointError(f"the witness answers with status {status}")
            signed = parse_checkpoint(answer)
            head = signed.checkpoint
            verify_cosignature(signed.text, signed.signatures, key)
            if head.origin != origin or signer_of(signed, signers(head.size)) is None:
                raise InvalidCheckpointError(
                    "the witness shows a head that this log has not signed"
                )
        except (httpx.HTTPError, httpx.InvalidURL, ESealError) as error:
            reason = str(error) if isinstance(error, ESealError) else type(error).__name__
            _log.warning("witness_not_asked_back", witness=key.name, error=reason)
            return None
        return Cosigned(key.name, head.size, head.root)

    def _ask(
        self, checkpoint: SignedCheckpoint, proof: Callable[[int], tuple[bytes, ...]]
    ) -> bytes:
        size = checkpoint.checkpoint.size
        for _ in range(ATTEMPTS):
            old = self._size if self._size <= size else 0
            body = AddCheckpoint(old, proof(old), checkpoint).encode()
            status, content_type, answer = self._send("POST", "add-checkpoint", body)
            if status == httpx.codes.OK:
                add_cosignatures(checkpoint.note, answer, self.address.key)
                self._size = size
                return answer
            if status != httpx.codes.CONFLICT or content_type != SIZE_TYPE:
                raise InvalidCheckpointError(f"the witness refuses with status {status}")
            self._size = _told_size(answer)
            if self._size > size:
                raise InvalidCheckpointError(
                    f"the witness cosigned size {self._size} already, beyond {size}"
                )
        raise InvalidCheckpointError("the witness names another size each time")

    def _send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
        until = time.monotonic() + ANSWER_SECONDS
        url = f"{self.address.url}/{path}"
        with self._client.stream(method, url, content=body) as answer:
            data = b""
            for part in answer.iter_bytes():
                data += part
                if len(data) > MAX_ANSWER_BYTES:
                    raise InvalidFormatError(
                        f"witness: expected at most {MAX_ANSWER_BYTES} bytes, got more"
                    )
                if time.monotonic() > until:
                    raise InvalidFormatError("witness: its answer came too slowly")
            return answer.status_code, answer.headers.get("content-type", ""), data


def _told_size(answer: bytes) -> int:
    text = answer.decode("ascii", "replace")
    if not text.endswith("\n"):
        raise InvalidFormatError("witness: expected a size and a newline, got no newline")
    return parse_decimal(text[:-1], "witness's size")


def _address(item: object) -> WitnessAddress:
    if not isinstance(item, dict) or set(item) != {"url", "vkey"}:
        raise _invalid("objects with the members url and vkey", "another form")
    url, vkey = item["url"], item["vkey"]
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise _invalid("a url that starts with http:// or https://", "another")
    if not isinstance(vkey, str):
        raise _invalid("vkey to be a string", type(vkey).__name__)
    return WitnessAddress(url.rstrip("/"), parse_vkey(vkey, KeyType.COSIGNATURE))
