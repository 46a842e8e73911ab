"""What we write is what pyHanko writes."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from eseal.documents.pdf.writing import write_value

names = st.text(st.characters(max_codepoint=0x2FF, exclude_characters="\0"), max_size=80).map(
    lambda text: generic.NameObject("/" + text)
)
simple = st.one_of(
    names,
    st.integers(-(10**9), 10**9).map(generic.NumberObject),
    st.sampled_from(["0.50", "-.25", "595.280"]).map(generic.FloatObject),
    st.booleans().map(generic.BooleanObject),
    st.builds(generic.NullObject),
    st.text(max_size=20).map(generic.TextStringObject),
    st.binary(max_size=20).map(generic.ByteStringObject),
    st.integers(1, 99).map(lambda number: generic.IndirectObject(number, 0, None)),
    st.binary(max_size=20).map(lambda data: generic.StreamObject(stream_data=data)),
)
values = st.recursive(
    simple,
    lambda inner: (
        st.lists(inner, max_size=4).map(generic.ArrayObject)
        | st.dictionaries(names, inner, max_size=4).map(generic.DictionaryObject)
    ),
    max_leaves=12,
)


@given(values)
def test_any_value(value):
    ours, theirs = BytesIO(), BytesIO()
    write_value(value, ours)
    value.write_to_stream(theirs, None)
    assert ours.getvalue() == theirs.getvalue()
