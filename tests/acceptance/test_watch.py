"""The owner's watch as a company runs it: a program of its own, over HTTP, with its own files."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

COMPANY = "VATDE-136695976"


@pytest.fixture(scope="module")
def site(office, serve):
    """The instance, served; it anchors only when told. The company has its token and its file."""
    office.environment = {"ESEAL_ANCHOR_INTERVAL": "3600"}
    shutil.copy(office.directory / "eseal-data" / "trust.json", office.directory / "mine.json")
    for command in (
        ("openssl", "genpkey", "-algorithm", "x25519", "-out", "watch.key"),
        ("openssl", "pkey", "-in", "watch.key", "-pubout", "-out", "watch.pub"),
    ):
        subprocess.run(command, cwd=office.directory, check=True, capture_output=True)
    made = office(
        *("company", "watch-file", COMPANY, "--out", "watch.json", "--recipient", "watch.pub")
    )
    assert made.code == 0, made.err
    (company,) = office("company", "list", "--json").json
    token = office(*("token", "create", "--scope", "company", "--company", company["id"], "--json"))
    office.token = token.json["token"]
    return serve()


def watch(office, site, *args, state="watched"):
    return office(
        *("watch", "--company", "watch.json", "--identity", "watch.key", "--trust", "mine.json"),
        *("--ledger", f"{site.url}/rpc", "--log", f"{site.url}/log", "--state", state),
        *("--history", site.url, "--token", office.token, "--once", "--json", *args),
    )


def seal(office, name):
    office.write(name, name.encode())
    assert office("apply", name, "--seal", office.seals["contract"]).code == 0
    return hashlib.sha256(name.encode()).hexdigest()


def found(ran):
    return [finding["alarm"] for finding in ran.json["findings"]]


def test_a_company_finds_its_uses_and_a_hidden_one(office, site):
    digest = seal(office, "first.txt")
    seal(office, "second.txt")
    assert office("anchor").code == 0
    well = watch(office, site)
    assert (well.code, well.json["found"], well.json["opened"]) == (0, 2, 2), well

    # the company's own list does not hold the second one
    office.write("digests", f"{digest}  first.txt\n".encode())
    unknown = watch(office, site, "--digests", "digests")
    assert (unknown.code, found(unknown)) == (1, ["unrecognised_use"])

    # a thief seals, it is anchored, and the operator makes its row vanish
    seal(office, "hidden.txt")
    assert office("anchor").code == 0
    with closing(sqlite3.connect(office.directory / "eseal-data" / "eseal.db")) as database:
        database.execute("DELETE FROM uses WHERE log_index = (SELECT max(log_index) FROM uses)")
        database.commit()
    told = office.directory / "told.json"
    hidden = watch(office, site, "--on-alarm", f"tee {told}")
    assert (hidden.code, found(hidden)) == (1, ["hidden_use"]), hidden
    assert json.loads(told.read_bytes())["alarm"] == "hidden_use"
    told.unlink()
    assert watch(office, site, "--on-alarm", f"tee {told}").code == 1
    assert not told.exists(), "it stands, and is told once"

    # a stop by the operator
    stopped = office("seal", "suspend", office.seals["contract"], "--reason", "loss")
    assert stopped.code == 0, stopped.err
    assert "status_changed" in found(watch(office, site))
    assert "status_changed" not in found(watch(office, site))


def test_wrong_usage_is_never_an_alarm(office, site):
    office.write(
        "other.json", (office.directory / "mine.json").read_bytes().replace(b'"0x', b'"1x')
    )
    assert watch(office, site, "--trust", "other.json").code == 2
    assert office("watch", "--company", "watch.json").code == 2
    damaged = office.directory / "damaged"
    damaged.mkdir()
    (damaged / "watch.db").write_bytes(b"damaged")
    ran = watch(office, site, state="damaged")
    assert (ran.code, "watch.db" in ran.err) == (2, True)
