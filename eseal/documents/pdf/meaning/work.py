"""Contents on their way to be in order."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from pikepdf import Dictionary

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.language import law
from eseal.documents.pdf.language.repair import Named, Repaired, repaired
from eseal.documents.pdf.language.tokens import MAX_NAME, short_name
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import dictionary
from eseal.documents.pdf.meaning.resources.images import faxes

_NOTHING: Final = {False: b"", True: b"0 0 d0"}
"""Contents that draw nothing, and those of a glyph."""


@dataclass(frozen=True, slots=True)
class ContentRules:
    """What is asked of contents.

    Attributes:
        glyph: they are those of a Type 3 glyph.
        bare: they must set no colours.
    """

    glyph: bool = False
    bare: bool = False


NO_RULES: Final = ContentRules()


class Work:
    """Contents that are judged, and put in order as far as needed.

    Attributes:
        facts: what they say.
        changed: the contents in order, if they had to be put in order.
    """

    def __init__(self, desk: Desk, data: bytes, what: str, rules: ContentRules) -> None:
        self._desk, self._data, self._what, self._rules = desk, data, what, rules
        self.changed: bytes | None = None
        try:
            self.facts = law.judge(data, glyph=rules.glyph)
        except law.OddContentsError:
            self.repair()
        else:
            if any(len(token) > MAX_NAME + 1 for token, _ in self.facts.named):
                self.repair()

    def repair(self, *, colours: bool = True, without: AbstractSet[Named] = frozenset()) -> None:
        """Put them in order; what cannot be, draws nothing."""
        glyph = self._rules.glyph
        made = Repaired(_NOTHING[glyph], "expected less odd drawing")
        if self._desk.may_repair(len(self._data)):
            made = repaired(self._data, glyph=glyph, colours=colours, without=without)
        self._doubt(made.doubt)
        self.changed = made.data
        try:
            self.facts = law.judge(self.changed, glyph=glyph)
        except law.OddContentsError as error:
            self._doubt(str(error))
            self.changed = _NOTHING[glyph]
            self.facts = law.judge(self.changed, glyph=glyph)

    def pack_faxes(self) -> None:
        """Pack faxes in them as we do."""
        data = self._data if self.changed is None else self.changed
        packed = faxes.inside(self._desk, data, self.facts.images, self._what)
        if packed is not None:
            self.changed = packed

    def _doubt(self, doubt: str) -> None:
        if doubt:
            self._desk.settle(HazardCode.UNCLEAR_CONTENTS, f"{self._what}: {doubt}")


def shorten(resources: Any) -> None:
    """Give resources other names whose names are too long for some readers, as contents do."""
    for held in dictionary(resources).values():
        for key in held.keys() if isinstance(held, Dictionary) else ():
            if len(key.encode()) > MAX_NAME + 1:
                held["/" + short_name(key[1:].encode()).decode()] = held[key]
                del held[key]
