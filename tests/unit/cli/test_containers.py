import zipfile
from dataclasses import replace

import pytest

from eseal.documents import asic


@pytest.fixture
def files(tmp_path, sample_pdf):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "contract.pdf").write_bytes(sample_pdf)
    (folder / "合同 附件.txt").write_text("annex", encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.fixture
def sealed(eseal, seals, files, tmp_path):
    out = tmp_path / "out.asice"
    shown = eseal("apply", *files, "--container", out, "--seal", seals["contract"], "--json")
    assert shown.code == 0, shown.err
    assert shown.json["sealed"] == str(out)
    return out


def verdict(eseal, path):
    shown = eseal("verify", path, "--json")
    return shown.code, shown.json


def replaced(path, name, data):
    """The container with other content in one file, made by Python's own module."""
    with zipfile.ZipFile(path) as archive:
        entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in entries:
            archive.writestr(entry, data if entry == name else content)
        if name not in dict(entries):
            archive.writestr(name, data)


def test_files_are_sealed_as_one_and_verified(eseal, sealed, files):
    assert eseal("anchor").code == 0
    code, report = verdict(eseal, sealed)
    assert (code, report["finding"]) == (0, "authentic")
    (seal,) = report["seals"]
    assert seal["files"] == [file.name for file in files]
    text = eseal("verify", sealed).out
    assert "contract.pdf" in text
    assert "合同 附件.txt" in text


def test_a_second_company_seals_the_same_container(eseal, seals, sealed, tmp_path):
    both = tmp_path / "both.asice"
    shown = eseal("apply", sealed, "--container", both, "--seal", seals["finance"])
    assert shown.code == 0
    eseal("anchor")
    code, report = verdict(eseal, both)
    assert code == 0
    assert [seal["finding"] for seal in report["seals"]] == ["authentic"] * 2
    assert asic.read(both.read_bytes()).seals[0] == asic.read(sealed.read_bytes()).seals[0]


def test_changed_files_are_named(eseal, sealed):
    eseal("anchor")
    original = sealed.read_bytes()
    for name, words, finding, exit_code in (
        ("contract.pdf", "'contract.pdf' is not what was sealed", "document_altered", 1),
        ("evil.txt", "not in the form in which it was sealed", "not_understood", 3),
    ):
        sealed.write_bytes(original)
        replaced(sealed, name, b"other")
        code, report = verdict(eseal, sealed)
        assert (code, report["finding"]) == (exit_code, finding)
        (check,) = [one for one in report["checks"] if one["name"] == "files"]
        assert words in check["detail"]
        (seal,) = report["seals"]
        assert seal["name"]


def test_what_is_not_in_the_form_it_was_sealed_in_is_not_understood(eseal, seals, sealed):
    """Neither green nor an accusation: other programs may show other files."""
    eseal("anchor")
    original = sealed.read_bytes()
    for changed in (original + b"trailing", b"x" + original):
        sealed.write_bytes(changed)
        code, report = verdict(eseal, sealed)
        assert (code, report["finding"]) == (3, "not_understood")
        assert report["seals"][0]["files"]
    sealed.write_bytes(original)
    replaced(sealed, "META-INF/ASiCManifest001.xml", b"<x/>")
    assert verdict(eseal, sealed)[1]["finding"] == "not_understood"
    again = eseal("apply", sealed, "--container", sealed, "--force", "--seal", seals["finance"])
    assert again.code == 2
    assert "as it came from its first party" in again.err


def test_a_file_packed_into_it_by_our_own_writer_is_seen(eseal, sealed):
    eseal("anchor")
    container = asic.read(sealed.read_bytes())
    added = (*container.files, asic.DataObject("evil.txt", b"x"))
    sealed.write_bytes(replace(container, files=added).encode())
    code, report = verdict(eseal, sealed)
    assert (code, report["finding"]) == (3, "added_after_sealing")
    sealed.write_bytes(replace(container, files=container.files[1:]).encode())
    code, report = verdict(eseal, sealed)
    assert (code, report["finding"]) == (1, "document_altered")
    assert any("was sealed and is missing" in one["detail"] for one in report["checks"])


def test_a_copy_of_a_seal_in_it_is_seen_and_not_sealed_over(eseal, seals, sealed, files, tmp_path):
    other = tmp_path / "other.asice"
    eseal("apply", files[0], "--container", other, "--seal", seals["finance"])
    eseal("anchor")
    copy = asic.read(other.read_bytes()).seals[0].cms
    prepared = asic.prepare_again(asic.read(sealed.read_bytes()))
    sealed.write_bytes(prepared.embed(copy))
    code, report = verdict(eseal, sealed)
    assert (code, report["finding"]) == (3, "added_after_sealing")
    assert [seal["finding"] for seal in report["seals"]] == ["added_after_sealing", "transplanted"]
    again = eseal("apply", sealed, "--container", sealed, "--force", "--seal", seals["contract"])
    assert again.code == 2
    assert "got META-INF/signature002.p7s" in again.err


def test_a_manifest_sealed_as_a_file_is_no_container(eseal, seals, files, tmp_path):
    """Somebody who gets a manifest sealed as the file it is must not get a container out of it."""
    prepared = asic.prepare([(file.name, file.read_bytes()) for file in files])
    manifest = tmp_path / "list.xml"
    manifest.write_bytes(prepared.container.seals[0].covers.encode())
    assert eseal("apply", manifest, "--seal", seals["contract"]).code == 0
    eseal("anchor")
    path = tmp_path / "made.asice"
    path.write_bytes(prepared.embed(manifest.with_name("list.xml.p7s").read_bytes()))
    code, report = verdict(eseal, path)
    assert (code, report["finding"]) == (1, "transplanted")


def test_a_file_that_another_program_left_out_accuses_nobody(eseal, sealed):
    with zipfile.ZipFile(sealed) as archive:
        entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    with zipfile.ZipFile(sealed, "w") as archive:
        for name, content in entries:
            if name != "contract.pdf":
                archive.writestr(name, content)
    assert verdict(eseal, sealed)[1]["finding"] == "not_understood"


def test_a_container_without_a_seal_has_none(eseal, sealed):
    container = asic.read(sealed.read_bytes())
    bare = asic.Container(container.files, ()).encode()
    sealed.write_bytes(bare)
    code, report = verdict(eseal, sealed)
    assert (code, report["finding"]) == (3, "no_seal")


@pytest.mark.parametrize(
    "option",
    [("--visible",), ("--out", "."), ("--flatten",), ("--party", "B"), ("--preview", "x.png")],
)
def test_options_that_do_not_fit_are_refused(eseal, seals, files, tmp_path, option):
    asked = ("apply", *files, "--container", tmp_path / "o.asice", "--seal", seals["contract"])
    shown = eseal(*asked, *option)
    assert shown.code == 2
    assert "--container" in shown.err


def test_what_cannot_be_sealed_leaves_nothing(eseal, seals, files, sealed, tmp_path):
    before = sealed.read_bytes()
    asked = ("apply", *files, "--container", sealed, "--seal", seals["contract"])
    assert "--force" in eseal(*asked).err
    assert sealed.read_bytes() == before
    assert "at most" in eseal(*asked, "--force", ESEAL_MAX_UPLOAD_BYTES="1000").err
    assert eseal("apply", tmp_path / "no", *asked[2:]).code == 1
    many = eseal(*asked, "--force", ESEAL_MAX_BATCH_FILES="1")
    assert "at most 1 files" in many.err
    assert len(eseal("history", "--seal", seals["contract"], "--json").json) == 1


@pytest.mark.parametrize("name", ["c.zip", "c", "c.asics", "c.pdf"])
def test_a_name_by_which_nobody_would_know_it_is_refused(eseal, seals, files, tmp_path, name):
    asked = ("apply", *files, "--container", tmp_path / name, "--seal", seals["contract"])
    shown = eseal(*asked)
    assert shown.code == 2
    assert "ends in .asice or .sce, by which other programs know a sealed container" in shown.err
    assert not (tmp_path / name).exists()


def test_what_was_written_is_said(eseal, seals, files, tmp_path):
    out = tmp_path / "c.SCE"
    asked = ("apply", *files, "--container", out, "--seal", seals["contract"])
    shown = eseal(*asked)
    assert shown.code == 0, shown.err
    assert shown.out.startswith(f"sealed as one container (ASiC-E), files: 2 -> {out} (use ")
    assert "run eseal anchor" in shown.err
    again = eseal(*asked, "--force", "--lang", "ja")
    assert "一つのコンテナ（ASiC-E）として、ファイル数: 2" in again.out
