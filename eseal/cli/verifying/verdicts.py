"""A verification report at the command line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from eseal.cli.frame.output import cell, colour, console, emit, print_fields, printable, sign
from eseal.words.amounts import size_in_words
from eseal.words.report_parts import Look
from eseal.words.reporting import tell
from eseal.words.times import in_zone_and_utc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eseal.words import Words
    from eseal.words.report_parts import CheckMade, Fact, Verdict

_TECHNICAL = frozenset({"sealed_digest", "handle", "subject", "log", "field"})
"""Facts shown with ``--details`` only."""


def show(report: Mapping[str, Any], file: Path, words: Words, *, details: bool) -> None:
    """Print a report: verdict, what to do now, facts and checks of each seal.

    Args:
        report: as ``Report.to_dict`` makes it.
        file: what was verified.
        words: the catalogue in the reader's language.
        details: whether to show technical names and what each check rests on.
    """

    def moment(text: str) -> str:
        return in_zone_and_utc(datetime.fromisoformat(text), words)

    told = tell(report, words, moment)
    _show_verdict(told.verdict, words)
    if told.alarm:
        console().print(told.alarm, style="bold red", soft_wrap=True)
    console().print()
    size = size_in_words(file.stat().st_size, words)
    print_fields(
        {words("report.labels.file"): f"{file} ({size})"} | _fields(told.facts, details=details)
    )
    _show_checks(told.checks, words, details=details)
    for number, seal in enumerate(told.seals, 1):
        if len(told.seals) > 1:
            console().print(f"\n{number}.", end=" ")
            _show_verdict(seal.verdict, words, advice=False)
        print_fields(_fields(seal.facts, details=details))
        _show_checks(seal.checks, words, details=details)


def _show_verdict(verdict: Verdict, words: Words, *, advice: bool = True) -> None:
    out = console()
    line = printable(f"{sign(verdict.look)} {verdict.headline}")
    out.print(line, style=f"bold {colour(verdict.look)}", soft_wrap=True)
    out.print(printable(verdict.sentence), soft_wrap=True)
    if advice and verdict.advice:
        out.print(printable(f"{words('report.what_to_do')}: {verdict.advice}"), soft_wrap=True)
    out.print(verdict.technical, style="dim", soft_wrap=True)


def _fields(facts: tuple[Fact, ...], *, details: bool) -> dict[str, str]:
    return {fact.label: fact.text for fact in facts if details or fact.name not in _TECHNICAL}


def _show_checks(checks: tuple[CheckMade, ...], words: Words, *, details: bool) -> None:
    from rich.table import Table

    if not checks:
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    for style in (None, "bold", None):
        grid.add_column(style=style, overflow="fold")
    for check in checks:
        grid.add_row(f"{sign(check.look)} {check.outcome}", check.name, printable(check.sentence))
        if details or check.look in {Look.FAILED, Look.OPEN}:
            grid.add_row("", f"  {check.code}" if details else "", cell(check.detail), style="dim")
        for fact in check.rests_on if details else ():
            grid.add_row("", "", cell(f"{fact.label}: {fact.text}"), style="dim")
    out = console()
    out.print(f"\n{words('report.checks')}", style="bold")
    emit(out, grid)
