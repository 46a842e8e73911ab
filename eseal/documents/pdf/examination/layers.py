"""Layers (optional content, ISO 32000-1 section 8.11) that are not shown, or not always."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eseal.documents.pdf.examination.graph import Graph, is_string, kind, text
from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.excerpts import excerpt

_ON: Final = "/ON"
_VIEW: Final = "/View"
_STATES: Final = {"/View": "/ViewState", "/Print": "/PrintState", "/Export": "/ExportState"}
"""Occasions for which a layer says whether it shows. Others depend on who looks, and how near."""


def find(graph: Graph) -> Iterator[Hazard]:
    """Layers off by default, in another configuration, or by the occasion; or in no plain state.

    What is no name at all (``(OFF)``), one reader takes for a name, and others do not.

    A layer that is on everywhere passes: a reader who switches it off in his viewer knows it.
    """
    properties = graph.dictionary(graph.catalog.get("/OCProperties"))
    configurations = [properties.get("/D"), *graph.array(properties.get("/Configs"))]
    for position, item in enumerate(configurations if properties else ()):
        entries = graph.dictionary(item)
        where = f"configuration {position} of its layers"
        if (
            graph.resolve(entries.get("/BaseState")) not in {None, _ON}
            or not _is_for_viewing(graph, entries)
            or graph.array(entries.get("/OFF"))
            or any(_is_personal(graph, each) for each in graph.array(entries.get("/AS")))
        ):
            yield Hazard(HazardCode.HIDDEN_LAYER, where)
    for item in _groups(graph, properties, configurations):
        group = graph.dictionary(item)
        usage = graph.dictionary(group.get("/Usage"))
        if not _is_for_viewing(graph, group) or any(
            _off(graph, usage, key, state) for key, state in _STATES.items()
        ):
            yield Hazard(HazardCode.HIDDEN_LAYER, f"{_called(graph, group)}, for some occasions")
    yield from _membership(graph)


def _groups(graph: Graph, properties: dict[str, Any], configurations: list[Any]) -> Iterator[Any]:
    """The layers the document lists, and those it only names an occasion for."""
    yield from graph.array(properties.get("/OCGs"))
    for configuration in configurations:
        for application in graph.array(graph.dictionary(configuration).get("/AS")):
            yield from graph.array(graph.dictionary(application).get("/OCGs"))


def _called(graph: Graph, group: dict[str, Any]) -> str:
    name = graph.resolve(group.get("/Name"))
    return f"layer {excerpt(text(name), 64)}" if is_string(name) else "a layer"


def _off(graph: Graph, usage: dict[str, Any], key: str, state: str) -> bool:
    return graph.resolve(graph.dictionary(usage.get(key)).get(state)) not in {None, _ON}


def _is_for_viewing(graph: Graph, entries: dict[str, Any]) -> bool:
    """Whether readers that ask for what a layer is meant (``/Intent``) do as those that do not."""
    intent = graph.resolve(entries.get("/Intent"))
    intents = [graph.resolve(each) for each in intent] if isinstance(intent, list) else [intent]
    return intent is None or _VIEW in intents


def _is_personal(graph: Graph, application: Any) -> bool:
    """Whether layers go on and off by language, magnification or reader (table 103)."""
    categories = graph.array(graph.dictionary(application).get("/Category"))
    return any(graph.resolve(category) not in _STATES for category in categories)


def _membership(graph: Graph) -> Iterator[Hazard]:
    """Content that shows where layers are off (section 8.11.2.2), by a condition, or by none."""
    for found in graph.found:
        entries = found.entries
        if kind(entries) != "OCMD":
            continue
        hiding = kind(entries, "/P") in {"AllOff", "AnyOff"}
        groups = graph.resolve(entries.get("/OCGs"))
        if hiding or not groups or graph.array(entries.get("/VE")):
            yield Hazard(HazardCode.HIDDEN_LAYER, graph.where(found.place), found.place.page)
