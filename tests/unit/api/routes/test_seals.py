import pytest

from eseal.model.ids import new_id
from eseal.model.seal import SealType
from eseal.service.seals.onboarding import SealOrder
from tests.actors import acting


@pytest.fixture
def seal(shared_world):
    """A seal of this test's own."""
    order = SealOrder(SealType.OTHER, new_id()[:12])
    (made,) = shared_world.service.onboarding.issue(shared_world.company, [order], actor=acting())
    return made


@pytest.fixture
def change(client, seal):
    def post(what, token, body=None, **rest):
        return client.post(f"/v1/seals/{seal.id}/{what}", token=token, json=body, **rest)

    return post


def test_a_seal_is_issued_active_and_once(client, operator_token, shared_world, check_problem):
    body = {"company": shared_world.company.identifier, "type": "personnel", "label": "东区"}
    answer = client.post("/v1/seals", token=operator_token, json=body)
    assert answer.status_code == 201
    assert answer.json()["state"] == "active"
    assert answer.json()["reason"] is None
    again = client.post("/v1/seals", token=operator_token, json=body)
    check_problem(again, 409, "conflict")


def test_a_seal_of_nobody_is_not_issued(client, operator_token, check_problem):
    body = {"company": new_id(), "type": "contract"}
    check_problem(client.post("/v1/seals", token=operator_token, json=body), 404, "not_found")


def test_a_seal_is_stopped_resumed_and_ended_by_its_company(change, company_token, check_problem):
    assert change("suspend", company_token, {"reason": "loss"}).json()["state"] == "suspended"
    check_problem(change("suspend", company_token, {"reason": "loss"}), 409, "conflict")
    assert change("resume", company_token).json()["state"] == "active"
    check_problem(change("resume", company_token), 409, "conflict")
    revoked = change("revoke", company_token, {"reason": "key_compromise"}).json()
    assert (revoked["state"], revoked["reason"]) == ("revoked", "key_compromise")
    check_problem(change("resume", company_token), 409, "conflict")


def test_a_stopped_seal_is_not_applied(change, client, seal, company_token, order, check_problem):
    change("suspend", company_token, {"reason": "loss"})
    url = f"/v1/seals/{seal.id}/uses"
    answer = client.post(url, token=company_token, json=order)
    assert "suspended" in check_problem(answer, 409, "seal_not_active")
    batch = client.post(f"{url}:batch", token=company_token, json={"uses": [order]})
    (result,) = batch.json()["results"]
    assert result["problem"]["type"] == "urn:eseal:problem:seal_not_active"
    files = {"file": ("a.txt", b"x")}
    answer = client.post(url, token=company_token, files=files)
    check_problem(answer, 409, "seal_not_active")


@pytest.mark.parametrize("body", [{}, {"reason": "none"}, {"reason": "because"}, {"reason": 1}])
def test_a_seal_is_not_ended_without_reason(change, company_token, body, check_problem):
    for what in ("suspend", "revoke"):
        check_problem(change(what, company_token, body), 422, "invalid_input", "reason")


def test_what_a_regulator_stopped_only_a_regulator_resumes(
    change, company_token, operator_token, regulator_token, check_problem
):
    assert change("suspend", regulator_token, {"reason": "by_order"}).is_success
    for token in (company_token, operator_token):
        check_problem(change("resume", token), 403, "forbidden")
    assert change("resume", regulator_token).json()["state"] == "active"


def test_what_the_operator_stopped_its_company_does_not_resume(
    change, company_token, operator_token, check_problem
):
    assert change("suspend", operator_token, {"reason": "rename"}).is_success
    check_problem(change("resume", company_token), 403, "forbidden")
    assert change("resume", operator_token).is_success


def test_a_retry_under_its_key_changes_nothing_twice(change, company_token, check_problem):
    key = new_id()
    first = change("suspend", company_token, {"reason": "loss"}, key=key)
    again = change("suspend", company_token, {"reason": "loss"}, key=key)
    assert first.json() == again.json()
    other = change("suspend", company_token, {"reason": "split"}, key=key)
    check_problem(other, 422, "idempotency_conflict")
    elsewhere = change("resume", company_token, key=key)
    check_problem(elsewhere, 422, "idempotency_conflict")


def test_the_history_of_a_seal_shows_changes_and_uses(
    change, client, seal, company_token, regulator_token, order
):
    url = f"/v1/seals/{seal.id}"
    uses = [client.post(f"{url}/uses", token=company_token, json=order).json() for _ in range(3)]
    change("suspend", regulator_token, {"reason": "by_order"})
    page = client.get(f"{url}/history?limit=2", token=company_token).json()
    issued, suspended = page["changes"]
    assert (issued["state"], suspended["state"]) == ("active", "suspended")
    assert (suspended["reason"], suspended["actor"].partition(":")[0]) == ("by_order", "regulator")
    assert suspended["block"] > issued["block"]
    places = [use["log_index"] for use in page["uses"]]
    assert places == sorted(set(places))
    assert len(places) == 2
    rest = client.get(f"{url}/history?after={page['next']}", token=company_token).json()
    assert rest["next"] is None
    assert rest["uses"][0]["statement"] == uses[2]["statement"]
    assert rest["uses"][0]["anchor"]["block"]["number"] <= suspended["block"]


def test_a_regulators_look_is_put_on_the_log(client, seal, regulator_token):
    before = client.get("/v1/ledger").json()["log"]["size"]
    assert client.get(f"/v1/seals/{seal.id}/history", token=regulator_token).is_success
    assert client.get("/v1/ledger").json()["log"]["size"] == before + 1


def test_seals_come_page_by_page(client, seal, company_token):
    seen, after = [], ""
    while after is not None:
        page = client.get(f"/v1/seals?limit=2&after={after}", token=company_token).json()
        seen += [one["id"] for one in page["seals"]]
        after = page["next"]
    assert seen == sorted(set(seen))
    assert seal.id in seen
