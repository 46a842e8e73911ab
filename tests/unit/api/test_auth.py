import time

import pytest

from eseal.service.people.permissions import Scope
from eseal_api.asking import tokens as auth


@pytest.mark.parametrize(
    "header", [None, "", "Basic abc", "Bearer", "Bearer nonsense", "Bearer eseal_" + "a" * 70]
)
def test_without_a_valid_token_nothing_is_answered(client, header, check_problem):
    headers = {} if header is None else {"Authorization": header}
    refused = client.get("/v1/companies", headers=headers)
    check_problem(refused, 401, "unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_a_token_is_refused_where_its_secret_is_anothers(client, company_token, check_problem):
    changed = company_token[:-1] + ("A" if company_token[-1] != "A" else "B")
    check_problem(client.get("/v1/companies", token=changed), 401, "unauthenticated")


def test_the_scheme_is_case_insensitive(client, company_token):
    headers = {"Authorization": f"bearer  {company_token}"}
    assert client.get("/v1/companies", headers=headers).is_success


def test_a_revoked_token_stops_working_within_moments(
    client, shared_world, monkeypatch, check_problem
):
    monkeypatch.setattr(auth, "REMEMBERED_SECONDS", 0.05)
    access = shared_world.service.access
    token = access.create(Scope.OPERATOR)
    assert client.get("/v1/companies", token=token).is_success
    access.revoke(token.split("_")[1])
    time.sleep(0.06)
    check_problem(client.get("/v1/companies", token=token), 401, "unauthenticated")


def test_only_so_many_tokens_are_remembered(client, shared_world, monkeypatch, company_token):
    monkeypatch.setattr(auth, "MAX_REMEMBERED", 1)
    for _ in range(3):
        assert client.get("/v1/companies", token=company_token).is_success
        other = shared_world.service.access.create(Scope.OPERATOR)
        assert client.get("/v1/companies", token=other).is_success
    assert len(client.app.state.host.tokens._known) <= 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/companies"),
        ("POST", "/v1/seals"),
        ("POST", "/v1/certificate-requests"),
        ("POST", "/v1/anchors"),
    ],
)
def test_what_is_the_operators_is_not_a_companys(
    client, company_token, regulator_token, method, path, check_problem
):
    body = {
        "/v1/companies": {"name": "x", "registration_id": "lei:x"},
        "/v1/seals": {"company": "x", "type": "contract"},
        "/v1/certificate-requests": {"company": "x", "type": "contract"},
        "/v1/anchors": None,
    }[path]
    for token in (company_token, regulator_token):
        answer = client.request(method, path, token=token, json=body)
        assert "operator" in check_problem(answer, 403, "forbidden")


def test_only_a_company_applies_its_seals(
    client, operator_token, regulator_token, seal_url, order, check_problem
):
    for token in (operator_token, regulator_token):
        for path in ("uses", "uses:batch"):
            answer = client.post(f"{seal_url}/{path}", token=token, json=order)
            check_problem(answer, 403, "forbidden")


def test_the_operator_does_not_see_what_seals_were_used_for(
    client, operator_token, seal_url, shared_world, check_problem
):
    for path in (f"{seal_url}/history", f"/v1/companies/{shared_world.company.id}/history"):
        check_problem(client.get(path, token=operator_token), 403, "forbidden")
