"""Names of files in a container: those that mean the same file on every machine."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from eseal.errors import InvalidFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME_BYTES: Final = 512
"""Of a whole name in UTF-8; a single part of it may have the 255 bytes of a file system."""
_MAX_PART_BYTES: Final = 255
_FORBIDDEN: Final = frozenset('\\:*?"<>|')
"""What Windows cannot store, or takes for a drive or a folder."""
_URI: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-Fa-f]{2})+")
"""A relative reference without query and fragment (RFC 3986 section 4.2), no colon in it."""
_SHOWN_CHARS: Final = 80


def check_name(name: str) -> str:
    """A file's name, as it is.

    Raises:
        InvalidFormatError: it is absolute, leads out of the container, or could not be the name of
            a file everywhere.
    """
    parts = name.split("/")
    if (
        not name
        or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES
        or any(part in {"", ".", ".."} or part.endswith((" ", ".")) for part in parts)
        or any(len(part.encode("utf-8", "replace")) > _MAX_PART_BYTES for part in parts)
        or not name.isprintable()
        or not _FORBIDDEN.isdisjoint(name)
    ):
        raise InvalidFormatError(
            "container: expected file names that are relative, stay inside and can be stored "
            f"everywhere, got {name[:_SHOWN_CHARS]!r}",
            field="file",
        )
    return name


def check_distinct(names: Iterable[str]) -> None:
    """Check that no two names can stand for one file, and no file for another one's folder.

    Case and the form of accents do not count: on many machines one file would replace the other.

    Raises:
        InvalidFormatError: two do.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise InvalidFormatError(
                f"container: two files have one name, {seen[folded][:_SHOWN_CHARS]!r} and "
                f"{name[:_SHOWN_CHARS]!r}",
                field="file",
            )
        seen[folded] = name
        parts = folded.split("/")
        folders |= {"/".join(parts[:count]): name for count in range(1, len(parts))}
    for folder, name in folders.items():
        if folder in seen:
            raise InvalidFormatError(
                f"container: {seen[folder][:_SHOWN_CHARS]!r} is a file, and the folder of "
                f"{name[:_SHOWN_CHARS]!r}",
                field="file",
            )


def to_uri(name: str) -> str:
    """A name as the relative URI a manifest holds (RFC 3986): UTF-8, percent-encoded."""
    return quote(name, safe="/")


def from_uri(uri: str) -> str:
    """The name a manifest's URI stands for.

    Raises:
        InvalidFormatError: it is no relative reference to a file in the container.
    """
    if not _URI.fullmatch(uri):
        raise InvalidFormatError(
            f"manifest: expected a relative URI of a file, got {uri[:_SHOWN_CHARS]!r}"
        )
    try:
        return check_name(unquote_to_bytes(uri).decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidFormatError(
            f"manifest: expected a URI in UTF-8, got {uri[:_SHOWN_CHARS]!r}"
        ) from None
