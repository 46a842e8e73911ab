"""What may be chosen about a seal's template, and what follows from the seal by itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from eseal.documents.impressions.drawing.paths import SEAL_RED, Colour
from eseal.documents.impressions.templates.spec import (
    PROFILES,
    USUAL,
    ImpressionSpec,
    Outline,
    Profile,
    is_code,
    purpose_of,
)
from eseal.errors import CorruptionError, InvalidInputError
from eseal.excerpts import excerpt
from eseal.model.seal import SealType

MAX_LINES: Final = 3
_USUAL_STAR: Final = 1 / 4
"""Width of a star that is asked for, over that of the seal."""
_NOT_TAX: Final = frozenset({"lei"})
"""Registers whose numbers are no tax number and do not stand on an invoice seal."""
_NAME_ENDINGS: Final = {2: "之印", 3: "印"}
"""What is added to a person's name in Chinese, by its length: a name seal has four characters."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an impression says about a seal and its company.

    Attributes:
        company: the company's name.
        scheme: the register its number is from.
        number: its number there.
        kind: the seal's type.
        label: the seal's label; may be empty. On a name seal it is the person's name.
        physical_code: the code of the physical seal, or ``None``.
    """

    company: str
    scheme: str
    number: str
    kind: SealType
    label: str = ""
    physical_code: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen about a template; ``None`` leaves what is usual for the seal's type.

    Attributes:
        profile: name of a template.
        outline: another shape.
        width: outer width, millimetres.
        height: outer height, millimetres; as the width where only that is given.
        colour: ``#rrggbb`` or the name of an ink.
        star: whether there is a star.
        name: the name, instead of the company's.
        second_name: a second line of the name.
        lines: what stands below the middle, instead of purpose and label; may be empty.
        code: the seal code, 13 or 14 digits, instead of the physical seal's.
    """

    profile: str | None = None
    outline: Outline | None = None
    width: float | None = None
    height: float | None = None
    colour: str | None = None
    star: bool | None = None
    name: str | None = None
    second_name: str | None = None
    lines: tuple[str, ...] | None = None
    code: str | None = None

    def encode(self) -> str:
        """As JSON, only what was chosen."""
        chosen = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(chosen, ensure_ascii=False, sort_keys=True)

    @classmethod
    def decode(cls, text: str) -> Choice:
        """From stored JSON.

        Raises:
            CorruptionError: it is not what :meth:`encode` writes.
        """
        try:
            fields = json.loads(text)
            outline, lines = fields.pop("outline", None), fields.pop("lines", None)
            return cls(
                outline=None if outline is None else Outline(outline),
                lines=None if lines is None else tuple(lines),
                **fields,
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise CorruptionError(f"the database holds a template that is none: {error}") from None

    def spec(self, bearer: Bearer) -> ImpressionSpec:
        """All that the impression shows.

        Raises:
            InvalidInputError: something chosen cannot be used.
        """
        profile = self._profile(bearer.kind)
        person = bearer.label if profile.person else ""
        name = self.name or (_name_seal(person) if person else bearer.company)
        if self.lines is not None:
            if len(self.lines) > MAX_LINES:
                raise InvalidInputError(
                    f"lines: expected at most {MAX_LINES}, got {len(self.lines)}", field="lines"
                )
            lines = self.lines
        else:
            lines = () if person else tuple(_lines(profile, bearer, name))
        code = self.code
        if code is None and is_code(bearer.physical_code or ""):
            code = bearer.physical_code
        return ImpressionSpec(
            profile,
            name,
            second_name=self.second_name,
            number=bearer.number if profile.number and bearer.scheme not in _NOT_TAX else None,
            lines=lines,
            code=code,
            colour=SEAL_RED if self.colour is None else Colour.parse(self.colour),
        )

    def _profile(self, kind: SealType) -> Profile:
        name = self.profile or USUAL[kind]
        if name not in PROFILES:
            raise InvalidInputError(
                f"profile: expected one of {', '.join(PROFILES)}, got {excerpt(name, 40)}",
                field="profile",
            )
        profile = PROFILES[name]
        if self.outline or self.width or self.height:
            profile = profile.resized(self.outline, *self._size(profile))
        if self.star is not None and profile.outline is not Outline.SQUARE:
            usual = profile.star or min(profile.width, profile.height) * _USUAL_STAR
            profile = replace(profile, star=usual if self.star else 0.0)
        elif self.star:
            raise InvalidInputError("star: a square seal has none", field="star")
        return profile

    def _size(self, profile: Profile) -> tuple[float, float]:
        """Width and height: one side alone keeps the proportions, or makes a square or circle."""
        even = self.outline is not None and self.outline is not Outline.OVAL
        across = profile.width / profile.height if not even else 1.0
        if self.width is not None:
            return self.width, self.height if self.height is not None else self.width / across
        if self.height is not None:
            return self.height * across, self.height
        return profile.width, profile.width / across


def _lines(profile: Profile, bearer: Bearer, name: str) -> list[str]:
    purpose = purpose_of(bearer.kind, name) if profile.purpose else None
    return [line for line in (purpose, bearer.label) if line]


def _name_seal(person: str) -> str:
    chinese = all(character >= "\u4e00" for character in person)
    return person + (_NAME_ENDINGS.get(len(person), "") if chinese else "")
