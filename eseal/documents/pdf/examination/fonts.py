"""Fonts under one name from two sources on one page.

The font variant of the shadow attacks replaces a font after signing, which the comparison of
revisions catches. What can be told before sealing is a page prepared for it: the same subset of
the same font, tag and all, from two different programs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.page_tree import PageTree
from eseal.documents.pdf.structure import Structure, kind
from eseal.documents.pdf.syntax import Ref

_FILES: Final = ("FontFile", "FontFile2", "FontFile3")
_TAGGED: Final = re.compile(r"[A-Z]{6}\+.")


def find(structure: Structure, tree: PageTree) -> Iterator[Hazard]:
    """Pages on which one tagged name stands for two font programs."""
    doubtful = _doubtful(structure)
    if not doubtful:
        return
    judged: dict[int, set[str]] = {}
    for index, page in enumerate(tree.pages):
        fonts = structure.dictionary(_fonts(structure, page))
        if id(fonts) not in judged:  # pages share them
            judged[id(fonts)] = {*_twice(structure, fonts, doubtful)}
        for name in sorted(judged[id(fonts)]):
            yield Hazard(HazardCode.FONT_TWICE, f"{name[:64]}, page {index + 1}", index)


def _twice(structure: Structure, fonts: dict[str, Any], doubtful: set[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for font in fonts.values():
        for name, program in _programs(structure, structure.dictionary(font)):
            if name in doubtful and seen.setdefault(name, program) != program:
                yield name


def _doubtful(structure: Structure) -> set[str]:
    """Tagged names that stand for several programs anywhere in the file."""
    programs: dict[str, set[int]] = defaultdict(set)
    for _, value in structure.naming([*_FILES]):
        if isinstance(value, dict):
            for name, program in _programs(structure, {"FontDescriptor": value}):
                programs[name].add(program)
    return {name for name, found in programs.items() if len(found) > 1 and _TAGGED.match(name)}


def _fonts(structure: Structure, page: Ref) -> Any:
    """The page's fonts; resources may be inherited (section 7.7.3.4)."""
    resources = structure.inherited(structure.dictionary(page), "Resources")
    return structure.entry(resources, "Font")


def _programs(structure: Structure, font: dict[str, Any]) -> Iterator[tuple[str, int]]:
    descendants = [
        structure.dictionary(item) for item in structure.array(font.get("DescendantFonts"))
    ]
    for each in [font, *descendants]:
        descriptor = structure.dictionary(each.get("FontDescriptor"))
        for key in _FILES:
            if isinstance(descriptor.get(key), Ref):
                yield kind(descriptor, "FontName"), descriptor[key].number
