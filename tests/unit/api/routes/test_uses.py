import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import orjson
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from api.host import LARGE_BATCH
from api.schemas.uses import BatchUseOut
from eseal.documents.cms import decode
from eseal.documents.evidence import Evidence
from eseal.log.leaf import Leaf, LeafType
from eseal.log.receipt import Receipt, verify_receipt
from eseal.log.rfc9162 import leaf_hash
from eseal.model.ids import new_id
from eseal.model.statement import Statement, commitment
from eseal.verify import Finding, verify_document


@pytest.fixture
def apply(client, company_token, seal_url):
    def post(body=None, *, path="uses", **rest):
        if body is not None:
            rest["json"] = body
        return client.post(f"{seal_url}/{path}", token=company_token, **rest)

    return post


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
    assert (statement.seq, statement.purpose) == (use["seq"], "offer no. 7")
    leaf = Leaf(
        LeafType.USE, use["log_index"], commitment(signature.statement, signature.signature)
    )
    verify_receipt(
        Receipt.parse(use["receipt"].encode()),
        leaf_hash(leaf.encode()),
        shared_world.service.context.log_public_key,
    )


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
    assert first["use"]["seq"] + 1 == fourth["use"]["seq"]
    sealed = Statement.parse(decode(base64.b64decode(first["use"]["cms"])).statement)
    assert sealed.id == first["use"]["id"]
    assert sealed.digest.hex() == order["digest"]["value"].lower()
    assert first["use"].keys() == BatchUseOut.model_fields.keys()
    assert second["problem"]["field"] == "media_type"
    assert third["problem"]["type"] == "urn:eseal:problem:invalid_format"


def test_a_large_batch_comes_whole(apply, order):
    results = apply({"uses": [order] * 130}, path="uses:batch").json()["results"]
    assert len(results) == 130
    numbers = [result["use"]["seq"] for result in results]
    assert numbers == list(range(numbers[0], numbers[0] + 130))


def test_large_batches_at_once_are_all_carried_out(apply, order):
    with ThreadPoolExecutor() as threads:
        tried = [
            threads.submit(apply, {"uses": [order] * LARGE_BATCH}, path="uses:batch")
            for _ in range(3)
        ]
    found = [result["use"] for answer in tried for result in answer.result().json()["results"]]
    assert len({use["seq"] for use in found}) == 3 * LARGE_BATCH


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


