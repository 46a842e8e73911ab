"""Originals that a sender could prepare so that two readers show two documents.

One generator per row of CANONICAL's table: ``originals()`` makes all of them, the same bytes every
time. The law they are for: each is refused, or what was sealed looks alike in every reader, or (as
``RULES`` says) it is named to whoever seals it, or stands in the docs as a limit.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator

from tests.odd import (
    colours,
    compact,
    fonts,
    hints,
    images,
    looks,
    outlined,
    pages,
    programs,
    reach,
    structure,
    syntax,
    type3,
    words,
)
from tests.odd.pdf import Odd

__all__ = ["RULES", "Odd", "Rule", "originals"]


class Rule(enum.Enum):
    """What is done with a row of the table."""

    REFUSED = "refused, or alike in all readers"
    ALIKE = "sealed and alike in all readers, where its meaning is plain; else refused"
    REPORTED = "sealed, and named as something that is told but not seen"
    LIMIT = "a stated limit: readers bring their own fonts"


GENERATORS: dict[str, tuple[Rule, Callable[[], Iterator[Odd]]]] = {
    "cmaps": (Rule.REFUSED, fonts.cmaps),
    "font_files": (Rule.REFUSED, fonts.font_files),
    "programs": (Rule.REFUSED, programs.programs),
    "instructions": (Rule.REFUSED, hints.instructions),
    "reach": (Rule.REFUSED, reach.reach),
    "compact": (Rule.REFUSED, compact.compact),
    "outlined": (Rule.REFUSED, outlined.outlined),
    "words": (Rule.REFUSED, words.words),
    "codes_beyond": (Rule.REFUSED, programs.codes_beyond),
    "not_embedded": (Rule.LIMIT, fonts.not_embedded),
    "type3": (Rule.REFUSED, type3.type3),
    "syntax": (Rule.ALIKE, syntax.syntax),
    "filters": (Rule.ALIKE, syntax.filters),
    "contents": (Rule.ALIKE, syntax.contents),
    "pages": (Rule.ALIKE, pages.pages),
    "layers": (Rule.REFUSED, pages.layers),
    "images": (Rule.REFUSED, images.images),
    "states": (Rule.REFUSED, colours.states),
    "spaces": (Rule.REFUSED, colours.spaces),
    "functions": (Rule.REFUSED, colours.functions),
    "postscript": (Rule.REFUSED, colours.postscript),
    "annotations": (Rule.ALIKE, looks.annotations),
    "forms": (Rule.ALIKE, looks.forms),
    "duplicates": (Rule.REFUSED, structure.duplicates),
    "collections": (Rule.REFUSED, structure.collections),
    "told": (Rule.REPORTED, structure.told),
    "framing": (Rule.ALIKE, structure.framing),
}

RULES = {kind: rule for kind, (rule, _) in GENERATORS.items()}


def originals(*kinds: str) -> Iterator[Odd]:
    """Every original, or those of the kinds named."""
    for kind, (_, generate) in GENERATORS.items():
        if not kinds or kind in kinds:
            yield from generate()
