import json

import pytest

from eseal.errors import InvalidFormatError, InvalidInputError, NotFoundError
from eseal.model.stop_codes import MAX_CODES, StopCodes, StopScope, make_codes, parse_hex

SCOPE = StopScope(1337, b"\x11" * 20, b"\x22" * 32)


def test_a_chain_leads_code_by_code_to_its_end():
    codes = make_codes(SCOPE, 3)
    first, second, third = codes.codes
    assert SCOPE.stop_hash(first) == codes.end
    assert SCOPE.stop_hash(second) == first
    assert SCOPE.stop_hash(third) == second


def test_the_code_that_works_now_is_found_by_what_the_ledger_holds():
    codes = make_codes(SCOPE, 2)
    assert codes.next(codes.end) == codes.codes[0]
    assert codes.next(codes.codes[0]) == codes.codes[1]
    with pytest.raises(NotFoundError, match="used up"):
        codes.next(codes.codes[1])
    with pytest.raises(NotFoundError, match="another chain"):
        codes.next(b"x" * 32)


def test_two_chains_share_nothing():
    assert make_codes(SCOPE).end != make_codes(SCOPE).end
    assert len(set(make_codes(SCOPE, MAX_CODES).codes)) == MAX_CODES


@pytest.mark.parametrize("count", [-1, 0, MAX_CODES + 1])
def test_a_chain_of_no_or_too_many_codes_is_refused(count):
    with pytest.raises(InvalidInputError, match="1 to 1024"):
        make_codes(SCOPE, count)


def test_a_file_reads_as_it_was_written():
    codes = make_codes(SCOPE, 5)
    assert StopCodes.parse(codes.encode()) == codes


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields.pop("handle"),
        lambda fields: fields.update(more=1),
        lambda fields: fields.update(v=2),
        lambda fields: fields.update(chain_id="1337"),
        lambda fields: fields.update(seal_registry="0x12"),
        lambda fields: fields.update(handle="zz" * 32),
        lambda fields: fields.update(codes=[]),
        lambda fields: fields.update(codes="ab" * 32),
        lambda fields: fields.update(codes=[5]),
        lambda fields: fields["codes"].reverse(),
        lambda fields: fields.update(chain_id=1),
    ],
)
def test_a_spoilt_file_is_refused(spoil):
    fields = json.loads(make_codes(SCOPE, 3).encode())
    spoil(fields)
    with pytest.raises(InvalidFormatError):
        StopCodes.parse(json.dumps(fields).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{" * 10_000])
def test_another_file_is_refused(data):
    with pytest.raises(InvalidFormatError):
        StopCodes.parse(data)


@pytest.mark.parametrize("text", ["", "AB" * 32, "ab" * 31, "ab" * 33, " " * 64, "\uff10" * 64])
def test_a_code_is_64_hex_digits_and_never_repeated_in_the_message(text):
    with pytest.raises(InvalidFormatError) as caught:
        parse_hex(text, "code")
    assert not text.strip() or text not in str(caught.value)


def test_a_code_of_another_length_hashes_to_nothing():
    with pytest.raises(InvalidInputError, match="32 bytes"):
        SCOPE.stop_hash(b"short")
