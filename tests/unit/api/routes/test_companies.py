import pytest

from eseal.errors import AuthorityUnreachableError
from eseal.model.ids import new_id

NUMBERS = iter(
    ["ntr-fr:552008443", "ntr-fi:20774740", "vat:DE136695976", "ntr-sg:00192200M",
     "ntr-no:988077917", "ntr-dk:13585628", "ntr-jp:5835678256246", "ntr-it:00743110157"]
)  # fmt: skip


@pytest.fixture
def add(client, operator_token):
    def post(body, **rest):
        return client.post("/v1/companies", token=operator_token, json=body, **rest)

    return post


def test_a_company_is_registered_with_its_first_seals(add, client, operator_token):
    body = {
        "name": "Société Générale d'Essai",
        "registration_id": next(NUMBERS),
        "seals": ["official", {"type": "contract", "label": "no. 2", "physical_code": "3301"}],
    }
    answer = add(body)
    assert answer.status_code == 201
    company = answer.json()
    assert company["identifier"] == "NTRFR-552008443"
    official, contract = company["seals"]
    assert (official["type"], official["state"]) == ("official", "active")
    assert (contract["label"], contract["physical_code"]) == ("no. 2", "3301")
    listed = client.get(f"/v1/seals?company={company['id']}", token=operator_token).json()
    assert {seal["id"] for seal in listed["seals"]} == {official["id"], contract["id"]}


def test_a_wrong_check_character_names_the_field(add, check_problem):
    answer = add({"name": "x", "registration_id": "uscc:91330100799655058X"})
    assert "check character" in check_problem(answer, 422, "invalid_input", "registration_id")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": None}, "name"),
        ({"registration_id": ""}, "registration_id"),
        ({"registration_id": "x" * 100}, "registration_id"),
        ({"seals": "contract"}, "seals"),
        ({"seals": ["unheard-of"]}, "seals.0.type"),
        ({"seals": [{"type": "contract", "algorithm": "sm2"}]}, "seals.0.algorithm"),
        ({"seals": [{"label": "x"}]}, "seals.0.type"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_used_is_named(add, change, field, check_problem):
    body = {"name": "x", "registration_id": "ntr-fr:552008443", **change}
    check_problem(add(body), 422, "invalid_input", field)


def test_a_name_that_reads_as_another_is_refused(add, check_problem):
    answer = add({"name": "abc\u202edef", "registration_id": "ntr-fr:552008443"})
    check_problem(answer, 422, "invalid_format", "name")


def test_a_body_that_is_no_json_is_refused(client, operator_token, check_problem):
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/companies", token=operator_token, content=b"{", headers=headers)
    assert "expected JSON" in check_problem(answer, 422, "invalid_format")


def test_a_registration_id_is_on_record_once(add, check_problem):
    body = {"name": "Oy Koe Ab", "registration_id": next(NUMBERS)}
    assert add(body).status_code == 201
    check_problem(add(body), 409, "conflict")


def test_a_retry_under_its_key_registers_nothing_twice(add, check_problem):
    key = new_id()
    body = {"name": "Probe GmbH", "registration_id": next(NUMBERS), "seals": ["finance"]}
    first, again = add(body, key=key), add(body, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    check_problem(add({**body, "name": "other"}, key=key), 422, "idempotency_conflict")


def test_a_refused_write_frees_its_key(add, check_problem):
    key = new_id()
    number = next(NUMBERS)
    check_problem(add({"name": "x\u200b", "registration_id": number}, key=key), 422,
                  "invalid_format", "name")  # fmt: skip
    assert add({"name": "Trial Pte Ltd", "registration_id": number}, key=key).status_code == 201


def test_a_key_is_of_visible_characters(add, check_problem):
    body = {"name": "x", "registration_id": "ntr-fr:552008443"}
    check_problem(add(body, key="two words"), 422, "invalid_input", "Idempotency-Key")


def test_companies_come_page_by_page(add, client, operator_token):
    for name in ("One AS", "Two ApS"):
        assert add({"name": name, "registration_id": next(NUMBERS)}).is_success
    seen, after = [], ""
    while after is not None:
        page = client.get(f"/v1/companies?limit=2&after={after}", token=operator_token).json()
        seen += [company["id"] for company in page["companies"]]
        after = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) >= 3


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=UPPER"])
def test_a_page_of_nonsense_is_refused(client, operator_token, query, check_problem):
    answer = client.get(f"/v1/companies?{query}", token=operator_token)
    check_problem(answer, 422, "invalid_input", query.partition("=")[0])


def test_the_history_of_a_company_goes_over_all_its_seals(
    client, company_token, regulator_token, shared_world, order
):
    for seal in (shared_world.contract, shared_world.finance):
        url = f"/v1/seals/{seal.id}/uses"
        assert client.post(url, token=company_token, json=order).is_success
    url = f"/v1/companies/{shared_world.company.id}/history"
    seen, after = [], 0
    while after is not None:
        page = client.get(f"{url}?limit=50&after={after}", token=company_token).json()
        seen += page["uses"]
        after = page["next"]
    indexes = [use["log_index"] for use in seen]
    assert indexes == sorted(set(indexes))
    assert {use["seal"] for use in seen} >= {shared_world.contract.id, shared_world.finance.id}
    before = client.get("/v1/ledger").json()["log"]["size"]
    assert client.get(url, token=regulator_token).is_success
    assert client.get("/v1/ledger").json()["log"]["size"] == before + 1


def test_an_lei_needs_the_country_of_the_seat(add, check_problem):
    body = {"name": "Probe Ltd", "registration_id": "lei:529900T8BM49AURSDO55"}
    told = check_problem(add(body), 422, "invalid_input", "country")
    assert "names none" in told
    check_problem(add(body | {"country": "XG"}), 422, "invalid_input", "country")
    answer = add(body | {"country": "US"})
    assert answer.status_code == 201
    assert answer.json()["country"] == "US"


def test_a_company_bears_its_subject_and_a_new_name_when_it_has_one(
    add, client, operator_token, company_token, shared_world, check_problem
):
    company = add({"name": "Uno S.p.A.", "registration_id": next(NUMBERS)}).json()
    assert company.pop("seals") == []
    ledger = shared_world.service.context.ledger
    assert ledger.company(bytes.fromhex(company["subject"])) is not None
    url = f"/v1/companies/{company['id']}/rename"
    renamed = client.post(url, token=operator_token, json={"name": "Due S.p.A."})
    assert (renamed.status_code, renamed.json()) == (200, company | {"name": "Due S.p.A."})
    check_problem(client.post(url, token=company_token, json={"name": "Tre"}), 403, "forbidden")
    told = client.post(url, token=operator_token, json={"name": "a\u202eb"})
    check_problem(told, 422, "invalid_format", "name")


def test_a_second_register_names_no_second_company(add, check_problem):
    body = {"name": "Elbe", "registration_id": "lei:529900T8BM49AURSDO55", "country": "DE"}
    told = check_problem(add(body), 422, "invalid_input", "registration_id")
    assert "vat:DE" in told


def test_an_authority_that_is_down_is_worth_another_try(
    add, shared_world, monkeypatch, check_problem
):
    class Down:
        def prove(self, _ask):
            raise AuthorityUnreachableError("the authority cannot be asked; try again")

    monkeypatch.setattr(shared_world.service.subjects, "_authority", Down())
    body = {"name": "Probe Pty Ltd", "registration_id": "ntr-au:004085616"}
    answer = add(body)
    check_problem(answer, 503, "authority_unreachable")
    assert "retry-after" in answer.headers
    monkeypatch.undo()
    assert add(body).status_code == 201
