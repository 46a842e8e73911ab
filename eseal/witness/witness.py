"""What a witness answers, and what it remembers.

A directory holds all of it::

    witness.key                 its private key, mode 0600
    logs.json                   {"logs": {"<origin>": ["<vkey>", …]}}: whom it witnesses
    cosigned/<log id>           per log the newest checkpoint it cosigned, with the cosignature
    lock                        one process at a time

Losing ``cosigned/`` means losing the promise: a witness that has forgotten what it saw must be
given a new key.
"""

from __future__ import annotations

import re
import threading
import time
from binascii import b2a_base64
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from eseal.durable import PRIVATE_DIRECTORY_MODE, only_process, replace_file
from eseal.errors import (
    ConfigurationError,
    CorruptionError,
    InvalidCheckpointError,
    InvalidFormatError,
    InvalidProofError,
)
from eseal.log.checkpoint import check_origin, parse_checkpoint
from eseal.log.note import verify_note
from eseal.log.rfc9162 import EMPTY_ROOT, verify_consistency
from eseal.log.vkey import KeyType, VerifierKey, parse_vkey
from eseal.witness.key import WitnessKey
from eseal.witness.request import SIZE_TYPE, AddCheckpoint, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from eseal.log.checkpoint import SignedCheckpoint

TEXT_TYPE = "text/plain; charset=utf-8"
_LOG = re.compile(r"[0-9a-f]{64}", re.ASCII)
MAX_LOGS_BYTES = 1 << 22
"""Ten thousand logs fit."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: tlog-witness says what happened by the status alone."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT_TYPE


class Witness:
    """A witness over its directory. Safe to use from several threads."""

    def __init__(self, directory: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Open the witness in ``directory``.

        Args:
            directory: made by :meth:`create`.
            clock: Unix seconds.

        Raises:
            ConfigurationError: the key or the list of logs cannot be used.
        """
        self._directory = directory
        self._clock = clock
        self._key = WitnessKey.load(_key_path(directory))
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.logs()

    @staticmethod
    def create(directory: Path, name: str) -> VerifierKey:
        """Make a witness: its directory and its key.

        Returns:
            Its public key, for those who are to believe it.

        Raises:
            InvalidInputError: a name no key can have.
            ConfigurationError: there is one already.
        """
        cosigned = directory / "cosigned"
        cosigned.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        return WitnessKey.create(_key_path(directory), name).public

    @property
    def key(self) -> VerifierKey:
        """The witness's public key."""
        return self._key.public

    def logs(self) -> dict[str, tuple[VerifierKey, ...]]:
        """The logs it witnesses, by origin, with the keys they may sign with.

        Read anew each time: a log can be added while the witness serves.

        Raises:
            ConfigurationError: the file cannot be used.
        """
        path = _logs_path(self._directory)
        try:
            data = path.read_bytes() if path.exists() else b'{"logs": {}}'
            return _parse_logs(data)
        except (InvalidFormatError, OSError) as error:
            raise ConfigurationError(f"{path}: {error}") from None

    def add_log(self, origin: str, key: VerifierKey) -> None:
        """Witness a log from now on, or believe one more key of it.

        Raises:
            InvalidFormatError: the origin cannot name a log.
            ConfigurationError: the list of logs cannot be used.
        """
        logs = self.logs()
        keys = logs.get(check_origin(origin), ())
        if key not in keys:
            logs[origin] = (*keys, key)
        members = {name: [str(one) for one in keys] for name, keys in sorted(logs.items())}
        data = orjson.dumps({"logs": members}, option=orjson.OPT_INDENT_2)
        replace_file(_logs_path(self._directory), data + b"\n")

    def cosigned(self, origin: str) -> SignedCheckpoint | None:
        """The newest checkpoint of a log that it cosigned, or ``None``.

        Raises:
            CorruptionError: the file is not one.
        """
        path = self._cosigned_path(origin)
        try:
            found = parse_checkpoint(path.read_bytes())
        except FileNotFoundError:
            return None
        except InvalidFormatError as error:
            raise CorruptionError(f"{path}: {error}") from None
        if found.checkpoint.origin != origin:
            raise CorruptionError(f"{path}: expected origin {origin}, got another")
        return found

    def newest(self, log: str) -> Answer:
        """Answer who asks for the newest checkpoint of a log that was cosigned: 200, or 404.

        Not of tlog-witness: a log asks so when it starts, to see whether it has lost something.

        Args:
            log: SHA-256 of its origin, 64 hex digits.

        Raises:
            OSError: it cannot be read.
        """
        if not _LOG.fullmatch(log):
            return _refusal(HTTPStatus.NOT_FOUND, "expected 64 hex digits")
        try:
            return Answer(HTTPStatus.OK, (self._directory / "cosigned" / log).read_bytes())
        except FileNotFoundError:
            return _refusal(HTTPStatus.NOT_FOUND, "nothing of this log was cosigned here")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that answers from this directory.

        Raises:
            ConfigurationError: another one is.
        """
        try:
            with only_process(self._directory / "lock"):
                yield
        except BlockingIOError:
            raise ConfigurationError(
                f"{self._directory}: another process serves this witness; stop it first"
            ) from None

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request to cosign (tlog-witness, "add-checkpoint"), in the order it is written.

        400 a body of another form, or an old size above the checkpoint's; 404 an unknown origin;
        403 not signed with a key trusted for it; 409 an old size that is not the one cosigned last,
        with that in the body, or another root at the same size; 422 the consistency proof does not
        verify; 200 the cosignature, durable before it is given.

        Args:
            body: the request's body.

        Raises:
            ConfigurationError, CorruptionError, OSError: the witness itself is not in order;
                nothing was cosigned.
        """
        try:
            request = AddCheckpoint.parse(body)
        except InvalidFormatError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        origin = request.checkpoint.checkpoint.origin
        keys = self.logs().get(origin)
        if keys is None:
            return _refusal(HTTPStatus.NOT_FOUND, "this witness does not know the log")
        if not _signed(request.checkpoint, keys):
            return _refusal(HTTPStatus.FORBIDDEN, "the log's signature does not verify")
        with self._lock_of(origin):
            answer = self._decide(request, keys)
        head = request.checkpoint.checkpoint
        _log.info("add_checkpoint", origin=origin, size=head.size, status=int(answer.status))
        return answer

    def _decide(self, request: AddCheckpoint, keys: tuple[VerifierKey, ...]) -> Answer:
        """Compare with what was cosigned last, and cosign; under the log's lock."""
        head = request.checkpoint.checkpoint
        if request.old_size > head.size:
            return _refusal(HTTPStatus.BAD_REQUEST, "the old size is above the checkpoint's")
        last = self.cosigned(head.origin)
        size, root = (
            (0, EMPTY_ROOT) if last is None else (last.checkpoint.size, last.checkpoint.root)
        )
        if request.old_size != size:
            return Answer(HTTPStatus.CONFLICT, b"%d\n" % size, SIZE_TYPE)
        if head.size == size and head.root != root:
            self._alarm(request.checkpoint)
            return _refusal(HTTPStatus.CONFLICT, f"another root was cosigned at size {size}")
        try:
            verify_consistency(size, head.size, root, head.root, request.proof)
        except InvalidProofError as error:
            self._alarm(request.checkpoint)
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        line = self._key.cosign(request.checkpoint.text, int(self._clock()))
        replace_file(self._cosigned_path(head.origin), _compose(request.checkpoint, keys, line))
        return Answer(HTTPStatus.OK, line)

    def _alarm(self, refused: SignedCheckpoint) -> None:
        """Signed by the log, and not what it signed before: worth a line somebody reads."""
        head = refused.checkpoint
        _log.warning("not_consistent", origin=head.origin, size=head.size, root=head.root.hex())

    def _lock_of(self, origin: str) -> threading.Lock:
        with self._guard:
            return self._locks[origin]

    def _cosigned_path(self, origin: str) -> Path:
        return self._directory / "cosigned" / name_of(check_origin(origin))


