"""Fonts under one name from two sources on one page.

The font variant of the shadow attacks (Mainka, Mladenov, Rohlmann: NDSS 2021) replaces a font after
signing, which nothing behind a seal can do any more. What can be told before sealing is a page
prepared for it: the same subset of the same font, tag and all, from two different programs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.graph import Graph, is_reference, kind
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode

_FILES: Final = ("/FontFile", "/FontFile2", "/FontFile3")
_TAGGED: Final = re.compile(r"[A-Z]{6}\+.")


def find(graph: Graph) -> Iterator[Hazard]:
    """Pages on which one tagged name stands for two font programs."""
    doubtful = _doubtful(graph)
    if not doubtful:
        return
    judged: dict[int, tuple[dict[str, Any], set[str]]] = {}
    for index, page in enumerate(graph.pages):
        fonts = graph.dictionary(graph.entry(page, "/Resources", "/Font"))
        if id(fonts) not in judged:  # pages share them
            judged[id(fonts)] = fonts, {*_twice(graph, fonts, doubtful)}
        for name in sorted(judged[id(fonts)][1]):
            yield Hazard(HazardCode.FONT_TWICE, f"{name[:64]}, page {index + 1}", index)


def _twice(graph: Graph, fonts: dict[str, Any], doubtful: set[str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for font in fonts.values():
        for name, program in _programs(graph, graph.dictionary(font)):
            if name in doubtful and seen.setdefault(name, program) != program:
                yield name


def _doubtful(graph: Graph) -> set[str]:
    """Tagged names that stand for several programs anywhere in the file."""
    programs: dict[str, set[str]] = defaultdict(set)
    for found in graph.found:
        for name, program in _embedded(found.entries):
            programs[name].add(program)
    return {name for name, found in programs.items() if len(found) > 1 and _TAGGED.match(name)}


def _programs(graph: Graph, font: dict[str, Any]) -> Iterator[tuple[str, str]]:
    descendants = [graph.dictionary(item) for item in graph.array(font.get("/DescendantFonts"))]
    for each in [font, *descendants]:
        yield from _embedded(graph.dictionary(each.get("/FontDescriptor")))


def _embedded(descriptor: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _FILES:
        if is_reference(descriptor.get(key)):
            yield kind(descriptor, "/FontName"), descriptor[key]
