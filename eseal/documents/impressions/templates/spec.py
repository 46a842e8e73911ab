"""What an impression shows and how large: the templates, and what is chosen otherwise."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from eseal.documents.impressions.drawing.fonts import Language, language_of
from eseal.documents.impressions.drawing.paths import SEAL_RED, Colour, star_radius
from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt
from eseal.model.seal import SealType

MIN_SIDE: Final = 10.0
MAX_SIDE: Final = 100.0
"""Millimetres: the smallest name seals are about 10, the largest official ones about 60 wide."""
CODE_LENGTHS: Final = (13, 14)
"""Digits of a seal code: on physical seals, and on the tax offices' electronic ones."""
MAX_NUMBER_CHARS: Final = 20
MAX_NAME_CHARS: Final = 80
"""Longer names are not tried: none so long would be legible on any of the sizes."""


class Outline(StrEnum):
    """The shape of a seal."""

    ROUND = "round"
    OVAL = "oval"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class Profile:
    """A template; all lengths in millimetres.

    Where local rules differ, or are not known for sure, there is a profile for each usage.

    Attributes:
        outline: the shape.
        width: outer width.
        height: outer height.
        border: width of the line around it.
        star: width of the star from tip to tip, 0 for none.
        name_height: the largest height of the name's characters.
        line_height: the largest height of the characters on straight lines.
        line_width: the largest width of a Chinese character there.
        number: whether the company's number stands in the middle.
        purpose: whether what the seal is for is written on it.
        person: whether it is the seal of a person, whose name is the seal's label.
    """

    outline: Outline
    width: float
    height: float
    border: float
    star: float = 0.0
    name_height: float = 6.2
    line_height: float = 4.2
    line_width: float = 3.8
    number: bool = False
    purpose: bool = True
    person: bool = False

    def resized(self, outline: Outline | None, width: float, height: float) -> Profile:
        """The same in another shape or size: what is inside grows or shrinks with it.

        Raises:
            InvalidInputError: it cannot be made so.
        """
        if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
            raise InvalidInputError(
                f"size: expected {MIN_SIDE:g} to {MAX_SIDE:g} millimetres each way, "
                f"got {width:g} by {height:g}",
                field="size",
            )
        shape = outline or self.outline
        if shape is not Outline.OVAL and not math.isclose(width, height):
            raise InvalidInputError(
                f"size: a {shape} seal is as wide as high, got {width:g} by {height:g}; "
                "an oval one may differ",
                field="size",
            )
        scale = min(width / self.width, height / self.height)
        return replace(
            self,
            outline=shape,
            width=width,
            height=height,
            star=self.star * scale if shape is not Outline.SQUARE else 0.0,
            name_height=self.name_height * scale,
            line_height=self.line_height * scale,
            line_width=self.line_width * scale,
        )


def _round(diameter: float, border: float, star: float, *, purpose: bool = True) -> Profile:
    scale = diameter / 40
    return Profile(
        Outline.ROUND,
        diameter,
        diameter,
        border,
        star,
        name_height=6.2 * scale,
        line_height=4.2 * scale,
        line_width=3.7 * scale,
        purpose=purpose,
    )


def _square(side: float, border: float, *, person: bool = False) -> Profile:
    return Profile(Outline.SQUARE, side, side, border, name_height=side, person=person)


PROFILES: Final = {
    "official-40": _round(40, 1.2, 14 * 40 / 42, purpose=False),
    "official-42": _round(42, 1.2, 14, purpose=False),
    "department-38": _round(38, 1.0, 0),
    "department-40": _round(40, 1.0, 0),
    "foreign-invested": Profile(
        Outline.OVAL, 45, 30, 1.2, name_height=4.8, line_height=3.6, purpose=False
    ),
    "contract-38": _round(38, 1.0, 9.5),
    "contract-42": _round(42, 1.0, 10.5),
    "contract-58": _round(58, 1.2, 14.5),
    "invoice": Profile(
        Outline.OVAL, 40, 30, 1.0, name_height=4.2, line_height=4.6, line_width=3.0, number=True
    ),
    "finance-25": _square(25, 1.0),
    "finance-22": _square(22, 0.9),
    "finance-20": _square(20, 0.9),
    "finance-round-38": _round(38, 1.0, 9.5),
    "name-20": _square(20, 0.9, person=True),
    "name-18": _square(18, 0.8, person=True),
    "personnel-38": _round(38, 1.0, 9.5),
    "customs-oval": Profile(
        Outline.OVAL, 50, 36, 1.2, name_height=5.4, line_height=5.0, line_width=4.2
    ),
    "customs-round-40": _round(40, 1.0, 10),
}
"""The templates by name (FACTS: sizes of Chinese seals; local rules differ)."""

