"""How errors of a task cross the border: as words, and again as an error of the same class.

Whoever is on the other side may have been taken over by the document. So only what was given can be
complained of: classes under :class:`~eseal.errors.InvalidInputError`, by their code, with a field
and text that a terminal can show.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from eseal import excerpts
from eseal.errors import InvalidInputError, UnsafeDocumentError

_MAX_CHARS: Final = 2000
"""Of a message."""
_MAX_REASONS: Final = 100
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""A field or a code."""


def told(error: InvalidInputError) -> dict[str, Any]:
    """An error of a task as plain values."""
    reasons = error.reasons if isinstance(error, UnsafeDocumentError) else ()
    return {
        "code": error.code,
        "message": str(error),
        "field": error.field,
        "reasons": list(reasons),
    }


def raised(told: object) -> InvalidInputError:
    """The error that was told.

    Raises:
        ValueError: it is none.
    """
    match told:
        case {
            "code": str(code),
            "message": str(message),
            "field": None | str() as field,
            "reasons": list(reasons),
        }:
            kind, text = _KINDS.get(code), printable(message, _MAX_CHARS)
        case _:
            raise ValueError("expected an error")
    if kind is None:
        raise ValueError("expected an error of a document")
    if issubclass(kind, UnsafeDocumentError):
        return kind(text, reasons=tuple(_reasons(reasons)))
    if field is not None and not _NAME.fullmatch(field):
        raise ValueError("expected the name of a field")
    return kind(text, field=field)


def printable(text: str, most: int) -> str:
    """Text of at most so many characters without those that steer a terminal."""
    return "\n".join(excerpts.printable(line, "?") for line in text[:most].split("\n"))


def place(error: BaseException) -> str:
    """Where an error came from that nobody foresaw: its class, file and line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + where


def _reasons(reasons: list[object]) -> Iterator[str]:
    if len(reasons) > _MAX_REASONS:
        raise ValueError("expected fewer reasons")
    for reason in reasons:
        if not isinstance(reason, str) or not _NAME.fullmatch(reason):
            raise ValueError("expected the code of a reason")
        yield reason


def _kinds(kind: type[InvalidInputError]) -> Iterator[type[InvalidInputError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


_KINDS: Final = {kind.code: kind for kind in reversed([*_kinds(InvalidInputError)])}
"""By code; where a subclass keeps its parent's code, the parent."""
