"""What a service refuses to start with: one line, which says what to do."""

import os
import subprocess
import sys

import pytest

from eseal.errors import ConfigurationError, InvalidFormatError, LedgerUnreachableError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, load_artifact
from eseal.service.service import Service
from tests.actors import acting
from tests.faulty_node import Drop, HttpStatus, OtherChain, RpcError, Tampered, WrongJson, flip

START_SECONDS = 60
ESEAL = (sys.executable, "-c", "from eseal.cli import main; main()")
IS_OPERATOR = "0x" + load_artifact(SEAL_REGISTRY).functions["isOperator"].selector.hex()
CODE = frozenset({"eth_getCode"})
BLOCKS = frozenset({"eth_getBlockByNumber"})


def without_role(request, result):
    asked = request["params"][0]["data"].startswith(IS_OPERATOR)
    return "0x" + "0" * 64 if asked else result


def with_difficulty(_, block):
    return block | {"difficulty": "0x2"}


def decided_elsewhere(request, block):
    """A block as proof of stake makes them, with a final one that stays behind."""
    behind = {"number": "0x1"} if request["params"][0] == "finalized" else {}
    return block | behind | {"parentBeaconBlockRoot": "0x" + "ab" * 32}


def no_such_tag(request, block):
    return None if request["params"][0] == "finalized" else block


CASES = {
    "another chain": (OtherChain(5), "immediate", "name a node of that chain"),
    "no code": (WrongJson(CODE, "0x"), "immediate", "use the deployment file"),
    "other code": (Tampered(flip, CODE), "immediate", "is not the SealRegistry of this version"),
    "no role": (
        Tampered(without_role, frozenset({"eth_call"})),
        "immediate",
        "have the registry's administrator add it",
    ),
    "no final tag": (Tampered(no_such_tag, BLOCKS), "tag:finalized", "set it to immediate"),
    "tag refused": (
        RpcError(BLOCKS, -32602, "invalid tag"),
        "tag:finalized",
        "does not say which block is final",
    ),
    "too deep": (None, "depth:5000", "is not in a final block yet"),
    "no such rule": (None, "tag:safe", "expected immediate, tag:finalized or depth:N"),
    "difficulty": (Tampered(with_difficulty, BLOCKS), "immediate", "=depth:N, as deep as"),
    "proof of stake": (
        Tampered(decided_elsewhere, BLOCKS),
        "immediate",
        "set ESEAL_LEDGER_FINALITY=tag:finalized",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_service_refuses_to_open(consortium, case):
    fault, finality, advice = CASES[case]
    for node in consortium.nodes:
        node.fault = fault or node.fault
    settings = consortium.settings.model_copy(update={"ledger_finality": finality})
    with pytest.raises((ConfigurationError, InvalidFormatError)) as caught:
        Service.open(settings, exclusive=True)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", ["another chain", "no role"])
def test_serve_refuses_with_one_line(consortium, case):
    fault, finality, advice = CASES[case]
    for node in consortium.nodes:
        node.fault = fault or node.fault
    environment = {
        "ESEAL_LEDGER_URL": consortium.urls,
        "ESEAL_LEDGER_FINALITY": finality,
        "ESEAL_PORT": "0",
    }
    done = subprocess.run(
        [*ESEAL, "--data-dir", str(consortium.settings.data_dir), "serve"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert advice in line


def test_a_service_without_the_role_still_reads(consortium):
    for node in consortium.nodes:
        node.fault = Tampered(without_role, frozenset({"eth_call"}))
    with Service.open(consortium.settings) as service:
        assert service.audit.run().disagreements == ()
    with pytest.raises(ConfigurationError, match="is not an operator of issuer"):
        Service.open(consortium.settings, exclusive=True)


def test_one_endpoint_down_at_the_start(consortium):
    consortium.nodes[0].fault = Drop()
    with Service.open(consortium.settings, exclusive=True) as service:
        assert (
            service.verification.document(
                consortium.genuine.data,
                signature=consortium.genuine.signature,
                evidence=consortium.genuine.evidence,
            ).finding.value
            == "authentic"
        )


def test_two_endpoints_down_at_the_start(consortium):
    consortium.nodes[0].fault = consortium.nodes[1].fault = HttpStatus()
    with pytest.raises(LedgerUnreachableError) as caught:
        Service.open(consortium.settings)
    for node in consortium.nodes[:2]:
        assert node.name in str(caught.value)


def test_a_quorum_that_cannot_be(consortium):
    for quorum in (1, 4):
        settings = consortium.settings.model_copy(update={"ledger_quorum": quorum})
        with pytest.raises(ConfigurationError, match="from 2 to 3 of 3 ledger endpoints"):
            Service.open(settings)


def test_sealing_goes_on_through_the_endpoints_that_are_left(consortium):
    """Writes fail over; the new head is then read by quorum."""
    consortium.nodes[0].fault = Drop(after=False)
    with Service.open(consortium.settings) as service:
        (company,) = service.directory.companies()
        (seal,) = service.directory.seals(company_id=company.id)
        use = service.sealing.seal_document(seal.id, b"more", filename="more.txt", actor=acting())
        service.anchoring.anchor()
        report = service.verification.document(b"more", signature=use.data)
    assert report.finding.value == "authentic"
    assert consortium.nodes[1].asked["eth_sendRawTransaction"] == 1


def test_the_command_line_asks_several_nodes(consortium, tmp_path):
    document, signature = tmp_path / "note.txt", tmp_path / "note.txt.p7s"
    document.write_bytes(consortium.genuine.data)
    signature.write_bytes(consortium.genuine.signature)
    (tmp_path / "note.txt.eseal.json").write_bytes(consortium.genuine.evidence.encode())
    consortium.nodes[2].fault = Tampered(flip, frozenset({"eth_call", "eth_getLogs"}))

    def verify(*nodes):
        several = [word for node in nodes for word in ("--rpc", node.url)]
        trust = consortium.settings.trust_path
        command = ["verify", str(document), *several, "--trust", str(trust)]
        return subprocess.run(
            [*ESEAL, "--data-dir", str(tmp_path / "none"), *command],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    assert verify(*consortium.nodes).returncode == 0
    liar, honest = consortium.nodes[2], consortium.nodes[0]
    shown = verify(liar, honest)
    assert shown.returncode == 3, shown.stdout + shown.stderr
    assert liar.name in shown.stdout
    assert honest.name in shown.stdout
