import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import LedgerRejectedError, StaleHeadError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.reverts import rejection, revert_data


def error_data(contract, name, *arguments):
    (entry,) = [e for e in load_artifact(contract).errors.values() if e.name == name]
    return entry.selector + encode(entry.inputs, arguments)


def test_a_stale_head_carries_the_head_the_contract_holds():
    error = rejection(error_data(USAGE_LEDGER, "StaleHead", 41, b"\x07" * 32))
    assert isinstance(error, StaleHeadError)
    assert (error.size, error.root, error.error_name) == (41, b"\x07" * 32, "StaleHead")


def test_a_custom_error_is_named_with_its_arguments():
    account = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    error = rejection(error_data(SEAL_REGISTRY, "NotOperator", b"\x01" * 32, account))
    assert error.error_name == "NotOperator"
    assert str(error) == (
        f"the contract refused: NotOperator(issuer=0x{'01' * 32}, account={account})"
    )


def test_soliditys_own_errors():
    reason = rejection(bytes.fromhex("08c379a0") + encode(["string"], ["too late"]))
    assert (reason.error_name, str(reason)) == ("Error", "the contract refused: Error(reason=too late)")  # fmt: skip  # noqa: E501
    assert "Panic(code=17)" in str(rejection(bytes.fromhex("4e487b71") + encode(["uint256"], [17])))


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", "no reason given"),
        (b"\x12\x34\x56\x78", "0x12345678"),
        (error_data(USAGE_LEDGER, "StaleHead", 1, bytes(32))[:9], "StaleHead"),
    ],
)
def test_data_that_cannot_be_read_is_still_a_rejection(data, shown):
    assert str(rejection(data)) == f"the contract refused: {shown}"


@given(st.binary(max_size=100))
def test_noise_is_a_rejection(data):
    assert isinstance(rejection(data), LedgerRejectedError)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ((3, "execution reverted: custom error 0x1234", "0x12345678"), b"\x12\x34\x56\x78"),
        ((-32000, "Execution reverted", "0x"), b""),  # Besu
        ((-32015, "VM execution error.", "Reverted 0x1234"), b"\x12\x34"),  # Nethermind
        ((-32603, "VM Exception: reverted", {"data": "0xab"}), b"\xab"),
        ((3, "execution reverted", None), b""),
        ((3, None, "not hex"), b""),
        ((-32000, "nonce too low", None), None),
        ((-32005, "limit exceeded", {"see": "docs"}), None),
        ((None, None, None), None),
    ],
)
def test_reverts_are_told_from_other_errors_whatever_the_node(error, expected):
    assert revert_data(*error) == expected
