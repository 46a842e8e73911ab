import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from eseal.documents.cms import decode
from eseal.documents.evidence import Evidence
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt, verify_receipt
from eseal.log.rfc9162 import leaf_hash
from eseal.model.book import tag
from eseal.model.commitment import Kind, SignatureAlgorithm, commitment, normalised
from eseal.model.ids import new_id
from eseal.model.statement import Statement
from eseal_api.frame.host import LARGE_BATCH
from eseal_api.schemas.uses import BatchUseOut


def test_a_digest_is_sealed_and_the_answer_proves_its_record(apply, order, shared_world):
    answer = apply(order)
    assert answer.status_code == 201
    use = answer.json()
    assert answer.headers["eseal-use-id"] == use["id"]
    assert answer.headers["location"] == f"/v1/uses/{use['id']}"
    signature = decode(base64.b64decode(use["cms"]))
    statement = Statement.parse(signature.statement)
    assert orjson.loads(signature.statement) == use["statement"]
    assert statement.digest.hex() == order["digest"]["value"]
    assert statement.purpose == "offer no. 7"
    value = normalised(signature.signature, SignatureAlgorithm.ECDSA_P256_SHA256)
    committed = commitment(Kind.USE, signature.statement, value)
    leaf = Leaf(use["log_index"], committed, tag(statement.seal, statement.ticket))
    verify_receipt(
        Receipt.parse(use["receipt"].encode()),
        leaf_hash(leaf.encode()),
        shared_world.service.context.log_public_key,
    )


def test_who_waits_for_the_ledger_gets_its_proof_at_once(apply, order, shared_world, client):
    answer = apply(order | {"wait": "anchored"})
    assert answer.status_code == 201
    digest, signature = order["digest"], answer.json()["cms"]
    asked = {"digest": digest, "signature": signature}
    assert client.post("/v1/verifications", json=asked).json()["finding"] == "authentic"
    head = Receipt.parse(answer.json()["receipt"].encode()).checkpoint.checkpoint
    ledger = shared_world.service.context.ledger
    assert ledger.root_at(shared_world.service.context.instance.log_id, head.size) == head.root
    for value in ("now", True, ["anchored"]):
        answer = apply(order | {"wait": value})
        assert (answer.status_code, answer.json()["field"]) == (422, "wait")


def test_who_waits_for_a_ledger_that_does_not_answer_is_told_that_the_use_is_on_record(
    apply, order, shared_world, monkeypatch
):
    anchoring = shared_world.service.anchoring
    monkeypatch.setattr("eseal.service.record.anchoring.COVER_SECONDS", 0)
    monkeypatch.setattr(anchoring, "looped", True)
    before = shared_world.service.records.history(company_id=shared_world.company.id, limit=1000)
    answer = apply(order | {"wait": "anchored"})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:eseal:problem:anchor_due"
    assert "is on record as leaf" in answer.json()["detail"]
    after = shared_world.service.records.history(company_id=shared_world.company.id, limit=1000)
    assert len(after) == len(before) + 1


def test_media_type_and_purpose_may_be_left_out(apply, order):
    use = apply({"digest": order["digest"]}).json()
    assert use["statement"]["media_type"] == "application/octet-stream"
    assert "purpose" not in use["statement"]


def test_a_digest_in_capitals_is_the_same_digest(apply, order):
    order["digest"]["value"] = order["digest"]["value"].upper()
    assert apply(order).json()["statement"]["digest"]["value"] == order["digest"]["value"].lower()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"digest": None}, "digest"),
        ({"digest": {"alg": "md5", "value": "00" * 32}}, "digest.alg"),
        ({"digest": {"value": "00" * 32}}, "digest.alg"),
        ({"digest": {"alg": "sha-256", "value": "00" * 31}}, "digest.value"),
        ({"digest": {"alg": "sha-256", "value": "0g" * 32}}, "digest.value"),
        ({"digest": {"alg": "sha-256", "value": 7}}, "digest.value"),
        ({"digest": {"alg": "sha-256", "value": "00" * 32, "more": 1}}, "more"),
        ({"media_type": "Application/PDF"}, "media_type"),
        ({"media_type": 7}, "media_type"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"purpose": "two\nlines"}, "purpose"),
        ({"purpose": 7}, "purpose"),
        ({"purposes": "x"}, "purposes"),
    ],
)
def test_what_cannot_be_used_is_named(apply, order, change, field, check_problem):
    assert check_problem(apply({**order, **change}), 422, "invalid_format", field)


def test_a_use_without_digest_is_refused(apply, check_problem):
    check_problem(apply({"media_type": "text/plain"}), 422, "invalid_format", "digest")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"\xff"'])
def test_a_body_that_is_no_object_is_refused(apply, body, check_problem):
    headers = {"Content-Type": "application/json"}
    check_problem(apply(content=body, headers=headers), 422, "invalid_format")


@pytest.mark.parametrize("kind", [None, "text/plain", "application/xml", "multipart/mixed"])
def test_other_media_types_are_refused(apply, kind, check_problem):
    headers = {} if kind is None else {"Content-Type": kind}
    check_problem(apply(content=b"x", headers=headers), 415, "unsupported_media_type")


def test_an_unknown_seal_is_not_found(client, company_token, order, check_problem):
    for name in (new_id(), "nonsense", "00" * 32):
        answer = client.post(f"/v1/seals/{name}/uses", token=company_token, json=order)
        assert name in check_problem(answer, 404, "not_found")


