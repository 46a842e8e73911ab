"""Sealed documents for the tests of what follows a seal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eseal.documents.pdf import prepare
from eseal.documents.pdf.manner import Manner
from tests.unit.documents.pdf.attacks import form_pdf


@pytest.fixture(scope="module")
def seal(p256, options):
    """Seals a PDF in a field."""

    def make(pdf: bytes, field: str = "Seal1", visible=None, **manner) -> bytes:
        asked = replace(options, field_name=field, visible=visible, manner=Manner(**manner))
        prepared = prepare(pdf, asked)
        return prepared.embed(p256.seal(prepared.digest))

    return make


@pytest.fixture(scope="module")
def sealed(pdfs, seal) -> bytes:
    return seal(form_pdf(pdfs), further_seals=True)
