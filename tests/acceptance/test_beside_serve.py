"""Commands beside a running ``eseal serve`` on the same data, and strangers who ask it."""

import shutil

import pytest


@pytest.fixture(scope="module")
def server(serve):
    """A running service."""
    return serve()


@pytest.fixture(scope="module")
def sealed(office, server, wait_for):
    """A file sealed beside the service, whose head the service has anchored."""
    assert server.process.returncode is None
    office.write("offer.txt", b"1,200 kg of tea")
    done = office("apply", "offer.txt", "--seal", office.seals["contract"], "--json")
    assert done.code == 0
    wait_for(lambda: office("verify", "offer.txt").code == 0, "the anchor")
    return done.json[0]


@pytest.fixture(scope="module")
def stranger(office):
    """Verify with nothing but the issuer's trust file."""
    shutil.copy(office.directory / "eseal-data" / "trust.json", office.directory / "trust.json")
    return lambda *args: office(
        *("verify", *args, "--trust", "trust.json", "--data-dir", "none", "--json")
    )


def test_a_stranger_checks_evidence_against_the_public_node(office, server, sealed, stranger):
    out = "offer.evidence.json"
    assert office("evidence", sealed["id"], "--out", out).code == 0
    for arguments in ((out,), ("offer.txt", "--evidence", out)):
        shown = stranger(*arguments, "--rpc", f"{server.url}/rpc")
        assert (shown.code, shown.json["finding"]) == (0, "authentic")
    office.write("other.txt", b"9,200 kg of tea")
    shown = stranger("other.txt", "--evidence", out, "--rpc", f"{server.url}/rpc")
    assert shown.code == 1


def test_a_stranger_without_evidence_reads_the_public_log(office, server, sealed, stranger):
    assert sealed["sealed"] == "offer.txt.p7s"
    office.write("late.txt", b"and 5 kg more")
    office.write("later.txt", b"and another 5")
    done = office("apply", "late.txt", "later.txt", "--seal", office.seals["contract"])
    assert done.code == 0
    office("anchor")
    for name in ("offer.txt", "late.txt", "later.txt"):
        shown = stranger(name, "--rpc", f"{server.url}/rpc", "--log", f"{server.url}/log")
        assert (shown.code, shown.json["finding"]) == (0, "authentic"), name


def test_every_command_works_beside_the_service(office, server):
    assert server.process.returncode is None
    seal = office(
        *("seal", "issue", "--company", "vat:DE136695976", "--type", "customs", "--json")
    ).json
    assert seal["state"] == "active"
    assert office("seal", "suspend", seal["id"], "--json").json["state"] == "suspended"
    assert office("seal", "resume", seal["id"], "--json").json["state"] == "active"
    assert office("token", "create", "--scope", "operator").code == 0
    assert office("audit").code == 0


def test_it_stops_when_asked_and_its_data_are_whole(office, server):
    assert server.stop() == 0
    assert office("audit", "--json").json["disagreements"] == []
