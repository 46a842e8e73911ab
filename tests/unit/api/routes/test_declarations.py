"""The owner's word over HTTP."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import rfc8785

from eseal.model.ids import new_id
from eseal.model.records import Declaration
from eseal.model.seal import SealType
from eseal.model.statement import format_time
from eseal.service.seals.onboarding import SealOrder
from tests.actors import acting


@pytest.fixture
def seal(shared_world):
    """A seal of this test's own."""
    order = SealOrder(SealType.OTHER, new_id()[:12])
    (made,) = shared_world.service.onboarding.issue(shared_world.company, [order], actor=acting())
    return made


@pytest.fixture
def use(client, seal, company_token, order):
    return client.post(f"/v1/seals/{seal.id}/uses", token=company_token, json=order).json()["id"]


@pytest.fixture
def declare(client, use, company_token):
    def post(body, token=company_token, **rest):
        return client.post(f"/v1/uses/{use}/declarations", token=token, json=body, **rest)

    return post


@pytest.fixture
def dispute(client, seal, company_token):
    def post(body, token=company_token, **rest):
        return client.post(f"/v1/seals/{seal.id}/disputes", token=token, json=body, **rest)

    return post


@pytest.mark.parametrize("word", ["void", "rescinded", "disputed"])
def test_a_use_is_declared_and_shown(client, declare, use, seal, company_token, word):
    made = declare({"word": word, "reason": "双方已解除"})
    assert made.status_code == 201
    record = made.json()["record"]
    assert (record["word"], record["about"], record["reason"]) == (word, {"use": use}, "双方已解除")
    assert record["seal"] == seal.handle.hex()
    assert base64.b64decode(made.json()["signature"])
    url = f"/v1/uses/{use}/declarations"
    assert client.get(url, token=company_token).json() == {"declarations": [made.json()]}


def test_whoever_verifies_is_told(client, declare, use, shared_world):
    shared_world.service.anchoring.anchor()
    evidence = shared_world.service.records.evidence(use).encode()
    files = {"evidence": ("a.eseal.json", evidence)}
    told = client.post("/v1/verifications", files=files).json()
    assert told["finding"] == "authentic"
    declare({"word": "rescinded", "reason": "ended by both parties"})
    told = client.post("/v1/verifications", files=files).json()
    assert (told["indication"], told["finding"]) == ("INDETERMINATE", "declared_void")
    assert "ended by both parties" in str(told)


def test_the_same_is_said_once_and_a_retry_is_answered_alike(declare, check_problem):
    key = new_id()
    first = declare({"word": "void"}, key=key)
    assert declare({"word": "void"}, key=key).json() == first.json()
    check_problem(declare({"word": "void"}), 409, "conflict")
    assert declare({"word": "disputed"}).status_code == 201


def test_a_seal_is_disputed_for_a_time(client, dispute, seal, company_token):
    since = format_time(seal.not_before)
    open_end = dispute({"since": since, "reason": "the key was stolen"})
    assert open_end.status_code == 201
    assert open_end.json()["record"]["about"] == {"since": since}
    closed = dispute({"since": since, "until": since})
    url = f"/v1/seals/{seal.id}/disputes"
    assert client.get(url, token=company_token).json() == {
        "declarations": [open_end.json(), closed.json()],
        "next": None,
    }
    page = client.get(f"{url}?limit=1", token=company_token).json()
    assert page["declarations"] == [open_end.json()]
    page = client.get(f"{url}?after={page['next']}", token=company_token).json()
    assert page["declarations"] == [closed.json()]
    said = Declaration.parse(rfc8785.dumps(closed.json()["record"]))
    assert said.about.until == said.about.since


def test_only_the_seals_company_speaks(
    declare, dispute, stranger_token, regulator_token, operator_token, seal, check_problem
):
    since = {"since": format_time(seal.not_before)}
    for post, body in ((declare, {"word": "void"}), (dispute, since)):
        check_problem(post(body, stranger_token), 404, "not_found")
        check_problem(post(body, None), 401, "unauthenticated")
        for token in (regulator_token, operator_token):
            check_problem(post(body, token), 403, "forbidden")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "word", "invalid_input"),
        ({"word": "forged"}, "word", "invalid_input"),
        ({"word": "void", "reason": ""}, "reason", "invalid_format"),
        ({"word": "void", "reason": "a\u202eb"}, "reason", "invalid_format"),
        ({"word": "void", "reason": "x" * 501}, "reason", "invalid_input"),
        ({"word": "void", "use": "x"}, "use", "invalid_input"),
    ],
)
def test_words_that_are_none(declare, check_problem, body, field, code):
    check_problem(declare(body), 422, code, field)


def test_times_that_are_none(dispute, seal, check_problem):
    early, late = seal.not_before - timedelta(days=1), seal.not_before + timedelta(days=9)
    begins = format_time(seal.not_before)
    for body, field in (
        ({}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-22T16:45:00"}, "since"),
        ({"since": format_time(early)}, "since"),
        ({"since": format_time(late)}, "since"),
        ({"since": begins, "until": format_time(late)}, "until"),
        ({"since": begins, "until": format_time(early)}, "until"),
    ):
        check_problem(dispute(body), 422, "invalid_input", field)


def test_uses_and_seals_that_are_none(client, company_token, check_problem):
    for path, body in (
        (f"/v1/uses/{new_id()}/declarations", {"word": "void"}),
        ("/v1/uses/x/declarations", {"word": "void"}),
        (f"/v1/seals/{new_id()}/disputes", {"since": "2026-11-22T16:45:00Z"}),
    ):
        check_problem(client.post(path, token=company_token, json=body), 404, "not_found")
        check_problem(client.get(path, token=company_token), 404, "not_found")
