from dataclasses import replace
from datetime import timedelta

import pytest

from eseal.log.checkpoint import parse_checkpoint, verify_checkpoint
from eseal.log.rfc9162 import leaf_hash
from eseal.log.tiles import decode_entries
from eseal.service.sealing.applying import DigestOrder
from eseal.store.repositories.log import LogRepository
from tests.actors import acting


@pytest.fixture(scope="module")
def grown(client, company_token, seal_url):
    """The size of the log once it holds more than one full tile."""
    use = {"digest": {"alg": "sha-256", "value": "00" * 32}}

    def append(count):
        client.post(f"{seal_url}/uses:batch", token=company_token, json={"uses": [use] * count})
        return client.get("/v1/ledger").json()["log"]["size"]

    size = append(300)
    # How many leaves others put on this log is not for us to say: the last tile shall be partial.
    return size if size % 256 else append(1)


def test_the_checkpoint_is_signed_and_never_stale(client, grown, shared_world):
    answer = client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    signed = parse_checkpoint(answer.content)
    verify_checkpoint(signed, shared_world.service.context.log_public_key)
    assert signed.checkpoint.size == grown


def test_a_full_tile_is_of_the_hashes_of_its_entries_and_never_changes(client, grown):
    assert grown >= 256
    tile, entries = client.get("/log/tile/0/000"), client.get("/log/tile/entries/000")
    for answer in (tile, entries):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
    assert tile.content == b"".join(map(leaf_hash, decode_entries(entries.content)))
    assert len(tile.content) == 256 * 32


def test_a_partial_tile_goes_as_far_as_its_width(client, grown):
    last, width = divmod(grown, 256)
    tile = client.get(f"/log/tile/0/{last:03d}.p/{width}").content
    entries = client.get(f"/log/tile/entries/{last:03d}.p/{width}").content
    assert tile == b"".join(map(leaf_hash, decode_entries(entries)))
    assert client.get(f"/log/tile/0/{last:03d}.p/1").content == tile[:32]
    assert len(client.get("/log/tile/1/000.p/1").content) == 32


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/999",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/000",
        "tile/64/000",
        "tile/9/000",
        "tile/0/-01",
        "tile/+0/000",
        "tile/0/",
        "tile/entries/999",
        "tile/entries/000.p/0",
        "tile/entries/x",
        "tile/entries/x999/x999/x999/x999/x999/x999/999",
        "tile/",
        "checkpoints",
    ],
)
@pytest.mark.usefixtures("grown")
def test_what_the_log_does_not_hold_is_not_found(client, path, check_problem):
    check_problem(client.get(f"/log/{path}"), 404, "not_found")


def test_an_empty_log_has_no_checkpoint(open_world, data_dir, make_client, check_problem):
    client = make_client(open_world(data_dir).service)
    assert "empty" in check_problem(client.get("/log/checkpoint"), 404, "not_found")
    check_problem(client.get("/log/tile/0/000.p/1"), 404, "not_found")
    check_problem(client.get("/log/tile/entries/000.p/1"), 404, "not_found")
    assert client.get("/v1/ledger").json()["log"]["size"] == 0


def test_what_witnesses_were_shown_is_published_until_they_are_shown_nothing_any_more(
    open_world, data_dir, make_client
):
    world = open_world(data_dir)
    client, service = make_client(world.service), world.service
    seal = [DigestOrder(bytes(32), "text/plain")]
    service.sealing.seal_digests(world.contract.id, seal, actor=acting("a"))
    now = service.context.now()
    with service.context.database.write() as connection:
        log = LogRepository(connection)
        first = log.checkpoint()
        shown = replace(first, note=first.note + b"cosigned")
        log.set_cosigned(shown, now)
    assert client.get("/log/checkpoint").content == shown.note
    service.sealing.seal_digests(world.contract.id, seal, actor=acting("a"))
    with service.context.database.write() as connection:
        log = LogRepository(connection)
        newest = log.checkpoint()
    service.context.now = lambda: now + timedelta(seconds=60)
    assert client.get("/log/checkpoint").content == shown.note
    service.context.now = lambda: now + timedelta(seconds=61)
    assert client.get("/log/checkpoint").content == newest.note
    with service.context.database.write() as connection:
        log = LogRepository(connection)
        log.set_cosigned(newest, now)
        log.set_cosigned(shown, now)  # of two processes the slower one changes nothing
    assert client.get("/log/checkpoint").content == newest.note
