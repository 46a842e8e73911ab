"""What ``scripts/acceptance`` tells of a folder of documents."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tests import readers
from tests.corpus.__main__ import main
from tests.fuzz.active import actions, active_content
from tests.fuzz.documents import DATA, contract
from tests.odd.pdf import one_page

SCRIPT = b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "documents"
    (made / "below").mkdir(parents=True)
    (made / "contract.pdf").write_bytes(contract())
    (made / "script.pdf").write_bytes(one_page(root=SCRIPT))
    (made / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    shutil.copy(DATA / "fpdf2.pdf", made / "below")
    shutil.copy(DATA / "pyhanko-signed.pdf", made / "below")
    return made


def test_every_document_gets_a_row(folder, tmp_path, capsys):
    out = tmp_path / "out"
    main([str(folder), "--out", str(out), "--keep"])
    table = (out / "acceptance.csv").read_text().splitlines()
    rows = {row["file"]: row for row in csv.DictReader(table)}
    assert set(rows) == {path.name for path in folder.rglob("*.pdf")}
    for name in ("contract.pdf", "fpdf2.pdf"):
        row = rows[name]
        assert (row["outcome"], row["verdict"], row["looks"]) == ("sealed", "authentic", "equal")
        sealed = (out / "sealed" / name).read_bytes()
        assert readers.shown("PDFium", sealed).count == int(row["pages"])
    script = rows["script.pdf"]
    assert (script["active"], script["outcome"]) == ("/JavaScript", "refused")
    assert rows["broken.pdf"]["opens"].startswith("broken")
    assert rows["pyhanko-signed.pdf"]["signed"] == "True"
    told = capsys.readouterr().out
    assert "2 of those sealed (100.0 %)" in told
    readers.close()


def test_active_content_is_what_acts():
    assert active_content(contract()) == []
    assert active_content(one_page(root=SCRIPT)) == ["/JavaScript"]
    assert active_content(one_page(root=b"/AcroForm << /Fields [] /XFA (x) >>")) == ["/XFA"]
    linked = b"/Annots [<< /Subtype /Link /A << /S /GoToR /F (b.pdf) >> /Rect [0 0 9 9] >>]"
    assert actions(one_page(page=linked)) == ["/GoToR"]
    assert active_content(one_page(page=linked)) == []
