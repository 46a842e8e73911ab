import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact


@pytest.mark.parametrize(
    ("name", "functions", "events", "errors"),
    [
        (
            SEAL_REGISTRY,
            {
                "registerCompanies",
                "registerSeals",
                "openVolumes",
                "stopByOwner",
                "statusAt",
                "suspend",
            },
            {"CompanyRegistered", "SealRegistered", "VolumeOpened", "SealStatusChanged", "StopSet"},
            {"NotOperator", "SealIsRevoked", "VolumeNotNext", "WrongStopCode"},
        ),
        (
            USAGE_LEDGER,
            {
                "advance",
                "disown",
                "succeed",
                "head",
                "rootAt",
                "rootIn",
                "logOf",
                "keysOf",
                "openLog",
            },
            {"HeadAdvanced", "HeadDisowned", "LogOpened", "LogSucceeded"},
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


def test_structs_are_tuples_in_selectors_and_values():
    registry = load_artifact(SEAL_REGISTRY)
    opening = registry.functions["openVolumes"]
    assert opening.inputs == ("(bytes32,uint32,bytes32)[]",)
    assert opening.selector == keccak(text="openVolumes((bytes32,uint32,bytes32)[])")[:4]
    volumes = ((b"\x01" * 32, 1, b"\x02" * 32), (b"\x03" * 32, 2, b"\x04" * 32))
    call = opening.encode_call([volumes])
    assert opening.decode_arguments(call[4:]) == (volumes,)
    period = registry.functions["rootPeriod"]
    assert period.decode_output((7).to_bytes(32) + (9).to_bytes(32)) == ((7, 9),)


def test_an_unknown_contract_tells_what_to_run():
    with pytest.raises(ConfigurationError, match=r"NoSuch is missing; run \./scripts/compile"):
        load_artifact("NoSuch")


@pytest.mark.parametrize("output", [b"", b"\x01", b"\xff" * 64])
def test_bytes_a_function_cannot_have_returned(output):
    with pytest.raises(InvalidFormatError, match="head: expected uint64,bytes32"):
        load_artifact(USAGE_LEDGER).functions["head"].decode_output(output)


def test_a_string_of_a_contract_may_hold_any_bytes():
    event = load_artifact(USAGE_LEDGER).events["LogOpened"]
    origin = "日志".encode() + b"\xff\x1b[2J\n"
    topics = (event.signature, b"l" * 32, b"i" * 32)
    told = event.decode_event(topics, encode(["bytes", "bytes32"], [origin, b"k" * 32]))
    assert told["origin"] == r"日志\xff\x1b[2J\n"
    assert told["publicKey"] == b"k" * 32
