"""Backup and restore on PostgreSQL, as docs/operations.md says."""

import pytest

from tests.acceptance.consortium import make_instance
from tests.integration.conftest import running_anvil


@pytest.fixture(scope="module")
def shared(shell, postgres):
    with running_anvil() as node:
        make_instance(shell, postgres.create(), node.url)
        yield shell


def apply(shared, *names):
    for name in names:
        shared.write(name, name.encode())
    return shared("apply", *names, "--seal", shared.seals["contract"])


def assert_refused(shared, why):
    for _ in range(2):
        refused = apply(shared, "d.txt")
        assert refused.code == 1
        assert why in refused.err + refused.out
        assert not (shared.directory / "d.txt.p7s").exists()


def test_an_older_backup_signs_no_second_head_and_the_newest_goes_on(shared, postgres):
    assert apply(shared, "a.txt", "b.txt").code == 0
    assert shared("anchor").code == 0
    old, new = (shared.directory / name for name in ("old.dump", "new.dump"))
    live = shared.environment["ESEAL_DATABASE_URL"]
    postgres.dump(live, old)
    assert apply(shared, "c.txt").code == 0
    assert shared("anchor").code == 0
    postgres.dump(live, new)

    shared.environment["ESEAL_DATABASE_URL"] = postgres.create()
    postgres.restore(shared.environment["ESEAL_DATABASE_URL"], old)
    assert_refused(shared, "a head of 3 leaves was released, the database holds only 2")
    audit = shared("audit", "--json")
    assert audit.code == 1
    assert audit.json["leaves"] == 2
    assert audit.json["disagreements"]
    assert shared("anchor").code == 1

    # Restored on a machine that remembers nothing: the ledger does.
    remembered = shared.directory / "eseal-data"
    kept = {name: (remembered / name).read_bytes() for name in ("released", "rows.json")}
    for name in kept:
        (remembered / name).unlink()
    assert_refused(shared, "the ledger holds a head of 3 leaves, this log has only 2")
    for name, data in kept.items():
        (remembered / name).write_bytes(data)

    shared.environment["ESEAL_DATABASE_URL"] = postgres.create()
    postgres.restore(shared.environment["ESEAL_DATABASE_URL"], new)
    assert apply(shared, "d.txt").code == 0
    assert shared("anchor").code == 0
    audit = shared("audit", "--json")
    assert (audit.code, audit.json["leaves"], audit.json["pending"]) == (0, 4, 0)
    assert shared("verify", "d.txt").code == 0
    assert shared("verify", "a.txt").code == 0
