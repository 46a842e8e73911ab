from __future__ import annotations

import orjson
import pytest
import rfc8785

from eseal.model.approval import Approval, ApprovalRecord
from eseal.model.level import Level

RECORD = {
    "use": "u",
    "seal": "s",
    "digest": bytes(range(32)),
    "actor": "company:c",
    "requested_at": "2026-11-30T08:00:00Z",
}


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("purpose", [None, 'sale of "tea", 茶'])
@pytest.mark.parametrize("approvals", [(), (Approval("person:a", "2026-11-30T08:00:00Z"),)])
def test_a_record_is_canonical_and_tells_its_level(level, purpose, approvals):
    record = ApprovalRecord(**RECORD, purpose=purpose, level=level, approvals=approvals)
    encoded = record.encode()
    assert encoded == rfc8785.dumps(orjson.loads(encoded))
    assert ApprovalRecord.level_of(encoded) is level


def test_what_a_purpose_says_is_no_level():
    record = ApprovalRecord(**RECORD, purpose='"level":"b-lta"')
    assert ApprovalRecord.level_of(record.encode()) is Level.B_B


def test_at_the_lowest_level_none_is_written():
    assert ApprovalRecord(**RECORD).encode() == (
        b'{"actor":"company:c","approvals":[],"digest":"' + RECORD["digest"].hex().encode() + b'",'
        b'"purpose":null,"requested_at":"2026-11-30T08:00:00Z","seal":"s","use":"u","v":1}'
    )
