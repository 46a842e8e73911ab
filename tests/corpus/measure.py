"""Hands the documents to workers, and sums up."""

from __future__ import annotations

import csv
import shutil
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from queue import SimpleQueue

from tests.fuzz import bed
from tests.readers.children import Child, ReaderError

SECONDS = 180.0
"""For one document: sealing, flattening, verifying, and drawing it twice."""


@dataclass(frozen=True)
class Measured:
    """What became of a document.

    Attributes:
        file: its name.
        bytes: its size.
        opens: ``yes``, ``password`` or ``broken: …``, as qpdf finds.
        pages: how many.
        encrypted: whether it is, with a password that opens by itself.
        signed: whether somebody signed it: that cannot be written anew, and goes into a container.
        active: kinds of active content in it; empty if none.
        outcome: ``sealed``, ``flattened``, ``refused``, ``failed`` (not a refusal) or ``stopped``.
        code: of the refusal.
        reasons: codes of what was found in it.
        message: the refusal in words.
        verdict: on what was sealed.
        looks: ``equal``, ``equal but for buttons`` (that open lists), or what is different.
        seal_ms: how long the sealing took.
        verify_ms: and the verification.
    """

    file: str
    bytes: int
    opens: str = ""
    pages: int = 0
    encrypted: bool = False
    signed: bool = False
    active: str = ""
    outcome: str = ""
    code: str = ""
    reasons: str = ""
    message: str = ""
    verdict: str = ""
    looks: str = ""
    seal_ms: float = 0.0
    verify_ms: float = 0.0

    @property
    def ordinary(self) -> bool:
        """Whether it is one of those that should be sealed."""
        return self.opens == "yes" and not self.active and not self.signed

    @property
    def looks_alike(self) -> bool:
        """Whether what was sealed looks as before, to the pixel."""
        return self.looks in {"equal", "equal but for buttons"}


@dataclass(frozen=True)
class Plan:
    """How documents are measured.

    Attributes:
        out: folder for instances, table and sealed files.
        jobs: how many processes.
        flatten: whether a refused document is tried flattened.
        keep: whether sealed files are kept.
    """

    out: Path
    jobs: int = 1
    flatten: bool = False
    keep: bool = False


def measured(files: Sequence[Path], plan: Plan) -> Iterator[Measured]:
    """Every document, in the order of the files."""
    with bed.opened(plan.out / "bed-0", shapes="none"):
        pass
    free: SimpleQueue[Child] = SimpleQueue()
    for job in range(plan.jobs):
        folder = plan.out / f"bed-{job}"
        if job and not folder.exists():
            shutil.copytree(plan.out / "bed-0", folder)
        command = [sys.executable, "-m", "tests.corpus.worker", str(folder)]
        free.put(Child(command, memory=None, seconds=SECONDS))

    def one(file: Path) -> Measured:
        child = free.get()
        try:
            return _one(child, file, plan)
        finally:
            free.put(child)

    try:
        with ThreadPoolExecutor(plan.jobs) as pool:
            yield from pool.map(one, files)
    finally:
        while not free.empty():
            free.get().close()


def _one(child: Child, file: Path, plan: Plan) -> Measured:
    keep = str(plan.out / "sealed" / file.name) if plan.keep else None
    question = {"pdf": str(file.resolve()), "flatten": plan.flatten, "keep": keep}
    size = file.stat().st_size
    try:
        return Measured(file.name, size, **child.ask(question))
    except ReaderError as error:
        return Measured(file.name, size, outcome="stopped", message=str(error))


def write(results: Sequence[Measured], file: Path) -> None:
    """All of it as CSV."""
    names = [each.name for each in fields(Measured)]
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(names)
        rows.writerows([getattr(each, name) for name in names] for each in results)


def table(results: Sequence[Measured]) -> list[str]:
    """What it comes to."""
    ordinary = [each for each in results if each.ordinary]
    sealed = [each for each in results if each.outcome in {"sealed", "flattened"}]
    whole = [each for each in ordinary if each.outcome in {"sealed", "flattened"}]
    lines = [
        f"{len(results):6} documents",
        f"{sum(each.opens == 'yes' for each in results):6} opened by qpdf without password",
        f"{len(ordinary):6} of them without active content and not signed yet",
        f"{len(whole):6} of those sealed ({_share(whole, ordinary)})",
        f"{sum(each.outcome == 'flattened' for each in whole):6} of those flattened",
        "",
        f"{len(sealed):6} sealed in all",
        _part("verify", [each for each in sealed if each.verdict == "authentic"], sealed),
        _part("look the same", [each for each in sealed if each.looks_alike], sealed),
    ]
    for name, values in (
        ("sealing", [each.seal_ms for each in sealed]),
        ("verification", [each.verify_ms for each in sealed]),
    ):
        if len(values) > 1:
            tenth = statistics.quantiles(values, n=10)[-1]
            lines.append(
                f"       {name}: median {statistics.median(values):.0f} ms, p90 {tenth:.0f} ms"
            )
    refused = Counter(
        f"{each.code or each.outcome}: {each.reasons or each.message[:70]}"
        for each in ordinary
        if each not in whole
    )
    lines += ["", "without active content, not signed yet, and not sealed:"]
    lines += [f"{count:6} {words}" for words, count in refused.most_common(25)]
    wrong = [each for each in sealed if each.verdict != "authentic" or not each.looks_alike]
    lines += [f"{each.file}: {each.verdict}, {each.looks}" for each in wrong[:25]]
    lines += [f"{each.file}: {each.message}" for each in results if each.outcome == "stopped"]
    return lines


def _part(words: str, part: Sequence[Measured], whole: Sequence[Measured]) -> str:
    return f"{len(part):6} of those {words} ({_share(part, whole)})"


def _share(part: Sequence[Measured], whole: Sequence[Measured]) -> str:
    return f"{100 * len(part) / len(whole):.1f} %" if whole else "none"
