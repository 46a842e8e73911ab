import pytest

OPERATIONS = {
    "addCompany", "anchor", "applySeal", "applySealToBatch", "applySealToDocuments",
    "extractSealed", "forgetDocument", "getCheckpoint",
    "getCompany", "getCompanyHistory", "getCrl", "getDocument", "getEntries", "getEvidence",
    "getHealth", "getLedger", "getMetrics", "getReadiness", "getRootCertificate",
    "getRootCertificateOf", "getSeal",
    "getIssuingCertificate", "getOcsp", "getRootCrl", "askOcsp", "timeStamp",
    "getSealHistory", "getSealImpression", "setSealImpression",
    "getTile", "getUse", "importCertificate", "issueSeal", "listCompanies", "renameCompany",
    "listSeals", "requestCertificate", "resumeSeal", "revokeSeal", "rpc", "sealContainer",
    "suspendSeal", "verify", "setStopCodes", "getStopHash", "useStopCode",
    "declareUse", "disputeSeal", "listDisclosures", "listSealDisputes", "listUseDeclarations",
    "getOpenings", "getTickets", "getWatchFile",
}  # fmt: skip
PUBLIC = {
    "extractSealed", "getCheckpoint", "getCrl", "getEntries", "getHealth", "getLedger",
    "getMetrics", "getReadiness", "getRootCertificate",
    "getRootCertificateOf", "getTile", "rpc", "verify",
    "getIssuingCertificate", "getOcsp", "getRootCrl", "askOcsp", "timeStamp",
    "getStopHash", "useStopCode",
}  # fmt: skip


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


@pytest.fixture(scope="module")
def operations(document):
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }


def test_operation_ids_stay(operations):
    assert set(operations) == OPERATIONS


def test_all_but_the_public_ones_need_a_token(operations):
    assert {name for name, one in operations.items() if "security" not in one} == PUBLIC


def test_every_error_is_declared_as_a_problem(operations, document):
    for name, operation in operations.items():
        assert "422" in operation["responses"], name
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                schema = answer["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, name
    assert "examples" in document["components"]["schemas"]["Problem"]


def test_every_reference_leads_somewhere(document):
    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for below in value.values():
                yield from references(below)
        elif isinstance(value, list):
            for below in value:
                yield from references(below)

    schemas = document["components"]["schemas"]
    for reference in set(references(document)):
        assert reference.rpartition("/")[2] in schemas, reference


def test_writes_take_an_idempotency_key(operations):
    for name in OPERATIONS - PUBLIC:
        operation = operations[name]
        headers = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}
        writes = not name.startswith(("get", "list", "forget"))
        assert ("Idempotency-Key" in headers) == writes, name


def test_every_operation_is_explained_under_a_tag(operations, document):
    tags = {tag["name"] for tag in document["tags"]}
    for name, operation in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags
