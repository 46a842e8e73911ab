"""Who may ask for what: every operation that takes a token, by every kind of token."""

import base64
from dataclasses import dataclass

import pytest

from eseal.model.actor import Order
from eseal.model.seal import SealType
from eseal.service.people.permissions import Scope
from eseal.service.seals.onboarding import SealOrder
from tests.actors import acting

OWN = "own"
"""The company whose things are asked for."""
REFUSED = (401, 403, 404)
ALL = {OWN, "regulator", "ordered", "operator"}
REGULATORS = {"regulator", "ordered"}
MAY = {
    "addCompany": {"operator"},
    "anchor": {"operator"},
    "applySeal": {OWN},
    "applySealToBatch": {OWN},
    "applySealToDocuments": {OWN},
    "declareUse": {OWN},
    "disputeSeal": {OWN},
    "forgetDocument": {OWN, "operator"},
    "getCompany": ALL,
    "getCompanyHistory": {OWN} | REGULATORS,
    "getDocument": {OWN},
    "getEvidence": {OWN} | REGULATORS,
    "getOpenings": {OWN, "stranger"},  # each its own
    "getSeal": ALL,
    "getSealHistory": {OWN} | REGULATORS,
    "getSealImpression": ALL,
    "getTickets": {"ordered"},
    "getUse": {OWN} | REGULATORS,
    "getWatchFile": {OWN, "stranger"},  # each its own
    "importCertificate": {"operator"},
    "issueSeal": {"operator"},
    "listCompanies": ALL | {"stranger"},  # each its own
    "listDisclosures": {OWN},
    "listSealDisputes": {OWN} | REGULATORS,
    "listSeals": ALL,
    "listUseDeclarations": {OWN} | REGULATORS,
    "renameCompany": {"operator"},
    "requestCertificate": {"operator"},
    "resumeSeal": ALL,
    "revokeSeal": ALL,
    "sealContainer": {OWN},
    "setSealImpression": {OWN, "operator"},
    "setStopCodes": {OWN, "operator"},
    "suspendSeal": ALL,
}
"""By operation; whoever is not named is refused, as if there were no such thing or by its scope."""
LAST = ("suspendSeal", "resumeSeal", "revokeSeal")
"""What stops the seal is asked for when all else has been."""
FILE = {"file": ("a.txt", b"content")}
USE = {"digest": {"alg": "sha-256", "value": "ab" * 32}}


@dataclass(frozen=True)
class Site:
    """An instance of two companies, with tokens by name and what paths name."""

    client: object
    tokens: dict
    names: dict
    service: object

    def ask(self, method, path, bodies, who):
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", value)
        path += f"?company={self.names['company']}" if path == "/v1/seals" else ""
        return self.client.request(method, path, token=self.tokens[who], **bodies)


@pytest.fixture
def site(world, make_client):
    service, company = world.service, world.company
    other, _ = service.onboarding.add_company(
        "Another Company Ltd",
        "lei:213800KUD8LAJWSQ9D15",
        country="GB",
        seals=[SealOrder(SealType.CONTRACT)],
        actor=acting(),
    )
    made = service.sealing.seal_document(
        world.contract.id, b"content", filename="a.txt", actor=acting()
    )
    asked = service.onboarding.request_certificate(
        company, SealOrder(SealType.PERSONNEL), actor=acting()
    )
    access = service.access
    tokens = {
        "nobody": None,
        "revoked": access.create(Scope.OPERATOR),
        "stranger": access.create(Scope.COMPANY, company_id=other.id),
        "regulator": access.create(Scope.REGULATOR),
        "ordered": access.create(Scope.REGULATOR, order=Order("2026-117")),
        "operator": access.create(Scope.OPERATOR),
        OWN: access.create(Scope.COMPANY, company_id=company.id),
    }
    access.revoke(tokens["revoked"].split("_")[1])
    names = {
        "seal": world.contract.id,
        "company": company.id,
        "use": made.use.id,
        "certificate_request": asked.id,
    }
    return Site(make_client(service), tokens, names, service)


def bodies(site) -> dict:
    """What is asked for, by operation; the rest asks for nothing."""
    now = site.service.context.now()
    since, until = (now.replace(hour=0), now) if now.hour else (now.replace(minute=0), now)
    company, order = site.names["company"], {"type": "customs"}
    return {
        "addCompany": {"json": {"name": "x", "registration_id": "vat:DE136695976"}},
        "applySeal": {"json": USE},
        "applySealToBatch": {"json": {"uses": [USE]}},
        "applySealToDocuments": {"files": FILE},
        "declareUse": {"json": {"word": "rescinded"}},
        "disputeSeal": {"json": {"since": now.isoformat()}},
        "getTickets": {"json": {"since": since.isoformat(), "until": until.isoformat()}},
        "getWatchFile": {"json": {"recipient": "09" + "00" * 31}},
        "importCertificate": {"json": {"certificate": base64.b64encode(b"x").decode()}},
        "issueSeal": {"json": {"company": company, **order}},
        "renameCompany": {"json": {"name": "Another name"}},
        "requestCertificate": {"json": {"company": company, **order}},
        "revokeSeal": {"json": {"reason": "loss"}},
        "sealContainer": {"files": FILE},
        "setSealImpression": {"json": {}},
        "setStopCodes": {"json": {"end": "ab" * 32}},
        "suspendSeal": {"json": {"reason": "loss"}},
    }


def test_every_operation_is_for_those_it_says_and_for_nobody_else(site):
    secured = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in site.client.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if operation.get("security")
    }
    assert secured.keys() == MAY.keys()
    given = bodies(site)
    for name in (*sorted(secured.keys() - set(LAST)), *LAST):
        for who in site.tokens:
            answer = site.ask(*secured[name], given.get(name, {}), who)
            if who in {"nobody", "revoked"}:
                assert answer.status_code == 401, name
            elif "nobody lifts another's stop" not in answer.text:
                allowed = answer.status_code not in REFUSED
                assert allowed == (who in MAY[name]), (name, who, answer.text)


def test_what_is_anothers_is_not_there(site):
    """A stranger hears of another's things what is said of things that do not exist."""
    for path in ("/v1/seals/{seal}", "/v1/companies/{company}", "/v1/uses/{use}"):
        (name,) = (one for one in site.names if f"{{{one}}}" in path)
        found = site.ask("GET", path, {}, "stranger")
        missing = site.ask("GET", path.replace(f"{{{name}}}", "nothing"), {}, "stranger")
        told = found.json()["detail"].replace(site.names[name], "nothing")
        assert (found.status_code, told) == (404, missing.json()["detail"])
