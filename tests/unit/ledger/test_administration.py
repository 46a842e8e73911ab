import pytest
from eth_account import Account

from eseal.errors import InvalidFormatError
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.sending.calls import Calls
from eseal.ledger.setup.administration import Administration, parse_address, parse_word
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # an example of EIP-55
DEPLOYMENT = Deployment(1, ADDRESS, ADDRESS, 0)


@pytest.mark.parametrize("prefix", ["", "0x"])
def test_an_issuer_is_64_hex_digits(prefix):
    assert parse_word(prefix + "ab" * 32, "issuer") == b"\xab" * 32


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "zz" * 32, "ab " * 32, "0x"])
def test_anything_else_is_no_issuer(text):
    with pytest.raises(InvalidFormatError, match="64 hex digits"):
        parse_word(text, "issuer")


@pytest.mark.parametrize("text", [ADDRESS, ADDRESS.lower(), "0x" + ADDRESS[2:].upper()])
def test_an_address_is_read_with_its_checksum(text):
    assert parse_address(text, "operator") == ADDRESS


@pytest.mark.parametrize("text", ["", ADDRESS[2:], ADDRESS + "00", "0x" + "g" * 40])
def test_anything_else_is_no_address(text):
    with pytest.raises(InvalidFormatError, match="40 hex digits") as caught:
        parse_address(text, "operator")
    assert caught.value.field == "operator"


def test_a_slip_of_the_pen_is_told_by_the_checksum():
    with pytest.raises(InvalidFormatError, match="EIP-55"):
        parse_address(ADDRESS[:-1] + "e", "operator")


def test_the_call_that_accepts_the_office_has_no_arguments():
    assert len(Calls(DEPLOYMENT).of("acceptDefaultAdminTransfer").data) == 4


@pytest.mark.parametrize("seconds", [-1, 2**48])
def test_a_delay_the_contract_cannot_hold_is_refused_before_asking(seconds):
    account = Account.from_key(b"\x01" * 32)
    nowhere = connect_http("http://127.0.0.1:9")
    administration = Administration(nowhere, DEPLOYMENT, Finality(), account)
    with pytest.raises(InvalidFormatError, match="delay"):
        administration.change_delay(seconds)
