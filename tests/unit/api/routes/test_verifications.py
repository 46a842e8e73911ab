import base64
import hashlib

import orjson
import pytest


@pytest.fixture(scope="module")
def sealed(shared_world):
    """A text, its signature and its evidence, anchored."""
    service, data = shared_world.service, "合同正文\n".encode()
    made = service.sealing.seal_document(
        shared_world.contract.id, data, filename="a.txt", actor="test"
    )
    service.anchoring.anchor()
    return data, made.data, service.records.evidence(made.use.id).encode()


@pytest.fixture
def verify(client):
    def post(**rest):
        return client.post("/v1/verifications", **rest)

    return post


def digest(data: bytes) -> dict[str, str]:
    return {"alg": "sha-256", "value": hashlib.sha256(data).hexdigest()}


def finding(answer) -> str:
    assert answer.status_code == 200, answer.text
    return answer.json()["finding"]


def test_a_document_with_its_signature(verify, sealed, shared_world):
    data, signature, _ = sealed
    answer = verify(files={"file": ("a.txt", data), "signature": ("a.txt.p7s", signature)})
    assert finding(answer) == "authentic"
    report = answer.json()
    assert report["indication"] == "TOTAL_PASSED"
    assert report["seals"][0]["name"] == shared_world.company.name
    assert {check["status"] for check in report["checks"]} == {"VALID"}


def test_a_document_with_its_evidence(verify, sealed):
    data, _, evidence = sealed
    assert finding(verify(files={"file": data, "evidence": evidence})) == "authentic"
    assert finding(verify(files={"file": data + b"!", "evidence": evidence})) != "authentic"


def test_a_digest_with_its_signature(verify, sealed):
    data, signature, evidence = sealed
    encoded = base64.b64encode(signature).decode()
    body = {"digest": digest(data), "signature": encoded}
    assert finding(verify(json=body)) == "authentic"
    body["evidence"] = orjson.loads(evidence)
    assert finding(verify(json=body)) == "authentic"
    body["digest"] = digest(data + b"!")
    assert finding(verify(json=body)) == "document_altered"


def test_a_bare_digest_is_looked_up(verify, sealed):
    assert finding(verify(json={"digest": digest(sealed[0])})) == "authentic"
    assert finding(verify(json={"digest": digest(b"never sealed")})) == "no_seal"


def test_evidence_alone_is_checked_without_a_document(verify, sealed):
    _, _, evidence = sealed
    for rest in ({"files": {"evidence": evidence}}, {"json": {"evidence": orjson.loads(evidence)}}):
        answer = verify(**rest)
        assert finding(answer) == "authentic"
        assert "No document was compared" in answer.json()["message"]


def test_a_sealed_pdf_and_what_was_made_of_it(verify, shared_world, sample_pdf):
    service = shared_world.service
    sealed = service.sealing.seal_document(
        shared_world.contract.id, sample_pdf, filename="a.pdf", actor="test"
    )
    assert finding(verify(files={"file": sealed.data})) == "anchor_pending"
    service.anchoring.anchor()
    assert finding(verify(files={"file": sealed.data})) == "authentic"
    altered = sealed.data.replace(b"/MediaBox", b"/MediaBux", 1)
    assert finding(verify(files={"file": altered})) == "document_altered"


@pytest.mark.parametrize(
    "data", [b"", b"x", b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff" * 100, b"PK\x03\x04 cut off"]
)
def test_whatever_the_document_is_there_is_a_report(verify, data):
    report = verify(files={"file": ("a.pdf", data)})
    assert report.status_code == 200
    assert report.json()["indication"] != "TOTAL_PASSED"


@pytest.mark.parametrize("signature", [b"", b"x", b"0\x80", b"0\x82\x01\x00"])
def test_whatever_the_signature_is_there_is_a_report(verify, signature):
    files = {"file": ("a", b"x"), "signature": ("a.p7s", signature)}
    report = verify(files=files)
    assert report.status_code == 200
    assert report.json()["indication"] != "TOTAL_PASSED"


@pytest.mark.parametrize("evidence", [b"", b"{", b"[]", b"{}", b'{"v": 2}'])
def test_evidence_that_is_none_is_refused(verify, evidence, check_problem):
    files = {"file": ("a", b"x"), "evidence": ("a.eseal.json", evidence)}
    check_problem(verify(files=files), 422, "invalid_format", "evidence")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "file"),
        ({"signature": "AAAA"}, "file"),
        ({"digest": {"alg": "sha-256", "value": "00"}}, "digest.value"),
        ({"digest": {"alg": "sha-256", "value": "00" * 32}, "signature": "no!"}, "signature"),
        ({"digest": {"alg": "sha-256", "value": "00" * 32}, "signature": "é"}, "signature"),
        ({"digest": {"alg": "sha-256", "value": "00" * 32}, "signature": 7}, "signature"),
        ({"digest": {"alg": "sha-256", "value": "00" * 32}, "evidence": 7}, "evidence"),
        ({"more": 1}, "more"),
    ],
)
def test_a_request_that_cannot_be_used_is_named(verify, body, field, check_problem):
    check_problem(verify(json=body), 422, "invalid_format", field)


def test_a_form_without_document_is_refused(verify, check_problem):
    answer = verify(files={"signature": ("a.p7s", b"x")})
    check_problem(answer, 422, "invalid_format", "file")


def test_a_side_file_as_large_as_a_document_is_refused(verify, check_problem):
    files = {"file": ("a", b"x"), "signature": ("a.p7s", b"x" * ((1 << 20) + 1))}
    check_problem(verify(files=files), 413, "too_large", "signature")


def test_verdicts_are_counted(verify, client, sealed):
    verify(json={"digest": digest(sealed[0])})
    counted = 'eseal_verdicts_total{finding="authentic",indication="TOTAL_PASSED"}'
    assert counted in client.get("/metrics").text
