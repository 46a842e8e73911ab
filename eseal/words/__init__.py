"""What is said to people, in every language: one catalogue for page, report and command line.

A text is found by the code of what it speaks of: a finding, a check, a refusal. English stands
beside Chinese and Japanese in files of the same keys (``en/findings.toml``, …), and the tests hold
that every code has all of its texts in all languages, with the same places for values.
"""

from __future__ import annotations

from functools import cache

from eseal.words.catalogue import SECTIONS, Words, section_of
from eseal.words.language import Language, choose, of_environment, of_header

__all__ = [
    "SECTIONS",
    "Language",
    "Words",
    "choose",
    "of_environment",
    "of_header",
    "section_of",
    "speak",
]


@cache
def speak(language: Language) -> Words:
    """The catalogue in a language."""
    return Words(language)
