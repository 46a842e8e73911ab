import io

import pytest
from PIL import Image

from eseal.model.ids import new_id
from eseal.model.seal import SealType
from eseal.service.seals.onboarding import SealOrder
from tests.actors import acting

RECTANGLE = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="6" fill="#c00"/></svg>'
)


@pytest.fixture(scope="module")
def url(shared_world):
    """The impression of a seal of these tests' own."""
    order = SealOrder(SealType.OTHER, "api")
    (made,) = shared_world.service.onboarding.issue(shared_world.company, [order], actor=acting())
    return f"/v1/seals/{made.id}/impression"


@pytest.fixture
def put(client, url):
    def send(token, **rest):
        return client.request("PUT", url, token=token, **rest)

    return send


@pytest.mark.parametrize(
    ("query", "kind", "start"),
    [
        ("", "image/svg+xml", b"<svg"),
        ("?format=png&dpi=72", "image/png", b"\x89PNG"),
        ("?format=pdf", "application/pdf", b"%PDF"),
    ],
)
def test_it_is_answered_in_three_forms(client, company_token, url, query, kind, start):
    answer = client.get(url + query, token=company_token)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert len(answer.headers["eseal-impression-hash"]) == 64
    assert answer.content.startswith(start)


def test_what_is_not_offered(client, company_token, url, check_problem):
    check_problem(client.get(url + "?format=gif", token=company_token), 422, "invalid_input",
                  "format")  # fmt: skip
    check_problem(client.get(url + "?dpi=9", token=company_token), 422, "invalid_input", "dpi")
    other = f"/v1/seals/{new_id()}/impression"
    check_problem(client.get(other, token=company_token), 404, "not_found")


def test_its_company_uploads_an_image(client, company_token, url, put):
    files = {"file": ("seal.svg", RECTANGLE)}
    answer = put(company_token, files=files, data={"width": "30"}, key="upload-" + url[10:20])
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["source"], made["media_type"]) == ("upload", "image/svg+xml")
    assert (made["width"], made["height"]) == (30, 20)
    shown = client.get(url + "?format=png&dpi=254", token=company_token)
    assert shown.headers["eseal-impression-hash"] == made["hash"]
    assert Image.open(io.BytesIO(shown.content)).size == (300, 200)


def test_the_operator_chooses_about_the_template(operator_token, put):
    body = {"profile": "contract-42", "colour": "blue", "star": False, "lines": []}
    made = put(operator_token, json=body).json()
    assert (made["source"], made["profile"], made["width"]) == ("template", "contract-42", 42)
    assert put(operator_token, json={}).json()["profile"] == "department-40"


def test_a_regulator_and_another_company_may_not(shared_world, put, regulator_token, check_problem):
    check_problem(put(regulator_token, json={}), 403, "forbidden")
    service = shared_world.service
    company, _ = service.onboarding.add_company(
        "Other Ltd", "lei:5493001KJTIIGC8Y1R12", country="GB", actor=acting()
    )
    from eseal.service.people.permissions import Scope

    other = service.access.create(Scope.COMPANY, company_id=company.id)
    check_problem(put(other, json={}), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"profile": "wax"}, "invalid_input", "profile"),
        ({"wax": 1}, "invalid_format", "wax"),
        ({"width": "40"}, "invalid_format", "width"),
        ({"code": "12"}, "invalid_format", "code"),
        ({"name": "云𓀀"}, "invalid_input", "impression"),
    ],
)
def test_a_bad_choice_is_refused(put, company_token, check_problem, body, code, field):
    check_problem(put(company_token, json=body), 422, code, field)


ENDLESSLY_TURNED = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    b'<rect width="9" height="9" transform="rotate(1e999)"/></svg>'
)


@pytest.mark.parametrize(
    ("files", "data", "status", "field"),
    [
        ({"file": ("a.svg", b"<svg/>")}, {"width": "x"}, 422, "width"),
        ({"file": ("a.svg", b"<svg/>")}, {"width": "inf"}, 422, "width"),
        ({"file": ("a.svg", b"<svg/>")}, {"width": "40"}, 422, "file"),
        ({"file": ("a.svg", b"GIF89a")}, {"width": "40"}, 422, "file"),
        ({"file": ("a.svg", ENDLESSLY_TURNED)}, {"width": "40"}, 422, "file"),
        ({"other": ("a.svg", b"<svg/>")}, {"width": "40"}, 422, "other"),
    ],
)
def test_a_bad_upload_is_refused(put, company_token, check_problem, files, data, status, field):
    answer = put(company_token, files=files, data=data)
    check_problem(answer, status, "invalid_format", field)


def test_more_than_may_be_uploaded(put, company_token, check_problem):
    files = {"file": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(5 << 20))}
    check_problem(put(company_token, files=files, data={"width": "40"}), 413, "too_large", "file")
