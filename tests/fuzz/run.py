"""Case after case, until the time is over or so many are done; and the figures."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests import readers
from tests.fuzz.active import actions
from tests.fuzz.bed import Bed, Sealed, opened
from tests.fuzz.findings import Findings
from tests.fuzz.law import Judged, Mutant, judge
from tests.fuzz.mutators import Mutator, load

LOOKED = 500
"""Of so many mutants that are not green, one is looked at all the same: forgeries must show, or
the readers would not see one that is green."""

TOLD_SECONDS = 60
"""How often a long run says how far it is."""


@dataclass
class Figures:
    """What a run came to.

    Attributes:
        cases: mutants judged.
        seconds: taken.
        verdicts: how many of each finding.
        greens: by mutator: how many passed.
        drawn: by mutator: how many cases.
        shown: of the sample that is not green: how many show something else, and how many not.
    """

    cases: int = 0
    seconds: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    greens: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    shown: Counter[bool] = field(default_factory=Counter)

    def add(self, name: str, judged: Judged, *, looked: bool) -> None:
        """Count one case."""
        self.cases += 1
        self.verdicts[judged.finding] += 1
        self.drawn[name] += 1
        self.greens[name] += judged.green
        if looked and not judged.green:
            self.shown[bool(judged.shown)] += 1

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.cases + other.cases,
            max(self.seconds, other.seconds),
            self.verdicts + other.verdicts,
            self.greens + other.greens,
            self.drawn + other.drawn,
            self.shown + other.shown,
        )


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        seeds: fixed ones and fresh ones, in turn.
        cases: stop after so many, or ``None``.
        seconds: stop after so long, or ``None``.
        first: the number of the first case.
        step: from one case to the next: as many as there are processes.
        mutator: what the names of the mutators begin with; empty: all.
    """

    seeds: tuple[str, ...]
    cases: int | None
    seconds: float | None
    first: int
    step: int
    mutator: str

    @property
    def mutators(self) -> list[Mutator]:
        """What to do to the documents, always in the same order."""
        known = sorted(load().items())
        return [each for name, each in known if name.startswith(self.mutator)]


def share(out: Path, plan: Plan) -> tuple[Figures, Counter[tuple[str, str]]]:
    """One process's share of a run in a folder whose bed is made; figures, and what broke the law
    as :attr:`Findings.counts`."""
    findings = Findings(out / "findings")
    try:
        with opened(out / "bed") as bed:
            return run(bed, plan, findings), findings.counts
    finally:
        readers.close()


def untouched(bed: Bed, findings: Findings, figures: Figures) -> None:
    """What nobody touched is not accused, and does nothing by itself where it is green."""
    pool = tuple(bed.sealed.values())
    for number, sealed in enumerate(pool):
        mutant = Mutant.of(sealed)
        judged = judge(bed.judge, sealed, mutant, pool)
        if judged.green and sealed.kind == "pdf" and (found := actions(sealed.data)):
            words = f"forged: it acts by itself: {', '.join(found)}"
            judged = replace(judged, broken=(*judged.broken, words))
        figures.add("untouched", judged, looked=False)
        if judged.broken:
            _tell(findings, "untouched", "-", number, sealed, mutant, judged)


def run(bed: Bed, plan: Plan, findings: Findings) -> Figures:
    """Change and judge until the plan is done."""
    figures, started = Figures(), time.monotonic()
    if plan.first < plan.step:
        untouched(bed, findings, figures)
    pool, mutators = tuple(bed.sealed.values()), plan.mutators
    number, told = plan.first, started
    while not _over(plan, number, time.monotonic() - started):
        seed = plan.seeds[number % len(plan.seeds)]
        made = case(mutators, pool, seed, number)
        if made is not None:
            name, sealed, mutant = made
            look = number % LOOKED == 0
            judged = judge(bed.judge, sealed, mutant, pool, look=look)
            figures.add(name, judged, looked=look)
            if judged.broken:
                _tell(findings, name, seed, number, sealed, mutant, judged)
        number += plan.step
        if time.monotonic() - told > TOLD_SECONDS:
            told = time.monotonic()
            print(f"… {figures.cases} cases, {len(findings.counts)} kinds of findings", flush=True)
    figures.seconds = time.monotonic() - started
    return figures


def case(
    mutators: list[Mutator], pool: tuple[Sealed, ...], seed: str, number: int
) -> tuple[str, Sealed, Mutant] | None:
    """One case: the same for the same seed, number and bed. ``None``: the mutator found no hold."""
    random = Random(f"{seed}:{number}")
    (chosen,) = random.choices(mutators, [each.weight for each in mutators])
    fitting = chosen.fitting(random, pool)
    if not fitting:
        return None
    sealed = random.choice(fitting)
    mutant = chosen.change(random, sealed, pool)
    return None if mutant is None else (chosen.name, sealed, mutant)


def _over(plan: Plan, number: int, seconds: float) -> bool:
    done = plan.cases is not None and number >= plan.cases
    return done or (plan.seconds is not None and seconds >= plan.seconds)


def _tell(
    findings: Findings,
    name: str,
    seed: str,
    number: int,
    sealed: Sealed,
    mutant: Mutant,
    judged: Judged,
) -> None:
    kept = findings.add(name, seed, number, sealed, mutant, judged)
    if kept is not None:
        print(f"{name} on {sealed.shape}: {judged.finding}: {judged.broken[0]}", file=sys.stderr)
        print(f"    {kept}", file=sys.stderr)


def table(figures: Figures, broken: Counter[tuple[str, str]]) -> str:
    """The figures in words and columns; ``broken`` as :attr:`Findings.counts`."""
    rate = figures.cases / figures.seconds if figures.seconds else 0
    shown, hidden = figures.shown[True], figures.shown[False]
    lines = [
        f"{figures.cases} cases in {figures.seconds:.0f} s ({rate:.0f}/s)",
        f"{sum(figures.greens.values())} green",
        f"of {shown + hidden} not green and looked at, {shown} show something else",
        "",
        *(f"{count:9}  {finding}" for finding, count in figures.verdicts.most_common()),
        "",
        f"{'cases':>9} {'green':>9}  mutator",
    ]
    for name, count in sorted(figures.drawn.items()):
        words = [f"{kind} {times}" for (of, kind), times in sorted(broken.items()) if of == name]
        lines.append(f"{count:9} {figures.greens[name]:9}  {name:28} {', '.join(words)}")
    total = sum(broken.values())
    lines += ["", f"{total} times the law was broken" if total else "the law holds"]
    return "\n".join(lines)
