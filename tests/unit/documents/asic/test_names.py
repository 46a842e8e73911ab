import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.asic.names import check_distinct, check_name, from_uri, to_uri
from eseal.errors import InvalidFormatError


@pytest.mark.parametrize(
    "name",
    [
        "", "/etc/passwd", "../a", "a/../b", "a/./b", "a//b", "a/", "..", ".", "a\\b", "C:a",
        "a\0", "a\nb", "a\x7fb", "a\x85b", "a\u202eb", "a\u2066b", "a\u200db", "a\u034fb",
        "a\ufe0fb", "a\u3164b", "a\xadb", "a\ufeffb", "a\u2028b", "a\xa0b", "a|b", "a?", "a ", "a.",
        "a\u3000", "x" * 256, "章" * 86, "d/" * 300 + "a", "d/" * 32 + "a", "a\ud800",
        "e\u0301", "\u212b", "CON", "con.txt", "d/Nul.a.b", "LPT1", "com¹.txt", "PROGRA~1",
        "d/CONTRA~12.PDF", "contract.pdf;1", "d/a;", "d;2/a",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(InvalidFormatError, match="container"):
        check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "a", ".a", "a b.txt", "合同/甲方.pdf", "a..b", "x" * 255, "é.pdf", "契約　書.pdf",
        "한글.hwp", "console.txt", "annex~final.pdf", "a long name~1.txt", "हिन्दी.txt",
        "d/" * 31 + "a",
        "a;b.txt", "a;1.txt",
    ],
)  # fmt: skip
def test_plain_names_pass_and_survive_their_uri(name):
    assert check_name(name) == name
    assert from_uri(to_uri(name)) == name
    assert to_uri(name).isascii()


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"), ("a", "A"), ("\u00e9", "e\u0301"), ("a", "a/b"), ("A/b", "a"), ("ß", "ss"),
        ("ﬁ", "fi"), ("\u0131", "i"), ("\u017f", "S"), ("Ⅳ", "iv"), ("\uff41", "a"),
        ("\u1e9e", "SS"),
    ],
)  # fmt: skip
def test_two_names_for_one_file_are_refused(names):
    with pytest.raises(InvalidFormatError, match="container"):
        check_distinct(names)


def test_distinct_names_pass():
    check_distinct(["a", "b/a", "b/c", "b/d/e"])


@given(st.text(max_size=20))
def test_any_text_is_refused_or_a_name(text):
    try:
        name = check_name(text)
    except InvalidFormatError:
        return
    assert from_uri(to_uri(name)) == name
    assert unicodedata.normalize("NFC", name) == name
    assert ".." not in name.split("/")
