import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.model.ids import check_id, is_id, new_id, new_ids


def test_new_ids_are_well_formed_and_never_the_same():
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(is_id(i) for i in ids)


def test_every_character_an_id_may_have_comes_up_in_every_place():
    columns = [set(column) for column in zip(*new_ids(2000), strict=True)]
    assert [len(column) for column in columns] == [32] * 25 + [8]


@given(st.binary(min_size=16, max_size=16))
def test_every_128_bit_number_has_exactly_one_form(raw):
    text = base64.b32encode(raw).decode().rstrip("=").lower()
    assert check_id(text) == text
    assert base64.b32decode(text.upper() + "======") == raw


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 25,
        "a" * 27,
        "A" * 26,
        "a" * 25 + "b",  # sets a bit beyond the 128th
        "1" * 26,
        "a" * 26 + "\n",
        "../../../../../etc/passwd.",
        "\N{ARABIC-INDIC DIGIT TWO}" * 26,
    ],
)
def test_anything_else_is_refused_and_named(text):
    assert not is_id(text)
    with pytest.raises(InvalidFormatError, match="use_id: expected 26 lower-case base32") as caught:
        check_id(text, field="use_id")
    assert caught.value.field == "use_id"
