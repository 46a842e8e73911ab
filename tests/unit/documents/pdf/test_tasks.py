"""What is done in a confined process takes and gives plain values and files."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from eseal.documents.confined.tasks import name_of
from eseal.documents.pdf import tasks
from eseal.documents.pdf.flattening import flatten
from eseal.documents.pdf.reading import read_form, search
from eseal.errors import UnsupportedDocumentError
from tests.unit.documents.pdf.examination.dangers import embedded
from tests.unit.documents.pdf.workshop import prepared


def plain(value: object) -> object:
    """The value as it comes out of JSON: the same."""
    assert json.loads(json.dumps(value)) == value
    return value


def test_a_first_seal_is_a_whole_file(pdfs, options):
    said, made = tasks.prepare(pdfs.fpdf(1), pickle.dumps(options))
    assert plain(said) == {"start": 0, "notes": []}
    assert made == prepared(pdfs.fpdf(1), options).data


def test_a_further_one_is_what_is_added(opened, options):
    asked = replace(options, signer_name="Buyer")
    said, made = tasks.prepare(opened, pickle.dumps(asked))
    assert said["start"] == len(opened)
    assert len(plain(said)["notes"]) == 2
    assert opened + made == prepared(opened, asked).data


def test_hazards_are_their_members(pdfs):
    pdf = embedded(pdfs)
    (told,) = tasks.examine(pdf, embedded_files=False, covered_text=False)
    assert plain(told) == {"code": "embedded_file", "where": told["where"], "page": None}
    assert tasks.examine(pdf, embedded_files=True, covered_text=False) == []


def test_readings_are_plain(steps, pdfs):
    assert plain(tasks.read_form(steps[-1])) == read_form(steps[-1])
    assert plain(tasks.search(steps[1], start=0)) == search(steps[1], start=0)
    assert plain(tasks.hazards_of(steps[0])) == []
    assert tasks.compare_looks(steps[0] + b"\n", end=len(steps[0])) is None
    assert tasks.count_pages(pdfs.fpdf(3)) == 3
    assert tasks.draw_page(pdfs.fpdf(1), page=0, width=50).startswith(b"\x89PNG")


def test_flattening(pdfs):
    pdf = embedded(pdfs)
    assert tasks.flatten(pdf) == flatten(pdf)


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(UnsupportedDocumentError):
        tasks.count_pages(b"hello")


def test_everything_can_be_loaded_beforehand():
    tasks.warm()
    assert name_of(tasks.prepare) == "eseal.documents.pdf.tasks:prepare"
