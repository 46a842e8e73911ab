"""What we read of a table is what pyHanko reads, or nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.xref import XRefSectionData, parse_xref_table

from eseal.documents.pdf.tables import offsets_in, read_table

TRAILER = b"trailer\n<< /Size 9 >>"

lines = st.lists(
    st.tuples(
        st.integers(0, 9_999_999_999),
        st.one_of(st.just(0), st.just(0), st.integers(0, 99_999)),
        st.sampled_from([b"n", b"n", b"n", b"f"]),
    ),
    min_size=1,
    max_size=8,
)
sections = st.lists(st.tuples(st.integers(0, 12), lines), min_size=1, max_size=3)


def written(parts, end: bytes = b" \n") -> bytes:
    text = b""
    for first, entries in parts:
        text += b"%d %d\n" % (first, len(entries))
        text += b"".join(b"%010d %05d %b" % entry + end for entry in entries)
    return text + TRAILER


def by_pyhanko(text: bytes) -> tuple[XRefSectionData, int]:
    stream, data = BytesIO(text), XRefSectionData()
    data.process_entries(parse_xref_table(stream, strict=True), strict=True)
    return data, stream.tell()


def same(text: bytes) -> bool:
    """Whether we read it; if so, as pyHanko does."""
    read = read_table(text, 0)
    if read is None:
        return False
    ours, end = read
    theirs, their_end = by_pyhanko(text)
    assert end == their_end
    assert ours.standard_xrefs == theirs.standard_xrefs
    assert ours.freed == theirs.freed
    assert ours.explicit_refs_in_revision == theirs.explicit_refs_in_revision
    assert dict(ours.higher_generation_refs()) == dict(theirs.higher_generation_refs())
    assert offsets_in(ours) == offsets_in(theirs)
    named = theirs.standard_xrefs.keys() | theirs.freed.keys()
    assert ours.highest == max(named, default=0)
    for number in range(20):
        for generation in (0, 1, 65535):
            reference = generic.Reference(number, generation)
            assert resolved(ours, reference) == resolved(theirs, reference)
    return True


def resolved(data, reference):
    try:
        return data.try_resolve(reference)
    except KeyError:
        return KeyError


@given(sections, st.sampled_from([b" \n", b" \r", b"\r\n"]))
def test_tables_of_any_content(parts, end):
    numbers = [first + at for first, entries in parts for at in range(len(entries))]
    usable = len(set(numbers)) == len(numbers) and all(
        generation <= 0xFFFF for _, entries in parts for _, generation, _ in entries
    )
    assert same(written(parts, end)) == usable


@given(sections, st.data())
def test_tables_with_a_byte_changed(parts, data):
    text = bytearray(written(parts))
    at = data.draw(st.integers(0, len(text) - len(TRAILER) + 2))
    text[at] = data.draw(st.sampled_from(b"0159 nf\r\n\x00x-+t"))
    same(bytes(text))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        TRAILER,
        b"0 0\n" + TRAILER,
        b"0 2\n0000000000 65535 f \n" + TRAILER,
        b"0 1\n0000000000 65535 f \n",
        b"0 1\n0000000000 65535 f\n" + TRAILER,
        b"0 1\n0000000000 65535 x \n" + TRAILER,
        b"0 9999999\n0000000000 65535 f \n" + TRAILER,
        b"0  1\n0000000000 65535 f \n" + TRAILER,
    ],
)
def test_what_is_not_just_as_it_should_be_is_left_to_pyhanko(text):
    assert read_table(text, 0) is None
