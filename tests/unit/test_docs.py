"""The documentation names files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.walks.rooms import floors

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TOPS = ("api", "contracts", "docs", "eseal", "scripts", "tests", ".ci")
SOURCES = (".css", ".html", ".js", ".py", ".sol")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
CODE = re.compile(r"`([\w./-]+)(?: [^`]*)?`")
WHOLE = ("api", "contracts/interfaces", "eseal", "tests/integration", "tests/unit")
FILES = [path.as_posix() for top in WHOLE for path in (ROOT / top).rglob("*")]


def is_there(path: str) -> bool:
    """Whether it stands in the tree: from its top, or as the end of a file's path."""
    if path.partition("/")[0] in TOPS and "/" in path:
        return (ROOT / path).exists()
    return not path.endswith(SOURCES) or any(file.endswith(f"/{path}") for file in FILES)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_lead_somewhere(page):
    text = page.read_text("utf-8")
    assert [path for path in CODE.findall(text) if not is_there(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text("utf-8")) if ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_house_is_shown_with_all_its_rooms():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = re.findall(
        r"^\| `((?:eseal|api)[\w/]*)` \|(?:[^|]*\|){3} (.*?) ?\|$", page, re.MULTILINE
    )
    shown = [(floor, re.findall(r"([\w/]+) \d+/", rooms)) for floor, rooms in table]
    assert shown == [
        (floor.name, [room.name for room in rooms] + ["them"] * bool(rooms))
        for floor, rooms in floors()
    ]
