"""Text that people read beside a seal: names, purposes, labels."""

from __future__ import annotations

import unicodedata

from eseal.errors import InvalidFormatError

_JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiner: ordinary spelling in Persian and the Indic scripts (UTS 39, 3.1.1.1)."""
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Controls, invisible format characters (bidi overrides among them: UTS 39 and UAX 9), private use,
lone surrogates, line and paragraph separators: each can make a name read as another one."""


def check_text(text: str, *, field: str, max_chars: int) -> str:
    """Return ``text`` if it reads as it is written: one line, nothing invisible in it.

    Args:
        text: any string.
        field: what to call it in the error.
        max_chars: the largest length, in code points.

    Raises:
        InvalidFormatError: it is blank, too long, or holds a control character, a bidi override or
            another invisible character, a private-use character or a lone surrogate.
    """
    if not 0 < len(text) <= max_chars or text.isspace():
        raise InvalidFormatError(
            f"{field}: expected 1 to {max_chars} characters, not all blank, got {len(text)}",
            field=field,
        )
    if text.isascii() and text.isprintable():
        return text
    for position, character in enumerate(text):
        if character not in _JOINERS and unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise InvalidFormatError(
                f"{field}: expected printable text, got the control, invisible or private "
                f"character U+{ord(character):04X} at position {position}",
                field=field,
            )
    return text
