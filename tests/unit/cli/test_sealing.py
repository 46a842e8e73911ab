import hashlib
import re

import pytest

from eseal.config import Settings
from eseal.documents.pdf import read
from eseal.service.sealing.applying import Sealing
from eseal.service.service import Service
from eseal.store.repositories.leader import leader_of
from tests.artwork import by_pdfium, chinese_pdf, seen
from tests.sealed import places_of, source_of


@pytest.fixture
def pdf(tmp_path, sample_pdf):
    path = tmp_path / "contract.pdf"
    path.write_bytes(sample_pdf)
    return path


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("tea")
    return path


def test_sealed_copies_beside_the_originals(eseal, seals, pdf, text, sample_pdf):
    shown = eseal("apply", pdf, text, "--seal", seals["contract"], "--purpose", "sale")
    assert shown.code == 0
    sealed = pdf.with_name("contract.sealed.pdf")
    assert len(read(sealed.read_bytes()).seals) == 1
    assert source_of(sealed.read_bytes()) == hashlib.sha256(sample_pdf).digest()
    assert text.with_name("note.txt.p7s").is_file()
    assert pdf.read_bytes() == sample_pdf
    lines = shown.out.splitlines()
    assert len(lines) == 2
    assert str(sealed) in lines[0]
    assert [use["purpose"] for use in history(eseal, seals)] == ["sale", "sale"]


def test_with_anchored_the_results_prove_themselves(eseal, seals, pdf, text, tmp_path):
    box = tmp_path / "both.asice"
    for more in ((), ("--container", box)):
        shown = eseal("apply", pdf, text, "--seal", seals["contract"], "--anchored", *more)
        assert shown.code == 0, shown.out
    for file in (pdf.with_name("contract.sealed.pdf"), text, box):
        assert eseal("verify", file).code == 0, file


def test_a_second_seal_goes_into_its_place_and_the_file_is_numbered(eseal, seals, pdf):
    first = eseal("apply", pdf, "--seal", seals["contract"], "--party", "杭州云章@-1,30,40")
    assert first.code == 0, first.out
    sealed = pdf.with_name("contract.sealed.pdf")
    refused = eseal("apply", sealed, "--seal", seals["finance"], "--auto")
    assert refused.code == 1
    assert "has sealed this document already" in refused.out, "who sealed is not guessed twice"
    shown = eseal("apply", sealed, "--seal", seals["finance"], "--field", "杭州云章")
    assert shown.code == 0, shown.out
    second = pdf.with_name("contract.sealed-2.pdf")
    assert second.read_bytes().startswith(sealed.read_bytes())
    assert [place.filled for place in places_of(second.read_bytes())] == [True, True]
    again = eseal("apply", second, "--seal", seals["contract"], "--json").json
    assert again[0]["error"]["code"] == "already_sealed"
    assert not pdf.with_name("contract.sealed-3.pdf").exists()


def history(eseal, seals):
    return eseal("history", "--seal", seals["contract"], "--json").json


def test_uses_are_numbered_in_the_order_of_the_files(eseal, seals, tmp_path):
    files = [tmp_path / name for name in ("b.txt", "a.txt", "c.txt")]
    for file in files:
        file.write_text(file.name)
    results = eseal("apply", *files, "--seal", seals["contract"], "--json").json
    assert [use["id"] for use in history(eseal, seals)] == [result["id"] for result in results]


def test_a_bad_file_does_not_stop_the_others(eseal, seals, tmp_path, text):
    fake = tmp_path / "fake.pdf"
    fake.write_bytes(b"no PDF at all")
    empty = tmp_path / "empty.txt"
    empty.touch()
    shown = eseal(
        *("apply", tmp_path / "missing.txt", fake, empty, tmp_path, text),
        *("--seal", seals["contract"], "--json"),
    )
    assert shown.code == 1
    codes = [result["error"] and result["error"]["code"] for result in shown.json]
    assert codes == ["os_error", "unsupported_document", "invalid_input", "os_error", None]
    assert shown.json[4]["sealed"].endswith("note.txt.p7s")
    assert len(history(eseal, seals)) == 1
    assert not fake.with_name("fake.sealed.pdf").exists()


def test_a_failure_is_a_line_that_names_file_and_reason(eseal, seals, tmp_path):
    missing = tmp_path / "missing.txt"
    shown = eseal("apply", missing, "--seal", seals["contract"])
    assert shown.code == 1
    assert shown.out == f"failed {missing}: No such file or directory\n"


def test_a_folder_is_told_from_the_files_in_it(eseal, seals, tmp_path):
    shown = eseal("apply", tmp_path, "--seal", seals["contract"])
    assert shown.code == 1
    assert f"failed {tmp_path}: expected a file, got a folder: name the files" in shown.out


def test_an_existing_result_is_kept_and_the_seal_not_used(eseal, seals, pdf):
    assert eseal("apply", pdf, "--seal", seals["contract"]).code == 0
    sealed = pdf.with_name("contract.sealed.pdf")
    before = sealed.read_bytes()
    again = eseal("apply", pdf, "--seal", seals["contract"])
    assert again.code == 1
    assert "--force" in again.out
    assert sealed.read_bytes() == before
    assert len(history(eseal, seals)) == 1
    assert eseal("apply", pdf, "--seal", seals["contract"], "--force").code == 0
    assert sealed.read_bytes() != before


