import base64

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from eseal.log.checkpoint import log_id
from eseal.model.ids import new_id
from eseal.model.seal import Reason, SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.verify import Trust
from tests.actors import acting


def test_the_ledger_says_where_the_record_stands(
    client, shared_world, company_token, operator_token, seal_url, order
):
    client.post(f"{seal_url}/uses", token=company_token, json=order)
    pending = client.get("/v1/ledger").json()
    assert pending["log"]["pending_leaves"] >= 1
    anchored = client.post("/v1/anchors", token=operator_token).json()
    assert anchored["anchored"]["size"] == pending["log"]["size"]
    assert anchored["pending_leaves"] == 0
    standing = client.get("/v1/ledger").json()
    assert standing["head"]["root"] == anchored["anchored"]["root"]
    context = shared_world.service.context
    instance = context.instance
    assert standing["log"]["log_id"] == log_id(instance.issuer_id, instance.origin).hex()
    assert base64.b64decode(standing["log"]["public_key"]) == context.log_public_key


def test_its_trust_is_a_trust_file(client, shared_world):
    import orjson

    trust = client.get("/v1/ledger").json()["trust"]
    ledger = shared_world.service.context.ledger
    told = Trust.parse(orjson.dumps(trust))
    assert told.deployment.usage_ledger == ledger.usage_ledger
    assert told == Trust.parse(shared_world.settings.trust_path.read_bytes())
    (authority,) = trust["authorities"]
    assert "NTRCN" in authority["schemes"]
    assert len(trust["roots"]) == 1


def test_anchoring_with_nothing_new_says_so(client, operator_token):
    client.post("/v1/anchors", token=operator_token)
    answer = client.post("/v1/anchors", token=operator_token, key=new_id())
    assert answer.json() == {"anchored": None, "pending_leaves": 0}


def test_json_rpc_reads_the_ledger(client, shared_world):
    ask = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    answer = client.post("/rpc", json=ask)
    assert int(answer.json()["result"], 16) == shared_world.service.context.ledger.chain_id
    assert client.post("/rpc", content=b"nonsense").json()["error"]["code"] == -32700
    sending = {**ask, "method": "eth_sendRawTransaction", "params": ["0x00"]}
    assert "error" in client.post("/rpc", json=sending).json()
    del ask["id"]
    assert client.post("/rpc", json=ask).status_code == 204


def test_json_rpc_is_not_here_where_another_process_holds_the_ledger(
    make_client, shared_world, check_problem
):
    from eseal.service.service import Service

    with Service.open(shared_world.settings) as second:
        answer = make_client(second).post("/rpc", json={})
        check_problem(answer, 404, "not_found")


def test_the_crl_lists_what_was_stopped(client, shared_world):
    service = shared_world.service
    order = SealOrder(SealType.OTHER, new_id()[:12])
    (seal,) = service.onboarding.issue(shared_world.company, [order], actor=acting())
    service.lifecycle.revoke(seal.id, reason=Reason.LOSS, actor=acting())
    answer = client.get("/pki/issuing.crl")
    assert answer.headers["content-type"] == "application/pkix-crl"
    crl = x509.load_der_x509_crl(answer.content)
    issuer = x509.load_der_x509_certificate(seal.chain[0])
    assert crl.is_signature_valid(issuer.public_key())
    serial = x509.load_der_x509_certificate(seal.certificate).serial_number
    assert crl.get_revoked_certificate_by_serial_number(serial) is not None
    assert crl.public_bytes(serialization.Encoding.DER) == answer.content
