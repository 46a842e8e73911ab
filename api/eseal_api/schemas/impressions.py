"""What a seal looks like, in and out."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from eseal.documents.impressions.templates.choice import MAX_LINES, Choice
from eseal.documents.impressions.templates.spec import MAX_NAME_CHARS, MAX_SIDE, MIN_SIDE, Outline
from eseal.model.seal import Seal
from eseal.service.seals.impressions import Impression
from eseal_api.schemas.common import Answer, Hash, Id
from eseal_api.schemas.reading import Asked, File, expected

_Side = Annotated[float, Field(ge=MIN_SIDE, le=MAX_SIDE, description="Millimetres.")]
_Text = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]


class ArtForm(Asked):
    """An image of a seal."""

    file: Annotated[File, Field(description="A PNG or SVG.")]
    width: Annotated[
        float,
        Field(
            strict=False,
            allow_inf_nan=False,
            description="How wide the art is without white margin, millimetres.",
            examples=["40"],
        ),
        expected("millimetres"),
    ]


class ImpressionIn(Asked):
    """What is chosen about a seal's template; an empty object is the usual one of its type."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"profile": "contract-42", "colour": "#d71920"}, {}]},
    )

    profile: Annotated[
        str | None, Field(max_length=40, description="A template by name.", examples=["invoice"])
    ] = None
    outline: Literal["round", "oval", "square"] | None = None
    width: _Side | None = None
    height: _Side | None = None
    colour: Annotated[
        str | None, Field(max_length=20, description="#rrggbb, or the name of an ink.")
    ] = None
    star: bool | None = None
    name: Annotated[_Text | None, Field(description="Instead of the company's name.")] = None
    second_name: Annotated[_Text | None, Field(description="A second line of the name.")] = None
    lines: Annotated[
        list[_Text] | None,
        Field(max_length=MAX_LINES, description="Instead of purpose and label; may be empty."),
    ] = None
    code: Annotated[
        str | None, Field(pattern="^([0-9]{13}|[0-9]{14})$", description="Seal code.")
    ] = None

    def choice(self) -> Choice:
        """What the use case takes."""
        return Choice(
            profile=self.profile,
            outline=None if self.outline is None else Outline(self.outline),
            width=self.width,
            height=self.height,
            colour=self.colour,
            star=self.star,
            name=self.name,
            second_name=self.second_name,
            lines=None if self.lines is None else tuple(self.lines),
            code=self.code,
        )


class ImpressionOut(Answer):
    """What a seal looks like."""

    id: Annotated[Id, Field(description="The seal's id.")]
    source: Literal["template", "upload"]
    profile: Annotated[str | None, Field(description="The template; null of an upload.")]
    media_type: Annotated[str | None, Field(description="Of an upload.")]
    width: Annotated[float, Field(description="Millimetres.")]
    height: Annotated[float, Field(description="Millimetres.")]
    hash: Annotated[
        Hash, Field(description="SHA-256 of the stored upload, or of the template's SVG.")
    ]

    @classmethod
    def of(cls, seal: Seal, impression: Impression) -> Self:
        """The form of this seal's impression."""
        return cls(
            id=seal.id,
            source="template" if impression.upload is None else "upload",
            profile=impression.profile,
            media_type=impression.media_type,
            width=round(impression.drawing.width, 3),
            height=round(impression.drawing.height, 3),
            hash=impression.hash.hex(),
        )
