import pytest

from eseal.errors import InvalidFormatError
from eseal.model.text import check_text


@pytest.mark.parametrize(
    "text",
    [
        "Acme GmbH & Co. KG",
        "杭州测试科技有限公司",
        "شرکت نمونه\u200cها",  # noqa: RUF001 - Persian needs its non-joiner
        "Société d'Étude №1 🏢",
    ],
)
def test_ordinary_text_of_any_script_passes_unchanged(text):
    assert check_text(text, field="name", max_chars=200) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a\nb", "U+000A at position 1"),
        ("a\x7f", "U+007F"),
        ("a\x85b", "U+0085"),
        ("Acme \u202edtL", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\u200bb", "U+200B"),
        ("\ufeffa", "U+FEFF at position 0"),
        ("a\u2028b", "U+2028"),
        ("a\ue000", "U+E000"),
        ("a\ud800", "U+D800"),
    ],
)
def test_what_does_not_show_is_refused_and_named(text, named):
    with pytest.raises(InvalidFormatError) as caught:
        check_text(text, field="purpose", max_chars=200)
    assert named in str(caught.value)
    assert caught.value.field == "purpose"


@pytest.mark.parametrize("text", ["", "   ", "\u3000", "x" * 11])
def test_blank_or_too_long_is_refused_with_the_length(text):
    with pytest.raises(InvalidFormatError, match=f"expected 1 to 10 .* got {len(text)}"):
        check_text(text, field="label", max_chars=10)
