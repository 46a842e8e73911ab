"""What broke the law, kept so that it can be looked at and judged again.

::

    OUT/bed/                    the instance and what it sealed, with test keys
    OUT/findings/007-technique-2-tail/
        case.json               mutator, shape, seed, number, verdict, what broke
        mutant.pdf|.zip|.txt    the file, with .p7s and .eseal.json beside it where there are any
        sealed.pdf|…            what it was made from

Keys, nonces and times differ from run to run, so a file is only as good as its bed: that is kept.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Judged, Mutant

KEPT = 5
"""So many findings of one mutator and kind are kept: the sixth shows nothing new."""

SUFFIXES = {b"%PDF-": ".pdf", b"PK\x03\x04": ".zip"}


@dataclass
class Findings:
    """Writes findings into a folder.

    Attributes:
        folder: ``OUT/findings``.
        counts: how many there were, by mutator and kind (``forged``, ``accused``, ``raised``,
            ``slow``).
    """

    folder: Path
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(
        self, name: str, seed: str, number: int, sealed: Sealed, mutant: Mutant, judged: Judged
    ) -> Path | None:
        """Keep what broke the law; where, unless there is enough of its kind."""
        kinds = {words.partition(":")[0] for words in judged.broken}
        new = [kind for kind in kinds if self.counts[name, kind] < KEPT]
        self.counts.update((name, kind) for kind in kinds)
        if not new:
            return None
        folder = self.folder / f"{number:07}-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, "mutant", mutant)
        _write(folder, "sealed", Mutant.of(sealed))
        case = {
            "mutator": name,
            "shape": sealed.shape,
            "seed": seed,
            "number": number,
            "unsigned": mutant.unsigned,
            "verdict": judged.finding,
            "broken": list(judged.broken),
        }
        text = json.dumps(case, indent=2, ensure_ascii=False)
        (folder / "case.json").write_text(text + "\n", encoding="utf-8")
        return folder


def _write(folder: Path, stem: str, mutant: Mutant) -> None:
    suffix = next((s for start, s in SUFFIXES.items() if mutant.data.startswith(start)), ".bin")
    (folder / (stem + suffix)).write_bytes(mutant.data)
    if mutant.signature is not None:
        (folder / f"{stem}.p7s").write_bytes(mutant.signature)
    if mutant.evidence is not None:
        (folder / f"{stem}.eseal.json").write_bytes(mutant.evidence)


def read(folder: Path) -> tuple[dict[str, object], Mutant]:
    """A finding again: its ``case.json`` and the mutant."""
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    beside = {
        name: path.read_bytes() if (path := folder / f"mutant{suffix}").exists() else None
        for name, suffix in (("signature", ".p7s"), ("evidence", ".eseal.json"))
    }
    data = next(path for path in folder.glob("mutant.*") if path.suffix in {".pdf", ".zip", ".bin"})
    return case, Mutant(data.read_bytes(), **beside, unsigned=case["unsigned"])
