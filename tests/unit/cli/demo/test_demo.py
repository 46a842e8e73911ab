import zipfile
from pathlib import Path

import pytest
from PIL import ImageChops

from eseal.cli.demo import CRIMES, run_demo, workspace
from eseal.cli.demo.insiders import NOT_STOPPED
from eseal.cli.demo.stage import Found, Stage
from eseal.cli.demo.workspace import MARKER, demo_settings, fresh_directory, sample
from eseal.config import Settings
from eseal.documents.evidence import Evidence
from eseal.errors import ConfigurationError
from eseal.service.service import Service
from tests.artwork import by_pdfium


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The demo's directory and what it printed; played once for all tests."""
    from contextlib import redirect_stdout
    from io import StringIO

    directory = tmp_path_factory.mktemp("demo") / "demo-data"
    printed = StringIO()
    with redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "100")
        as_expected = run_demo(directory, Settings.load(), keep_serving=False)
    return as_expected, directory, printed.getvalue()


def test_everything_comes_out_as_it_should(played):
    as_expected, _, printed = played
    assert as_expected
    assert f"{len(CRIMES)} of {len(CRIMES)} forgeries caught" in printed
    assert "NOT CAUGHT" not in printed


def test_every_happening_has_its_line_of_at_most_100_columns(played):
    _, _, printed = played
    for what in (
        *("issuer set up", "company registered", "seals issued", "document sealed"),
        *("batch sealed", "head anchored", "gas", "TOTAL_PASSED", "audit"),
    ):
        assert f"\n{what} " in printed
    told = printed.split("Try it yourself")[0].splitlines()
    assert max(map(len, told)) <= 100
    for crime in CRIMES:
        (line,) = (line for line in told if crime.title in line)
        assert line.endswith(crime.expected)


def test_its_data_pass_the_audit_afterwards(played):
    _, directory, _ = played
    with Service.open(demo_settings(Settings.load(), directory)) as service:
        assert service.audit.run().disagreements == ()
        verification = service.verification
        sealed = (directory / "documents" / "contract.sealed.pdf").read_bytes()
        assert verification.document(sealed).finding == "authentic"
        both = (directory / "documents" / "contract.sealed-2.pdf").read_bytes()
        report = verification.document(both)
        assert report.finding == "authentic"
        assert (report.places.filled, report.places.total) == (2, 2)
        forged = (directory / "forgeries" / "price-changed.pdf").read_bytes()
        assert verification.document(forged).finding == "document_altered"


def test_it_leaves_evidence_to_try(played):
    _, directory, _ = played
    data = (directory / "documents" / "contract.sealed.pdf.eseal.json").read_bytes()
    assert Evidence.parse(data).anchor is not None


def test_what_is_painted_over_is_the_price(played):
    _, directory, _ = played
    sealed = (directory / "documents" / "contract.sealed.pdf").read_bytes()
    pages = {
        name: by_pdfium((directory / "forgeries" / name).read_bytes(), page=3, dpi=72)
        for name in ("painted-over.pdf", "painted-and-undone.pdf")
    }
    shown = by_pdfium(sealed, page=3, dpi=72)
    left, top, right, bottom = ImageChops.difference(shown, pages["painted-over.pdf"]).getbbox()
    assert 440 <= left <= right <= 540
    assert 224 <= top <= bottom <= 243
    undone = ImageChops.difference(shown, pages["painted-and-undone.pdf"])
    assert undone.getbbox() is None, "and nothing tells of it when it is undone"


def test_the_samples_are_what_they_are_called():
    assert sample("contract.pdf").startswith(b"%PDF-")
    assert sample("contract.pdf").count(b"186,420.00") == 2
    assert sample("licence.png").startswith(b"\x89PNG\r\n\x1a\n")
    path = Path(workspace.__file__).parent.parent / "samples" / "quotation.docx"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert "word/document.xml" in archive.namelist()
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_a_directory_that_is_not_ours_is_left_alone(tmp_path):
    (tmp_path / "precious").write_text("keep")
    with pytest.raises(ConfigurationError, match="not a demo directory of ours"):
        fresh_directory(tmp_path)
    assert (tmp_path / "precious").read_text() == "keep"


def test_an_earlier_demo_is_replaced(tmp_path):
    directory = tmp_path / "demo-data"
    fresh_directory(directory)
    (directory / "old").touch()
    fresh_directory(directory)
    assert [entry.name for entry in directory.iterdir()] == [MARKER]


def test_an_earlier_demo_that_still_runs_is_left_alone(world, data_dir):
    (data_dir / MARKER).touch()
    with pytest.raises(ConfigurationError, match="still running"):
        fresh_directory(data_dir)
    assert world.service.audit.run().disagreements == ()


def test_an_earlier_demo_with_a_ledger_is_replaced(data_dir):
    (data_dir / MARKER).touch()
    fresh_directory(data_dir)
    assert [entry.name for entry in data_dir.iterdir()] == [MARKER]


def test_the_demo_never_leaves_its_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("ESEAL_DATABASE_URL", "postgresql://production/eseal")
    monkeypatch.setenv("ESEAL_LEDGER_URL", "https://production.example.org")
    monkeypatch.setenv("ESEAL_KEK_FILE", "/run/secrets/kek")
    monkeypatch.setenv("ESEAL_PORT", "8123")
    settings = demo_settings(Settings.load(), tmp_path)
    assert settings.database == f"sqlite:///{tmp_path / 'eseal.db'}"
    assert settings.ledger_url is None
    assert settings.kek_path == tmp_path / "kek"
    assert settings.port == 8123


def test_a_forgery_nobody_caught_is_told_as_that(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    stage = Stage()
    stage.attempt("breaks everything", NOT_STOPPED, caught=False)
    stage.attempt("is caught", Found("TOTAL_FAILED", "no_seal", ""), caught=True)
    stage.closing(1, 2, 1.0)
    shown = " ".join(capsys.readouterr().out.split())
    assert "NOT CAUGHT: authentic" in shown
    assert "nobody stopped it" in shown
    assert "1 of 2 forgeries caught" in shown
