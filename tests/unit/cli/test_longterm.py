"""``eseal apply --level``, ``eseal extend`` and ``eseal document``."""

import pytest

from eseal.documents import asic, cms
from eseal.documents.pdf import read
from tests.stamping import Other


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("tea")
    return path


@pytest.fixture
def sealed(eseal, seals, text):
    shown = eseal("apply", text, "--seal", seals["contract"])
    assert shown.code == 0, shown.err
    return text.with_name("note.txt.p7s")


def test_applied_at_a_level_and_extended(eseal, seals, tmp_path, sample_pdf):
    pdf = tmp_path / "contract.pdf"
    pdf.write_bytes(sample_pdf)
    shown = eseal("apply", pdf, "--seal", seals["contract"], "--level", "b-t")
    assert shown.code == 0, shown.err
    made = pdf.with_name("contract.sealed.pdf")
    assert len(cms.decode(read(made.read_bytes()).seals[0].cms).time_stamps) == 1
    shown = eseal("extend", made)
    assert shown.code == 0, shown.err
    extended = pdf.with_name("contract.sealed.extended.pdf")
    assert extended.read_bytes().startswith(made.read_bytes())
    assert len(read(extended.read_bytes()).stamps) == 1
    assert eseal("extend", made).code != 0
    assert eseal("extend", made, "--force", "--to", "b-lt").code == 0
    reading = read(extended.read_bytes())
    assert (reading.additions, len(reading.seals), reading.stamps) == (("validation data",), 1, ())


def test_a_signature_is_extended_where_asked(eseal, sealed, tmp_path):
    out = tmp_path / "kept.p7s"
    shown = eseal("extend", sealed, "--to", "b-lta", "--out", out)
    assert shown.code == 0, shown.err
    assert cms.decode(out.read_bytes()).archive_time_stamps
    assert not cms.decode(sealed.read_bytes()).time_stamps


def test_a_container_is_extended(eseal, seals, text, tmp_path):
    made = tmp_path / "set.asice"
    shown = eseal("apply", text, "--container", made, "--seal", seals["contract"])
    assert shown.code == 0, shown.err
    assert eseal("extend", made).code == 0
    (seal,) = asic.read((tmp_path / "set.extended.asice").read_bytes()).seals
    assert cms.decode(seal.cms).archive_time_stamps
    eseal("anchor")
    assert eseal("verify", tmp_path / "set.extended.asice").code == 0
    made.write_bytes(made.read_bytes() + b"x")
    shown = eseal("extend", made, "--force")
    assert shown.code == 2
    assert "archive: expected a plain directory" in shown.err


def test_without_an_instance_a_url_is_needed(run, sealed, tmp_path):
    elsewhere = tmp_path / "nothing"
    shown = run("--data-dir", elsewhere, "extend", sealed)
    assert shown.code != 0
    assert "there is no instance here" in shown.err
    shown = run("--data-dir", elsewhere, "extend", sealed, "--tsa", "http://127.0.0.1:9/tsa")
    assert shown.code != 0
    assert "127.0.0.1:9: cannot be reached" in shown.err
    assert not elsewhere.exists()


def test_without_an_instance_another_authority_will_do(run, sealed, tmp_path, monkeypatch):
    other = Other()
    monkeypatch.setattr("eseal.pki.http.Fetcher", lambda **_: other.fetcher())
    url = "http://other.example/pki/tsa"
    out = tmp_path / "kept.p7s"
    shown = run(
        "--data-dir", tmp_path / "no", "extend", sealed, "--to", "b-t", "--tsa", url, "--out", out
    )
    assert shown.code == 0, shown.err
    assert cms.decode(out.read_bytes()).time_stamps


def test_a_document_is_fetched_again(eseal, seals, text):
    down = {"ESEAL_TSA_URLS": "http://127.0.0.1:9/", "ESEAL_SIGNATURE_LEVEL": "b-t"}
    shown = eseal("apply", text, "--seal", seals["contract"], **down)
    assert shown.code == 1
    assert "is on record" in shown.out
    (use,) = eseal("history", "--seal", seals["contract"], "--json").json
    out = text.with_name("again.p7s")
    shown = eseal("document", use["id"], "--out", out)
    assert shown.code == 0, shown.err
    assert cms.decode(out.read_bytes()).time_stamps
