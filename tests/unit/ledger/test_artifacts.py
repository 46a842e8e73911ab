import pytest

from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.ledger.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact


@pytest.mark.parametrize(
    ("name", "functions", "events", "errors"),
    [
        (
            SEAL_REGISTRY,
            {"registerSeals", "statusAt", "sealOf", "suspend", "resume", "revoke", "isOperator"},
            {"SealRegistered", "SealStatusChanged"},
            {"NotOperator", "SealIsRevoked"},
        ),
        (
            USAGE_LEDGER,
            {"advance", "head", "rootAt", "logOf", "openLog", "verifyInclusion"},
            {"HeadAdvanced", "LogOpened"},
            {"StaleHead", "InvalidConsistencyProof"},
        ),
    ],
)
def test_the_shipped_contracts_have_what_we_call(name, functions, events, errors):
    artifact = load_artifact(name)
    assert functions <= set(artifact.functions)
    assert events <= set(artifact.events)
    assert errors <= {entry.name for entry in artifact.errors.values()}
    assert artifact.bytecode


def test_selectors_are_those_of_the_contract_abi_specification():
    # solidity documentation, "function selector": keccak256("head(bytes32)")[:4]
    entry = load_artifact(USAGE_LEDGER).functions["head"]
    assert entry.encode_call((b"\x01" * 32,)) == entry.selector + b"\x01" * 32
    assert len(entry.selector) == 4


def test_an_unknown_contract_tells_what_to_run():
    with pytest.raises(ConfigurationError, match=r"NoSuch is missing; run \./scripts/compile"):
        load_artifact("NoSuch")


@pytest.mark.parametrize("output", [b"", b"\x01", b"\xff" * 64])
def test_bytes_a_function_cannot_have_returned(output):
    with pytest.raises(InvalidFormatError, match="head: expected uint64,bytes32"):
        load_artifact(USAGE_LEDGER).functions["head"].decode_output(output)