def test_a_retry_under_its_key_gives_the_same_use(apply, order, check_problem):
    key = new_id()
    first, again = apply(order, key=key), apply(order, key=key)
    assert again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["statement"] == again.json()["statement"]
    other = {**order, "purpose": "something else"}
    check_problem(apply(other, key=key), 422, "idempotency_conflict")


def test_a_key_is_of_visible_characters(apply, order, check_problem):
    for key in ("", "two words", "x" * 256):
        check_problem(apply(order, key=key), 422, "invalid_format", "Idempotency-Key")


def test_a_batch_answers_each_in_its_place(apply, order):
    bad = {**order, "media_type": "nonsense"}
    answer = apply({"uses": [order, bad, 7, order]}, path="uses:batch")
    assert answer.status_code == 200
    first, second, third, fourth = answer.json()["results"]
    assert first["use"]["log_index"] + 1 == fourth["use"]["log_index"]
    sealed = Statement.parse(decode(base64.b64decode(first["use"]["cms"])).statement)
    assert sealed.id == first["use"]["id"]
    assert sealed.digest.hex() == order["digest"]["value"].lower()
    assert first["use"].keys() == BatchUseOut.model_fields.keys()
    assert second["problem"]["field"] == "media_type"
    assert third["problem"]["type"] == "urn:eseal:problem:invalid_format"


def test_a_large_batch_comes_whole(apply, order):
    results = apply({"uses": [order] * 130}, path="uses:batch").json()["results"]
    assert len(results) == 130
    numbers = [result["use"]["log_index"] for result in results]
    assert numbers == list(range(numbers[0], numbers[0] + 130))


def test_large_batches_at_once_are_all_carried_out(apply, order):
    with ThreadPoolExecutor() as threads:
        tried = [
            threads.submit(apply, {"uses": [order] * LARGE_BATCH}, path="uses:batch")
            for _ in range(3)
        ]
    found = [result["use"] for answer in tried for result in answer.result().json()["results"]]
    assert len({use["log_index"] for use in found}) == 3 * LARGE_BATCH


def test_a_batch_of_nothing_usable_records_nothing(apply, client):
    before = client.get("/v1/ledger").json()["log"]["size"]
    results = apply({"uses": [1, {}]}, path="uses:batch").json()["results"]
    assert all("problem" in result for result in results)
    assert client.get("/v1/ledger").json()["log"]["size"] == before


def test_a_batch_under_a_key_is_carried_out_once(apply, order, check_problem):
    key, body = new_id(), {"uses": [order, {"bad": 1}, order]}
    first, again = (apply(body, path="uses:batch", key=key).json() for _ in range(2))
    ids = [[r["use"]["id"] for r in answer["results"] if "use" in r] for answer in (first, again)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2
    other = apply({"uses": [order]}, path="uses:batch", key=key)
    check_problem(other, 422, "idempotency_conflict")


@pytest.mark.parametrize("uses", [None, [], {}, "x"])
def test_a_batch_is_a_list(apply, uses, check_problem):
    check_problem(apply({"uses": uses}, path="uses:batch"), 422, "invalid_input", "uses")


def test_a_batch_is_json(apply, check_problem):
    answer = apply(path="uses:batch", files={"file": ("a", b"x")})
    check_problem(answer, 422, "invalid_format")


def test_a_use_on_record_shows_its_approval_record(apply, client, company_token, order):
    use = apply(order).json()
    record = client.get(f"/v1/uses/{use['id']}", token=company_token).json()
    assert record["statement"] == use["statement"]
    approved = hashlib.sha256(record["authorization"].encode()).hexdigest()
    assert approved == use["statement"]["authorization"]
    assert record["anchor"] is None


def test_evidence_has_its_anchor_once_there_is_one(
    apply, client, company_token, operator_token, order
):
    use = apply(order).json()["id"]
    client.post("/v1/anchors", token=operator_token)
    answer = client.get(f"/v1/uses/{use}/evidence", token=company_token)
    assert Evidence.parse(answer.content).anchor is not None
    assert f'filename="{use}.eseal.json"' in answer.headers["content-disposition"]


def test_a_regulator_sees_uses_and_leaves_a_record(apply, client, regulator_token, order):
    use = apply(order).json()["id"]
    before = client.get("/v1/ledger").json()["log"]["size"]
    assert client.get(f"/v1/uses/{use}", token=regulator_token).is_success
    assert client.get(f"/v1/uses/{use}/evidence", token=regulator_token).is_success
    assert client.get("/v1/ledger").json()["log"]["size"] == before + 2


def test_a_regulator_does_not_get_the_document(
    apply, client, regulator_token, order, check_problem
):
    use = apply(order).json()["id"]
    answer = client.get(f"/v1/uses/{use}/document", token=regulator_token)
    check_problem(answer, 403, "forbidden")


def test_an_unknown_use_is_not_found(client, company_token, check_problem):
    for name in (new_id(), "nonsense"):
        check_problem(client.get(f"/v1/uses/{name}", token=company_token), 404, "not_found")


def test_an_order_without_end_is_refused_under_a_key_too(apply, check_problem):
    digest = []
    for _ in range(500):
        digest = [digest]
    answer = apply({"uses": [{"digest": digest}]}, path="uses:batch", key="without-end")
    check_problem(answer, 422, "invalid_format")