USUAL: Final = {
    SealType.OFFICIAL: "official-40",
    SealType.CONTRACT: "contract-38",
    SealType.FINANCE: "finance-25",
    SealType.INVOICE: "invoice",
    SealType.LEGAL_REPRESENTATIVE: "name-20",
    SealType.PERSONNEL: "personnel-38",
    SealType.CUSTOMS: "customs-oval",
    SealType.OTHER: "department-40",
}
"""The template of each type of seal unless another is chosen."""

_PURPOSES: Final = {
    Language.CHINESE: {
        SealType.CONTRACT: "合同专用章",
        SealType.FINANCE: "财务专用章",
        SealType.INVOICE: "发票专用章",
        SealType.LEGAL_REPRESENTATIVE: "法定代表人章",
        SealType.PERSONNEL: "人事专用章",
        SealType.CUSTOMS: "报关专用章",
    },
    Language.JAPANESE: {
        SealType.CONTRACT: "契約専用印",
        SealType.FINANCE: "財務専用印",
        SealType.INVOICE: "請求専用印",
        SealType.LEGAL_REPRESENTATIVE: "代表取締役之印",
        SealType.PERSONNEL: "人事専用印",
        SealType.CUSTOMS: "通関専用印",
    },
    Language.LATIN: {
        SealType.CONTRACT: "CONTRACTS",
        SealType.FINANCE: "FINANCE",
        SealType.INVOICE: "INVOICES",
        SealType.LEGAL_REPRESENTATIVE: "LEGAL REPRESENTATIVE",
        SealType.PERSONNEL: "PERSONNEL",
        SealType.CUSTOMS: "CUSTOMS",
    },
}


@dataclass(frozen=True, slots=True)
class ImpressionSpec:
    """All that an impression made from a template shows.

    Attributes:
        profile: shape and sizes.
        name: the company's name, or a person's.
        second_name: a second line of the name, e.g. in another language, or ``None``.
        number: what stands in the middle, e.g. the tax number, or ``None``.
        lines: straight lines below the middle: the purpose, the label.
        code: the seal code on the lower arc, 13 or 14 digits, or ``None``.
        colour: of everything; the ground is transparent.
    """

    profile: Profile
    name: str
    second_name: str | None = None
    number: str | None = None
    lines: tuple[str, ...] = ()
    code: str | None = None
    colour: Colour = SEAL_RED

    def __post_init__(self) -> None:
        """Check the texts.

        Raises:
            InvalidInputError: one cannot be drawn: an empty name, a code that is none, ….
        """
        for name in ("name", "second_name", "number", "code"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else _plain(value, name))
        object.__setattr__(self, "lines", tuple(_plain(line, "line") for line in self.lines))
        if self.code is not None and not is_code(self.code):
            raise InvalidInputError(
                f"code: expected 13 or 14 digits, got {excerpt(self.code, 40)}", field="code"
            )
        if self.number is not None and len(self.number) > MAX_NUMBER_CHARS:
            raise InvalidInputError(
                f"number: expected at most {MAX_NUMBER_CHARS} characters, got {len(self.number)}",
                field="number",
            )
        if star_radius(self.profile.star) > min(self.profile.width, self.profile.height) / 4:
            raise InvalidInputError(
                f"star: expected at most half the seal's width, got {self.profile.star:g} mm",
                field="star",
            )

    @property
    def language(self) -> Language:
        """What the name is written in."""
        return language_of(self.name)


def purpose_of(kind: SealType, name: str) -> str | None:
    """What a seal of this type has written on it, in the language of the name; ``None``: nothing.

    Args:
        kind: the seal's type.
        name: the company's name.
    """
    return _PURPOSES[language_of(name)].get(kind)


def is_code(text: str) -> bool:
    """Whether this is a seal code: 13 or 14 digits."""
    return len(text) in CODE_LENGTHS and text.isascii() and text.isdigit()


def _plain(text: str, field_name: str) -> str:
    """The text as it is drawn, character by character.

    Raises:
        InvalidInputError: it is empty, too long, or holds a character that is not drawn alone.
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(composed) <= MAX_NAME_CHARS:
        raise InvalidInputError(
            f"{field_name}: expected 1 to {MAX_NAME_CHARS} characters, got {len(composed)}",
            field=field_name,
        )
    for character in composed:
        joins = unicodedata.category(character)[0] in "MC"
        if joins or unicodedata.bidirectional(character) in {"R", "AL", "AN"}:
            raise InvalidInputError(
                f"{field_name}: an impression cannot show {character!r} "
                f"(U+{ord(character):04X}): expected characters that stand alone, from left to "
                "right, as in Latin, Chinese and Japanese; upload the impression as an image",
                field=field_name,
            )
    return composed
