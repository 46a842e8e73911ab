import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from eseal.model.ids import new_id


def certificate(subject, issuer, public_key, key, *, ca: bool) -> bytes:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(usage, critical=True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.fixture
def request_for(client, operator_token, shared_world):
    body = {"company": shared_world.company.id, "type": "customs", "label": new_id()[:8]}
    answer = client.post("/v1/certificate-requests", token=operator_token, json=body)
    assert answer.status_code == 201
    return answer.json()


@pytest.fixture
def hand_in(client, operator_token, request_for):
    def post(certificate, chain=(), **rest):
        encoded = [base64.b64encode(one).decode() for one in (certificate, *chain)]
        return client.post(
            f"/v1/certificate-requests/{request_for['id']}/certificate",
            token=operator_token,
            json={"certificate": encoded[0], "chain": encoded[1:]},
            **rest,
        )

    return post


@pytest.fixture
def made_elsewhere(request_for):
    """The certificate and the root of an authority that is not ours."""
    csr = x509.load_der_x509_csr(base64.b64decode(request_for["csr"]))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Licensed CA")])
    root = certificate(name, name, key.public_key(), key, ca=True)
    return certificate(csr.subject, name, csr.public_key(), key, ca=False), root


def test_a_certificate_of_another_authority_makes_a_seal(
    hand_in, made_elsewhere, request_for, client, company_token, order
):
    own, root = made_elsewhere
    key = new_id()
    seal = hand_in(own, [root], key=key)
    assert seal.status_code == 201
    assert seal.json()["state"] == "active"
    assert (seal.json()["type"], seal.json()["label"]) == ("customs", request_for["label"])
    assert hand_in(own, [root], key=key).json() == seal.json()
    url = f"/v1/seals/{seal.json()['id']}/uses"
    assert client.post(url, token=company_token, json=order).status_code == 201


def test_another_keys_certificate_is_refused(hand_in, made_elsewhere):
    _, root = made_elsewhere
    answer = hand_in(root)
    assert answer.status_code == 422


def test_what_is_no_certificate_is_refused(hand_in, client, operator_token, check_problem):
    assert hand_in(b"nonsense").status_code == 422
    answer = client.post(
        f"/v1/certificate-requests/{new_id()}/certificate",
        token=operator_token,
        json={"certificate": "not base64!"},
    )
    check_problem(answer, 422, "invalid_format", "certificate")


def test_an_unknown_request_is_not_found(client, operator_token, check_problem):
    answer = client.post(
        f"/v1/certificate-requests/{new_id()}/certificate",
        token=operator_token,
        json={"certificate": base64.b64encode(b"x").decode()},
    )
    check_problem(answer, 404, "not_found")
