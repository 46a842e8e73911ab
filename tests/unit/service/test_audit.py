from __future__ import annotations

import hashlib
import shutil

import pytest

from eseal.config import Settings
from eseal.model.seal import Reason
from eseal.service.sealing.applying import DigestOrder
from eseal.service.service import Service
from tests.actors import acting, looking


@pytest.fixture(scope="module")
def used_dir(template, tmp_path_factory):
    """An instance with 300 uses of two seals, a disclosure and two anchors."""
    directory = tmp_path_factory.mktemp("used") / "data"
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory)
    with Service.open(settings) as service:
        orders = [DigestOrder(hashlib.sha256(b"%d" % n).digest()) for n in range(150)]
        for seal in sorted(service.directory.seals(), key=lambda seal: seal.type):
            service.sealing.seal_digests(seal.id, orders, actor=acting("a"))
            service.anchoring.anchor()
        service.disclosures.record(looking("regulator:r"), "seals", None)
    return directory


@pytest.fixture
def used(used_dir, tmp_path, open_world):
    """A copy of that instance, to be tampered with."""
    shutil.copytree(used_dir, tmp_path / "data")
    return open_world(tmp_path / "data")


def tamper(world, statement: str, *parameters: object) -> list[str]:
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        assert connection.exec_driver_sql(statement, parameters).rowcount
    return sorted({found.kind for found in world.service.audit.run().disagreements})


def test_an_honest_instance(used):
    report = used.service.audit.run()
    assert report.disagreements == ()
    assert (report.leaves, report.uses, report.seals) == (301, 300, 2)
    assert (report.anchors, report.pending) == (2, 1)


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (
            """UPDATE uses SET statement = CAST(replace(statement, '/octet', '/octex') AS BLOB)
            WHERE log_index = 7""",
            ["leaf_differs", "signature_invalid"],
        ),
        ("UPDATE uses SET statement = 'text' WHERE log_index = 7", ["value_malformed"]),
        ("UPDATE log_checkpoint SET size = 'many'", ["foreign_row", "value_malformed"]),
        ("UPDATE log_tiles SET hashes = 7 WHERE level = 1", ["value_malformed"]),
        ("UPDATE log_records SET kind = 77", ["value_malformed"]),
        ("UPDATE uses SET statement = x'7b7d' WHERE log_index = 7", None),
        ("DELETE FROM use_keys WHERE log_index = 7", ["lookup_differs"]),
        ("UPDATE use_keys SET key = key + 1 WHERE log_index = 7", ["lookup_differs"]),
        ("UPDATE use_keys SET log_index = 8 WHERE log_index = 7", ["lookup_differs"]),
        ("INSERT INTO use_keys VALUES (0, 5, 7)", ["lookup_differs"]),
        ("UPDATE uses SET authorization = x'00' WHERE log_index = 7", ["use_differs"]),
        ("DELETE FROM uses WHERE log_index = 7", ["lookup_differs", "use_missing"]),
        ("DELETE FROM volumes", ["foreign_row", "volume_missing"]),
        ("UPDATE volumes SET root = zeroblob(32)", ["foreign_row", "volume_differs"]),
        ("UPDATE volumes SET block_number = 1000000", ["foreign_row", "volume_differs"]),
        ("UPDATE books SET wrapped = x'00'", ["foreign_row"]),
        ("UPDATE books SET depth = 15", None),
        ("UPDATE seals SET subject_proof = x'7b7d' WHERE type = 'finance'",
         ["foreign_row", "seal_differs"]),
        ("UPDATE seals SET handle = zeroblob(32) WHERE type = 'finance'", None),
        ("DELETE FROM uses WHERE log_index = 299", ["lookup_differs", "use_missing"]),
        ("DELETE FROM log_records", ["use_missing"]),
        ("UPDATE log_records SET content = x'00'", ["record_malformed"]),
        ("UPDATE log_records SET kind = 5", ["leaf_differs"]),
        ("UPDATE log_records SET log_index = 301", ["leaf_missing", "use_missing"]),
        ("UPDATE log_leaves SET leaf = x'00' WHERE log_index = 299", None),
        ("UPDATE log_tiles SET hashes = zeroblob(8192) WHERE level = 0 AND tile_index = 0",
         ["tile_differs"]),
        ("DELETE FROM log_tiles WHERE level = 1", ["tile_missing"]),
        ("UPDATE log_checkpoint SET note = x'00'", ["checkpoint_invalid"]),
        ("UPDATE anchors SET block_hash = zeroblob(32) WHERE size = 150",
         ["anchor_differs", "foreign_row"]),
        ("UPDATE anchors SET size = 151 WHERE size = 150", ["anchor_unknown", "foreign_row"]),
        ("UPDATE seals SET state = 'suspended' WHERE type = 'finance'",
         ["foreign_row", "seal_differs"]),
        ("UPDATE seals SET not_after = not_after + 86400000000 WHERE type = 'finance'",
         ["foreign_row", "seal_differs"]),
        ("UPDATE seals SET not_after = 'never' WHERE type = 'finance'", ["foreign_row"]),
    ],
)  # fmt: skip
def test_every_rewrite_is_named(used, statement, kinds):
    found = tamper(used, statement)
    assert found
    if kinds is not None:
        assert found == kinds


def test_a_removed_leaf_is_named(used):
    found = tamper(used, "DELETE FROM log_leaves WHERE log_index = 100")
    assert {"leaf_missing", "root_differs", "checkpoint_differs"} <= set(found)


def test_a_log_cut_off_behind_the_ledger_is_named(used):
    with used.service.context.database.write() as connection:
        for table in ("uses", "log_leaves", "log_records"):
            connection.exec_driver_sql("DELETE FROM " + table + " WHERE log_index >= 160")  # noqa: S608  # names of ours
    kinds = {found.kind for found in used.service.audit.run().disagreements}
    assert {"checkpoint_differs", "anchor_beyond_log"} <= kinds


def test_a_ticket_torn_twice_is_named(used):
    found = tamper(
        used,
        "UPDATE uses SET statement = (SELECT statement FROM uses WHERE log_index = 5), "
        "signature = (SELECT signature FROM uses WHERE log_index = 5) WHERE log_index = 6",
    )
    assert "ticket_torn_twice" in found


def test_a_suspended_seal_is_compared_with_the_ledger(used):
    used.service.lifecycle.suspend(used.finance.id, reason=Reason.LOSS, actor=acting("a"))
    assert used.service.audit.run().disagreements == ()
    found = tamper(used, "UPDATE seals SET state = 'active' WHERE type = 'finance'")
    assert found == ["foreign_row", "seal_differs"]
