"""Whoever is shown a company's records, and is not the company, is on the log before."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi.routing import APIRoute

from eseal.errors import CorruptionError
from eseal.log.leaf import Leaf
from eseal.model.actor import Order
from eseal.model.commitment import Kind, commitment
from eseal.model.records import Disclosure, signed_message
from eseal.service.people.permissions import Scope
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.records import RecordRepository
from eseal_api.frame.host import Caller
from tests.actors import looking

OPEN_TO_ANYBODY = {
    "/healthz": "says nothing of anyone",
    "/readyz": "says nothing of anyone",
    "/metrics": "counts and times",
    "/v1/ledger": "what the ledger shows to everybody",
    "/v1/stops/{handle}": "what the ledger shows to everybody",
    "/log/checkpoint": "the public log: hashes alone",
    "/log/tile/{path:path}": "the public log: hashes alone",
    "/log/tile/entries/{path:path}": "the public log: hashes alone",
    "/": "the page that verifies what a stranger shows",
    "/how": "words",
    "/static/{name}": "words",
    "/u/{use_id}": "that a use is on record, and when: no name, purpose or digest",
    "/openapi.json": "the interface",
}
"""GET routes that need no token, and why what they show is nobody's record."""
PUBLIC_PKI = ("/crl", "/root", "/issuing", "/ocsp", "/pki")


def routes_of(client) -> list[APIRoute]:
    return [one for one in client.app.router.routes if "GET" in (getattr(one, "methods", ()) or ())]


def needs_token(route) -> bool:
    annotations = getattr(route.endpoint, "__annotations__", {})
    return "Caller" in annotations.values() or Caller in annotations.values()


def looks(service) -> list[Disclosure]:
    with service.context.database.read() as connection:
        found = [*RecordRepository(connection).iterate()]
    return [Disclosure.parse(one.content) for one in found if one.kind is Kind.DISCLOSURE]


@pytest.fixture
def names(shared_world, apply, order):
    use = apply(order).json()["id"]
    return {
        "company": shared_world.company.id,
        "seal": shared_world.contract.id,
        "use": use,
    }


def test_every_route_needs_a_token_or_shows_nobodys_record(client):
    for route in routes_of(client):
        if not needs_token(route):
            known = route.path in OPEN_TO_ANYBODY or route.path.startswith(PUBLIC_PKI)
            assert known, f"{route.path}: needs a token, or a reason here why it needs none"


def test_no_look_goes_unrecorded(client, names, shared_world, regulator_token, operator_token):
    """Every GET route with a token, those of tomorrow too: default deny."""
    service = shared_world.service
    shown = set()
    for route in routes_of(client):
        if not needs_token(route):
            continue
        path = route.path.format(**names)
        for token in (regulator_token, operator_token):
            before = looks(service)
            answer = client.get(path, token=token)
            new = looks(service)[len(before) :]
            if answer.is_success:
                assert len(new) == 1, f"{path} was shown without a record, or with several"
                assert new[0].actor.endswith(token.split("_")[1])
                assert new[0].company in {None, shared_world.company.id}
                shown.add(route.path)
            else:
                assert answer.status_code == 403, (path, answer.text)
                assert new == [], f"{path} was refused: nobody looked"
    assert {"/v1/companies", "/v1/seals/{seal}/impression", "/v1/uses/{use}"} <= shown


def test_a_company_leaves_no_record_of_looking_at_itself(
    client, names, shared_world, company_token
):
    before = len(looks(shared_world.service))
    for route in routes_of(client):
        if needs_token(route):
            client.get(route.path.format(**names), token=company_token)
    assert len(looks(shared_world.service)) == before