def test_two_files_of_one_name_do_not_overwrite_each_other(eseal, seals, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name)
    files = (tmp_path / "one" / "a.txt", tmp_path / "two" / "a.txt")
    out = tmp_path / "out"
    for force in ((), ("--force",)):
        shown = eseal("apply", *files, "--seal", seals["contract"], "--out", out, "--json", *force)
        assert shown.code == 1
        assert shown.json[1]["error"]["code"] == "conflict"
    assert [path.name for path in out.iterdir()] == ["a.txt.p7s"]


def test_visible_shows_on_the_last_page(eseal, pdf):
    added = ("company", "add", "--name", "Elbe Teekontor GmbH", "--id", "vat:DE136695976")
    (seal,) = eseal(*added, "--country", "DE", "--seals", "contract", "--json").json["seals"]
    assert eseal("apply", pdf, "--seal", seal["id"], "--visible").code == 0
    (place,) = places_of(pdf.with_name("contract.sealed.pdf").read_bytes())
    assert (place.page, place.filled) == (1, True)
    assert min(place.box) > 15, "it stands on the page, and has a size"


def test_a_visible_seal_of_a_chinese_company_shows_its_impression(eseal, seals, pdf):
    shown = eseal("apply", pdf, "--seal", seals["contract"], "--visible")
    assert shown.code == 0, shown.out
    sealed = by_pdfium(pdf.with_suffix(".sealed.pdf").read_bytes(), page=1)
    assert min(seen(sealed)[2:]) > 20


def test_a_seal_by_its_handle(eseal, text):
    handle = eseal("seal", "list", "--json").json[0]["handle"]
    assert eseal("apply", text, "--seal", handle).code == 0


def test_a_suspended_seal_seals_nothing(eseal, seals, text):
    eseal("seal", "suspend", seals["contract"])
    shown = eseal("apply", text, "--seal", seals["contract"], "--json")
    assert shown.code == 1
    assert shown.json[0]["error"]["code"] == "seal_not_active"
    assert not text.with_name("note.txt.p7s").exists()


def test_too_large_a_file_is_refused_unread(eseal, seals, text):
    shown = eseal("apply", text, "--seal", seals["contract"], "--json", ESEAL_MAX_UPLOAD_BYTES="2")
    assert shown.json[0]["error"]["code"] == "too_large"


def test_a_use_whose_copy_cannot_be_written_is_named(eseal, seals, text, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a directory should be")
    shown = eseal("apply", text, "--seal", seals["contract"], "--out", blocked / "sub")
    assert shown.code == 1
    (use,) = history(eseal, seals)
    assert f"the use {use['id']} is on record" in shown.out


def test_the_kept_document_is_forgotten_only_after_it_was_written(
    eseal, seals, pdf, tmp_path, world_of, monkeypatch
):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a directory should be")
    shown = eseal("apply", pdf, "--seal", seals["contract"], "--out", blocked / "sub", "--json")
    use_id = shown.json[0]["id"]
    with world_of() as service:
        assert service.sealing.document(use_id).data.startswith(b"%PDF")
    told = []
    monkeypatch.setattr(Sealing, "delivered", lambda _self, *use_ids: told.extend(use_ids))
    shown = eseal("apply", pdf, "--seal", seals["contract"], "--json")
    assert told == [shown.json[0]["id"]]


def test_choices_are_told_in_the_readers_language_and_to_programs_in_english(
    eseal, seals, tmp_path
):
    path = tmp_path / "contract.pdf"
    own = "杭州云章科技有限公司"
    words = [(f"{own}(盖章)", 60, 400), ("Trial (Seal)", 60, 200), ("Trial", 300, 600)]
    path.write_bytes(chinese_pdf(words))
    asked = ("apply", path, "--seal", seals["contract"], "--auto", "--party", "Trial", "--force")
    english = eseal(*asked, "--json").json[0]["notes"]
    assert len(english) == 3
    assert english[0].startswith("the seal is beside the company's own name")
    for language, first in (("zh", "印章盖在本企业名称旁"), ("ja", "自社の名前の隣")):
        told = eseal(*asked, "--lang", language).out
        assert first in told
        assert not re.search(r"the place|the seal|page \d", told), "nothing stays in English"
    sealed = path.with_name("contract.sealed.pdf")
    further = eseal("apply", sealed, "--seal", seals["finance"], "--field", "Trial", "--lang", "ja")
    assert further.code == 0, further.out


def test_who_must_anchor_is_told(eseal, seals, text, data_dir):
    shown = eseal("apply", text, "--seal", seals["contract"])
    assert shown.err == (
        "note: not yet on the ledger, and nothing here anchors by itself: run eseal anchor\n"
    )
    again = eseal("apply", text, "--seal", seals["contract"], "--force", "--lang", "zh")
    assert again.err == "提示: 尚未上链，且此处没有自动上链的服务：请运行 eseal anchor\n"
    assert eseal("apply", text, "--seal", seals["contract"], "--force", "--json").err == ""
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        anchors = leader_of(service.context.database)
        assert anchors.holds()
        quiet = eseal("apply", text, "--seal", seals["contract"], "--force")
        anchors.close()
    assert quiet.err == "", "another process will"


@pytest.mark.parametrize(
    "option", [("--auto",), ("--at", "1,20,20"), ("--flatten",), ("--lock",), ("--party", "Buyer")]
)
def test_what_is_for_pdfs_is_not_ignored_for_another_file(eseal, seals, text, option):
    shown = eseal("apply", text, "--seal", seals["contract"], *option)
    assert shown.code == 1
    assert f"failed {text}: expected a PDF, got another kind of file: --auto" in shown.out
    assert "as note.txt.p7s" in shown.out
    assert not text.with_name("note.txt.p7s").exists()
    assert history(eseal, seals) == []
