import base64
import hashlib

import orjson
import pytest

from eseal.documents.pdf import InField, PartyPlace, Placing, SealingMode
from tests.actors import acting


@pytest.fixture(scope="module")
def sealed(shared_world):
    """A text, its signature and its evidence, anchored."""
    service, data = shared_world.service, "合同正文\n".encode()
    made = service.sealing.seal_document(
        shared_world.contract.id, data, filename="a.txt", actor=acting()
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
    by_name = {check["name"]: check["detail"] for check in report["checks"]}
    assert "trial set-up" in by_name["subject"]
    assert "declared nothing" in by_name["declarations"]


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


def test_who_shows_something_gets_the_evidence_of_that_use(verify, sealed):
    data, signature, evidence = sealed
    for files in ({"file": data}, {"file": data, "signature": signature}, {"evidence": evidence}):
        (seal,) = verify(files=files).json()["seals"]
        assert seal["evidence"] == orjson.loads(evidence)
    again = verify(files={"file": data, "evidence": orjson.dumps(seal["evidence"])})
    assert finding(again) == "authentic"


def test_a_bare_digest_tells_a_window_and_nothing_else(verify, sealed, shared_world):
    """Digests can be guessed: who only names one learns of no company, purpose, time or number."""
    data, _, evidence = sealed
    answer = verify(json={"digest": digest(data)})
    told = answer.json()
    assert set(told) == {"on_record", "window"}
    assert told["on_record"] is True
    assert told["window"]["not_before"].endswith("T00:00:00Z")
    assert told["window"]["not_after"].endswith("T23:59:59Z")
    use = orjson.loads(evidence)["statement"]
    for secret in (use["id"], use["seal"], use["sealed_at"], shared_world.company.name):
        assert secret not in answer.text
    never = verify(json={"digest": digest(b"never sealed")}).json()
    assert never == {"on_record": False, "window": None}


def test_who_shows_another_use_than_the_digest_s_learns_nothing_of_that(
    client, verify, shared_world
):
    """Evidence of one's own, or a signature, is no key to whatever digest one can guess."""
    service, guessed = shared_world.service, b"terms that somebody may have sealed"
    theirs = service.sealing.seal_document(
        shared_world.contract.id, guessed, filename="a.txt", purpose="secret", actor=acting()
    )
    own = service.sealing.seal_document(
        shared_world.finance.id, b"my own", filename="b.txt", actor=acting()
    )
    service.anchoring.anchor()
    evidence = service.records.evidence(own.use.id).encode()
    signature = base64.b64encode(own.data).decode()
    with_evidence = verify(json={"digest": digest(guessed), "evidence": orjson.loads(evidence)})
    signed = verify(json={"digest": digest(guessed), "signature": signature})
    fields = {"digest": digest(guessed)["value"]}
    page = client.post("/", files={"evidence": evidence}, data=fields)
    assert (finding(with_evidence), finding(signed)) == ("transplanted", "document_altered")
    for answer in (with_evidence, signed, page):
        assert answer.status_code == 200
        assert theirs.use.id not in answer.text
        assert "secret" not in answer.text


def test_nobody_learns_that_somebody_else_sealed_the_same_bytes(verify, shared_world):
    service, data = shared_world.service, b"a form that many seal"
    first = service.sealing.seal_document(
        shared_world.contract.id, data, filename="a.txt", actor=acting()
    )
    service.anchoring.anchor()
    body = {"digest": digest(data)}
    before = verify(json=body).json()
    shown = verify(files={"file": data}).json()
    service.sealing.seal_document(shared_world.finance.id, data, filename="b.txt", actor=acting())
    service.anchoring.anchor()
    assert verify(json=body).json() == before
    after = verify(files={"file": data}).json()
    assert after["seals"][0]["use"] == shown["seals"][0]["use"]
    signed = verify(files={"file": data, "signature": first.data}).json()
    assert [seal["use"]["id"] for seal in signed["seals"]] == [first.use.id]


def test_evidence_alone_is_checked_without_a_document(verify, sealed):
    _, _, evidence = sealed
    for rest in ({"files": {"evidence": evidence}}, {"json": {"evidence": orjson.loads(evidence)}}):
        answer = verify(**rest)
        assert finding(answer) == "authentic"
        assert "No document was compared" in answer.json()["message"]


def test_a_sealed_pdf_and_what_was_made_of_it(verify, shared_world, sample_pdf):
    service = shared_world.service
    sealed = service.sealing.seal_document(
        shared_world.contract.id, sample_pdf, filename="a.pdf", actor=acting()
    )
    assert finding(verify(files={"file": sealed.data})) == "anchor_pending"
    service.anchoring.anchor()
    assert finding(verify(files={"file": sealed.data})) == "authentic"
    altered = sealed.data.replace(b"/MediaBox", b"/MediaBux", 1)
    assert finding(verify(files={"file": altered})) == "document_altered"


@pytest.fixture(scope="module")
def sealed_pdf(shared_world, sample_pdf):
    service = shared_world.service
    seal = shared_world.contract.id
    made = service.sealing.seal_document(seal, sample_pdf, filename="a.pdf", actor=acting())
    service.anchoring.anchor()
    return made.data


@pytest.fixture
def extract(client):
    def post(**rest):
        return client.post("/v1/verifications/extract", **rest)

    return post


def test_what_was_added_is_told_and_the_sealed_document_taken_out(verify, extract, sealed_pdf):
    added = sealed_pdf + b"% kept by another program\n"
    report = verify(files={"file": ("a.pdf", added)}).json()
    assert (report["finding"], report["extractable"]) == ("added_after_sealing", True)
    answer = extract(files={"file": ("a.pdf", added)})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="sealed.pdf"'
    assert answer.content == sealed_pdf
    report = verify(files={"file": ("a.pdf", answer.content)}).json()
    assert (report["finding"], report["extractable"]) == ("authentic", False)


def test_several_parties_are_taken_out_together(extract, shared_world, sample_pdf):
    sealing = shared_world.service.sealing
    mode = SealingMode(parties=(PartyPlace("Finance"),))
    first = sealing.seal_document(
        shared_world.contract.id, sample_pdf, filename="a.pdf", actor=acting(), mode=mode
    ).data
    second = sealing.seal_document(
        shared_world.finance.id,
        first,
        filename="a.pdf",
        actor=acting(),
        visible=Placing(InField("Finance")),
    ).data
    assert extract(files={"file": ("a.pdf", second + b"\n")}).content == second
    assert extract(files={"file": ("a.pdf", second)}).content == second


@pytest.mark.parametrize(
    ("rest", "code", "field"),
    [
        ({"files": {"file": ("a.pdf", b"no PDF")}}, "unsupported_document", "file"),
        ({"files": {"other": ("a.pdf", b"x")}}, "invalid_format", "other"),
        ({"files": {"file": (None, "x")}}, "invalid_format", "file"),
        ({"json": {"file": "x"}}, "invalid_format", None),
    ],
)
def test_of_what_was_not_sealed_nothing_is_taken_out(extract, check_problem, rest, code, field):
    check_problem(extract(**rest), 422, code, field)


def test_an_ordinary_pdf_is_none_that_was_sealed(extract, check_problem, sample_pdf):
    answer = extract(files={"file": ("a.pdf", sample_pdf)})
    detail = check_problem(answer, 422, "unsupported_document", "file")
    assert "does not begin with a document as it was sealed" in detail


def test_a_container_and_what_was_made_of_it(verify, shared_world):
    """Whoever unpacks one and packs it again is not accused, with evidence or without."""
    service, files = shared_world.service, [("a.txt", b"tea"), ("b/c.txt", b"coffee")]
    made = service.containers.seal(shared_world.contract.id, files, actor=acting())
    service.anchoring.anchor()
    evidence = service.records.evidence(made.use.id).encode()
    sealed = made.data
    for data, expected in (
        (sealed, "authentic"),
        (sealed + b"x", "not_understood"),
        (b"x" + sealed, "not_understood"),
        (sealed[:-1], "not_understood"),
        (sealed[:100], "not_understood"),
        (sealed.replace(b"coffee", b"cocoa!"), "document_altered"),
    ):
        alone = verify(files={"file": ("set.asice", data)})
        beside = verify(files={"file": ("set.asice", data), "evidence": ("e.json", evidence)})
        assert (finding(alone), finding(beside)) == (expected, expected)


@pytest.mark.parametrize(
    "data",
    [b"", b"not sealed", b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff" * 100, b"PK\x03\x04 cut off"],
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


def test_evidence_without_end_is_refused(verify, check_problem):
    evidence = []
    for _ in range(500):
        evidence = [evidence]
    check_problem(verify(json={"evidence": {"a": evidence}}), 422, "invalid_format")


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "undefined", "iso-8859-1"])
def test_a_form_is_in_utf_8(client, charset, check_problem):
    head = b'Content-Disposition: form-data; name="file"; filename="+2AA-.txt"'
    form = b"--x\r\n" + head + b"\r\n\r\na\r\n--x--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    answer = client.post("/v1/verifications", content=form, headers=headers)
    check_problem(answer, 422, "invalid_format")
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=UTF-8"}
    assert client.post("/v1/verifications", content=form, headers=headers).status_code == 200


def test_a_part_without_a_name_is_refused(client, check_problem):
    form = b'--x\r\nContent-Disposition: form-data; name=""\r\n\r\na\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/v1/verifications", content=form, headers=headers)
    assert check_problem(answer, 422, "invalid_format").endswith("got ''")


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
