"""What is released must not be lost when a standby takes over."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager

import psycopg
import pytest

from eseal.config import Settings
from eseal.errors import UnsafeReplicationError
from eseal.model.seal import SealType
from eseal.service.oversight.readiness import Trouble
from eseal.service.sealing.orders import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.store.database import Database
from eseal.store.replication import check_replication
from tests.actors import acting
from tests.postgres import Postgres

PATIENCE = 30


@pytest.fixture(scope="module")
def pair():
    primary = Postgres()
    standby = Postgres.following(primary)
    yield primary, standby
    standby.close()
    primary.close()


@pytest.fixture
def primary(pair):
    server, _ = pair
    yield server
    server.set("synchronous_standby_names", "")


@contextmanager
def asked(url):
    database = Database(url)
    try:
        with database.read() as connection:
            yield connection
    finally:
        database.close()


def settled(url, **kwargs):
    """What the check says once the servers have come to it: empty if all is well."""
    until, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < until:
        try:
            with asked(url) as connection:
                check_replication(connection, **kwargs)
            said = ""
        except UnsafeReplicationError as error:
            said = str(error)
        if said == last:
            return said
        last = said
        time.sleep(1)
    return pytest.fail("it does not settle")


def test_a_standby_that_follows_asynchronously_is_refused_unless_that_is_accepted(primary):
    url = primary.create()
    assert "1 standbys follow PostgreSQL asynchronously: it names none" in settled(
        url, accepts_loss=False
    )
    assert settled(url, accepts_loss=True) == ""


def test_a_synchronous_one_is_well(primary):
    url = primary.create()
    primary.set("synchronous_standby_names", "*")
    assert settled(url, accepts_loss=False) == ""
    primary.set("synchronous_standby_names", "somebody_else")
    with psycopg.connect(url) as connection:
        connection.execute("SET synchronous_commit = off")  # nobody is there to wait for
    assert "among the synchronous ones (somebody_else)" in settled(url, accepts_loss=False)


def test_who_may_not_see_it_is_told_what_to_grant(primary):
    url = primary.create()
    primary.set("synchronous_standby_names", "*")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE clerk LOGIN")
    blind = url.replace("eseal@", "clerk@")
    assert "GRANT pg_monitor" in settled(blind, accepts_loss=False)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("GRANT pg_monitor TO clerk")
    assert settled(blind, accepts_loss=False) == ""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP ROLE clerk")


def test_nothing_is_sealed_until_it_is_put_right(primary, tmp_path):
    settings = Settings.load(data_dir=tmp_path / "data", database_url=primary.create())
    initialise(settings, name="Replicated Office")
    with Service.open(settings) as service:
        service.onboarding.add_company(
            "Elbe Teekontor GmbH",
            "vat:DE136695976",
            country="DE",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting(),
        )
        (seal,) = service.directory.seals()
        order = DigestOrder(bytes(32), "text/plain", "before")
        with pytest.raises(UnsafeReplicationError):
            service.sealing.seal_digests(seal.id, [order], actor=acting())
        (reason,) = service.readiness.look()
        assert (reason.trouble, "asynchronously" in reason.words) == (Trouble.DATABASE, True)
        primary.set("synchronous_standby_names", "*")
        until = time.monotonic() + PATIENCE
        while service.readiness.look():
            assert time.monotonic() < until
        service._sequencer._continuity._looked = -math.inf  # as after some seconds
        service.compare()
        assert service.sealing.seal_digests(seal.id, [order], actor=acting())
        primary.set("synchronous_standby_names", "")
    accepting = settings.model_copy(update={"accepted_loss": "asynchronous-standby"})
    with Service.open(accepting) as service:
        assert service.sealing.seal_digests(seal.id, [order], actor=acting())


def test_a_server_alone_is_well_and_commits_wait_for_its_disk(postgres):
    url = postgres.create()
    assert settled(url, accepts_loss=False) == ""
    with asked(url) as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
