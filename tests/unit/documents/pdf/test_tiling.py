"""Whatever is cut, the walk through the file finds the same objects in the same places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eseal.documents.pdf.inventory import walk
from eseal.documents.pdf.opening import DEFAULT_LIMITS, open_pdf
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.tiling import DIGITS, cut
from eseal.errors import UnsupportedDocumentError

REAL = sorted((Path(__file__).parents[3] / "data" / "pdf").glob("*.pdf"))
OBJECTS = [
    b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
    b"2 0 obj\n<< /Kids [3 0 R] /Title (see (b)) >>\nendobj\n",
    b"3 0 obj\n<< /Length 12 /Filter /X >>\nstream\n0123456789ab\nendstream\nendobj\n",
    b"4 0 obj\n<< /Length 3 >>\nstream\nxyz\nendstream\nendobj\n",
    b"5 0 obj\n[1 2 /Three]\nendobj\n",
]
LENGTH_APART = [
    b"1 0 obj\n<< /Type /Catalog /Length 2 0 R >>\nstream\nabcde\nendstream\nendobj\n",
    b"2 0 obj\n5\nendobj\n",
    b"3 0 obj\n<< /Length 2 >>\nstream\nab\nendstream\nendobj\n",
]
WORDS = [b"obj", b"endobj", b"stream", b"endstream", b"9 0 obj", b"(", b")", b"%", b"/Length 99",
         b"/Length 1 0 R", b">>", b"\n", b" ", b"", b"0", b"9", b"/"]  # fmt: skip


def file_of(objects: list[bytes]) -> tuple[bytes, dict[int, int]]:
    data, offsets = b"%PDF-1.7\n", {}
    for number, text in enumerate(objects, 1):
        offsets[number] = len(data)
        data += text
    return data + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< >>\nstartxref\n9\n%%EOF\n", offsets


def value(head: bytes) -> bytes:
    """A head without what makes it an object."""
    return re.sub(rb"\A\d+ 0 obj|(?:endobj\s*|stream\r?\n)\Z", b"", head).strip()


def agree(data: bytes, offsets: dict[int, int]) -> bool:
    """Whether the file was cut; if so, as the walk would."""
    found = cut(data, offsets)
    if found is None:
        return False
    entries = walk(data, 0, offsets)
    assert {(entry.number, entry.offset) for entry in entries} == {*offsets.items()}
    assert {entry.generation for entry in entries} == {0}
    heads = dict(zip(found.numbers, found.heads, strict=True))
    assert {number: value(head) for number, head in heads.items()} == {
        entry.number: data[entry.body : entry.end].strip() for entry in entries
    }
    assert found.shapes == [head.translate(DIGITS) for head in found.heads]
    assert found.kinds == {*found.shapes}
    return True


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_documents(path):
    data = path.read_bytes()
    structure = Structure(open_pdf(data, DEFAULT_LIMITS, UnsupportedDocumentError), data)
    agree(data, structure.offsets)


def test_documents_as_most_programs_write_them_are_cut(pdfs):
    assert agree(*file_of(OBJECTS))
    assert agree(*file_of([text.replace(b"\n", b"\r\n") for text in OBJECTS]))
    assert agree(*file_of(LENGTH_APART))
    names = {path.stem for path in REAL if _is_cut(path)}
    assert names >= {"fpdf2", "reportlab", "chromium", "pdflatex", "lualatex", "libreoffice"}
    data = pdfs.fpdf(3)
    assert Structure(open_pdf(data, DEFAULT_LIMITS, UnsupportedDocumentError), data).cut


def _is_cut(path) -> bool:
    data = path.read_bytes()
    structure = Structure(open_pdf(data, DEFAULT_LIMITS, UnsupportedDocumentError), data)
    return structure.cut is not None


@given(st.data())
def test_files_with_a_word_put_in_or_in_the_place_of_another(data):
    whole, offsets = file_of(data.draw(st.sampled_from([OBJECTS, LENGTH_APART])))
    at = data.draw(st.integers(9, len(whole) - 1))
    length = data.draw(st.integers(0, 3))
    changed = whole[:at] + data.draw(st.sampled_from(WORDS)) + whole[at + length :]
    agree(changed, offsets)
    moved = len(changed) - len(whole)
    agree(changed, {n: offset + moved * (offset > at) for n, offset in offsets.items()})


@given(st.permutations(OBJECTS), st.lists(st.sampled_from(WORDS), min_size=4, max_size=4))
@example([*OBJECTS], [b"", b"", b"", b""])
def test_files_with_words_between_objects(objects, words):
    between = [text + word for text, word in zip(objects, [*words, b""], strict=True)]
    agree(*file_of(between))


@given(st.dictionaries(st.integers(1, 6), st.integers(0, 300), max_size=6))
def test_any_places(offsets):
    agree(file_of(OBJECTS)[0], offsets)


def test_what_is_hidden_is_left_to_the_walk():
    hidden = b"9 0 obj\n<< /JS (x) >>\nendobj\n"
    whole, offsets = file_of(OBJECTS)
    for place in (len(b"%PDF-1.7\n"), offsets[3], whole.index(b"xref"), len(whole)):
        changed = whole[:place] + hidden + whole[place:]
        moved = {n: at + len(hidden) * (at >= place) for n, at in offsets.items()}
        assert cut(changed, moved) is None


@pytest.mark.parametrize("header", [b"9 0 obj", b"2 1 obj", b" 2 0 obj", b"%2 0 obj\n2 0 obj"])
def test_an_object_that_does_not_begin_with_its_number_is_left_to_the_walk(header):
    changed = [text.replace(b"2 0 obj", header) for text in OBJECTS]
    assert cut(*file_of(changed)) is None


def test_an_object_in_the_line_of_a_comment_is_left_to_the_walk():
    whole, offsets = file_of(OBJECTS)
    assert cut(whole.replace(b"%PDF-1.7\n", b"%PDF-1.7 "), offsets) is None


@pytest.mark.parametrize(
    "text",
    [
        b"4 0 obj\n<< /Length 3 >>\n",
        b"4 0 obj\n<< /Length 3 >>\nendobj\nstream\nendstream\nendobj\n",
        b"4 0 obj\n<< /Length 3 >>\nstream\rxyz\nendstream\nendobj\n",
        b"4 0 obj\n<< /Length 3 >>\nstream\r\nxyz\nendstream\nendobj\n",
    ],
)
def test_an_object_that_is_neither_a_value_nor_a_stream_is_left_to_the_walk(text):
    alike = b"3 0 obj\n<< /Length 3 >>\nstream\nxyz\nendstream\nendobj\n"
    assert cut(*file_of([*OBJECTS[:2], alike, OBJECTS[3]])) is not None
    assert cut(*file_of([*OBJECTS[:2], alike, text])) is None


@pytest.mark.parametrize("length", [b"7", b"4", b"-5", b"/Five", b"3 0 R", b"99999999999"])
def test_a_length_elsewhere_that_is_none_is_left_to_the_walk(length):
    changed = [text.replace(b"\n5\n", b"\n" + length + b"\n") for text in LENGTH_APART]
    assert cut(*file_of(changed)) is None


def test_a_stream_that_reaches_over_other_objects_is_left_to_the_walk():
    end = sum(map(len, OBJECTS[2:4])) - len(b"\nendstream\nendobj\n")
    text = OBJECTS[2]
    start = text.index(b"stream\n") + len(b"stream\n")
    longer = text.replace(b"/Length 12", b"/Length %d" % (end - start))
    assert cut(*file_of([*OBJECTS[:2], longer, *OBJECTS[3:]])) is None
