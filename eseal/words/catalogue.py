"""The catalogue: what stands in the files of each language, by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eseal.words.language import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS: Final = (
    *("findings", "checks", "details", "refusals", "hazards", "seals", "notes", "report", "page"),
)
"""The files of a language; the first part of a key names one."""


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue in one language.

    A key is the section and the path in its file: ``findings.no_seal.advice``.

    Attributes:
        language: which.
    """

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text of this key, with the values in the places that it names.

        Raises:
            KeyError: there is no such text, or it names a value that was not given.
        """
        text = self.text(key)
        return text.format_map(values) if values else text

    def text(self, key: str) -> str:
        """The text of this key as it stands in the catalogue.

        Raises:
            KeyError: there is no such text.
        """
        section, _, rest = key.partition(".")
        return section_of(self.language, section)[rest]

    def find(self, key: str) -> str | None:
        """The text of this key, or ``None``: for codes that others choose."""
        section, _, rest = key.partition(".")
        return section_of(self.language, section).get(rest)


@cache
def section_of(language: Language, section: str) -> Mapping[str, str]:
    """A file of the catalogue, flat: the texts by the path that leads to them.

    Raises:
        KeyError: there is no such section.
    """
    if section not in SECTIONS:
        raise KeyError(section)
    import tomllib  # no command that says nothing of this should wait for it

    path = Path(__file__).parent / language.value / f"{section}.toml"
    return MappingProxyType(dict(_flat(tomllib.loads(path.read_text(encoding="utf-8")))))


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, str(value)
