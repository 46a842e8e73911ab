"""What messages repeat of somebody else's text."""

from eseal.excerpts import excerpt, printable, value_excerpt


def test_a_text_is_cut_before_it_is_quoted_and_escaped():
    assert excerpt("a" * 100) == repr("a" * 80)
    assert excerpt("\x1b[2J", 2) == "'\\x1b['"
    assert excerpt(b"\xff" * 9, 2) == "b'\\xff\\xff'"


def test_a_value_is_cut_as_python_writes_it():
    assert value_excerpt({"a": None}) == "{'a': None}"
    assert value_excerpt(["x" * 100]) == "['" + "x" * 62


def test_what_does_not_print_is_replaced_or_left_out():
    assert printable("a\x1b[2J\n\u202eb") == "a\ufffd[2J\ufffd\ufffdb"
    assert printable("a\x00b", "") == "ab"
