"""Counting equal answers, and telling different ones apart in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Generic, TypeVar

MAX_DESCRIPTION_CHARS = 200
"""Of an answer, this much stands in a message; a hash and a few numbers fit."""

T = TypeVar("T")


class Votes(Generic[T]):
    """What each endpoint said. Answers are compared as values; they need not be hashable."""

    def __init__(self) -> None:
        self._cast: list[tuple[T, list[str]]] = []

    def add(self, name: str, value: T) -> int:
        """Note an answer; how many endpoints have given it by now."""
        for said, names in self._cast:
            if said == value:
                names.append(name)
                return len(names)
        self._cast.append((value, [name]))
        return 1

    def cast(self) -> Iterator[tuple[T, tuple[str, ...]]]:
        """Each answer with those who gave it."""
        for value, names in self._cast:
            yield value, tuple(names)

    @property
    def disagree(self) -> bool:
        """Whether there are different answers."""
        return len(self._cast) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who answered, in order of the alphabet."""
        return tuple(sorted(name for _, names in self._cast for name in names))

    def phrases(self) -> list[str]:
        """A phrase an answer: who gave it, and what it is."""
        return [
            f"{', '.join(sorted(names))} {'says' if len(names) == 1 else 'say'} {describe(value)}"
            for value, names in self._cast
        ]


def describe(value: object) -> str:
    """A value of the ledger for a message: hashes in hex, members by name."""
    return _describe(value)[:MAX_DESCRIPTION_CHARS]


def _describe(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if is_dataclass(value):
        members = (f"{one.name} {_describe(getattr(value, one.name))}" for one in fields(value))
        return f"{type(value).__name__.lower()}({', '.join(members)})"
    if isinstance(value, Sequence) and not isinstance(value, str):
        last = f", the last {_describe(value[-1])}" if value else ""
        return f"{len(value)} of them{last}"
    return str(value)