def test_the_owner_sees_who_looked_at_what_under_which_order(
    client, shared_world, company_token, seal_url
):
    order = Order("2026-117")
    token = shared_world.service.access.create(
        Scope.REGULATOR, label="Market supervision", order=order
    )
    client.get(f"{seal_url}/history", token=token)
    path = f"/v1/companies/{shared_world.company.id}/disclosures?limit=1000"
    newest = client.get(path, token=company_token).json()["disclosures"][-1]
    record = newest["record"]
    assert record["actor"] == f"regulator:{token.split('_')[1]} (Market supervision)"
    assert record["what"] == f"history of seal {shared_world.contract.id}"
    assert (record["order"], record["company"]) == ("2026-117", shared_world.company.id)
    assert Disclosure.parse(looks(shared_world.service)[-1].encode()).id == record["id"]


def test_an_order_can_delay_the_notice(client, shared_world, company_token, monkeypatch):
    service = shared_world.service
    until = service.context.now() + timedelta(hours=1)
    token = service.access.create(Scope.REGULATOR, order=Order("secret 9", until))
    client.get(f"/v1/companies/{shared_world.company.id}", token=token)
    path = f"/v1/companies/{shared_world.company.id}/disclosures?limit=1000"

    def orders():
        found = client.get(path, token=company_token).json()["disclosures"]
        return [one["record"].get("order") for one in found]

    assert "secret 9" not in orders()
    assert looks(service)[-1].order == "secret 9", "it is on record all the same"
    later = until + timedelta(seconds=1)
    monkeypatch.setattr(service.context, "now", lambda: later)
    assert "secret 9" in orders()


def test_pages_follow_each_other(client, shared_world, company_token, operator_token):
    path = f"/v1/companies/{shared_world.company.id}/disclosures"
    for _ in range(3):
        client.get("/v1/companies", token=operator_token)
    whole = client.get(f"{path}?limit=1000", token=company_token).json()["disclosures"]
    seen, after = [], 0
    while after is not None:
        page = client.get(f"{path}?limit=2&after={after}", token=company_token).json()
        seen += page["disclosures"]
        after = page["next"]
    assert seen == whole


def test_nobody_else_is_told_who_looked(
    client, shared_world, stranger_token, regulator_token, operator_token, check_problem
):
    path = f"/v1/companies/{shared_world.company.id}/disclosures"
    check_problem(client.get(path, token=stranger_token), 404, "not_found")
    for token in (regulator_token, operator_token):
        check_problem(client.get(path, token=token), 403, "forbidden")


def test_where_nothing_can_be_recorded_nothing_is_shown(
    open_world, data_dir, make_client, check_problem
):
    world = open_world(data_dir)
    client = make_client(world.service)
    regulator = world.service.access.create(Scope.REGULATOR)
    company = world.service.access.create(Scope.COMPANY, company_id=world.company.id)
    world.service._sequencer.stop(CorruptionError("the log is in disorder"))
    path = f"/v1/seals/{world.contract.id}"
    check_problem(client.get(path, token=regulator), 500, "corruption")
    assert client.get(path, token=company).is_success


def test_leaves_of_looks_are_as_long_as_any_other_and_have_a_tag_of_their_own(
    client, shared_world, operator_token
):
    for _ in range(2):
        client.get("/v1/seals", token=operator_token)
    with shared_world.service.context.database.read() as connection:
        log = LogRepository(connection)
        size = log.checkpoint().size
        first, second = log.leaves(size - 2, size)
    assert len(first) == len(second) == 72
    assert first[40:] != second[40:]


def test_the_owner_can_check_what_the_leaf_commits_to(client, shared_world, company_token):
    service = shared_world.service
    service.disclosures.record(looking("regulator:r", order=Order("7")), "seals", None)
    path = f"/v1/companies/{shared_world.company.id}/disclosures?limit=1000"
    newest = client.get(path, token=company_token).json()["disclosures"][-1]
    content = rfc8785.dumps(newest["record"])
    signature = base64.b64decode(newest["signature"])
    key = Ed25519PublicKey.from_public_bytes(service.context.log_public_key)
    key.verify(signature, signed_message(Kind.DISCLOSURE, content))
    with service.context.database.read() as connection:
        at = newest["log_index"]
        leaf = Leaf.decode(LogRepository(connection).leaves(at, at + 1)[0])
    assert leaf.commitment == commitment(Kind.DISCLOSURE, content, signature)
