import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal_api.frame.responses import MAX_NOTES_BYTES, attachment, notes_header, sealed_name


@pytest.mark.parametrize(
    ("name", "suffix", "expected"),
    [
        ("contract.pdf", ".pdf", "contract.sealed.pdf"),
        ("Contract.PDF", ".pdf", "Contract.sealed.pdf"),
        ("contract.sealed.pdf", ".pdf", "contract.sealed-2.pdf"),
        ("contract.sealed-2.pdf", ".pdf", "contract.sealed-3.pdf"),
        ("contract.sealed-09.pdf", ".pdf", "contract.sealed-09.sealed.pdf"),
        ("set.asice", ".asice", "set.sealed.asice"),
        ("noext", ".pdf", "noext.sealed.pdf"),
        (".pdf", ".pdf", "pdf.sealed.pdf"),
        ("合同.docx", ".p7s", "合同.docx.p7s"),
        ("../../etc/passwd", ".p7s", "passwd.p7s"),
        ("C:\\docs\\a.txt", ".p7s", "a.txt.p7s"),
        ("", ".p7s", "document.p7s"),
        ("...", ".pdf", "document.sealed.pdf"),
    ],
)
def test_the_name_of_what_was_sealed(name, suffix, expected):
    assert sealed_name(name, suffix) == expected


def test_a_plain_name_is_said_once():
    assert attachment("a b-1.pdf") == 'attachment; filename="a b-1.pdf"'


def test_notes_are_display_strings():
    told = notes_header(["the place of '合同' is \"near\"", "50 %"])
    assert told == {"Eseal-Notes": "%\"the place of '%e5%90%88%e5%90%8c' is %22near%22\", "
                                   '%"50 %25"'}  # fmt: skip
    assert notes_header([]) == {}


@given(st.lists(st.text(), max_size=40))
def test_no_note_breaks_out_of_its_header_nor_fills_it(notes):
    for value in notes_header(notes).values():
        assert value.isascii()
        assert value.isprintable()
        assert len(value) <= MAX_NOTES_BYTES + len('%"40 more"')
        texts = re.findall(r'%"([^"]*)"(?:, |$)', value)
        read = [unquote(text) for text in texts]
        assert read == notes or read[-1] == f"{len(notes) - len(read) + 1} more"


@given(st.text(), st.sampled_from([".pdf", ".p7s"]))
def test_no_name_breaks_out_of_its_header(name, suffix):
    value = attachment(sealed_name(name, suffix))
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert "/" not in value
    assert "\\" not in value
