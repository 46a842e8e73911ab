"""Counterparties and anybody: hostile documents and floods, at the open door of the service."""

from __future__ import annotations

import io

import httpx
import pikepdf
import pypdfium2
import pytest

from eseal.documents import confined
from eseal.errors import UnsupportedDocumentError
from eseal.verify import Finding
from eseal_api.frame.limits import Limits
from tests.actors import acting
from tests.integration.promise.switches import defended, gone
from tests.serving import served

PATIENCE = 60
UNREAD = UnsupportedDocumentError("there is no further step")


def sealed(stage):
    pdf = io.BytesIO()
    blank = pikepdf.new()
    blank.add_blank_page()
    blank.save(pdf)
    made = stage.service.sealing.seal_document(
        stage.seal.id, pdf.getvalue(), filename="a.pdf", actor=acting("a")
    )
    stage.office.anchor()
    return made.data


def spoilt(data):
    """A page painted over, as PDF tools do: who judges it must read and draw the file."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.pages[0].contents_add(b"q 1 0 0 rg 0 0 300 300 re f Q")
        opened.save(out)
    return data + out.getvalue()


@pytest.fixture
def forged(stage):
    return spoilt(sealed(stage))


def here(task, *files, budget, **arguments):
    """A question in steps, answered in this very process."""
    assert budget
    return confined.Steps([step() for step in task(*files, **arguments)], UNREAD)


@defended(gone("the reader's process", (confined, "ask_in_steps", here)))
def test_the_process_that_holds_keys_reads_no_strangers_document(stage, forged, monkeypatch):
    """No library of others opens it here, whatever it is."""
    opened = []
    for module, name in (pikepdf, "open"), (pypdfium2, "PdfDocument"):
        monkeypatch.setattr(module, name, lambda *a, **_: opened.append(a) or 1 / 0)
    report = stage.service.verification.document(forged)
    stage.holds(not opened, why="a stranger's file was read beside the keys")
    assert report.finding is not Finding.AUTHENTIC


@defended(gone("the limit of a request", (Limits, "limit_of", lambda *_: 1 << 40)))
def test_a_flood(stage):
    """Too large a body is refused while it is read, and the service goes on."""
    with served(stage.service) as url, httpx.Client(timeout=PATIENCE) as client:
        body = b'{"digest": "' + b"0" * (2 << 20) + b'"}'
        headers = {"content-type": "application/json"}
        answer = client.post(f"{url}/v1/verifications", content=body, headers=headers)
        refused = httpx.codes.REQUEST_ENTITY_TOO_LARGE
        stage.holds(answer.status_code == refused, why=f"status {answer.status_code}")
        assert client.get(f"{url}/healthz").is_success
