"""The table, for a terminal and for a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from tests.bench.measure import Row, mebibytes

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = ("work", "measured", "beside, same run", "ratio", "goal")
PAGE = Path(__file__).with_name("page.md")


@dataclass(frozen=True, slots=True)
class Part:
    """One part's outcome.

    Attributes:
        name: as on the command line.
        title: what it measures.
        rows: what came out.
        seconds: how long it took.
        peak: most memory it had resident, in bytes.
    """

    name: str
    title: str
    rows: Sequence[Row]
    seconds: float
    peak: int

    @property
    def footing(self) -> str:
        """Time and memory of the measurement itself."""
        return f"{self.seconds:.0f} s, peak memory {mebibytes(self.peak)}"


def machine(described: Sequence[tuple[str, str]]) -> Table:
    """The machine, for a terminal."""
    table = Table(show_header=False, box=None)
    for name, value in described:
        table.add_row(f"[dim]{name}[/dim]", value)
    return table


def terminal(part: Part) -> Table:
    """One part."""
    table = Table(
        *HEADINGS,
        title=f"{part.name}: {part.title}",
        title_justify="left",
        caption=part.footing,
        caption_justify="left",
    )
    for row in part.rows:
        table.add_row(*_cells(row))
    return table


def markdown(part: Part) -> str:
    """One part."""
    lines = [
        f"`scripts/bench {part.name}` — {part.title} ({part.footing})",
        "",
        _line(HEADINGS),
        _line(["---"] * len(HEADINGS)),
        *(_line(_cells(row)) for row in part.rows),
    ]
    return "\n".join(lines)


def tables(parts: Sequence[Part]) -> str:
    """The tables alone."""
    return "\n\n".join(map(markdown, parts)) + "\n"


def page(machine: Sequence[tuple[str, str]], parts: Sequence[Part]) -> str:
    """The whole of ``docs/performance.md``: the words of ``page.md`` around the figures."""
    text = PAGE.read_text()
    described = [_line(("", "")), _line(("---", "---")), *(_line(pair) for pair in machine)]
    text = text.replace("<!-- machine -->", "\n".join(described))
    for part in parts:
        text = text.replace(f"<!-- {part.name} -->", markdown(part))
    return text


def _cells(row: Row) -> tuple[str, ...]:
    return (row.work, row.measured, row.beside, row.ratio, row.goal)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
