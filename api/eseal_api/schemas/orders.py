"""What is asked for when a seal is applied: of digests, as JSON; of documents, by forms."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    GetPydanticSchema,
    Json,
    ValidationError,
    WrapValidator,
    model_validator,
)

from eseal.documents.media import is_pdf
from eseal.documents.pdf import SealingMode
from eseal.errors import InvalidFormatError, InvalidInputError, UnsupportedDocumentError
from eseal.model.level import Level
from eseal.model.statement import (
    DIGEST_ALGORITHM,
    MAX_MEDIA_TYPE_CHARS,
    MAX_PURPOSE_CHARS,
    MEDIA_TYPE,
    check_media_type,
    check_purpose,
)
from eseal.service.sealing.applying import DigestOrder
from eseal.service.sealing.orders import DocumentOrder
from eseal_api.schemas.common import EXAMPLE_HASH, Digest
from eseal_api.schemas.placements import BoxIn, PartyIn, PlacementIn
from eseal_api.schemas.reading import (
    LEFT_OUT,
    Asked,
    File,
    LeftOut,
    called,
    expected,
    fault_of,
    from_json,
)

if TYPE_CHECKING:
    from pydantic import ValidationInfo, ValidatorFunctionWrapHandler

EXAMPLE_USE: dict[str, Any] = {
    "digest": {"alg": DIGEST_ALGORITHM, "value": EXAMPLE_HASH},
    "media_type": "application/pdf",
    "purpose": "supply contract 2026-117",
}
EXAMPLE_PLACEMENT = '{"keyword": {"text": "Seal:"}, "cross_page": {"pages": "all"}}'
EXAMPLE_BOX = '{"page": 1, "x": 120, "y": 20, "width": 60, "height": 20}'
EXAMPLE_PARTIES = '[{"label": "Buyer", "at": {"page": -1, "x": 120, "y": 40}}]'


def _level(name: object) -> object:
    return Level.parse(name) if isinstance(name, str) else name


def _truth(text: object) -> object:
    return {"true": True, "false": False}.get(text, text) if isinstance(text, str) else text


Purpose = Annotated[
    str,
    AfterValidator(check_purpose),
    Field(
        description="What the seal is used for: one line that reads as it is written.",
        json_schema_extra={"maxLength": MAX_PURPOSE_CHARS},
    ),
]
LevelName = Annotated[
    Level,
    BeforeValidator(_level),
    Field(description="Of the signature (ETSI EN 319 142-1, 319 122-1); default: as set."),
]
Wait = Annotated[
    Literal["anchored"],
    Field(
        description="Answer once the ledger holds the use, with the proof of that inside; usually "
        "seconds. 503 anchor_due if it takes too long: the use is on record then, and its document "
        "can be fetched."
    ),
]
Files = Annotated[
    list[Annotated[File, called("file")]],
    FailFast(),
    Field(min_length=1, description="The documents: one part named `file` for each."),
]
Flag = Annotated[bool, BeforeValidator(_truth), expected("true or false")]


class UseIn(Asked):
    """A use of a seal on a document that stays where it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_USE]})

    digest: Digest
    media_type: Annotated[
        str,
        AfterValidator(check_media_type),
        Field(
            description="Of the document, in lower case without parameters.",
            json_schema_extra={
                "maxLength": MAX_MEDIA_TYPE_CHARS,
                "pattern": f"^{MEDIA_TYPE.pattern}$",
            },
        ),
    ] = "application/octet-stream"
    purpose: Purpose | None = None
    level: LevelName | None = None

    def order(self) -> DigestOrder:
        """What the use case takes."""
        return DigestOrder(self.digest.decoded(), self.media_type, self.purpose, self.level)


class SingleUseIn(UseIn):
    """The same, asked for alone."""

    wait: Wait | None = None


def _order(value: object, inner: ValidatorFunctionWrapHandler) -> DigestOrder | InvalidInputError:
    try:
        order: DigestOrder = inner(value).order()
    except ValidationError as error:
        return fault_of(error, members=UseIn.model_fields)
    return order


def _at_most(uses: object, info: ValidationInfo) -> object:
    """The most there may be is a setting: the context of the reading."""
    most = info.context
    if not isinstance(most, int):
        raise TypeError("a batch is read with the most uses there may be")  # our own mistake
    if not isinstance(uses, list) or not 1 <= len(uses) <= most:
        got = f"{len(uses)}" if isinstance(uses, list) else type(uses).__name__
        raise InvalidInputError(f"uses: expected a list of 1 to {most}, got {got}", field="uses")
    return uses


