"""The service's own verifications; what a verdict says is in ``tests/unit/verify``."""

import json

import pytest

from eseal.errors import ConfigurationError
from eseal.log.vkey import KeyType, VerifierKey
from eseal.verify import Finding
from tests.actors import acting

KEY = VerifierKey("w1.example", KeyType.COSIGNATURE, bytes(range(32)))


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"witnesses": {"threshold": 1, "keys": [str(KEY)]}}))
    return path


def test_the_policy_of_the_settings_is_demanded_of_everybody(open_world, data_dir, policy):
    world = open_world(data_dir, policy=policy)
    service = world.service
    sealed = service.sealing.seal_document(
        world.contract.id, b"offer", filename="offer.txt", actor=acting(), purpose="offer"
    )
    service.anchoring.anchor()
    evidence = service.records.evidence(sealed.use.id)
    verification = service.verification
    reports = (
        verification.document(b"offer", signature=sealed.data),
        verification.digest(evidence.statement.digest, evidence=evidence),
        verification.evidence(evidence),
    )
    assert {report.finding for report in reports} == {Finding.WITNESSES_MISSING}


def test_a_policy_that_cannot_be_used_stops_the_start(open_world, data_dir, policy, tmp_path):
    policy.write_text("{}")
    for path in (policy, tmp_path / "none"):
        with pytest.raises(ConfigurationError, match="ESEAL_POLICY"):
            open_world(data_dir, policy=path)
