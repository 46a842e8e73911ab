import pytest
from starlette.exceptions import HTTPException

from eseal import errors
from eseal.service.record.outcomes import RecordedRefusalError
from eseal_api.frame.problems import error_response, problem_of
from eseal_api.schemas.reading import said


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInputError("x"), 422),
        (errors.InvalidFormatError("x"), 422),
        (errors.TooLargeError("x"), 413),
        (errors.UnsupportedDocumentError("x"), 422),
        (errors.AlreadySealedError("x"), 422),
        (errors.NotFoundError("x"), 404),
        (errors.ConflictError("x"), 409),
        (errors.SealNotActiveError("x"), 409),
        (errors.IdempotencyConflictError("x"), 422),
        (errors.UnauthenticatedError("x"), 401),
        (errors.ForbiddenError("x"), 403),
        (errors.WrongKeyError("x"), 503),
        (errors.InvalidSignatureError("x"), 422),
        (errors.LedgerUnreachableError("x"), 503),
        (errors.LedgerRejectedError("x"), 409),
        (errors.CorruptionError("x"), 500),
    ],
)
def test_every_error_has_its_status_and_code(error, status):
    members = problem_of(error).to_dict()
    assert members["status"] == status
    assert members["type"] == f"urn:eseal:problem:{error.code}"
    assert members["title"]


def test_a_field_that_is_known_is_named():
    error = errors.InvalidInputError("digest: expected 64", field="digest")
    assert problem_of(error).to_dict()["field"] == "digest"


def test_a_refusal_told_again_keeps_the_status_of_its_code():
    told = problem_of(RecordedRefusalError("seal_not_active", "seal x is suspended"))
    assert (told.status, told.detail) == (409, "seal x is suspended")
    assert told.title == problem_of(errors.SealNotActiveError("y")).title


def test_disorder_is_not_described_to_callers():
    assert "secret" not in problem_of(errors.CorruptionError("secret 1234")).detail


def test_a_caller_without_token_learns_how_to_authenticate():
    assert error_response(errors.UnauthenticatedError("x")).headers["WWW-Authenticate"] == "Bearer"


def test_what_can_be_tried_again_says_when():
    assert int(error_response(errors.LedgerUnreachableError("x")).headers["Retry-After"]) > 0


def test_unknown_paths_and_methods_are_problems(client, check_problem):
    assert "/nope" in check_problem(client.get("/nope"), 404, "not_found")
    refused = client.request("PATCH", "/v1/companies")
    check_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "GET, POST"
    refused = client.request("DELETE", "/static/eseal.css")
    check_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "GET"


def test_an_unforeseen_error_is_a_plain_500_and_is_counted(
    make_client, shared_world, check_problem
):
    client = make_client(shared_world.service)

    async def broken(_request):
        raise RuntimeError("secret detail")

    client.app.router.add_route("/broken", broken)
    answer = client.get("/broken")
    check_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert 'route="none",status="500"' in client.get("/metrics").text


def test_an_answer_that_breaks_off_is_not_mended(make_client, shared_world):
    client = make_client(shared_world.service)

    class Half:
        async def __call__(self, _scope, _receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise RuntimeError

    async def half(_request):
        return Half()

    client.app.router.add_route("/half", half)
    assert client.get("/half").content == b""


def test_other_http_errors_keep_their_status(make_client, shared_world, check_problem):
    client = make_client(shared_world.service)

    async def teapot(_request):
        raise HTTPException(418, "short and stout")

    client.app.router.add_route("/tea", teapot)
    assert check_problem(client.get("/tea"), 418, "im_a_teapot") == "short and stout"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Value error, expected a prefix", "expected a prefix"),
        ("Input should be a valid integer", "expected a valid integer"),
        ("Field required", "expected a value, got none"),
        ("Input should have timezone info", "expected a time such as 2026-11-22T16:45:00Z"),
        ("expected JSON, got something else", "expected JSON, got something else"),
    ],
)
def test_what_the_library_says_of_a_body_is_told_in_our_words(theirs, ours):
    assert said(theirs) == ours
