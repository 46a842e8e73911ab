from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from eseal.documents.pdf import Form, read
from tests.sealed import places_of


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


def test_nothing_but_the_answer_is_printed(clean):
    code = "import sys; from eseal.cli.app import app; app(sys.argv[1:])"
    command = [sys.executable, "-c", code, "examine", str(clean), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["clean"]
    assert done.stderr == ""


def test_what_was_found_is_told_with_its_code(eseal, scripted):
    shown = eseal("examine", scripted)
    assert shown.code == 1
    lines = shown.out.splitlines()
    assert lines[0].startswith("javascript: it contains a program (JavaScript)")
    assert lines[0].endswith("Have a flattened copy sealed, or save it without programs.")
    assert lines[1].startswith("automatic_action: ")
    in_chinese = eseal("examine", scripted, "--lang", "zh").out.splitlines()
    assert in_chinese[0].startswith("javascript: 文件含有能改变其显示的程序")
    assert "(" in in_chinese[0], "and where"
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
    told = eseal("apply", scripted, "--seal", seals["contract"], "--lang", "ja").out.splitlines()
    assert told[0].startswith(f"押印できませんでした {scripted}: 文書に、")
    assert [line.partition(":")[0] for line in told[1:]] == ["  javascript", "  automatic_action"]
    assert "平坦化した写しに押印するか" in told[1]
    (refused,) = eseal("apply", scripted, "--seal", seals["contract"], "--json").json
    assert refused["error"]["code"] == "unsafe_document"
    assert eseal("history", "--seal", seals["contract"], "--json").json == []

    shown = eseal("apply", scripted, "--seal", seals["contract"], "--flatten", "--json")
    assert shown.code == 0
    sealed = scripted.with_name("scripted.sealed.pdf").read_bytes()
    reading = read(sealed)
    assert (reading.form, reading.hidden) == (Form.CANONICAL, ())
    assert scripted.read_bytes() == before


def test_several_seals_at_the_command_line(eseal, seals, clean, tmp_path):
    seal = ("--seal", seals["contract"])
    shown = eseal("apply", clean, *seal, "--party", "Buyer@-1,30,40", "--party", "Bank@invisible")
    assert shown.code == 0, shown.out
    first = clean.with_name("contract.sealed.pdf")
    _, buyer, bank = places_of(first.read_bytes())
    assert (buyer.name, buyer.page, buyer.box) == ("Buyer", 1, (30, 40, 45, 45))
    assert (bank.name, bank.box[2:]) == ("Bank", (0, 0))
    second = eseal("apply", first, *seal, "--field", "Bank", "--json")
    assert second.code == 0, second.err
    last = second.json[0]["sealed"]
    assert last == str(clean.with_name("contract.sealed-2.pdf"))
    third = eseal("apply", last, *seal, "--field", "Buyer", "--lock", "--json")
    last = third.json[0]["sealed"]
    assert last == str(clean.with_name("contract.sealed-3.pdf"))
    reading = read(Path(last).read_bytes())
    assert (reading.form, reading.filled, reading.total) == (Form.CANONICAL, 3, 3)
    assert [each.field for each in reading.seals][1:] == ["Bank", "Buyer"]
    (refused,) = eseal("apply", last, *seal, "--out", tmp_path / "d", "--json").json
    assert refused["error"]["code"] == "already_sealed"


def test_a_sealed_document_is_clean_as_long_as_it_has_a_place(eseal, seals, clean):
    seal = ("--seal", seals["contract"])
    assert eseal("apply", clean, *seal, "--party", "Buyer").code == 0
    first = clean.with_name("contract.sealed.pdf")
    assert eseal("examine", first).code == 0
    assert eseal("apply", first, *seal, "--field", "Buyer").code == 0
    full = eseal("examine", clean.with_name("contract.sealed-2.pdf"))
    assert full.code == 1
    assert full.out.startswith("already_sealed: ")
    first.write_bytes(first.read_bytes() + b"\n")
    added = eseal("examine", first)
    assert added.code == 1
    assert "--extract" in added.out


def test_places_for_others_and_a_lock_contradict(eseal, seals, clean):
    (refused,) = eseal(
        "apply", clean, "--seal", seals["contract"], "--party", "Buyer", "--lock", "--json"
    ).json
    assert refused["error"]["code"] == "invalid_input"
