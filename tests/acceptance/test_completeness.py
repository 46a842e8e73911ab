"""A regulator finds a hidden use with what it was handed over: programs, over HTTP, no account."""

import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from eseal.config import Settings
from eseal.service.service import Service
from eseal.watch.history.period import PeriodTickets

COMPANY = "VATDE-136695976"
SINCE = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def site(office, serve):
    """The instance, served; it anchors only when told. The regulator has its own trust file."""
    office.environment = {"ESEAL_ANCHOR_INTERVAL": "3600"}
    shutil.copy(office.directory / "eseal-data" / "trust.json", office.directory / "mine.json")
    made = office(*("token", "create", "--scope", "regulator", "--order", "2026-117", "--json"))
    office.token = made.json["token"]
    return serve()


def seal(office, name):
    office.write(name, name.encode())
    assert office("apply", name, "--seal", office.seals["contract"]).code == 0


def now():
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ask(office, site, until):
    return httpx.post(
        f"{site.url}/v1/seals/{office.seals['contract']}/tickets",
        headers={"Authorization": f"Bearer {office.token}"},
        json={"since": SINCE, "until": until},
        timeout=60,
    )


def verify(office, site, file, *args, log=None):
    return office(
        *("verify", "--completeness", file, "--trust", "mine.json", "--rpc", f"{site.url}/rpc"),
        *("--log", log or f"{site.url}/log", "--json", *args),
    )


def anchor(office):
    """Anchor; gives the end of a period that the anchor is of."""
    assert office("anchor").code == 0
    time.sleep(2)  # seconds are whole, and the end is not of the period
    return now()


def mirror(site, directory):
    """The log as files: all that a reader of so few leaves asks for."""
    checkpoint = httpx.get(f"{site.url}/log/checkpoint")
    size = checkpoint.text.splitlines()[1]
    path = directory / "tile" / "entries" / "000.p"
    path.mkdir(parents=True)
    leaves = httpx.get(f"{site.url}/log/tile/entries/000.p/{size}")
    (path / size).write_bytes(leaves.content)


def test_a_regulator_finds_the_use_that_was_left_out(office, site):
    seal(office, "first.txt")
    seal(office, "hidden.txt")
    until = anchor(office)
    office.write("all.json", ask(office, site, until).raise_for_status().content)
    anchor(office)
    well = verify(office, site, "all.json")
    assert (well.code, well.json["found"], len(well.json["opened"])) == (0, 2, 2), well

    # the operator leaves the second one out, and signs that
    whole = PeriodTickets.parse((office.directory / "all.json").read_bytes())
    with Service.open(Settings.load(data_dir=office.directory / "eseal-data")) as service:
        cut = replace(whole, openings=whole.openings[:1]).signed(service.context.sign_head)
    handed = cut.encode()
    office.write("cut.json", handed)
    anchor(office)
    hidden = verify(office, site, "cut.json")
    assert hidden.code == 1, hidden
    (finding,) = hidden.json["findings"]
    assert finding["alarm"] == "hidden_use"
    assert "is torn in leaf" in finding["message"]

    # the same with a copy of the log on disk
    mirror(site, office.directory / "log")
    again = verify(office, site, "cut.json", log=str(office.directory / "log"))
    assert (again.code, again.json["findings"]) == (1, [finding]), again

    # spoilt by whoever carried it: it accuses nobody
    spoilt = json.loads(handed) | {"openings": []}
    text = json.dumps(spoilt, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    office.write("spoilt.json", text.encode())
    ran = verify(office, site, "spoilt.json")
    assert (ran.code, "anybody's list" in ran.err) == (2, True), ran

    # the company sees the look, with the order
    rows = office("company", "disclosures", COMPANY, "--json").json
    looks = [row for row in rows if row["what"].startswith("tickets of seal")]
    assert [row["order"] for row in looks] == ["2026-117"]


@pytest.mark.usefixtures("site")
def test_the_operator_hands_it_over_too(office):
    command = ("seal", "tickets", office.seals["contract"], "--since", SINCE, "--until", now())
    refused = office(*command, "--out", "given.json")
    assert (refused.code, "under an order" in refused.err) == (1, True), refused
    assert not (office.directory / "given.json").exists()
    given = office(*command, "--out", "given.json", "--order", "2026-118", "--json")
    assert given.code == 0, given.err
    assert given.json["volumes"][0] == 0
    assert (office.directory / "given.json").stat().st_mode & 0o777 == 0o600
    rows = office("company", "disclosures", COMPANY, "--json").json
    assert "2026-118" in [row["order"] for row in rows]
