"""The endpoints a relying party asks: media types, caches, refusals."""

import base64
import hashlib
from hashlib import sha256
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from eseal.documents import cms
from eseal.pki.tsp.client import check_response
from eseal.pki.tsp.request import TimeStampRequest


def load(der):
    return x509.load_der_x509_certificate(der)


@pytest.fixture(scope="module")
def question(shared_world):
    seal = shared_world.finance
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load(seal.certificate), load(seal.chain[0]), hashes.SHA256()
    )
    return builder.build().public_bytes(Encoding.DER)


def test_a_time_stamp(client):
    asked = TimeStampRequest.new(hashlib.sha512(b"x").digest(), "sha512")
    headers = {"Content-Type": "application/timestamp-query"}
    answer = client.post("/pki/tsa", content=asked.encode(), headers=headers)
    assert answer.headers["content-type"] == "application/timestamp-reply"
    assert answer.headers["cache-control"] == "no-store"
    check_response(answer.content, asked)


def test_a_request_that_cannot_be_stamped_is_answered_all_the_same(client):
    headers = {"Content-Type": "application/timestamp-query"}
    answer = client.post("/pki/tsa", content=b"x", headers=headers)
    assert answer.status_code == 200
    assert answer.content[:1] == b"\x30"


@pytest.mark.parametrize("path", ["/pki/tsa", "/pki/ocsp"])
def test_another_media_type_is_refused(client, check_problem, path):
    answer = client.post(path, content=b"x", headers={"Content-Type": "text/plain"})
    check_problem(answer, 415, "unsupported_media_type")


def test_ocsp_by_post_and_by_get(client, question):
    headers = {"Content-Type": "application/ocsp-request"}
    posted = client.post("/pki/ocsp", content=question, headers=headers)
    assert posted.headers["cache-control"] == "no-store"
    got = client.get("/pki/ocsp/" + quote(base64.b64encode(question).decode(), safe=""))
    assert "max-age=60" in got.headers["cache-control"]
    for answer in (posted, got):
        assert answer.headers["content-type"] == "application/ocsp-response"
        said = ocsp.load_der_ocsp_response(answer.content)
        assert said.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_ocsp_by_get_that_is_no_base64(client):
    said = ocsp.load_der_ocsp_response(client.get("/pki/ocsp/!!").content)
    assert said.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_lists_and_certificates(client, shared_world):
    issuing, root = shared_world.service.ca.chain
    named = f"/pki/root-{sha256(root).hexdigest()}"
    for path, signer in (("/pki/issuing.crl", issuing), (f"{named}.crl", root)):
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/pkix-crl"
        assert "max-age" in answer.headers["cache-control"]
        crl = x509.load_der_x509_crl(answer.content)
        assert crl.is_signature_valid(load(signer).public_key())
    files = {"/pki/issuing.cer": issuing, "/pki/root.cer": root, f"{named}.cer": root}
    for path, certificate in files.items():
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/pkix-cert"
        assert answer.content == certificate


@pytest.mark.parametrize("end", ["crl", "cer"])
def test_another_root_has_no_list_here(client, check_problem, end):
    check_problem(client.get(f"/pki/root-{'00' * 32}.{end}"), 404, "not_found")
    check_problem(client.get(f"/pki/root-x.{end}"), 404, "not_found")


def test_a_digest_at_a_level(client, seal_url, company_token, order):
    answer = client.post(f"{seal_url}/uses", token=company_token, json=order | {"level": "b-t"})
    assert answer.status_code == 201, answer.text
    signature = cms.decode(base64.b64decode(answer.json()["cms"]))
    assert len(signature.time_stamps) == 1


def test_a_document_at_a_level(client, seal_url, company_token, sample_pdf):
    answer = client.post(
        f"{seal_url}/uses",
        token=company_token,
        files={"file": ("a.pdf", sample_pdf)},
        data={"level": "b-lta"},
    )
    assert answer.status_code == 201, answer.text
    assert b"/DSS" in answer.content
    assert b"/DocTimeStamp" in answer.content


def test_a_batch_with_levels(client, seal_url, company_token, order):
    uses = [order, order | {"level": "b-lt"}, order | {"level": "x"}, order | {"level": 1}]
    answer = client.post(f"{seal_url}/uses:batch", token=company_token, json={"uses": uses})
    plain, stamped, *refused = answer.json()["results"]
    decoded = [cms.decode(base64.b64decode(each["use"]["cms"])) for each in (plain, stamped)]
    assert [len(each.time_stamps) for each in decoded] == [0, 1]
    assert [each["problem"]["field"] for each in refused] == ["level", "level"]


def test_no_authority_is_503_and_the_use_is_on_record(
    data_dir, open_world, make_client, check_problem
):
    from eseal.service.people.permissions import Scope

    world = open_world(data_dir, tsa_urls="http://127.0.0.1:9/", tsa_timeout=1)
    token = world.service.access.create(Scope.COMPANY, company_id=world.company.id)
    client = make_client(world.service)
    url = f"/v1/seals/{world.contract.id}/uses"
    answer = client.post(url, token=token, files={"file": ("a.txt", b"x")}, data={"level": "b-t"})
    detail = check_problem(answer, 503, "time_stamp_unavailable")
    assert answer.headers["retry-after"]
    assert "is on record" in detail
    digest = {"alg": "sha-256", "value": "00" * 32}
    uses = {"uses": [{"digest": digest, "level": "b-t"}, {"digest": digest}]}
    results = client.post(url + ":batch", token=token, json=uses).json()["results"]
    assert results[0]["problem"]["status"] == 503
    assert results[1]["use"]["cms"]
