"""Every row of the README's trust table names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMISE = ROOT / "tests" / "integration" / "promise"
NAMED = re.compile(r"`(test_[a-z]+\.py)::(\w+)`")


def rows():
    text = (ROOT / "README.md").read_text("utf-8")
    table = text.partition("| whoever has |")[2].partition("\n\n")[0]
    return table.splitlines()[2:]


def names_in(file):
    tree = ast.parse((PROMISE / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_each_row_is_attacked_by_a_test_that_is_there():
    assert len(rows()) > 10
    for row in rows():
        named = NAMED.findall(row)
        assert named, row
        for file, name in named:
            assert name in names_in(file), f"{file} has no {name}"
