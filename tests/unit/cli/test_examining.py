from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from eseal.documents.pdf import examine, read


@pytest.fixture
def clean(tmp_path, sample_pdf):
    path = tmp_path / "contract.pdf"
    path.write_bytes(sample_pdf)
    return path


@pytest.fixture
def scripted(tmp_path, sample_pdf):
    """The same with a script: an update nobody examined."""
    writer = IncrementalPdfFileWriter(BytesIO(sample_pdf))
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {
            generic.NameObject("/S"): generic.NameObject("/JavaScript"),
            generic.NameObject("/JS"): generic.TextStringObject("app.alert(1)"),
        }
    )
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    path = tmp_path / "scripted.pdf"
    path.write_bytes(out.getvalue())
    return path


def test_a_clean_document_passes(eseal, clean):
    shown = eseal("examine", clean)
    assert shown.code == 0
    assert shown.out == f"{clean}: nothing found that must not be sealed\n"
    assert eseal("examine", clean, "--json").json == {
        "file": str(clean),
        "clean": True,
        "reasons": [],
    }


def test_what_was_found_is_told_with_its_code(eseal, scripted):
    shown = eseal("examine", scripted)
    assert shown.code == 1
    lines = shown.out.splitlines()
    assert lines[0].startswith("javascript: it contains a program (JavaScript)")
    assert lines[1].startswith("automatic_action: ")
    shown = eseal("examine", scripted, "--json")
    assert shown.code == 1
    assert [reason["code"] for reason in shown.json["reasons"]] == [
        "javascript",
        "automatic_action",
    ]


def test_what_is_no_pdf_is_refused(eseal, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("tea")
    shown = eseal("examine", path)
    assert shown.code == 1
    assert shown.out.startswith("unsupported_document: not a PDF")


def test_a_refused_document_leaves_no_use_and_a_flattened_copy_can_be_sealed(
    eseal, seals, scripted
):
    before = scripted.read_bytes()
    (refused,) = eseal("apply", scripted, "--seal", seals["contract"], "--json").json
    assert refused["error"]["code"] == "unsafe_document"
    assert eseal("history", "--seal", seals["contract"], "--json").json == []

    shown = eseal("apply", scripted, "--seal", seals["contract"], "--flatten", "--json")
    assert shown.code == 0
    sealed = scripted.with_name("scripted.sealed.pdf").read_bytes()
    assert examine(sealed) == ()
    assert scripted.read_bytes() == before


def test_several_seals_at_the_command_line(eseal, seals, clean, tmp_path):
    seal = ("--seal", seals["contract"])
    shown = eseal("apply", clean, *seal, "--parties", "2")
    assert shown.code == 0, shown.out
    first = clean.with_name("contract.sealed.pdf")
    assert b"/T (Party" in first.read_bytes()
    second = eseal("apply", first, *seal, "--out", tmp_path / "b", "--json")
    assert second.code == 0, second.err
    third = eseal(
        "apply", second.json[0]["sealed"], *seal, "--lock", "--out", tmp_path / "c", "--json"
    )
    last = third.json[0]["sealed"]
    found = read(Path(last).read_bytes()).seals
    assert [each.docmdp for each in found] == [2, None, None]
    (refused,) = eseal("apply", last, *seal, "--out", tmp_path / "d", "--json").json
    assert refused["error"]["code"] == "already_sealed"


def test_more_to_come_and_a_lock_contradict(eseal, seals, clean):
    (refused,) = eseal(
        "apply", clean, "--seal", seals["contract"], "--more-to-come", "--lock", "--json"
    ).json
    assert refused["error"]["code"] == "invalid_input"
