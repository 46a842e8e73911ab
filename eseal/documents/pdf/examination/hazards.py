"""What a document may hold that must not be sealed, in words a clerk understands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

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
    EXTERNAL_CONTENT = "external_content"
    ALTERNATE_IMAGE = "alternate_image"
    DYNAMIC_FORM = "dynamic_form"
    HIDDEN_FIELD = "hidden_field"
    OVERLAPPING_FIELDS = "overlapping_fields"
    FIELD_VALUE_DIFFERS = "field_value_differs"
    HIDDEN_LAYER = "hidden_layer"
    HIDDEN_ANNOTATION = "hidden_annotation"
    OVERLAY = "overlay"
    COVERED_TEXT = "covered_text"
    UNLISTED_OBJECT = "unlisted_object"
    UNREACHABLE_PAGE = "unreachable_page"
    FONT_TWICE = "font_twice"


SENTENCES: Final[dict[HazardCode, str]] = {
    HazardCode.JAVASCRIPT: "it contains a program (JavaScript) that can change what it shows",
    HazardCode.AUTOMATIC_ACTION: "it does something by itself when it is opened, printed or closed",
    HazardCode.LAUNCH_ACTION: "it can start another program",
    HazardCode.FORM_DATA_ACTION: "it can send or load form data",
    HazardCode.DISPLAY_ACTION: "it can hide or show parts of itself at a click",
    HazardCode.OTHER_FILE_ACTION: "it opens another document as if that were a part of it",
    HazardCode.MULTIMEDIA: "it contains sound, video or three-dimensional content",
    HazardCode.EMBEDDED_FILE: "another file is attached to it, which nobody sees on its pages",
    HazardCode.EXTERNAL_CONTENT: "part of what it shows lies outside the file and can change",
    HazardCode.ALTERNATE_IMAGE: "it shows other images on paper than on the screen",
    HazardCode.DYNAMIC_FORM: "it holds a dynamic form (XFA), which viewers show differently",
    HazardCode.HIDDEN_FIELD: "it contains a filled form field that is not shown",
    HazardCode.OVERLAPPING_FIELDS: "form fields lie on top of one another",
    HazardCode.FIELD_VALUE_DIFFERS: "a form field shows something else than it holds",
    HazardCode.HIDDEN_LAYER: "it has layers that are not shown, or not always",
    HazardCode.HIDDEN_ANNOTATION: "it contains a comment or stamp that is not shown",
    HazardCode.OVERLAY: "something lies on top of text and covers it",
    HazardCode.COVERED_TEXT: "a picture lies on top of text, which would come to light without it",
    HazardCode.UNLISTED_OBJECT: "it contains parts that are in the file but not in its contents "
    "table, and could appear later",
    HazardCode.UNREACHABLE_PAGE: "it contains pages that are not shown, and could appear later",
    HazardCode.FONT_TWICE: "one page shows the same font from two different sources",
}
"""The reason behind each code."""


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


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something found that must not be sealed.

    Attributes:
        code: what it is.
        where: where it was found, in a few words.
        page: from 0, if that page alone is concerned.
    """

    code: HazardCode
    where: str
    page: int | None = None

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        return f"{self.sentence} ({self.where})"
