"""The roles exchanged: a sender prepares the original, and we seal it.

The law: whatever is sealed looks alike in Poppler, MuPDF, PDFium and pdf.js; where it did so before
the sealing, it looks as before; it does nothing by itself; and it verifies. Everything else is
refused. ``tests.odd.RULES`` says where the docs name a limit instead.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tests.odd
from eseal.errors import ESealError, InvalidInputError
from eseal.verify import Indication, Report
from tests import readers
from tests.fuzz import bed
from tests.fuzz.active import actions
from tests.odd import RULES, Odd, Rule

REFERENCE = "PDFium"
"""Whatever has to be put in order is put in order as it shows it, to the pixel. Others draw marks
and fields without a look in their own way: in them, squares of pixels are compared."""

LEVEL = 48
"""How far a sample may be off after the sealing: numbers that are written anew round."""

OUTCOMES = ("refused", "alike", "limit", "broken")
"""What becomes of an original."""


@dataclass(frozen=True)
class Outcome:
    """What became of an original.

    Attributes:
        odd: the original.
        what: of ``OUTCOMES``.
        before: what readers disagreed about before it was sealed.
        words: why it was refused, or what is wrong with what was sealed.
        sealed: the sealed file, or ``None``.
    """

    odd: Odd
    what: str
    before: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=())
    sealed: bytes | None = None


def originals(kind: str, out: Path) -> int:
    """Seal every odd original of a kind (empty: all) and print the table; 1 if the law broke."""
    kinds = [each for each in RULES if each.startswith(kind)]
    outcomes = []
    with (
        bed.opened(out / "bed", shapes="none") as made,
        (out / "originals.csv").open("w", newline="", encoding="utf-8") as file,
    ):
        rows = csv.writer(file)
        rows.writerow(("kind", "name", "outcome", "readers disagreed before", "words"))
        for odd in tests.odd.originals(*kinds):
            outcome = of(made, odd)
            outcomes.append(outcome)
            words = "; ".join(outcome.words)
            rows.writerow((odd.kind, odd.name, outcome.what, len(outcome.before), words))
            file.flush()
            if outcome.what == "broken":
                print(f"{odd}: {outcome.words[0]}", flush=True)
                _keep(out / "originals", outcome)
    print("\n".join(table(outcomes)))
    print(f"each original: {out / 'originals.csv'}")
    return 1 if any(each.what == "broken" for each in outcomes) else 0


def of(made: bed.Bed, odd: Odd) -> Outcome:
    """Seal an original and look at it."""
    before = tuple(readers.disagreements(odd.pdf))
    try:
        sealed = bed.seal(made.service, odd.pdf)
    except InvalidInputError as error:
        return Outcome(odd, "refused", before, (f"{error.code}: {error}",))
    except ESealError as error:
        return Outcome(odd, "broken", before, (f"{error.code}, not a refusal: {error}",))
    wrong = tuple(_wrong(made, odd, sealed, before))
    if not wrong:
        return Outcome(odd, "alike", before, (), sealed)
    what = "limit" if RULES[odd.kind] is Rule.LIMIT else "broken"
    return Outcome(odd, what, before, wrong, sealed)


def _wrong(made: bed.Bed, odd: Odd, sealed: bytes, before: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a sealed file, in words."""
    report = made.judge.report(sealed)
    if not isinstance(report, Report) or report.indication is not Indication.TOTAL_PASSED:
        yield f"verdict: {report.finding.value if isinstance(report, Report) else report}"
    if found := actions(sealed):
        yield f"it acts by itself: {', '.join(found)}"
    yield from (f"unlike: {words}" for words in readers.disagreements(sealed))
    if before:
        # Whoever showed something else than the others has to change.
        return
    for words in readers.differences(REFERENCE, odd.pdf, sealed, level=LEVEL, looks=True):
        yield f"changed: {REFERENCE}: {words}"
    for reader in readers.READERS:
        yield from (f"changed: {words}" for words in readers.changes(reader, odd.pdf, sealed))


def _keep(folder: Path, outcome: Outcome) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{outcome.odd.kind}-{outcome.odd.name}"
    (folder / f"{stem}.pdf").write_bytes(outcome.odd.pdf)
    if outcome.sealed is not None:
        (folder / f"{stem}.sealed.pdf").write_bytes(outcome.sealed)


def table(outcomes: list[Outcome]) -> list[str]:
    """How each row of the table of classes came out."""
    counts = Counter((each.odd.kind, each.what) for each in outcomes)
    unlike = Counter(each.odd.kind for each in outcomes if each.before)
    heads = "".join(f"{head:>9}" for head in ("in all", "unlike", *OUTCOMES))
    lines = [f"{'':14}{heads}"]
    for kind in dict.fromkeys(each.odd.kind for each in outcomes):
        row = [counts[kind, what] for what in OUTCOMES]
        cells = "".join(f"{number:9}" for number in (sum(row), unlike[kind], *row))
        lines.append(f"{kind:14}{cells}  {RULES[kind].value}")
    row = [sum(number for (_, of_), number in counts.items() if of_ == what) for what in OUTCOMES]
    cells = "".join(f"{number:9}" for number in (sum(row), sum(unlike.values()), *row))
    return [*lines, f"{'':14}{cells}"]
