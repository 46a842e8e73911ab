"""What can be done to a sealed document.

A mutator is a function ``(Random, Sealed, Pool) -> Mutant | None``; ``None`` where it has no hold
on the document. Registered with the kinds of documents it knows and a weight: how often it is
drawn. Techniques that once gave a green verdict bear their number, as in ``technique-2-tail``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant

__all__ = ["Mutator", "Pool", "load", "mutator"]

Pool = tuple[Sealed, ...]
"""Everything sealed in this run: to take parts from."""


@dataclass(frozen=True)
class Mutator:
    """A way to change a document.

    Attributes:
        name: of it.
        kinds: the documents it knows.
        weight: how often it is drawn.
        carriers: what the names of the carriers begin with that were prepared for it.
        change: what it does.
    """

    name: str
    kinds: frozenset[str]
    weight: int
    carriers: tuple[str, ...]
    change: Callable[[Random, Sealed, Pool], Mutant | None]

    def fitting(self, random: Random, pool: Pool) -> list[Sealed]:
        """What it may be tried on: every second time only what was prepared for it."""
        known = [sealed for sealed in pool if sealed.kind in self.kinds]
        prepared = [
            sealed
            for sealed in known
            if sealed.shape.removeprefix("pdf/carrier/").startswith(self.carriers)
        ]
        return prepared if self.carriers and prepared and random.random() < 0.5 else known


_MUTATORS: dict[str, Mutator] = {}


def mutator(name: str, *kinds: str, weight: int = 4, carriers: tuple[str, ...] = ()):
    """Register a function under a name, for kinds of documents (all if none is given)."""

    def register(change):
        known = frozenset(kinds or ("pdf", "detached", "container", "evidence"))
        _MUTATORS[name] = Mutator(name, known, weight, carriers, change)
        return change

    return register


def load() -> dict[str, Mutator]:
    """All mutators, registered."""
    from tests.fuzz.mutators import (  # noqa: F401 - they register themselves
        carrying,
        cms,
        containers,
        evidence,
        plain,
        revisions,
        techniques,
        trailers,
    )

    return _MUTATORS
