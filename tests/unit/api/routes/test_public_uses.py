import re

import pytest

from eseal.model.statement import format_time
from eseal.service.sealing.applying import DigestOrder
from tests.actors import acting


@pytest.fixture
def use(shared_world):
    digest = bytes.fromhex("ab" * 32)
    (sealed,) = shared_world.service.sealing.seal_digests(
        shared_world.contract.id,
        [DigestOrder(digest, "text/plain", "a purpose nobody else may know")],
        actor=acting("a"),
    )
    return sealed.use


def test_the_page_says_that_the_use_is_on_record_and_nothing_about_whose(client, use, shared_world):
    page = client.get(f"/u/{use.id}")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "is on record" in page.text
    statement = shared_world.service.context.statement_of(use)
    assert f'<time datetime="{format_time(statement.sealed_at)}">' in page.text
    assert f'action="/u/{use.id}"' in page.text
    for secret in (
        shared_world.company.name,
        shared_world.company.id,
        "a purpose nobody",
        "abababab",
        shared_world.contract.id,
        shared_world.contract.handle.hex(),
    ):
        assert secret not in page.text


def test_it_says_whether_the_ledger_has_it(client, use, shared_world):
    assert "not yet" in client.get(f"/u/{use.id}").text
    shared_world.service.anchoring.anchor()
    page = client.get(f"/u/{use.id}").text
    assert re.search(r'since block \d+, <time datetime="[-\dTZ:]+">[\w ]+, [\d:]+ UTC</time>', page)


@pytest.mark.parametrize("name", ["x", "%3Cscript%3E", "a" * 26 + "b", "b" * 25 + "a"])
def test_an_address_that_names_nothing_is_answered_calmly(client, name):
    page = client.get(f"/u/{name}")
    assert page.status_code == 404
    assert "No use of a seal is on record" in page.text
    assert "<script>" not in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_it_loads_nothing_from_elsewhere_and_is_not_indexed(client, use):
    page = client.get(f"/u/{use.id}")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text
    assert not re.search(r"<style|style=|\son\w+=|<script(?! src=)", page.text)
