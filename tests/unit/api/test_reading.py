from datetime import UTC, datetime
from io import BytesIO

import pytest
from starlette.datastructures import UploadFile

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.model.seal import SealType
from eseal.service.sealing.applying import DigestOrder
from eseal_api.schemas.companies import CertificateIn, CompanyIn, OrderIn
from eseal_api.schemas.declarations import DisputeIn
from eseal_api.schemas.orders import BatchIn, DocumentForm, DocumentsForm, UseIn
from eseal_api.schemas.reading import MAX_FAULTS, read
from eseal_api.schemas.watching import TicketsIn

TIME = "2026-11-22T16:45:00Z"
DIGEST = {"alg": "sha-256", "value": "AB" * 32}


def refusal(model, value, **rest) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read(model, value, **rest)
    return caught.value


def test_a_use_becomes_an_order():
    assert read(UseIn, {"digest": DIGEST}).order() == DigestOrder(b"\xab" * 32)


@pytest.mark.parametrize(
    ("value", "message", "field"),
    [
        (7, "body: expected a JSON object, got 7", None),
        ({}, "digest: expected a value, got none", "digest"),
        ({"digest": []}, "digest: expected a JSON object, got list", "digest"),
        (
            {"digest": {**DIGEST, "alg": "md5"}},
            "digest.alg: expected 'sha-256', got 'md5'",
            "digest.alg",
        ),
        (
            {"digest": DIGEST, "purpose": True},
            "purpose: expected a valid string, got True",
            "purpose",
        ),
        (
            {"digest": DIGEST, "level": "high"},
            "level: expected one of b-b, b-t, b-lt, b-lta, got 'high'",
            "level",
        ),
    ],
)
def test_what_is_wrong_says_what_was_expected_and_what_came(value, message, field):
    error = refusal(UseIn, value)
    assert (str(error), error.field) == (message, field)


def test_an_unknown_member_is_named_before_all_else():
    error = refusal(UseIn, {"purpose": 7, "digest": {**DIGEST, "more": 1}})
    assert error.field == "more"
    assert str(error) == "digest: expected only members that are described, got 'more'"


def test_a_body_of_nothing_but_unknown_members_is_not_listed():
    error = refusal(UseIn, {"digest": DIGEST} | dict.fromkeys(map(str, range(MAX_FAULTS + 1))))
    assert (str(error), error.field) == (
        f"expected the members that are described, got {MAX_FAULTS + 1} faults",
        None,
    )


def test_a_use_of_a_batch_that_is_none_does_not_stop_the_others():
    good, bad = read(BatchIn, {"uses": [{"digest": DIGEST}, {}]}, context=2).uses
    assert isinstance(good, DigestOrder)
    assert (type(bad), bad.field) == (InvalidFormatError, "digest")


def test_the_uses_of_a_batch_are_counted_before_they_are_read():
    error = refusal(BatchIn, {"uses": [7, 7, 7]}, context=2)
    assert str(error) == "uses: expected a list of 1 to 2, got 3"


def test_a_batch_is_not_read_without_a_limit():
    with pytest.raises(TypeError, match="the most uses"):
        read(BatchIn, {"uses": []})


def test_fields_of_a_form_that_hold_json_are_read_as_strictly():
    file = UploadFile(BytesIO(b""))
    assert refusal(DocumentForm, {"file": file, "visible": "null"}).field == "visible"
    assert refusal(DocumentForm, {"file": file, "parties": '[{"label": NaN}]'}).field == "parties"
    assert refusal(DocumentForm, {"file": "text"}).field == "file"
    assert refusal(DocumentsForm, {"file": [file, "text"]}).field == "file"
    assert refusal(DocumentsForm, {}).field == "file"


@pytest.mark.parametrize(
    ("model", "value", "field"),
    [
        (OrderIn, {"type": "contract", "depth": 16.0}, "depth"),
        (OrderIn, {"type": 2}, "type"),
        (CompanyIn, {"name": "x", "registration_id": "y", "seals": {"type": "contract"}}, "seals"),
        (CertificateIn, {"certificate": "AA==", "chain": "AA=="}, "chain"),
        (DisputeIn, {"since": 1790000000}, "since"),
        (TicketsIn, {"since": TIME, "until": TIME, "first_volume": True}, "first_volume"),
    ],
)
def test_what_fastapi_hands_over_is_read_as_strictly(model, value, field):
    assert refusal(model, value).field == field


def test_what_json_has_no_values_of_is_written_as_texts_and_lists():
    assert read(OrderIn, {"type": "contract"}).type is SealType.CONTRACT
    assert read(CertificateIn, {"certificate": "AA==", "chain": ["AA=="]}).chain == ("AA==",)
    assert read(DisputeIn, {"since": TIME}).since == datetime(2026, 11, 22, 16, 45, tzinfo=UTC)
