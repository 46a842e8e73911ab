"""The application in this process: no socket, the same requests and answers."""

from __future__ import annotations

from functools import partial

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from eseal.service.people.permissions import Scope
from eseal_api.app import create_app
from tests.actors import acting


class Client:
    """Requests to an application, one at a time, from a test that is not asynchronous."""

    def __init__(self, app, portal) -> None:
        self.app = app
        self._portal = portal
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://test")

    def request(self, method, path, *, token=None, key=None, headers=None, **body):
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        send = partial(self._http.request, method, path, headers=headers, **body)
        return self._portal.call(send)

    def get(self, path, **rest):
        return self.request("GET", path, **rest)

    def post(self, path, **rest):
        return self.request("POST", path, **rest)


def problem(response, status, code, field=None) -> str:
    """Check that an answer is this problem document; its detail."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    members = response.json()
    assert (response.status_code, members["type"]) == (status, f"urn:eseal:problem:{code}"), members
    assert members["status"] == status
    assert members.get("field") == field, members
    assert members["title"]
    assert "Traceback" not in response.text
    return members["detail"]


@pytest.fixture(scope="session")
def portal():
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture
def client_of(portal):
    """Make a client of any application."""
    return partial(Client, portal=portal)


@pytest.fixture(scope="session")
def make_client(portal):
    """Make a client of an application over a service."""

    def make(service) -> Client:
        return Client(create_app(service), portal)

    return make


@pytest.fixture(scope="session")
def client(make_client, shared_world, portal):
    made = make_client(shared_world.service)
    with portal.wrap_async_context_manager(made.app.router.lifespan_context(made.app)):
        yield made


@pytest.fixture(scope="session")
def check_problem():
    return problem


@pytest.fixture(scope="session")
def company_token(shared_world):
    access = shared_world.service.access
    return access.create(Scope.COMPANY, company_id=shared_world.company.id)


@pytest.fixture(scope="session")
def stranger_token(shared_world):
    """A token of another company."""
    other, _ = shared_world.service.onboarding.add_company(
        "Another Company Ltd", "lei:213800KUD8LAJWSQ9D15", country="GB", actor=acting()
    )
    return shared_world.service.access.create(Scope.COMPANY, company_id=other.id)


@pytest.fixture(scope="session")
def regulator_token(shared_world):
    return shared_world.service.access.create(Scope.REGULATOR)


@pytest.fixture(scope="session")
def operator_token(shared_world):
    return shared_world.service.access.create(Scope.OPERATOR)


@pytest.fixture(scope="session")
def seal_url(shared_world):
    return f"/v1/seals/{shared_world.contract.id}"


@pytest.fixture
def order():
    """A use as it is asked for, of a document never seen before."""
    import secrets

    return {
        "digest": {"alg": "sha-256", "value": secrets.token_hex(32)},
        "media_type": "text/plain",
        "purpose": "offer no. 7",
    }


@pytest.fixture
def apply(client, company_token, seal_url):
    """Ask for a use of the contract seal."""

    def post(body=None, *, path="uses", **rest):
        if body is not None:
            rest["json"] = body
        return client.post(f"{seal_url}/{path}", token=company_token, **rest)

    return post
