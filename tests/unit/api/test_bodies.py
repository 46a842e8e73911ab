import re

import pytest

from eseal_api.app import ROUTERS
from eseal_api.frame.bodies import JSON, JSON_VALUES, JSON_VALUES_PER_USE, JsonRoute, from_body

READ_BY_THE_LEDGER = "/rpc"
NO_JSON = [
    b"{",
    b"nothing",
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": "\\ud800"}',
    b'{"a": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b"[" * 4000,
]


@pytest.fixture(scope="module")
def everywhere(client, company_token, shared_world):
    """Send one body to every route that reads JSON; the answers by path."""
    found = [
        (method, path)
        for path, operations in client.app.openapi()["paths"].items()
        for method, operation in operations.items()
        if JSON in operation.get("requestBody", {}).get("content", {})
        and path != READ_BY_THE_LEDGER
    ]

    def send(body: bytes, key=None):
        headers, named = {"Content-Type": JSON}, shared_world.contract.id
        return {
            path: client.request(
                method.upper(),
                re.sub(r"\{\w+\}", named, path),
                token=company_token,
                key=key,
                content=body,
                headers=headers,
            )
            for method, path in found
        }

    return send


def test_every_route_whose_json_fastapi_hands_over_reads_it_with_our_reader():
    routes = [route for router in ROUTERS for route in router.routes]
    theirs = [route for route in routes if getattr(route, "body_field", None) is not None]
    assert len(theirs) > 9
    assert all(isinstance(route, JsonRoute) for route in theirs)


@pytest.mark.parametrize("body", NO_JSON)
def test_what_is_no_json_is_refused_alike_everywhere(everywhere, body, check_problem):
    answers = everywhere(body)
    assert len(answers) > 12
    (told,) = {check_problem(answer, 422, "invalid_format") for answer in answers.values()}
    assert told.startswith("body: expected JSON, got something else (")


@pytest.mark.parametrize("value", [b"[" * 255 + b"]" * 255, b"9" * 40, b"-" + b"9" * 400])
def test_deep_lists_and_giant_integers_are_refused_as_values(everywhere, value):
    for key in (None, "k" * 8):
        for path, answer in everywhere(b'{"odd": ' + value + b"}", key).items():
            members = answer.json()
            assert answer.status_code == 422, (path, members)
            assert members["type"] in {
                "urn:eseal:problem:invalid_input",
                "urn:eseal:problem:invalid_format",
            }


def test_more_values_than_any_request_has_are_not_read(everywhere, check_problem):
    texts = everywhere(b'{"odd": "' + b"[,{" * JSON_VALUES + b'"}')
    assert {answer.status_code for answer in texts.values()} == {422}
    body = b'{"odd": [' + b"0," * JSON_VALUES + b"0]}"
    for path, answer in everywhere(body).items():
        if not path.endswith(":batch"):
            detail = check_problem(answer, 413, "too_large")
            assert detail == (
                f"body: expected at most {JSON_VALUES} JSON values, got {JSON_VALUES + 2} or more"
            )


def test_a_batch_has_as_many_values_as_its_uses(client, seal_url, company_token, check_problem):
    """Two million members of one use took half a gigabyte before they were counted."""
    most = client.app.state.host.service.context.settings.max_batch * JSON_VALUES_PER_USE
    members = b",".join(b'"%x":0' % number for number in range(most))
    answer = client.post(
        f"{seal_url}/uses:batch",
        token=company_token,
        content=b'{"uses": [{' + members + b"}]}",
        headers={"Content-Type": JSON},
    )
    detail = check_problem(answer, 413, "too_large")
    assert f"at most {most} JSON values, got {most + 2} or more" in detail


def test_the_last_of_two_members_of_one_name_stands():
    assert from_body(b'{"a": 1, "a": 2}') == {"a": 2}
