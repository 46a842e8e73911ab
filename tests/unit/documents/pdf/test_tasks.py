"""What is done in a confined process takes and gives plain values and files."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from eseal.documents.confined.tasks import name_of
from eseal.documents.pdf import PartyPlace, SealingMode, tasks
from eseal.documents.pdf.reading import read_form, search
from eseal.documents.pdf.readying.flattening import flatten
from eseal.documents.pdf.sealing import preparing
from eseal.errors import UnsafeDocumentError, UnsupportedDocumentError
from tests.unit.documents.pdf.examination.dangers import clickable, embedded
from tests.unit.documents.pdf.sealing.test_preparing import drawing
from tests.unit.documents.pdf.workshop import prepared, sealed


def plain(value: object) -> object:
    """The value as it comes out of JSON: the same."""
    assert json.loads(json.dumps(value)) == value
    return value


def done(steps: Iterable[Callable[[], object]]) -> list[object]:
    return [plain(step()) for step in steps]


def test_a_first_seal_is_a_whole_file(pdfs, options):
    said, made = tasks.prepare(pdfs.fpdf(1), pickle.dumps(options))
    assert plain(said) == {"start": 0, "notes": []}
    assert b"".join(made) == prepared(pdfs.fpdf(1), options).data


def test_a_further_one_is_what_is_added(opened, options):
    asked = replace(options, signer_name="Buyer")
    said, made = tasks.prepare(opened, pickle.dumps(asked))
    assert said["start"] == len(opened)
    assert len(plain(said)["notes"]) == 2
    assert b"".join((opened, *made)) == prepared(opened, asked).data


def test_what_nobody_could_verify_is_not_sealed(pdfs, opened, options, monkeypatch):
    monkeypatch.setattr(preparing, "VERIFIABLE", 1e-6)
    for pdf, asked in ((pdfs.fpdf(1), options), (opened, replace(options, signer_name="Buyer"))):
        with pytest.raises(UnsupportedDocumentError, match=r"nobody could verify .*--flatten"):
            tasks.prepare(pdf, pickle.dumps(asked))


def test_a_first_seal_is_not_examined_twice(pdfs, options, monkeypatch):
    monkeypatch.setattr(preparing, "check_verifiable", None)
    assert tasks.prepare(pdfs.fpdf(1), pickle.dumps(options))


def test_one_that_was_put_in_order_and_is_slow_is_looked_at_once(pdfs, options, monkeypatch):
    looked, look = [], preparing.check_verifiable
    monkeypatch.setattr(preparing, "VERIFIABLE", 1e-6)
    monkeypatch.setattr(preparing, "check_verifiable", lambda pdf, _: looked.append(pdf))
    odd = drawing(pdfs, b"BT /F1 9 Tf --9 9 Td (odd) Tj ET")
    _, made = tasks.prepare(odd, pickle.dumps(options))
    assert looked == [b"".join(made)]
    look(looked[0], 10.0)


def test_what_the_first_party_hides_the_next_one_does_not_seal(pdfs, options, monkeypatch):
    """The first one may have written the file with a program of its own."""
    pdf = clickable(pdfs, b"<< /S /JavaScript /JS (app.alert) >>")
    with monkeypatch.context() as patch:
        for look in ("examine", "check_verifiable"):
            patch.setattr(preparing, look, lambda *_: ())
        first = sealed(pdf, replace(options, mode=SealingMode(parties=(PartyPlace("Buyer"),))))
    with pytest.raises(UnsafeDocumentError) as caught:
        tasks.prepare(first, pickle.dumps(replace(options, signer_name="Buyer")))
    assert caught.value.reasons == ("javascript",)


def test_hazards_are_their_members(pdfs):
    pdf = embedded(pdfs)
    (told,) = tasks.examine(pdf, embedded_files=False, covered_text=False)
    assert plain(told) == {"code": "embedded_file", "where": told["where"], "page": None}
    assert tasks.examine(pdf, embedded_files=True, covered_text=False) == []


def test_readings_are_plain(steps, pdfs):
    first = read_form(steps[0]) | {"canonical": False, "follows": True}
    first["detail"] = "what follows has not been read"
    assert done(tasks.read(steps[-1])) == [first, read_form(steps[-1]), []]
    assert done(tasks.read(steps[0])) == [read_form(steps[0]), []]
    cut, added, other = steps[1][:-5], steps[0] + b"\n", pdfs.fpdf(1)
    found = search(cut, start=len(steps[0]))
    assert done(tasks.read(cut)) == [first, read_form(cut), [], found]
    found = search(added, start=len(steps[0]))
    assert done(tasks.read(added)) == [first, read_form(added), [], found, None]
    assert done(tasks.read(other)) == [read_form(other), search(other)]
    pages = [step() for step in tasks.draw_pages(pdfs.fpdf(3), width=50, most=2)]
    assert pages[0] == 2
    assert [page[:4] for page in pages[1:]] == [b"\x89PNG"] * 2


def test_flattening(pdfs):
    pdf = embedded(pdfs)
    assert tasks.flatten(pdf) == flatten(pdf)


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(UnsupportedDocumentError):
        next(tasks.draw_pages(b"hello", width=50, most=1))


def test_everything_can_be_loaded_beforehand(monkeypatch):
    found, real = [], tasks.read
    monkeypatch.setattr(tasks, "read", lambda data: found.append(data) or real(data))
    tasks.warm()
    for data in found:  # a whole sealed document went through
        form, hazards = done(real(data))
        assert form["canonical"]
        assert hazards == []
    assert found
    assert name_of(tasks.prepare) == "eseal.documents.pdf.tasks:prepare"
