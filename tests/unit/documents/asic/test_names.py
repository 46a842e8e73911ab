import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.asic.names import check_distinct, check_name, from_uri, to_uri
from eseal.errors import InvalidFormatError


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", "..", ".", "a\\b", "C:a",
        "a\0", "a\nb", "a\u202eb", "a|b", "a?", "a ", "a.", "x" * 256, "d/" * 300 + "a", "a\ud800",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(InvalidFormatError, match="container"):
        check_name(name)


@pytest.mark.parametrize("name", ["a", ".a", "a b.txt", "合同/甲方.pdf", "a..b", "x" * 255])
def test_plain_names_pass_and_survive_their_uri(name):
    assert check_name(name) == name
    assert from_uri(to_uri(name)) == name
    assert to_uri(name).isascii()


@pytest.mark.parametrize(
    "names",
    [("a", "a"), ("a", "A"), ("\u00e9", "e\u0301"), ("a", "a/b"), ("A/b", "a"), ("ß", "ss")],
)
def test_two_names_for_one_file_are_refused(names):
    with pytest.raises(InvalidFormatError, match="container"):
        check_distinct(names)


def test_distinct_names_pass():
    check_distinct(["a", "b/a", "b/c", "b/d/e"])


@given(st.text(max_size=20))
def test_any_text_is_refused_or_a_name(text):
    try:
        name = from_uri(text)
    except InvalidFormatError:
        return
    assert check_name(name) == name
