"""DER at the start, zeros behind it, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.pdf.seals.der import without_padding
from eseal.errors import InvalidFormatError
from tests.unit.documents.pdf.seals.forging import der


@given(content=st.binary(max_size=400), zeros=st.integers(0, 300))
def test_zeros_are_taken_off(content, zeros):
    assert without_padding(der(content) + bytes(zeros)) == der(content)


@given(content=st.binary(max_size=40), tail=st.binary(min_size=1, max_size=40))
def test_nothing_else_may_follow(content, tail):
    if any(tail):
        with pytest.raises(InvalidFormatError, match="zero padding"):
            without_padding(der(content) + tail)


@given(content=st.binary(min_size=1, max_size=400), cut=st.integers(1, 400))
def test_what_is_cut_off_is_none(content, cut):
    with pytest.raises(InvalidFormatError):
        without_padding(der(content)[:-cut] if cut < len(der(content)) else b"")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "in DER"),
        (b"\x30", "in DER"),
        (b"\x31\x00", "in DER"),
        (b"\x00\x00", "in DER"),
        (b"\x30\x80\x00\x00", "indefinite"),
        (b"\x30\x81", "in DER"),
        (b"\x30\x85\x00\x00\x00\x00\x00", "in DER"),
        (b"\x30\xff" + bytes(200), "in DER"),
        (b"\x30\x84\x7f\xff\xff\xff", "cut off"),
        (b"\x30\x05\x00", "of a CMS of 7: it is cut off"),
    ],
)
def test_what_is_no_der_is_refused(data, why):
    with pytest.raises(InvalidFormatError, match=why):
        without_padding(data)
