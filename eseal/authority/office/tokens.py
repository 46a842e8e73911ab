"""Who may ask an authority: issuers for any company, companies for themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from eseal.authority.word.messages import Ask
from eseal.durable import only_process, replace_file
from eseal.errors import (
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from eseal.excerpts import excerpt
from eseal.keys.bearer import new_bearer, read_bearer
from eseal.model.ids import check_id
from eseal.model.json_values import JsonValues
from eseal.model.statement import format_time, parse_time
from eseal.model.subject import check_identifier

MAX_LABEL_CHARS = 80
MAX_FILE_BYTES = 16 * 1024 * 1024
"""Some 60,000 tokens: every company of a chamber, and then some."""
_JSON = JsonValues("tokens")


class Kind(StrEnum):
    """Whose token it is."""

    ISSUER = "issuer"
    """May ask for any company."""
    COMPANY = "company"
    """May ask for one id only."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it rests.

    Attributes:
        id: names it in the authority's log.
        hash: SHA-256 of its secret, 32 bytes.
        label: what its owner is called.
        company: the id it may ask for, or ``None`` for an issuer's.
        created_at: UTC.
    """

    id: str
    hash: bytes
    label: str
    company: str | None
    created_at: datetime

    @property
    def kind(self) -> Kind:
        """Whose it is."""
        return Kind.ISSUER if self.company is None else Kind.COMPANY

    def check(self, ask: Ask) -> None:
        """Check that its holder may ask this.

        Raises:
            ForbiddenError: it is another company's.
        """
        if self.company not in (None, ask.id):
            raise ForbiddenError(f"this token asks for {self.company} only, got {ask.id}")


class Tokens:
    """Tokens in a file. Safe to use from several threads.

    One can be added while the authority serves: the file is looked at anew each time, and read when
    it is another one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, int], list[Token]] = ((0, 0), [])

    def all(self) -> list[Token]:
        """All of them, oldest first.

        Raises:
            ConfigurationError: the file cannot be used.
        """
        try:
            found = self._path.stat()
            version, tokens = self._read
            if version != (found.st_ino, found.st_mtime_ns):
                tokens = _parse(self._path.read_bytes())
                self._read = (found.st_ino, found.st_mtime_ns), tokens
        except FileNotFoundError:
            return []
        except (InvalidInputError, OSError) as error:
            raise ConfigurationError(f"{self._path}: {error}") from None
        return list(tokens)

    def create(self, label: str, company: str | None = None) -> str:
        """Make a token; this is the only time it is seen whole.

        Raises:
            InvalidInputError: the label does not read as it is written, or no such id.
            ConfigurationError: the file cannot be used.
        """
        if len(label) > MAX_LABEL_CHARS or not label.isprintable():
            raise InvalidInputError(
                f"label: expected at most {MAX_LABEL_CHARS} printable characters", field="label"
            )
        if company is not None:
            check_identifier(company, field="company")
        text, bearer = new_bearer()
        token = Token(bearer.id, bearer.hash, label, company, datetime.now(UTC))
        self._change(lambda tokens: [*tokens, token])
        return text

    def revoke(self, token_id: str) -> None:
        """Make a token worthless from now on.

        Raises:
            NotFoundError: there is no such token.
            ConfigurationError: the file cannot be used.
        """

        def without(tokens: list[Token]) -> list[Token]:
            left = [token for token in tokens if token.id != token_id]
            if len(left) == len(tokens):
                raise NotFoundError(f"no token {excerpt(token_id, 64)}")
            return left

        self._change(without)

    def holder(self, text: str) -> Token:
        """Whose token this is.

        Raises:
            UnauthenticatedError: nobody's.
        """
        bearer = read_bearer(text)
        if bearer is None:
            raise UnauthenticatedError("the bearer token is not of the form eseal_…")
        for token in self.all():
            if token.id == bearer.id and bearer.is_of(token.hash):
                return token
        raise UnauthenticatedError("the bearer token is not valid")

    def _change(self, change: Callable[[list[Token]], list[Token]]) -> None:
        lock = self._path.with_suffix(".lock")
        try:
            with only_process(lock):
                fields = [_members(token) for token in change(self.all())]
                data = orjson.dumps({"tokens": fields}, option=orjson.OPT_INDENT_2)
                replace_file(self._path, data + b"\n")
        except BlockingIOError:
            raise ConflictError("another command changes the tokens; try again") from None


def _members(token: Token) -> dict[str, Any]:
    fields = {
        "id": token.id,
        "hash": token.hash.hex(),
        "label": token.label,
        "created_at": format_time(token.created_at),
    }
    return fields if token.company is None else fields | {"company": token.company}


def _parse(data: bytes) -> list[Token]:
    if len(data) > MAX_FILE_BYTES:
        raise _JSON.invalid(f"at most {MAX_FILE_BYTES} bytes", str(len(data)))
    top = _JSON.members(_JSON.parse(data), "file", {"tokens"})
    if not isinstance(top["tokens"], list):
        raise _JSON.invalid("a list of tokens", type(top["tokens"]).__name__)
    return [_token(each) for each in top["tokens"]]


def _token(value: object) -> Token:
    needed = {"id", "hash", "label", "created_at"}
    fields = _JSON.members(value, "token", needed, frozenset({"company"}))
    company = _JSON.text(fields["company"], "company") if "company" in fields else None
    return Token(
        id=check_id(_JSON.text(fields["id"], "id")),
        hash=_JSON.hex_bytes(fields["hash"], "hash"),
        label=_JSON.text(fields["label"], "label"),
        company=None if company is None else check_identifier(company, field="company"),
        created_at=parse_time(_JSON.text(fields["created_at"], "created_at")),
    )
