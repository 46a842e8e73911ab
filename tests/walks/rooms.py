"""The floors of the house and their rooms, from the top, and how much stands in each."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.walks.trace import OURS, ROOT

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Room:
    """A package, without the packages in it.

    Attributes:
        name: path from the top of the tree; of a room, from its floor.
        files: how many.
        lines: in all of them.
        holds: what, in the first line of its docstring.
    """

    name: str
    files: int
    lines: int
    holds: str


def floors() -> list[tuple[Room, list[Room]]]:
    """Each floor with its rooms, in the order in which ``pyproject.toml`` lets them import."""
    contracts = _contracts()
    plan = _layers(contracts[0])
    packages = [name for name in plan if (_path(name) / "__init__.py").exists()]
    order = {name: _layers(each) for each in contracts for name in each.get("containers", [])}
    return [_floor(_path(name), order.get(name, [])) for name in [*packages, "eseal"]]


def _floor(path: Path, order: list[str]) -> tuple[Room, list[Room]]:
    floor = _room(path, path.relative_to(ROOT).as_posix())
    if floor.name in {top.rstrip("/") for top in OURS}:
        return floor, []  # the house itself: its rooms are the floors
    names = {file.parent.relative_to(path).as_posix() for file in path.rglob("*.py")} - {"."}

    def place(name: str) -> tuple[int, str]:
        first = name.partition("/")[0]
        return (order.index(first) if first in order else len(order)), name

    return floor, [_room(path / name, name) for name in sorted(names, key=place)]


def _room(path: Path, name: str) -> Room:
    lengths = [len(file.read_text("utf-8").splitlines()) for file in path.glob("*.py")]
    docstring = ast.get_docstring(ast.parse((path / "__init__.py").read_text("utf-8"))) or ""
    holds, *_ = docstring.replace("``", "`").splitlines() or [""]
    return Room(name, len(lengths), sum(lengths), holds)


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]


def _layers(contract: dict[str, Any]) -> list[str]:
    return [name.strip() for layer in contract["layers"] for name in layer.split("|")]


def _path(name: str) -> Path:
    top = ROOT / "api" if name.startswith("eseal_api") else ROOT
    return top.joinpath(*name.split("."))
