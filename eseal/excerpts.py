"""What a message of ours repeats of somebody else's text: its beginning, escaped.

Whoever wrote the text may want to fill a log or to steer a terminal: so none of it goes into a
message but through here.
"""

from __future__ import annotations

from typing import Final

EXCERPT_CHARS: Final = 80
"""Of a text: enough to find it again."""
VALUE_CHARS: Final = 64
"""Of a value of unknown type, as Python writes it."""


def excerpt(text: str | bytes, most: int = EXCERPT_CHARS) -> str:
    """The beginning of a text: in quotes, with escapes for what is not printable.

    Args:
        text: as somebody wrote it.
        most: how many characters, or bytes, before they are escaped.
    """
    return repr(text[:most])


def value_excerpt(value: object, most: int = VALUE_CHARS) -> str:
    """The beginning of a value of any type, such as one out of a JSON document.

    Args:
        value: as it was read.
        most: how many characters of what Python writes for it.
    """
    return repr(value)[:most]


def printable(text: str, instead: str = "\ufffd") -> str:
    """A text with another character for each one that does not print, or without them.

    Args:
        text: as somebody wrote it.
        instead: what stands for control characters, line feeds among them, and invisible ones.
    """
    return "".join(c if c.isprintable() else instead for c in text)
