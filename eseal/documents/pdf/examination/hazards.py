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


SENTENCES: Final[dict[HazardCode, str]] = {
    HazardCode.JAVASCRIPT: "it contains a program (JavaScript) that can change what it shows",
    HazardCode.AUTOMATIC_ACTION: "it does something by itself when it is opened, printed or closed",
    HazardCode.LAUNCH_ACTION: "it can start another program",
    HazardCode.FORM_DATA_ACTION: "it can send or load form data",
    HazardCode.DISPLAY_ACTION: "it can hide or show parts of itself at a click",
    HazardCode.OTHER_FILE_ACTION: "it opens another document as if that were a part of it",
    HazardCode.MULTIMEDIA: "it contains sound, video or three-dimensional content",
    HazardCode.EMBEDDED_FILE: "another file is attached to it, which nobody sees on its pages",
    HazardCode.PORTFOLIO: "it is a folder of files, of which viewers open another one first",
    HazardCode.EXTERNAL_CONTENT: "part of what it shows lies outside the file and can change",
    HazardCode.ALTERNATE_IMAGE: "it shows other images on paper than on the screen",
    HazardCode.DYNAMIC_FORM: "it holds a dynamic form (XFA), which viewers show differently",
    HazardCode.HIDDEN_FIELD: "it contains a filled form field that is not shown",
    HazardCode.OVERLAPPING_FIELDS: "form fields lie on top of one another",
    HazardCode.FIELD_VALUE_DIFFERS: "a form field shows something else than it holds",
    HazardCode.FIELD_NOT_DRAWN: "a form field holds a value and leaves it to viewers to draw it",
    HazardCode.HIDDEN_LAYER: "it has layers that are not shown, or not always",
    HazardCode.HIDDEN_ANNOTATION: "it contains a comment or stamp that is not shown",
    HazardCode.OVERLAY: "something lies on top of text and covers it",
    HazardCode.COVERED_TEXT: "a picture lies on top of text, which would come to light without it",
    HazardCode.UNREACHABLE_PAGE: "it contains a page that is not shown",
    HazardCode.STRAY_SIGNATURE: "it holds a signature that stands in no form field",
    HazardCode.FONT_TWICE: "one page shows the same font from two different sources",
    HazardCode.UNCLEAR_CONTENTS: "its drawing breaks the rules in a way that viewers read "
    "differently",
    HazardCode.UNCLEAR_PAGE: "viewers show a page in different sizes, parts or directions",
    HazardCode.UNCLEAR_FONT: "viewers take different letters from one of its fonts",
    HazardCode.FONT_NOT_EMBEDDED: "it does not contain a font that it needs, so that every "
    "computer shows another one",
    HazardCode.UNCLEAR_IMAGE: "a picture contradicts its description, and viewers show it "
    "differently",
    HazardCode.UNCLEAR_COLOUR: "it uses colours that viewers or printers show differently",
    HazardCode.UNCLEAR_ANNOTATION: "it contains a comment, stamp or field that viewers draw "
    "differently",
    HazardCode.DAMAGED_STREAM: "a part of it is damaged, and viewers read it differently",
    HazardCode.POSTSCRIPT: "it contains a program for printers, which shows on paper only",
    HazardCode.KEY_TWICE: "it says something twice and differently about one of its parts",
}
"""The reason behind each code."""


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
        return SENTENCES[self.code]

    @property
    def remedy(self) -> Remedy:
        """What to do."""
        return REMEDIES.get(self.code, Remedy.FLATTEN)

    def __str__(self) -> str:
        return f"{self.sentence} ({self.where})"
