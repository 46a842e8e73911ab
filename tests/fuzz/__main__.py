"""The command line of ``scripts/fuzz``."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests import readers
from tests.fuzz import bed, findings
from tests.fuzz.law import judge
from tests.fuzz.mutators import load
from tests.fuzz.run import Figures, Plan, share, table

FIXED = tuple(f"fixed-{number}" for number in range(8))
"""Seeds of every run: what was found once is looked for again. As many fresh ones join them."""

CASES = 2000
"""Without another word: a minute or two."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if the law holds, 1 if it was broken."""
    given = _parser().parse_args(arguments)
    try:
        if given.replay:
            return replay(given.replay)
        if given.originals:
            from tests.fuzz.originals import originals

            return originals(given.kind, _out(given.out))
        return fuzz(given)
    finally:
        readers.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, help="stop after so long")
    parser.add_argument("--cases", type=int, help=f"stop after so many cases ({CASES})")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", help="this seed alone, instead of fixed and fresh ones")
    parser.add_argument("--shape", default="", help="only shapes that begin so, as pdf/parties")
    parser.add_argument("--mutator", default="", help="only mutators that begin so")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with its own seeds")
    parser.add_argument("--out", type=Path, help="folder for bed and findings (default: new)")
    parser.add_argument("--replay", type=Path, help="judge a finding (its case.json) again")
    parser.add_argument("--originals", action="store_true", help="seal odd originals and compare")
    parser.add_argument("--kind", default="", help="with --originals: only this row of the table")
    return parser


def fuzz(given: argparse.Namespace) -> int:
    """Attack sealed documents."""
    out = _out(given.out)
    chosen = tuple(each for each in load().values() if each.name.startswith(given.mutator))
    if not chosen:
        names = "\n  ".join(sorted(load()))
        print(f"no mutator begins with {given.mutator!r}; there are:\n  {names}", file=sys.stderr)
        return 2
    seconds = given.minutes and given.minutes * 60
    cases = given.cases or (None if seconds else CASES)
    fresh = tuple(f"fresh-{secrets.token_hex(4)}" for _ in range(len(FIXED)))
    seeds = (given.seed,) if given.seed else FIXED + fresh
    print(f"bed and findings in {out}", flush=True)
    with bed.opened(out / "bed", shapes=given.shape) as made:
        for shape, why in made.refused.items():
            print(f"not sealed: {shape}: {why[:120]}")
    plans = [
        Plan(seeds, cases, seconds, given.first + job, given.jobs, given.mutator)
        for job in range(given.jobs)
    ]
    if len(plans) == 1:
        figures, kept = share(out, plans[0])
    else:
        with ProcessPoolExecutor(given.jobs, get_context("spawn")) as workers:
            parts = list(workers.map(share, [out] * len(plans), plans))
        figures = sum((part for part, _ in parts), Figures())
        kept = sum((counts for _, counts in parts), Counter())
    print(table(figures, kept))
    return 1 if kept else 0


def replay(file: Path) -> int:
    """Judge a finding again, in the bed it was found in."""
    folder = file if file.is_dir() else file.parent
    case, mutant = findings.read(folder)
    with bed.opened(folder.parent.parent / "bed") as made:
        sealed = made.sealed[str(case["shape"])]
        judged = judge(made.judge, sealed, mutant, tuple(made.sealed.values()), look=True)
    print(f"{case['mutator']} on {sealed.shape}: {judged.finding}")
    for words in judged.broken or judged.shown:
        print(f"    {words}")
    print("breaks the law" if judged.broken else "the law holds")
    return 1 if judged.broken else 0


def _out(given: Path | None) -> Path:
    out = given or Path(tempfile.mkdtemp(prefix="eseal-fuzz-"))
    out.mkdir(parents=True, exist_ok=True)
    return out.resolve()


if __name__ == "__main__":
    sys.exit(main())
