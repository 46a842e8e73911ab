"""Messages that name options of the command line, as a request hears them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import eseal.documents
import eseal.service
from eseal.errors import ConfigurationError, UnsupportedDocumentError
from eseal_api.asking.option_names import MEMBERS, as_asked_here
from eseal_api.frame.problems import problem_of


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("seal a copy (--flatten; flatten=true), or", "seal a copy (flatten=true), or"),
        ("as one (--container OUT.asice), which", f"as one ({MEMBERS['container']}), which"),
        ("first (eseal verify --extract): x", f"first ({MEMBERS['extract']}): x"),
        ("--nothing of the kind", "--nothing of the kind"),
        ("keyword: 'a--b' stands nowhere", "keyword: 'a--b' stands nowhere"),
    ],
)  # fmt: skip
def test_an_option_becomes_what_a_request_says(message, told):
    assert as_asked_here(message) == told
    assert problem_of(UnsupportedDocumentError(message)).detail == told


def test_what_an_operator_reads_stays():
    message = "set ESEAL_LEDGER_URL, or --container OUT.asice"
    assert problem_of(ConfigurationError(message)).detail == message


def test_every_option_that_refuses_a_document_has_a_way():
    """In the rooms whose errors tell of documents."""
    named = {
        name
        for file in Path(eseal.documents.__file__).parent.rglob("*.py")
        for name in re.findall(r"[( ]--([a-z]+)\b", file.read_text(encoding="utf-8"))
    }
    assert named == set(MEMBERS)
