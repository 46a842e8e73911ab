"""The command line of ``scripts/acceptance``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.corpus.measure import Plan, measured, table, write

TOLD = 50
"""After so many documents it says how far it is."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 1 if something sealed does not verify or looks different."""
    parser = argparse.ArgumentParser(prog="scripts/acceptance", description=__doc__)
    parser.add_argument("folder", type=Path, help="PDFs, looked for in folders below it, too")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--limit", type=int, help="only so many documents")
    parser.add_argument("--flatten", action="store_true", help="flatten what is refused")
    parser.add_argument("--keep", action="store_true", help="keep the sealed files")
    parser.add_argument("--out", type=Path, help="folder for table and instances (default: new)")
    given = parser.parse_args(arguments)
    out = given.out or Path(tempfile.mkdtemp(prefix="eseal-acceptance-"))
    (out / "sealed").mkdir(parents=True, exist_ok=True)
    files = sorted(given.folder.rglob("*.pdf"))[: given.limit]
    if not files:
        parser.error(f"no PDFs in {given.folder}")
    results = []
    for result in measured(files, Plan(out, given.jobs, given.flatten, given.keep)):
        results.append(result)
        if len(results) % TOLD == 0:
            write(results, out / "acceptance.csv")
            print(f"… {len(results)} of {len(files)}", file=sys.stderr, flush=True)
    write(results, out / "acceptance.csv")
    print("\n".join(table(results)))
    print(f"each document: {out / 'acceptance.csv'}")
    sealed = [each for each in results if each.verdict]
    wrong = [each for each in sealed if each.verdict != "authentic" or not each.looks_alike]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