def test_any_file_gets_its_signature_beside_it(apply, shared_world):
    data = "合同正文".encode()
    answer = apply(files={"file": ("报价 1.docx", data)}, data={"purpose": "offer"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/pkcs7-signature"
    assert (
        "filename*=UTF-8''%E6%8A%A5%E4%BB%B7%201.docx.p7s"
        in (answer.headers["content-disposition"])
    )
    service = shared_world.service
    service.anchoring.anchor()
    evidence = service.records.evidence(answer.headers["eseal-use-id"])
    report = verify_document(
        data, signature=answer.content, evidence=evidence, ledger=service.context.reader
    )
    assert report.finding is Finding.AUTHENTIC


def test_a_pdf_gets_the_seal_inside_and_can_be_fetched_until_it_has_arrived(
    apply, client, company_token, sample_pdf, check_problem
):
    answer = apply(files={"file": ("Contract.PDF", sample_pdf)})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="Contract.sealed.pdf"'
    url = f"{answer.headers['location']}/document"
    again = client.get(url, token=company_token)
    assert again.headers["content-type"] == "application/pdf"
    assert len(again.content) == len(answer.content)
    assert client.request("DELETE", url, token=company_token).status_code == 204
    check_problem(client.get(url, token=company_token), 404, "not_found")
    assert client.get(answer.headers["location"], token=company_token).is_success


def test_a_pdf_shows_its_seal_where_it_was_asked_to(
    client, stranger_token, operator_token, sample_pdf
):
    company = client.get("/v1/companies", token=stranger_token).json()["companies"][0]["id"]
    asked = {"company": company, "type": "contract"}
    seal = client.post("/v1/seals", token=operator_token, json=asked).json()["id"]
    box = orjson.dumps({"page": -1, "x": 120, "y": 20.5, "width": 60, "height": 20}).decode()
    form = {"files": {"file": ("a.pdf", sample_pdf)}, "data": {"visible": box}}
    answer = client.post(f"/v1/seals/{seal}/uses", token=stranger_token, **form)
    assert answer.status_code == 201
    assert b"Another Company Ltd" in answer.content


def test_a_pdf_shows_its_seal_over_a_keyword(client, stranger_token, sample_pdf):
    (seal,) = [
        one["id"]
        for one in client.get("/v1/seals", token=stranger_token).json()["seals"]
        if one["type"] == "contract"
    ]
    asked = orjson.dumps({"keyword": {"text": "page 2"}, "pages": "all"}).decode()
    form = {"files": {"file": ("a.pdf", sample_pdf)}, "data": {"placement": asked}}
    answer = client.post(f"/v1/seals/{seal}/uses", token=stranger_token, **form)
    assert answer.status_code == 201
    assert b"/EsealArt" in answer.content, "on the first page, too"


@pytest.mark.parametrize(
    ("placement", "code", "field"),
    [
        ("{", "invalid_format", "placement"),
        ('{"keyword": {"text": "nowhere"}}', "invalid_input", "keyword"),
        ('{"at": {"page": 9, "x": 1, "y": 1}}', "invalid_input", "visible"),
        ('{"field": "Buyer"}', "invalid_input", "field"),
        ('{"cross_page": {"pages": "1"}}', "invalid_input", "cross_page"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    client, company_token, sample_pdf, check_problem, placement, code, field
):
    seal = client.get("/v1/seals", token=company_token).json()["seals"][0]["id"]
    form = {"files": {"file": ("a.pdf", sample_pdf)}, "data": {"placement": placement}}
    answer = client.post(f"/v1/seals/{seal}/uses", token=company_token, **form)
    check_problem(answer, 422, code, field)


def test_two_ways_to_say_where_are_one_too_many(apply, sample_pdf, check_problem):
    data = {"placement": '{"auto": true}', "visible": '{"page": 1}'}
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data=data)
    check_problem(answer, 422, "invalid_format", "placement")


def test_a_document_under_a_key_is_sealed_once(apply, sample_pdf, check_problem):
    key, files = new_id(), {"file": ("a.pdf", sample_pdf)}
    first, again = apply(files=files, key=key), apply(files=files, key=key)
    assert first.headers["eseal-use-id"] == again.headers["eseal-use-id"]
    other = apply(files={"file": ("a.pdf", sample_pdf + b"\n")}, key=key)
    check_problem(other, 422, "idempotency_conflict")


@pytest.mark.parametrize(
    ("files", "data", "code", "field"),
    [
        ({"purpose": (None, "x")}, {}, "invalid_format", "file"),
        ({"file": ("a.txt", b"")}, {}, "invalid_input", "file"),
        ({"file": ("a.txt", b"x")}, {"purpose": "two\nlines"}, "invalid_format", "purpose"),
        ({"file": ("a.txt", b"x")}, {"visible": "{"}, "invalid_format", "visible"),
        ({"file": ("a.txt", b"x")}, {"visible": '{"page": 1}'}, "invalid_format", "visible"),
        ({"file": ("a.txt", b"x")}, {"more": "x"}, "invalid_format", "more"),
        ({"other": ("a.txt", b"x")}, {}, "invalid_format", "other"),
        ({"file": ("a.pdf", b"no pdf")}, {}, "unsupported_document", "file"),
        ({"file": ("a.pdf", b"%PDF-1.7\ncut off")}, {}, "unsupported_document", "file"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(apply, files, data, code, field, check_problem):
    check_problem(apply(files=files, data=data), 422, code, field)


@pytest.mark.parametrize(
    "box",
    [
        {"page": 0, "x": 1, "y": 1, "width": 1, "height": 1},
        {"page": True, "x": 1, "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": -1, "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": "1", "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": True, "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": 1e9, "y": 1, "width": 1, "height": 1},
    ],
)
def test_a_place_on_no_page_is_refused(apply, box, sample_pdf):
    answer = apply(
        files={"file": ("a.pdf", sample_pdf)}, data={"visible": orjson.dumps(box).decode()}
    )
    assert answer.status_code == 422
    assert answer.json()["field"].startswith("visible.")


def test_a_broken_form_is_refused(apply, check_problem):
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = apply(content=b"nonsense", headers={"Content-Type": kind})
        check_problem(answer, 422, "invalid_format")


def test_a_part_twice_or_a_field_for_a_file_is_refused(apply, check_problem):
    files = [("file", ("a.txt", b"x")), ("file", ("b.txt", b"y"))]
    check_problem(apply(files=files), 422, "invalid_format", "file")
    files = {"file": (None, "x"), "purpose": (None, "y")}
    check_problem(apply(files=files), 422, "invalid_format", "file")


def test_a_sealed_pdf_is_not_sealed_again(apply, sample_pdf, check_problem):
    sealed = apply(files={"file": ("a.pdf", sample_pdf)}).content
    check_problem(apply(files={"file": ("a.pdf", sealed)}), 422, "already_sealed", "file")


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


def with_script(pdf):
    """The document with a script in an update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    script = {"/S": generic.NameObject("/JavaScript"), "/JS": generic.TextStringObject("x")}
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {generic.NameObject(key): value for key, value in script.items()}
    )
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_document_that_must_not_be_sealed_is_refused_with_reasons(
    apply, sample_pdf, check_problem
):
    form = {"file": ("a.pdf", with_script(sample_pdf))}
    answer = apply(files=form)
    check_problem(answer, 422, "unsafe_document", "file")
    assert answer.json()["reasons"] == ["javascript", "automatic_action"]
    assert apply(files=form, data={"flatten": "true"}).status_code == 201


def test_several_parties_seal_one_after_another(apply, sample_pdf, check_problem):
    parties = '[{"name": "Buyer", "page": -1, "x": 120, "y": 20, "width": 40, "height": 40}, '
    parties += '{"name": "Bank"}]'
    first = apply(files={"file": ("a.pdf", sample_pdf)}, data={"parties": parties})
    assert b"(Buyer)" in first.content
    second = apply(files={"file": ("a.pdf", first.content)}, data={"lock": "true"})
    assert second.status_code == 201
    check_problem(apply(files={"file": ("a.pdf", second.content)}), 422, "already_sealed", "file")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"flatten": "yes"}, "flatten"),
        ({"parties": "{}"}, "parties"),
        ({"parties": "[1]"}, "parties"),
        ({"parties": '[{"name": 1}]'}, "parties.name"),
        (
            {"parties": '[{"name": "A", "page": 0, "x": 1, "y": 1, "width": 1, "height": 1}]'},
            "parties.page",
        ),
        (
            {"parties": '[{"name": "A", "page": 1, "x": "", "y": 1, "width": 1, "height": 1}]'},
            "parties",
        ),
    ],
)
def test_a_manner_that_is_none_is_refused(apply, sample_pdf, check_problem, data, field):
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data=data)
    check_problem(answer, 422, "invalid_format", field)
