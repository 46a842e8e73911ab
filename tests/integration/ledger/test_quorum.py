"""Verdicts through endpoints that are down, slow, behind or lying: never a false accusation."""

import pytest

from eseal.errors import LedgerDisagreementError, LedgerUnreachableError
from eseal.verify import Finding
from tests.faulty_node import (
    Delay,
    Drop,
    Garbage,
    HttpStatus,
    OtherChain,
    RpcError,
    Stale,
    Tampered,
    WrongJson,
    empty,
    flip,
)

HARMLESS = {Finding.AUTHENTIC, Finding.ANCHOR_PENDING, Finding.LEDGER_UNREACHABLE}
IMPATIENCE = 1.0
"""Seconds to wait where nothing will come."""
METHODS = ("eth_getBlockByNumber", "eth_call", "eth_getLogs")
FAULTS = {
    "drop": Drop,
    "garbage": Garbage,
    "wrong-json": WrongJson,
    "nothing": lambda on: WrongJson(on, result=None),
    "http-500": lambda on: HttpStatus(on, 500),
    "http-429": lambda on: HttpStatus(on, 429),
    "rpc-error": RpcError,
    "reverted": lambda on: RpcError(on, 3, "execution reverted"),
    "flipped": lambda on: Tampered(flip, on),
    "denied": lambda on: Tampered(empty, on),
}


def on(method):
    return None if method == "all" else frozenset({method})


@pytest.mark.parametrize("method", [*METHODS, "all"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_among_three_changes_no_verdict(consortium, fault, method):
    consortium.nodes[0].fault = FAULTS[fault](on(method))
    assert consortium.verify(consortium.genuine, consortium.reader()).finding is Finding.AUTHENTIC
    forged = consortium.verify(consortium.forged, consortium.reader())
    assert forged.finding is Finding.UNTRUSTED_ISSUER


@pytest.mark.parametrize("method", [*METHODS, "all"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_among_two_accuses_nobody(consortium, fault, method):
    node = consortium.nodes[0]
    node.fault = FAULTS[fault](on(method))
    report = consortium.verify(consortium.genuine, consortium.reader(endpoints=2))
    assert report.finding in HARMLESS
    if report.finding is Finding.LEDGER_UNREACHABLE:
        details = " ".join(check.detail for check in report.checks)
        assert node.name in details
        assert report.sub_indication.value == "TRY_LATER"
    forged = consortium.verify(consortium.forged, consortium.reader(endpoints=2))
    assert forged.finding is not Finding.AUTHENTIC


def test_a_slow_endpoint_does_not_hold_up_the_others(consortium):
    consortium.nodes[1].fault = Delay()
    assert consortium.verify(consortium.genuine, consortium.reader()).finding is Finding.AUTHENTIC
    two = consortium.reader(endpoints=2, timeout=IMPATIENCE)
    report = consortium.verify(consortium.genuine, two)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert any(consortium.nodes[1].name in check.detail for check in report.checks)


@pytest.mark.parametrize("endpoints", [2, 3])
def test_an_endpoint_that_stopped_before_the_seal_was_made(consortium, endpoints):
    consortium.nodes[0].fault = Stale(consortium.before)
    report = consortium.verify(consortium.genuine, consortium.reader(endpoints=endpoints))
    expected = {Finding.AUTHENTIC} if endpoints == 3 else HARMLESS
    assert report.finding in expected


def test_two_of_three_down(consortium):
    consortium.nodes[0].fault = Drop()
    consortium.nodes[2].fault = HttpStatus(status=503)
    report = consortium.verify(consortium.genuine, consortium.reader())
    assert (report.finding, report.sub_indication.value) == (
        Finding.LEDGER_UNREACHABLE,
        "TRY_LATER",
    )
    (detail,) = {c.detail for c in report.checks if c.name.value == "registration"}
    assert detail.startswith("only 1 of 3 ledger endpoints answer, 2 are needed: ")
    assert consortium.nodes[0].name in detail
    assert f"{consortium.nodes[2].name}: HTTP 503" in detail


def test_a_lie_about_the_root_is_named(consortium):
    """Two endpoints: nobody can say which of them lies, only that they differ, and in what."""
    this = consortium.genuine.log_id
    size = consortium.genuine.evidence.anchor.size
    honest = consortium.reader().root_at(this, size)
    consortium.nodes[0].fault = Tampered(flip, frozenset({"eth_call"}))
    assert consortium.reader().root_at(this, size) == honest
    with pytest.raises(LedgerDisagreementError) as caught:
        consortium.reader(endpoints=2).root_at(this, size)
    assert set(caught.value.endpoints) == {node.name for node in consortium.nodes[:2]}
    assert f"says 0x{honest.hex()}" in str(caught.value)


def test_all_three_must_agree_if_that_is_asked_for(consortium):
    this = consortium.genuine.log_id
    strict = consortium.reader(quorum=3)
    assert strict.head(this).size >= 1
    consortium.nodes[2].fault = Drop()
    with pytest.raises(LedgerUnreachableError, match="only 2 of 3 ledger endpoints answer, 3 are"):
        strict.head(this)


def test_an_endpoint_of_another_chain(consortium, anvil_with):
    with anvil_with("--chain-id", "4242") as other:
        consortium.nodes[0].upstream = other.url
        assert consortium.verify(consortium.genuine, consortium.reader()).finding is (
            Finding.AUTHENTIC
        )
        report = consortium.verify(consortium.genuine, consortium.reader(endpoints=2))
        assert report.finding is Finding.LEDGER_UNREACHABLE


def test_an_endpoint_that_names_another_chain_is_refused(consortium):
    consortium.nodes[1].fault = OtherChain(5)
    with pytest.raises(Exception, match=f"{consortium.nodes[1].name}: the node is on chain 5"):
        consortium.reader().check()