def _compose(signed: SignedCheckpoint, keys: tuple[VerifierKey, ...], line: bytes) -> bytes:
    """The checkpoint as its log signed it, and our cosignature; lines of others are dropped.

    What strangers put beside the log's signature is not verified, and must not fill our disk.
    """
    trusted = {(key.name, key.key_hash) for key in keys}
    own = [
        f"— {s.name} ".encode() + b2a_base64(s.key_hash + s.value)
        for s in signed.signatures
        if (s.name, s.key_hash) in trusted
    ]
    return signed.text + b"\n" + b"".join(own) + line


def _signed(checkpoint: SignedCheckpoint, keys: tuple[VerifierKey, ...]) -> bool:
    """Whether one of the trusted keys signed, and none of them is named without having signed."""
    named = {(signature.name, signature.key_hash) for signature in checkpoint.signatures}
    mine = [key for key in keys if (key.name, key.key_hash) in named]
    try:
        for key in mine:
            verify_note(checkpoint.text, checkpoint.signatures, key.name, key.public_key)
    except InvalidCheckpointError:
        return False
    return bool(mine)


def _refusal(status: HTTPStatus, reason: str) -> Answer:
    return Answer(status, reason.encode() + b"\n")


def _parse_logs(data: bytes) -> dict[str, tuple[VerifierKey, ...]]:
    if len(data) > MAX_LOGS_BYTES:
        raise InvalidFormatError(f"expected at most {MAX_LOGS_BYTES} bytes, got {len(data)}")
    try:
        fields: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidFormatError(f"expected JSON, got {error}") from None
    logs = fields.get("logs") if isinstance(fields, dict) and len(fields) == 1 else None
    if not isinstance(logs, dict):
        raise InvalidFormatError('expected {"logs": {"<origin>": ["<vkey>", …]}}, got another form')
    return {check_origin(origin): _keys(keys) for origin, keys in logs.items()}


def _keys(value: object) -> tuple[VerifierKey, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise InvalidFormatError("expected a list of verifier keys, got another form")
    return tuple(parse_vkey(text, KeyType.NOTE) for text in value)


def _key_path(directory: Path) -> Path:
    return directory / "witness.key"


def _logs_path(directory: Path) -> Path:
    return directory / "logs.json"
