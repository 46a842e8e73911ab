"""Sealed documents for the tests of what follows a seal."""

from __future__ import annotations

import pytest

from tests.unit.documents.pdf.seals.forging import party, stamped, validated, with_places


@pytest.fixture(scope="session")
def opened(pdfs) -> bytes:
    """A sealed document with places for three others."""
    return with_places(pdfs.fpdf(1))


@pytest.fixture(scope="session")
def steps(opened) -> tuple[bytes, ...]:
    """The same with all that may follow, step by step."""
    made = [opened]
    for step in (
        lambda pdf: party(pdf, "Buyer"),
        validated,
        stamped,
        lambda pdf: party(pdf, "Agent"),
        lambda pdf: validated(pdf, number=7),
        stamped,
        lambda pdf: party(pdf, "Bank", lock=True),
        stamped,
        lambda pdf: validated(pdf, number=20),
    ):
        made.append(step(made[-1]))
    return tuple(made)
