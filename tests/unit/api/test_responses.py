import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.responses import attachment, sealed_name


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


@given(st.text(), st.sampled_from([".pdf", ".p7s"]))
def test_no_name_breaks_out_of_its_header(name, suffix):
    value = attachment(sealed_name(name, suffix))
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert "/" not in value
    assert "\\" not in value
