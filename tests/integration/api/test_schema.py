"""The OpenAPI document is kept: schemathesis asks what it allows and what it forbids."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.transport.serialization import serialize_binary

from eseal.service.people.permissions import Scope
from eseal_api.app import ROUTERS, create_app

EXAMPLES = 30
"""Per operation and scope: some 2,000 requests in all, in half a minute."""
BEYOND_SCHEMAS = [positive_data_acceptance]
"""That what the schema allows is always accepted: no schema can say check characters,
certificates that fit their request, or that a key was not used before."""


@schemathesis.serializer("application/timestamp-query", "application/ocsp-request")
def _as_it_is(_context, value):
    """DER is sent as it is, as ``application/octet-stream`` would be."""
    return serialize_binary(value)


@pytest.fixture(scope="session")
def schema(shared_world):
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(shared_world.service))


@pytest.fixture(scope="session")
def tokens(shared_world):
    access = shared_world.service.access
    company = access.create(Scope.COMPANY, company_id=shared_world.company.id)
    return {"operator": access.create(Scope.OPERATOR), "company": company}


OPERATIONS = sorted(
    route.operation_id for router in ROUTERS for route in router.routes if route.include_in_schema
)


@pytest.mark.parametrize("operation_id", OPERATIONS)
@pytest.mark.parametrize("scope", ["company", "operator"])
def test_every_answer_is_one_the_document_declares(schema, tokens, scope, operation_id):
    operation = schema.find_operation_by_id(operation_id)

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        token = {"Authorization": f"Bearer {tokens[scope]}"}
        case.call_and_validate(headers=token, excluded_checks=BEYOND_SCHEMAS)

    ask()
