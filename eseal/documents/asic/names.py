"""Names of files in a container: those that mean the same file on every machine."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME_BYTES: Final = 512
"""Of a whole name in UTF-8; a single part of it may have the 255 bytes of a file system."""
_MAX_PART_BYTES: Final = 255
_MAX_PARTS: Final = 32
"""Folders within folders, and the file."""
_FORBIDDEN: Final = frozenset('\\:*?"<>|')
"""What Windows cannot store, or takes for a drive or a folder."""
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever suffix follows."""
_SHORT: Final = re.compile(r"[^.]{1,6}~[0-9]{1,5}(?:\.[^.]{0,3})?")
"""What Windows may take for the short form of another file's name."""
_VERSION: Final = re.compile(r".*;[0-9]*")
"""What Info-ZIP's unzip takes for a file with its version under VMS: it leaves that out."""
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Default ignorable code points that Python calls printable: two names could look alike."""
_IDEOGRAPHIC_SPACE: Final = "\u3000"
"""The one wide space that ordinary Japanese and Chinese file names hold."""


def check_name(name: str) -> str:
    """A file's name, as it is.

    Raises:
        InvalidFormatError: it is absolute, leads out of the container, is not in normal form (NFC),
            or could not be the name of a file everywhere.
    """
    parts = name.split("/")
    if (
        len(parts) > _MAX_PARTS
        or not all(map(_is_plain, parts))
        or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES
        or not name.replace(_IDEOGRAPHIC_SPACE, "").isprintable()
        or not _FORBIDDEN.isdisjoint(name)
        or _INVISIBLE.search(name)
        or not unicodedata.is_normalized("NFC", name)
    ):
        raise InvalidFormatError(
            "container: expected file names that are relative, stay inside and can be stored "
            f"everywhere, got {excerpt(name)}",
            field="file",
        )
    return name


def _is_plain(part: str) -> bool:
    return (
        part not in {"", ".", ".."}
        and not part.endswith((" ", ".", _IDEOGRAPHIC_SPACE))
        and len(part.encode("utf-8", "replace")) <= _MAX_PART_BYTES
        and _DEVICE.fullmatch(part) is None
        and _SHORT.fullmatch(part) is None
        and _VERSION.fullmatch(part) is None
    )


def folded(name: str) -> str:
    """A form that two names share if any file system could take one for the other.

    Case, accents and compatibility forms do not count (Unicode 15 section 3.13, and upper case
    beside: some file systems compare by it).
    """
    plain = unicodedata.normalize("NFKC", name).upper().casefold()
    return unicodedata.normalize("NFKC", plain)


def check_distinct(names: Iterable[str]) -> None:
    """Check that no two names can stand for one file, and no file for another one's folder.

    Raises:
        InvalidFormatError: two do: on some machine one would replace the other.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        key = folded(name)
        if key in seen:
            raise InvalidFormatError(
                f"container: two files have one name, {excerpt(seen[key])} and {excerpt(name)}",
                field="file",
            )
        seen[key] = name
        parts = key.split("/")
        folders |= {"/".join(parts[:count]): name for count in range(1, len(parts))}
    for folder, name in folders.items():
        if folder in seen:
            raise InvalidFormatError(
                f"container: {excerpt(seen[folder])} is a file, and the folder of {excerpt(name)}",
                field="file",
            )


def to_uri(name: str) -> str:
    """A name as the relative URI a manifest holds (RFC 3986): UTF-8, percent-encoded."""
    return quote(name, safe="/")


def from_uri(uri: str) -> str:
    """The name a manifest's URI stands for.

    Raises:
        InvalidFormatError: it is not the URI of a file in a container.
    """
    try:
        return check_name(unquote_to_bytes(uri).decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidFormatError(f"manifest: expected a URI in UTF-8, got {excerpt(uri)}") from None
