"""What a document may hold that must not be sealed, in words a clerk understands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from eseal.words import Language, section_of

if TYPE_CHECKING:
    from eseal.config import Settings


class HazardCode(StrEnum):
    """The reasons for a refusal. A code never changes its meaning."""

    JAVASCRIPT = "javascript"
    AUTOMATIC_ACTION = "automatic_action"
    LAUNCH_ACTION = "launch_action"
    FORM_DATA_ACTION = "form_data_action"
    DISPLAY_ACTION = "display_action"
    OTHER_FILE_ACTION = "other_file_action"
    MULTIMEDIA = "multimedia"
    EMBEDDED_FILE = "embedded_file"
    PORTFOLIO = "portfolio"
    EXTERNAL_CONTENT = "external_content"
    ALTERNATE_IMAGE = "alternate_image"
    DYNAMIC_FORM = "dynamic_form"
    HIDDEN_FIELD = "hidden_field"
    OVERLAPPING_FIELDS = "overlapping_fields"
    FIELD_VALUE_DIFFERS = "field_value_differs"
    FIELD_NOT_DRAWN = "field_not_drawn"
    HIDDEN_LAYER = "hidden_layer"
    HIDDEN_ANNOTATION = "hidden_annotation"
    OVERLAY = "overlay"
    COVERED_TEXT = "covered_text"
    UNREACHABLE_PAGE = "unreachable_page"
    STRAY_SIGNATURE = "stray_signature"
    FONT_TWICE = "font_twice"
    UNCLEAR_CONTENTS = "unclear_contents"
    UNCLEAR_PAGE = "unclear_page"
    UNCLEAR_FONT = "unclear_font"
    FONT_NOT_EMBEDDED = "font_not_embedded"
    UNCLEAR_IMAGE = "unclear_image"
    UNCLEAR_COLOUR = "unclear_colour"
    UNCLEAR_ANNOTATION = "unclear_annotation"
    DAMAGED_STREAM = "damaged_stream"
    POSTSCRIPT = "postscript"
    KEY_TWICE = "key_twice"


def _clause(code: HazardCode) -> str:
    """What the catalogue says of a code, as a part of a sentence."""
    sentence = section_of(Language.EN, "hazards")[f"{code}.sentence"]
    return sentence[0].lower() + sentence[1:].removesuffix(".")


CLAUSES: Final[dict[HazardCode, str]] = {code: _clause(code) for code in HazardCode}
"""The reason behind each code. Read here and now: a confined process opens no files."""


class Remedy(StrEnum):
    """What somebody can do whose document is refused."""

    FLATTEN = "seal a flattened copy (--flatten; flatten=true)"
    ASK_FOR_ALL = "ask its author for a copy that holds everything it shows"
    PRINT = "open it in the program it was made with and print it to a PDF"
    ATTACHMENTS = (
        "seal a flattened copy (--flatten; flatten=true), seal it with its files as a container "
        "(.asice), or have the operator allow attachments (ESEAL_ALLOW_EMBEDDED_FILES=true)"
    )
    COVERED = (
        "seal a flattened copy (--flatten; flatten=true), or have the operator allow text under "
        "pictures (ESEAL_ALLOW_COVERED_TEXT=true)"
    )


REMEDIES: Final[dict[HazardCode, Remedy]] = {
    HazardCode.EXTERNAL_CONTENT: Remedy.ASK_FOR_ALL,
    HazardCode.DYNAMIC_FORM: Remedy.PRINT,
    HazardCode.EMBEDDED_FILE: Remedy.ATTACHMENTS,
    HazardCode.PORTFOLIO: Remedy.ATTACHMENTS,
    HazardCode.COVERED_TEXT: Remedy.COVERED,
}
"""Where it is not flattening."""


@dataclass(frozen=True, slots=True)
class ContentPolicy:
    """What may be sealed although there can be a reason not to.

    Attributes:
        embedded_files: documents with attachments.
        covered_text: documents with pictures over text, as some scanners make.
    """

    embedded_files: bool = False
    covered_text: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the operator has chosen."""
        return cls(settings.allow_embedded_files, settings.allow_covered_text)


STRICT: Final = ContentPolicy()
"""Nothing of it."""
SEALED: Final = ContentPolicy(embedded_files=True, covered_text=True)
"""Of a sealed document: whether these may be sealed was for the one who sealed."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something found that must not be sealed. Plain: :func:`dataclasses.astuple` is JSON.

    Attributes:
        code: what it is.
        where: the thing, and its page from 1 where it has one: "link, page 3".
        page: from 0, if that page alone is concerned.
    """

    code: HazardCode
    where: str
    page: int | None = None

    @classmethod
    def of(cls, code: str, where: str, page: int | None) -> Self:
        """What stood in a tuple that came from another process.

        Raises:
            ValueError: no such code.
        """
        return cls(HazardCode(code), where, page)

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return CLAUSES[self.code]

    @property
    def remedy(self) -> Remedy:
        """What to do."""
        return REMEDIES.get(self.code, Remedy.FLATTEN)

    def __str__(self) -> str:
        return f"{self.sentence} ({self.where})"
