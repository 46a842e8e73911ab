"""Values of PDFs for tests to draw from."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from eseal.documents.pdf.file.values import MAX_INTEGER, TELLTALE, Name, Ref

bytes_of_names = st.binary(min_size=1, max_size=126).filter(lambda raw: 0 not in raw)
names = (
    st.one_of(st.text("AaBb0#/ (%", min_size=1, max_size=9).map(str.encode), bytes_of_names)
    .map(lambda raw: Name(raw.decode("latin-1")))
    .filter(lambda name: not TELLTALE.search(name.encode("latin-1")))
)
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
fractions = st.decimals(
    -MAX_INTEGER + 1, MAX_INTEGER - 1, allow_nan=False, allow_infinity=False, places=14
)
numbers = integers | fractions
strings = st.binary(max_size=40) | st.text("ab()\\<> obj09\n", max_size=20).map(str.encode)
references = st.integers(1, 99_999_999).map(Ref)
simple = st.one_of(names, numbers, strings, references, st.booleans())
values = st.recursive(
    simple | st.none(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(names.map(str), inner.filter(lambda each: each is not None), max_size=5)
    ),
    max_leaves=20,
)


def plain(value: object) -> object:
    """A value as it is read: a whole number is an ``int``, whatever it was."""
    match value:
        case Decimal() if value == value.to_integral_value():
            return int(value)
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case _:
            return value