OrderOrFault = Annotated[
    DigestOrder | InvalidInputError,
    GetPydanticSchema(lambda _, handler: handler(Annotated[UseIn, WrapValidator(_order)])),
]
"""A :class:`UseIn` as an order, or what is wrong with it: a bad one does not stop the others."""


class BatchIn(Asked):
    """Many uses of one seal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"uses": [EXAMPLE_USE]}]})

    uses: Annotated[list[OrderOrFault], Field(min_length=1), BeforeValidator(_at_most)]


_Box = Annotated[BoxIn, BeforeValidator(from_json, json_schema_input_type=Json[BoxIn])]
_Placement = Annotated[
    PlacementIn, BeforeValidator(from_json, json_schema_input_type=Json[PlacementIn])
]
_Parties = Annotated[
    list[Annotated[PartyIn, called("parties")]],
    FailFast(),
    BeforeValidator(from_json, json_schema_input_type=Json[list[PartyIn]]),
]


class DocumentFields(Asked):
    """How a document is to be sealed: the fields beside it."""

    purpose: LeftOut[Purpose] = LEFT_OUT
    visible: Annotated[
        LeftOut[_Box],
        Field(
            description="Where a PDF shows the seal: JSON {page, x, y, width, height}, page from 1 "
            "(-1 is the last), millimetres from the left and bottom edge.",
            examples=[EXAMPLE_BOX],
        ),
    ] = LEFT_OUT
    placement: Annotated[
        LeftOut[_Placement],
        Field(description=cleandoc(PlacementIn.__doc__ or ""), examples=[EXAMPLE_PLACEMENT]),
    ] = LEFT_OUT
    level: LeftOut[LevelName] = LEFT_OUT
    flatten: Annotated[
        Flag, Field(description="Seal a flattened copy: what the PDF shows, and nothing else.")
    ] = False
    lock: Annotated[
        Flag, Field(description="This is the last of several seals; no more may follow.")
    ] = False
    parties: Annotated[
        _Parties,
        Field(
            description="Places for those who seal later: JSON list of {label, at | keyword | "
            "invisible, width?, height?}: `at` and `keyword` as in `placement`, `invisible` true "
            "for a seal that will not show; without any of them the place is beside the party's "
            "name. Width and height in millimetres.",
            examples=[EXAMPLE_PARTIES],
        ),
    ] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _one_place(cls, fields: dict[str, Any]) -> dict[str, Any]:
        if "visible" in fields and "placement" in fields:
            raise InvalidFormatError(
                "placement: expected either placement or visible, got both", field="placement"
            )
        return fields

    def check_kind(self, data: bytes, name: str) -> None:
        """Refuse to seal another file as only a PDF can be sealed, instead of ignoring that.

        Args:
            data: the file.
            name: what its sender calls it.

        Raises:
            UnsupportedDocumentError: something was asked for that is for PDFs, and this is none.
        """
        if is_pdf(data) or name.lower().endswith(".pdf"):
            return
        if any((self.visible, self.placement, self.flatten, self.lock, self.parties)):
            raise UnsupportedDocumentError(
                "file: expected a PDF, got another kind of file: visible, placement, flatten, "
                "lock, parties are for PDFs. Without them its seal is made as a signature beside "
                "it (.p7s)",
                field="file",
            )

    def order(self, *, anchored: bool = False) -> DocumentOrder:
        """What the use case takes."""
        visible = None if self.visible is None else self.visible.box()
        return DocumentOrder(
            purpose=self.purpose,
            level=self.level,
            visible=visible if self.placement is None else self.placement.placing(),
            mode=SealingMode(
                flatten=self.flatten,
                lock=self.lock,
                parties=tuple(party.place() for party in self.parties),
            ),
            anchored=anchored,
        )


class DocumentForm(DocumentFields):
    """A document to be sealed."""

    file: Annotated[File, Field(description="The document.")]
    wait: LeftOut[Wait] = LEFT_OUT


class DocumentsForm(DocumentFields):
    """Documents to be sealed, each for itself."""

    file: Files


class ContainerForm(Asked):
    """Files to be sealed as one."""

    file: Files
    purpose: LeftOut[Purpose] = LEFT_OUT
    level: LeftOut[LevelName] = LEFT_OUT
    wait: LeftOut[Wait] = LEFT_OUT


def as_written(texts: Mapping[str, str]) -> list[str | None]:
    """How a document is to be sealed, as its form says it: the same request gives the same list."""
    return [texts.get(name) for name in DocumentFields.model_fields]
