"""What a company sees of another is nothing, not even that it exists."""

import pytest

from eseal.model.ids import new_id
from eseal_api.asking import names
from eseal_api.asking.names import SealNames


@pytest.mark.parametrize("path", ["", "/history"])
@pytest.mark.parametrize("kind", ["seals", "companies"])
def test_anothers_things_look_like_things_that_are_not_there(
    client, stranger_token, shared_world, kind, path, check_problem
):
    theirs = shared_world.contract.id if kind == "seals" else shared_world.company.id
    unknown = new_id()
    seen = [
        check_problem(
            client.get(f"/v1/{kind}/{name}{path}", token=stranger_token), 404, "not_found"
        ).replace(name, "NAME")
        for name in (theirs, unknown)
    ]
    assert seen[0] == seen[1]


def test_anothers_seal_cannot_be_applied_or_stopped(
    client, stranger_token, seal_url, order, check_problem
):
    for path, body in (
        ("uses", order),
        ("uses:batch", {"uses": [order]}),
        ("suspend", {"reason": "loss"}),
        ("revoke", {"reason": "loss"}),
        ("resume", None),
    ):
        answer = client.post(f"{seal_url}/{path}", token=stranger_token, json=body)
        check_problem(answer, 404, "not_found")


def test_anothers_use_is_not_shown(
    client, company_token, stranger_token, seal_url, order, check_problem
):
    use = client.post(f"{seal_url}/uses", token=company_token, json=order).json()["id"]
    for path in ("", "/evidence", "/document"):
        answer = client.get(f"/v1/uses/{use}{path}", token=stranger_token)
        check_problem(answer, 404, "not_found")
    answer = client.request("DELETE", f"/v1/uses/{use}/document", token=stranger_token)
    check_problem(answer, 404, "not_found")


def test_a_company_lists_only_itself_and_its_seals(client, stranger_token, company_token):
    for token in (stranger_token, company_token):
        (own,) = client.get("/v1/companies", token=token).json()["companies"]
        seals = client.get("/v1/seals", token=token).json()["seals"]
        assert all(seal["company"] == own["id"] for seal in seals)
    assert len(seals) >= 2


def test_a_seal_goes_by_its_id_or_its_handle(client, company_token, shared_world):
    seal = shared_world.contract
    by_id = client.get(f"/v1/seals/{seal.id}", token=company_token).json()
    by_handle = client.get(f"/v1/seals/{seal.handle.hex()}", token=company_token).json()
    assert by_id == by_handle
    assert by_id["handle"] == seal.handle.hex()


def test_a_company_goes_by_its_id_or_registration_id(client, company_token, shared_world):
    company = shared_world.company
    for name in (company.id, f"{company.scheme}:{company.number}", company.identifier):
        found = client.get(f"/v1/companies/{name}", token=company_token).json()
        assert found["id"] == company.id


def test_unknown_names_are_told_apart_for_those_who_see_all(client, operator_token, check_problem):
    answer = client.get("/v1/companies/uscc:91330100799655058X", token=operator_token)
    assert "check character" in check_problem(answer, 404, "not_found")


def test_only_so_many_seals_are_remembered(shared_world, monkeypatch):
    monkeypatch.setattr(names, "SEALS_REMEMBERED", 1)
    seals = SealNames(shared_world.service.directory)
    for seal in (shared_world.contract, shared_world.finance, shared_world.contract):
        assert seals.find(seal.id).company_id == shared_world.company.id
    assert seals.known(shared_world.finance.id) is None
    assert seals.known(shared_world.contract.id) == seals.find(shared_world.contract.id)
