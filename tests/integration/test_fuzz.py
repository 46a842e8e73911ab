"""The fuzzer itself: that every mutator changes something, that the law sees, a run in small."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from tests import readers
from tests.fuzz import bed as beds
from tests.fuzz import findings
from tests.fuzz.__main__ import main
from tests.fuzz.law import Judged, Mutant, judge, otherwise
from tests.fuzz.mutators import containers, load
from tests.fuzz.pdf_parts import anatomy, increment
from tests.fuzz.run import Plan, run
from tests.odd.pdf import stream

SHAPES = ("pdf/plain/b-lta", "detached/b-b", "evidence/b-b", "container/b-b")
CASES = 150
"""Less than a minute; scripts/fuzz does more."""


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def bed(out):
    with beds.opened(out / "bed") as made:
        yield made
    readers.close()


@pytest.fixture(scope="module")
def pool(bed):
    return tuple(bed.sealed.values())


def report_on(bed, sealed):
    return bed.judge.report(sealed.data, sealed.signature, sealed.evidence)


class TestTheLaw:
    """What it would say of a verifier that passed a forgery: the report is that of the original."""

    def test_what_was_sealed_is_what_it_is(self, bed, pool):
        for shape in SHAPES:
            sealed = bed.sealed[shape]
            assert judge(bed.judge, sealed, Mutant.of(sealed), pool) == Judged("authentic", True)

    def test_another_page_is_seen_by_every_reader(self, bed, pool):
        sealed = bed.sealed["pdf/plain/b-lta"]
        page = anatomy(sealed.data).contents[0]
        forged = increment(sealed.data, {page: stream(b"1 0 0 rg 9 9 99 99 re f")})
        found = otherwise(report_on(bed, sealed), Mutant(forged), pool)
        assert all(any(words.startswith(name) for words in found) for name in readers.READERS)

    def test_a_document_without_one_of_its_seals_is_the_one_before(self, bed, pool):
        one, both = (bed.sealed[f"pdf/parties-{which}/b-b"] for which in ("one", "both"))
        assert otherwise(report_on(bed, one), Mutant(one.data), pool) == []
        assert otherwise(report_on(bed, one), Mutant(both.data), pool) != []

    def test_another_text_or_file_or_member_is_seen(self, bed, pool):
        text = bed.sealed["detached/b-b"]
        assert otherwise(report_on(bed, text), Mutant(b"another"), pool)
        packed = bed.sealed["container/b-b"]
        entries = [
            replace(each, content=b"another") if each.name == b"offer.txt" else each
            for each in containers.read(packed.data)
        ]
        forged = Mutant(containers.write(entries))
        found = otherwise(report_on(bed, packed), forged, pool)
        assert any("offer.txt" in words for words in found)
        proven = bed.sealed["evidence/b-b"]
        fields = json.loads(proven.evidence)
        fields["anchor"]["block"]["timestamp"] += 1
        told = Mutant(proven.data, None, json.dumps(fields).encode())
        assert otherwise(report_on(bed, proven), told, pool) == ["evidence: anchor is another"]

    def test_who_raises_is_told(self, pool):
        class Raising:
            def report(self, *_):
                raise RuntimeError("boom")

        judged = judge(Raising(), pool[0], Mutant.of(pool[0]), pool)
        assert "boom" in judged.broken[0]


@pytest.mark.parametrize("name", sorted(load()))
def test_every_mutator_changes_something(pool, name):
    mutator, changed = load()[name], 0
    for number in range(25):
        random = Random(f"{name}:{number}")
        sealed = random.choice([each for each in pool if each.kind in mutator.kinds])
        mutant = mutator.change(random, sealed, pool)
        changed += mutant is not None and mutant != replace(
            Mutant.of(sealed), unsigned=mutant.unsigned
        )
    # Sealing takes away what the fifth needs in the original.
    least = 0 if name == "technique-5-length" else 1 if "technique" in name else 5
    assert changed >= least


def test_the_same_seed_makes_the_same_case(pool):
    for mutator in load().values():
        sealed = next(each for each in pool if each.kind in mutator.kinds)
        first, again = (mutator.change(Random("seed"), sealed, pool) for _ in range(2))
        assert first == again


def test_a_finding_is_kept_and_judged_again(bed, out, capsys):
    sealed = bed.sealed["pdf/plain/b-lta"]
    mutant = Mutant(sealed.data + b"x", unsigned=False)
    kept = findings.Findings(out / "findings")
    folder = kept.add(
        "append", "seed", 7, sealed, mutant, Judged("authentic", True, ("forged: x",))
    )
    assert findings.read(folder)[1] == mutant
    assert kept.counts == {("append", "forged"): 1}
    assert main(["--replay", str(folder / "case.json")]) == 0
    assert "the law holds" in capsys.readouterr().out


def test_the_law_holds_in_a_short_run(bed, out):
    kept = findings.Findings(out / "short")
    figures = run(bed, Plan(("fixed-0", "fixed-1"), CASES, None, 0, 1, ""), kept)
    assert figures.cases > CASES
    assert kept.counts == {}
