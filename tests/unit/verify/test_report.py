from __future__ import annotations

import json

import pytest

from eseal.verify import CheckName, Finding
from tests.unit.verify.asking import verify_document

CONTRACT = b"The parties agree to agree."


def test_the_json_of_a_passed_report(world, seal):
    use = world.use(seal)
    anchor = world.anchor()
    report = verify_document(CONTRACT, signature=use.p7s, ledger=world.ledger).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert list(report) == [
        "indication", "indication_uri", "sub_indication", "sub_indication_uri", "finding",
        "message", "alarm", "seals", "others", "places", "extractable", "checks",
    ]  # fmt: skip
    assert report["indication"] == "TOTAL_PASSED"
    assert report["indication_uri"] == "urn:etsi:019102:mainindication:total-passed"
    assert report["sub_indication"] is report["sub_indication_uri"] is None
    (one,) = report["seals"]
    assert one["checks"] == report["checks"]
    assert one["handle"] == seal.handle.hex()
    assert one["name"] == "Acme Trading Ltd"
    assert (one["seal_type"], one["issuer"], one["root"], one["vouched_by"]) == (
        None, "eseal seals CA, Trial CA", "eseal root CA, Trial CA", "built-in CA, for trying out",
    )  # fmt: skip
    assert (report["others"], report["places"]) == ([], None)
    assert one["use"]["id"] == use.statement.id
    assert one["use"]["purpose"] == "a test"
    assert one["subject"] == seal.proof.subject.hex()
    assert [note["code"] for note in one["notes"]] == ["founders_by_operator"]
    assert one["objections"] == []
    assert one["log"] == {"origin": world.origin, "index": use.index}
    assert one["proven_time"]["not_after"].endswith("Z")
    by_name = {check["name"]: check for check in report["checks"]}
    assert by_name["anchor"]["rests_on"]["block"] == {
        "number": anchor.block.number,
        "hash": "0x" + anchor.block.hash.hex(),
        "timestamp": anchor.block.timestamp,
    }
    assert by_name["document"]["rests_on"] == {"digest": use.statement.digest.hex()}
    assert by_name["seal"]["rests_on"] == {}
    assert by_name["unique"]["status"] == by_name["declarations"]["status"] == "SKIPPED"


def test_the_json_of_a_failed_report(world, seal):
    use = world.use(seal)
    report = verify_document(b"other", signature=use.p7s, ledger=world.ledger).to_dict()
    assert report["finding"] == "document_altered"
    assert report["sub_indication_uri"] == "urn:etsi:019102:subindication:HASH_FAILURE"
    assert report["seals"][0]["proven_time"]["not_after"] is None


@pytest.mark.parametrize("p7s", [None, b"garbage"])
def test_the_json_of_a_report_that_knows_nothing(p7s):
    report = verify_document(b"other", signature=p7s).to_dict()
    assert json.loads(json.dumps(report)) == report
    assert "name" not in (report["seals"] or [{}])[0]


def test_a_seal_that_says_nothing_of_its_use(world):
    use = world.use(world.new_seal(register=False), record=False)
    signed, signature = use.signed, b"\x30\x00"
    p7s = use.seal.encode(signed, signature)
    report = verify_document(CONTRACT, signature=p7s)
    facts = report.to_dict()["seals"][0]
    assert facts["use"] is facts["log"] is facts["proven_time"] is None


def test_a_check_that_was_not_reached_is_none(world):
    report = verify_document(b"", ledger=world.ledger)
    assert report.finding is Finding.NO_SEAL
    assert report.check(CheckName.STATUS) is None
