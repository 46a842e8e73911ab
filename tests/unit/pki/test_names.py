from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.pki.names import (
    MAX_COMMON_NAME_BYTES,
    SealSubject,
    cut_common_name,
    quoted,
    serial_number,
    subject_of,
    subject_of_name,
    to_name,
)

SUBJECT = SealSubject("Acme GmbH & Co. KG", "VATDE-136695976", "DE", "Acme contract seal")


def test_a_subject_is_written_in_the_order_of_the_profile_and_reads_back():
    name = to_name(SUBJECT)
    assert [a.oid for a in name] == [
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        x509.ObjectIdentifier("2.5.4.97"),
        NameOID.COMMON_NAME,
    ]
    assert subject_of_name(name) == SUBJECT


def test_a_companys_subject_says_who_and_where_it_is(company):
    subject = SealSubject.of(company)
    assert subject.organization_name == subject.common_name == "杭州测试科技有限公司"
    assert (subject.organization_identifier, subject.country) == ("NTRCN-91330100799655058B", "CN")
    assert SealSubject.of(company, "合同专用章").common_name == "合同专用章"
    assert SealSubject.of(replace(company, country="GR")).country == "GR"


def test_a_long_name_is_whole_in_the_organisation_and_cut_in_the_common_name(company):
    subject = SealSubject.of(replace(company, name="杭" * 200))
    assert subject_of_name(to_name(subject)).organization_name == "杭" * 200
    assert subject.common_name == "杭" * 21


@given(st.text())
def test_cutting_leaves_whole_characters(text):
    cut = cut_common_name(text)
    assert len(cut.encode()) <= MAX_COMMON_NAME_BYTES
    printable = text.encode("utf-8", "ignore").decode()
    assert printable.startswith(cut)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": "de"}, "country"),
        ({"country": "DEU"}, "country"),
        ({"country": ""}, "country"),
        ({"country": "ÄÖ"}, "country"),
        ({"country": "D1"}, "country"),
        ({"common_name": ""}, "common_name"),
        ({"common_name": "x" * 65}, "common_name"),
        ({"common_name": "杭" * 22}, "common_name"),
        ({"common_name": "a\ud800"}, "common_name"),
        ({"organization_name": ""}, "organization_name"),
        ({"organization_name": "x" * 201}, "organization_name"),
        ({"organization_name": "a\u202eb"}, "organization_name"),
        ({"organization_identifier": ""}, "organization_identifier"),
    ],
)
def test_what_cannot_stand_in_a_certificate_is_refused(change, field):
    with pytest.raises(InvalidInputError) as caught:
        to_name(replace(SUBJECT, **change))
    assert caught.value.field == field


def test_what_a_foreign_certificate_does_not_say_is_empty(forger):
    subject = subject_of(forger.make("Somebody").der)
    assert subject == SealSubject("", "", "", "Somebody")


def test_two_names_of_one_kind_are_refused(forger):
    twice = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Genuine Ltd"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Forger Ltd"),
        ]
    )
    with pytest.raises(InvalidFormatError, match=r"one organizationName .* got 2"):
        subject_of(forger.make(twice).der)


def test_the_serial_number_is_that_of_the_certificate(forger):
    made = forger.make("x")
    assert serial_number(made.der) == made.certificate.serial_number


def test_a_name_in_a_message_cannot_end_its_quotation():
    def called(text):
        return quoted(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]))

    assert called("eseal seals CA, eseal") == r"'CN=eseal seals CA\, eseal'"
    assert called("x' is trusted: '") == "'CN=x\" is trusted: \"'"
    assert called("one\u202eline\x07") == "'CN=oneline'"
    assert called("x" * 19 + "\\") == f"'CN={'x' * 19}'"
