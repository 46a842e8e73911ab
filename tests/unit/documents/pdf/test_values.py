"""What we read of an object is what pyHanko reads, or nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.rw_common import PdfHandler

from eseal.documents.pdf.syntax import MAX_DEPTH
from eseal.documents.pdf.values import read_object, read_value


class Handler(PdfHandler):
    """Strict, as ours is."""

    strict = True


HANDLER = Handler()
HERE = generic.Reference(5, 0, HANDLER)
KINDS = (generic.DictionaryObject, generic.ArrayObject)

names = st.sampled_from([b"/Type", b"/Page", b"/A.b-c", b"/F1", b"/"])
plain = st.one_of(
    names,
    st.integers(-(10**9), 10**9).map(lambda number: b"%d" % number),
    st.sampled_from([b"0.5", b"-.25", b"595.280", b"4.", b"+7", b"true", b"false", b"null"]),
    st.tuples(st.integers(1, 99), st.integers(0, 3)).map(lambda ref: b"%d %d R" % ref),
    st.sampled_from([b"<48656c6C6f>", b"<FEFF4E2D>", b"<>"]),
)
unusual = st.sampled_from([b"(text)", b"/A#20b", b"<4>", b"<4 8>", b"0 0 R", b"% note\n1"])
spaces = st.sampled_from([b" ", b"\n", b"\r\n", b"  "])


def arrays(items):
    return st.tuples(st.lists(items, max_size=5), spaces).map(
        lambda made: b"[" + made[1].join(made[0]) + b"]"
    )


def dictionaries(items):
    entries = st.lists(st.tuples(names, items), max_size=5)
    return st.tuples(entries, spaces).map(
        lambda made: b"<<" + made[1].join(k + made[1] + v for k, v in made[0]) + made[1] + b">>"
    )


values = st.recursive(plain, lambda inner: arrays(inner) | dictionaries(inner), max_leaves=12)
odd_values = st.recursive(
    plain | unusual, lambda inner: arrays(inner) | dictionaries(inner), max_leaves=12
)


def alike(ours, theirs) -> bool:
    """The same value of the same kind in the same place, all the way down."""
    if type(ours) is not type(theirs) or ours.container_ref != theirs.container_ref:
        return False
    if isinstance(ours, generic.DictionaryObject):
        return list(ours) == list(theirs) and all(
            alike(ours.raw_get(key), theirs.raw_get(key)) for key in ours
        )
    if isinstance(ours, generic.ArrayObject):
        return len(ours) == len(theirs) and all(
            alike(ours.raw_get(n), theirs.raw_get(n)) for n in range(len(ours))
        )
    return written(ours) == written(theirs)


def written(value) -> bytes:
    out = BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()


def by_pyhanko(text: bytes):
    stream = BytesIO(text)
    value = generic.read_object(stream, HERE)
    return value, stream.tell()


def same(text: bytes) -> bool:
    """Whether we read it; if so, as pyHanko does."""
    read = read_value(text, 0, HERE)
    if read is None:
        return False
    theirs, end = by_pyhanko(text)
    assert alike(read[0], theirs)
    if isinstance(theirs, KINDS):  # elsewhere pyHanko may have read on
        assert read[1] == end
    return True


@given(values)
def test_plain_values(text):
    keys_once = read_value(text, 0, HERE)
    if keys_once is None:
        with pytest.raises(Exception, match="Multiple definitions"):
            by_pyhanko(text + b"\n")
    else:
        assert same(text + b"\n")


@given(odd_values)
def test_values_with_something_unusual(text):
    same(text + b"\n")


@given(values, st.data())
def test_values_with_a_byte_changed(text, data):
    changed = bytearray(text)
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] = data.draw(st.sampled_from(b"<>[]/ 0R(%#.\n"))
    try:
        by_pyhanko(bytes(changed) + b"\n")
    except Exception:  # noqa: BLE001  whatever it says, it is for pyHanko to say
        return
    same(bytes(changed) + b"\n")


@pytest.mark.parametrize(
    "text",
    [
        b"5 0 obj << /Length 2 >> stream\nab\nendstream endobj",
        b"5 0 obj << /A (b) >> endobj",
        b"6 0 obj << /A /B >> endobj",
        b"5 1 obj << /A /B >> endobj",
        b"5 0 obj << /A /B >> nothing",
        b"5 0 obj << /A /B ] endobj",
        b"5 0 obj << /A >> endobj",
        b"5 0 obj << /A /B /A /C >> endobj",
        b"5 0 obj << 1 /B >> endobj",
        b"5 0 obj << [1] /B >> endobj",
        b"5 0 obj ] endobj",
        b"5 0 obj",
        b"5 0 obj " + b"[" * (MAX_DEPTH + 1),
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_pyhanko(text):
    assert read_object(text, 0, HERE) is None


def test_an_object_where_it_stands():
    read = read_object(b"%PDF\n5 0 obj\n<< /Kids [3 0 R 7 1 R] /Count 2 >>\nendobj", 5, HERE)
    assert written(read) == b"<<\n/Kids [ 3 0 R 7 1 R ]\n/Count 2\n>>"
    assert read.raw_get("/Kids").raw_get(1).reference == generic.Reference(7, 1, HANDLER)
