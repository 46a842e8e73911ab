import pytest

from eseal.config import Settings
from eseal_api.frame.limits import FORM_BYTES, JSON_BYTES, Limits


@pytest.fixture(scope="module")
def small(template, tmp_path_factory, make_client):
    """A service that takes documents of 10 kB and batches of 4."""
    import shutil

    from eseal.service.people.permissions import Scope
    from eseal.service.service import Service

    directory = tmp_path_factory.mktemp("small") / "data"
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory, max_upload_bytes=10_000, max_batch=4)
    with Service.open(settings) as service:
        seal = service.directory.seals()[0]
        token = service.access.create(Scope.COMPANY, company_id=seal.company_id)
        yield make_client(service), token, f"/v1/seals/{seal.id}/uses"


def scope(path, content_type=None):
    headers = [] if content_type is None else [(b"content-type", content_type)]
    return {"path": path, "headers": headers}


def test_each_kind_of_body_has_its_limit():
    limits = Limits.of(Settings.load(max_upload_bytes=50, max_batch=8192))
    assert limits.limit_of(scope("/x", b"multipart/form-data; boundary=1")) == 50 + FORM_BYTES
    assert limits.limit_of(scope("/x", b"application/json")) == JSON_BYTES
    assert limits.limit_of(scope("/x")) == JSON_BYTES
    assert limits.limit_of(scope("/v1/seals/a/uses:batch")) == 8192 * 4096


def test_a_document_above_the_limit_is_refused(small, check_problem):
    client, token, url = small
    answer = client.post(url, token=token, files={"file": ("a.txt", b"x" * 10_001)})
    assert "10000" in check_problem(answer, 413, "too_large", "file")
    answer = client.post("/v1/verifications", files={"file": ("a.txt", b"x" * 10_001)})
    check_problem(answer, 413, "too_large", "file")
    assert client.post(url, token=token, files={"file": ("a.txt", b"x" * 10_000)}).is_success


def test_a_form_above_the_limit_is_refused_before_it_is_read(small, check_problem):
    client, token, url = small
    answer = client.post(url, token=token, files={"file": ("a", b"x" * (FORM_BYTES + 20_000))})
    check_problem(answer, 413, "too_large")


def test_json_above_the_limit_is_refused_whatever_it_announces(small, check_problem):
    client, token, url = small
    announced = client.post(
        url,
        token=token,
        content=b" " * (JSON_BYTES + 1),
        headers={"Content-Type": "application/json"},
    )
    check_problem(announced, 413, "too_large")
    sent = 0

    async def chunks():
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 65_536

    streamed = client.post(
        url, token=token, content=chunks(), headers={"Content-Type": "application/json"}
    )
    check_problem(streamed, 413, "too_large")


def test_routes_that_fastapi_parses_have_the_limit_too(small, check_problem):
    client, _, _ = small
    answer = client.post(
        "/v1/companies",
        content=b" " * (JSON_BYTES + 1),
        headers={"Content-Type": "application/json"},
    )
    check_problem(answer, 413, "too_large")


def test_a_length_that_is_no_number_is_not_believed(small, check_problem):
    client, token, url = small
    answer = client.post(
        url,
        token=token,
        content=b"{",
        headers={"Content-Type": "application/json", "Content-Length": "+1"},
    )
    check_problem(answer, 422, "invalid_format")


def test_a_batch_larger_than_configured_is_refused(small, order, check_problem):
    client, token, url = small
    answer = client.post(f"{url}:batch", token=token, json={"uses": [order] * 5})
    assert "1 to 4" in check_problem(answer, 422, "invalid_input", "uses")
