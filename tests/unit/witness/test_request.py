import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.witness.request import MAX_REQUEST_BYTES, AddCheckpoint

EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501  # tlog-witness's own example
BODY = EXAMPLE.encode()


def test_the_specification_s_example_reads_and_writes_to_itself():
    request = AddCheckpoint.parse(BODY)
    assert (request.old_size, len(request.proof)) == (20_852_014, 4)
    assert request.checkpoint.checkpoint.size == 20_852_163
    assert len(request.checkpoint.signatures) == 2
    assert request.encode() == BODY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY.replace(b"old 20852014", b"old 020852014"),
        BODY.replace(b"old 20852014", b"old +1"),
        BODY.replace(b"old ", b"new "),
        BODY.replace(b"PlRN", b"PlR"),
        BODY.replace(b"PlRN", "é".encode()),
        BODY.replace(b"/6WV", b"\n"),
        BODY.replace(b"old 20852014\n", b"old 20852014\n" + b"A" * 43 + b"=\n" * 1).replace(
            b"A" * 43 + b"=\n", (b"A" * 43 + b"=\n") * 60
        ),
        BODY[:-1],
        BODY.partition(b"\n\n")[0],
        b"x" * (MAX_REQUEST_BYTES + 1),
    ],
)
def test_any_other_body_is_refused(body):
    with pytest.raises(InvalidFormatError):
        AddCheckpoint.parse(body)


@given(st.data())
def test_no_body_raises_anything_else(data):
    at = data.draw(st.integers(0, len(BODY)))
    gone = data.draw(st.integers(0, 6))
    new = data.draw(st.binary(max_size=6))
    body = BODY[:at] + new + BODY[at + gone :]
    with contextlib.suppress(InvalidFormatError):
        assert AddCheckpoint.parse(body).encode() == body
