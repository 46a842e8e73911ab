"""Printing: tables for people, plain columns for pipes, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from eseal import excerpts

if TYPE_CHECKING:
    from rich.console import Console

    from eseal.ledger.facts import Receipt
    from eseal.ledger.sending.transactions import Order
    from eseal.words import Words

NARROW = 72
"""Columns below which a table of ids no longer fits: rows then stand one under another."""
PIPE_WIDTH = 400
"""Columns of a line that goes to a pipe: nothing wraps, so that ``grep`` finds whole lines."""

_COLOURS = {"passed": "green", "open": "yellow", "failed": "red", "skipped": "dim"}
_SIGNS = {
    "passed": ("✔", "[ok]"),
    "open": ("▲", "[??]"),
    "failed": ("✖", "[NO]"),
    "skipped": ("–", "[--]"),
}
"""Shape and colour say the same, so that either is enough."""


def console(*, pipe_width: int = PIPE_WIDTH) -> Console:
    """Standard output: coloured on a terminal, plain in a pipe or with ``NO_COLOR``.

    Args:
        pipe_width: columns in a pipe, unless ``COLUMNS`` says otherwise.
    """
    from rich.console import Console

    piped = not sys.stdout.isatty() and not os.environ.get("COLUMNS")
    width = pipe_width if piped else None
    return Console(highlight=False, markup=False, emoji=False, width=width)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    typer.echo(to_json(value, indent=2))


def to_json(value: object, *, indent: int | None = None) -> str:
    """JSON in which people can read names, and nothing steers a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # Outside strings JSON holds no such character but the line feeds of its layout.
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def printable(text: str) -> str:
    """The text on one line, with a mark for every character that does not show.

    A forger chooses the names in a certificate: no escape sequence may paint another verdict.
    """
    return excerpts.printable(" ".join(text.split()))


def note(sentence: str, words: Words) -> None:
    """What whoever ran the command should know beside its answer: a line on standard error."""
    typer.echo(printable(f"{words('report.note')}: {sentence}"), err=True)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str) -> None:
    """A table.

    Args:
        rows: objects as ``--json`` prints them.
        columns: which of their members to show, in order.
        empty: what to say if there are none.
    """
    out = console()
    if not rows:
        out.print(empty)
    elif out.width < NARROW:
        for row in rows:
            print_fields({name: row[name] for name in columns})
            out.print()
    else:
        emit(out, _table(rows, columns, plain=not out.is_terminal))


def print_fields(fields: Mapping[str, Any]) -> None:
    """One object, a member per line."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in fields.items():
        grid.add_row(printable(name.replace("_", " ")), cell(value))
    emit(console(), grid)


def call_view(order: Order) -> dict[str, Any]:
    """A call of a contract, for whoever makes it elsewhere."""
    return {"call_to": order.to, "call_data": "0x" + order.data.hex()}


def print_call(order: Order) -> None:
    """The same, a member per line."""
    print_fields(call_view(order))


def print_receipt(receipt: Receipt | None) -> None:
    """What came of a transaction; ``None``: none was needed."""
    if receipt is None:
        console().print("nothing to do")
        return
    block, gas = receipt.block.number, receipt.gas_used
    console().print(f"done in block {block} ({gas} gas): 0x{receipt.transaction.hex()}")


def emit(out: Console, renderable: object) -> None:
    """Print without the blanks that fill a table's last column."""
    with out.capture() as captured:
        out.print(renderable)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def cell(value: object) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return "–"
    return printable(str(value))


def sign(look: str) -> str:
    """The mark of a verdict or check, in letters where the terminal has no other signs.

    Args:
        look: ``passed``, ``open``, ``failed`` or ``skipped``.
    """
    drawn, spelled = _SIGNS[look]
    try:
        drawn.encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return spelled
    return drawn


def colour(look: str) -> str:
    """The colour that goes with it, for ``rich``."""
    return _COLOURS[look]


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, plain: bool) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=None if plain else box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold", no_wrap=name == "id")
    for row in rows:
        table.add_row(*(cell(row[name]) for name in columns))
    return table
