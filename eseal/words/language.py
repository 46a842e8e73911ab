"""Which language somebody reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

MAX_HEADER_CHARS: Final = 1000
"""Of an ``Accept-Language`` header; browsers send some fifty."""
_QUALITY: Final = re.compile(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*")
"""RFC 9110 section 12.4.2."""


class Language(StrEnum):
    """The languages of the catalogue."""

    EN = "en"
    ZH = "zh"
    JA = "ja"

    @property
    def tag(self) -> str:
        """Its tag (BCP 47), for ``lang`` in a page."""
        return "zh-Hans" if self is Language.ZH else self.value

    @property
    def endonym(self) -> str:
        """What its readers call it."""
        return _ENDONYMS[self]


_OURS: Final = {language.value: language for language in Language}
_ENDONYMS: Final = {Language.EN: "English", Language.ZH: "中文", Language.JA: "日本語"}


def choose(requested: str | None, preferred: Sequence[str]) -> Language:
    """The language to speak: the one requested, else the first preferred that we have.

    Args:
        requested: what the reader chose, or ``None``; one that we do not have counts as none.
        preferred: language tags (``zh-CN``) or locale names (``zh_CN.UTF-8``), dearest first.
    """
    for tag in ((requested,) if requested else ()) + tuple(preferred):
        language = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
        if language in _OURS:
            return _OURS[language]
    return Language.EN


def of_environment(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The locale of messages as POSIX.1-2017 section 8.2 finds it: the first that is set decides.

    Args:
        environment: the variables, such as ``os.environ``.
    """
    found = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(((value,) for value in found if value), ())


def of_header(header: str | None) -> tuple[str, ...]:
    """The tags of an ``Accept-Language`` header (RFC 9110 section 12.5.4), dearest first.

    Whatever is not as the standard asks is left out: nobody is refused over it.
    """
    ranked: list[tuple[float, str]] = []
    for part in (header or "")[:MAX_HEADER_CHARS].split(","):
        tag, _, parameter = part.partition(";")
        quality = _QUALITY.fullmatch(parameter or "q=1")
        if tag.strip() and quality is not None and float(quality[1]) > 0:
            ranked.append((-float(quality[1]), tag.strip()))
    return tuple(tag for _, tag in sorted(ranked, key=lambda each: each[0]))
