"""How the demo speaks: a line as soon as there is something to tell."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eseal.cli.frame.output import console, emit

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 100
"""Columns at most: on a wider terminal the eye would lose the line."""
WHAT, VERDICT = 18, 21
"""Columns of the outer cells; the middle takes what is left."""
_LIGHTS = {"TOTAL_PASSED": "green", "INDETERMINATE": "yellow", "TOTAL_FAILED": "red"}


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a forgery.

    Attributes:
        indication: the standard's main word, or what else stopped it (``refused``, ``audit``).
        word: the finding, the error's code or the disagreement's kind.
        detail: one sentence that says what was seen.
    """

    indication: str
    word: str
    detail: str


class Stage:
    """Prints the demo."""

    def __init__(self) -> None:
        self._out = console(pipe_width=WIDTH)
        self._out.width = min(self._out.width, WIDTH)
        self._attempts = 0

    def title(self, title: str, subtitle: str) -> None:
        """Open the demo."""
        self._out.print(title, style="bold", end="")
        self._out.print(f"  {subtitle}", style="dim")

    def chapter(self, title: str, columns: tuple[str, str] | None) -> None:
        """Begin a chapter, with the heads of its middle and last column."""
        self._out.print()
        self._out.print(title, style="bold cyan")
        if columns is not None:
            self._row("", *columns, style="dim")

    def line(self, what: str, detail: str, result: str = "", *, good: bool = True) -> None:
        """Tell one thing that happened."""
        self._row(what, detail, result, light="green" if good else "red")

    def attempt(self, title: str, found: Found, *, caught: bool) -> None:
        """Tell one forgery and how it was caught."""
        self._attempts += 1
        light = _LIGHTS.get(found.indication, "magenta")
        word = found.word if caught else f"NOT CAUGHT: {found.word}"
        self._row(f"{self._attempts:>2}  {found.indication}", title, word, light=light)
        if not caught:
            self._out.print(f"    {found.detail}", style="bold red")

    def closing(self, caught: int, attempts: int, seconds: float) -> None:
        """End the forgeries."""
        self._out.print()
        style = "bold green" if caught == attempts else "bold red"
        self._out.print(
            f"{caught} of {attempts} forgeries caught; the whole demo took {seconds:.1f} s",
            style=style,
        )

    def hints(self, directory: Path) -> None:
        """Say what to try next."""
        data, eseal = shlex.quote(str(directory)), shlex.quote(_program())
        self._out.print("\nTry it yourself:")
        for command in (
            f"{eseal} verify {data}/documents/contract.sealed.pdf --data-dir {data}",
            f"{eseal} verify {data}/forgeries/price-changed.pdf --data-dir {data}",
            f"{eseal} audit --data-dir {data}",
        ):
            self._out.print(f"  {command}", soft_wrap=True)

    def note(self, text: str) -> None:
        """Say something outside all tables."""
        self._out.print(f"\n{text}", style="bold", soft_wrap=True)

    def _row(
        self, what: str, detail: str, result: str, *, style: str = "", light: str = ""
    ) -> None:
        emit(self._out, _grid(what, detail, result, style, light))


def _program() -> str:
    """How this program was called, as it can be called again from here."""
    return os.path.relpath(sys.argv[0]) if os.sep in sys.argv[0] else "eseal"


def _grid(what: str, detail: str, result: str, style: str, light: str) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=WHAT, style=style)
    grid.add_column(ratio=1, style=style, overflow="fold")
    grid.add_column(width=VERDICT, style=style or light, overflow="fold")
    grid.add_row(what, detail, result)
    return grid
