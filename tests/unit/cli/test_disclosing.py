"""A command that shows a company's records leaves a record of it first: default deny."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

import pytest
from typer.main import get_command

from eseal.cli.app import app
from eseal.cli.company.disclosing import DisclosingCommand
from eseal.config import Settings
from eseal.model.commitment import Kind
from eseal.model.records import Disclosure
from eseal.model.statement import format_time
from eseal.service.sealing.applying import DigestOrder
from eseal.service.service import Service
from eseal.store.repositories.records import RecordRepository
from tests.actors import acting
from tests.moments import behind_the_newest_block

ACTS = {
    "apply": "seals, and delivers what it sealed",
    "company add": "tells what it registered",
    "company rename": "tells what it changed",
    "company continue": "a change that the ledger shows",
    "seal issue": "tells what it issued",
    "seal suspend": "a change that the ledger shows",
    "seal resume": "a change that the ledger shows",
    "seal revoke": "a change that the ledger shows",
    "seal request": "makes a key",
    "seal import": "tells what it made of a certificate handed in",
    "seal impression": "tells what it changed",
    "seal dispute": "the company's own word",
    "use declare": "the company's own word",
    "token create": "makes a token",
    "token revoke": "ends one",
    "stop codes": "makes codes on the company's machine",
    "stop set": "a change that the ledger shows",
    "stop use": "a change that the ledger shows",
    "stop resume": "a change that the ledger shows",
    "stop replace": "a change that the ledger shows",
}
"""What changes something leaves a trace of its own."""
NOBODYS_RECORDS = {
    *("init", "migrate", "serve", "demo", "anchor", "recover", "ca reissue", "keys rotate-kek"),
    *("ca renew-root", "keys new-log-key", "ledger new-operator"),
    *("extend", "examine", "verify"),  # work on files that were handed in
    *("audit", "status"),  # name ids where something is wrong, never what stands in a record
    "monitor",  # reads the public log
    "watch",  # the company's own, with its watch file, in the public log
    "company prove",  # asks an authority about the company's own id
    "token list",
    *("authority init", "authority show", "authority prove", "authority serve", "authority log"),
    "authority continue",
    *("trust show", "trust add"),
    *("authority token create", "authority token list", "authority token revoke"),
    *("witness init", "witness add-log", "witness show", "witness serve"),
    *("ledger show", "ledger accounts", "ledger admit-issuer", "ledger remove-operator"),
    *("ledger retire-issuer", "ledger add-root", "ledger end-root", "ledger set-schemes"),
    *("ledger authority-account", "ledger add-authority-key", "ledger end-authority-key"),
    *("ledger disown", "ledger succeed", "ledger grant-regulator", "ledger revoke-regulator"),
    *("ledger transfer-admin", "ledger cancel-transfer", "ledger accept-admin"),
    "ledger set-admin-delay",
}


def commands(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands(get_command(app)))
LOOKING = [name for name, command in ALL.items() if isinstance(command, DisclosingCommand)]


@contextmanager
def opened(data_dir):
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        yield service


def looks(data_dir) -> list[Disclosure]:
    with opened(data_dir) as service, service.context.database.read() as connection:
        found = [*RecordRepository(connection).iterate()]
    return [Disclosure.parse(one.content) for one in found if one.kind is Kind.DISCLOSURE]


@pytest.fixture
def arguments(data_dir, tmp_path):
    """How each of the commands that look is called."""
    with opened(data_dir) as service:
        (company,) = service.directory.companies()
        seal = service.directory.seals()[0]
        order = DigestOrder(hashlib.sha256(b"a").digest(), "text/plain")
        (sealed,) = service.sealing.seal_digests(seal.id, [order], actor=acting("a"))
        until = format_time(behind_the_newest_block(service))
    use, out, secret = sealed.use.id, tmp_path / "out", tmp_path / "passphrase"
    secret.write_text("correct horse battery staple")
    return {
        "company list": (),
        "company disclosures": (company.id,),
        "seal list": (),
        "seal show": (seal.id,),
        "history": ("--seal", seal.id),
        "evidence": (use, "--out", out.with_suffix(".eseal.json")),
        "document": (use, "--out", out.with_suffix(".p7s")),
        "use declarations": (use,),
        "seal tickets": (
            *(seal.id, "--since", "2026-01-01", "--until", until, "--out", tmp_path / "t"),
        ),
        "company watch-file": (company.id, "--passphrase-file", secret, "--out", tmp_path / "w"),
    }


def test_every_command_looks_or_has_a_reason_not_to():
    assert set(ALL) == {*ACTS, *NOBODYS_RECORDS, *LOOKING}, "say here why it shows no records"


def test_every_look_is_on_record_once_under_its_order(eseal, data_dir, arguments):
    assert set(arguments) == set(LOOKING)
    for expected, (name, given) in enumerate(arguments.items(), 1):
        shown = eseal(*name.split(), *given, "--order", "2026-117")
        assert shown.code == 0, (name, shown.err)
        found = looks(data_dir)
        assert len(found) == expected, f"{name} left no record, or several"
        assert found[-1].actor.startswith("cli:")
        assert found[-1].order == "2026-117"


def test_the_company_is_shown_who_looked(eseal, arguments):
    seal = arguments["history"][1]
    (company,) = arguments["company disclosures"]
    eseal("history", "--seal", seal, "--order", "7")
    eseal("history", "--company", company, "--order", "8", "--notice-after", "2099-01-01")
    rows = eseal("company", "disclosures", company, "--json").json
    assert [(row["order"], row["what"]) for row in rows] == [
        ("7", f"history of seal {seal}"),
        (None, "disclosures"),
    ]
    assert "cli:" in eseal("company", "disclosures", company).out


def test_a_history_of_several_pages_is_one_look(eseal, data_dir, arguments, monkeypatch):
    monkeypatch.setattr("eseal.service.oversight.paging.MAX_PAGE", 1)
    monkeypatch.setattr("eseal.service.record_access.PAGE", 1)
    seal = arguments["history"][1]
    with opened(data_dir) as service:
        orders = [DigestOrder(hashlib.sha256(b"%d" % n).digest(), "text/plain") for n in range(3)]
        service.sealing.seal_digests(seal, orders, actor=acting("a"))
    assert len(eseal("history", "--seal", seal, "--json").json) == 4
    assert len(looks(data_dir)) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--notice-after", "2099-01-01"), "an order that sets this delay"),
        (("--order", ""), "order: expected 1 to 200"),
        (("--order", "7", "--notice-after", "soon"), "expected a day such as 2026-11-22"),
        (("--order", "7", "--notice-after", "2099-01-01T10:00"), "expected a day such as"),
    ],
)
def test_an_order_that_is_none_shows_nothing(eseal, data_dir, options, said):
    shown = eseal("company", "list", *options)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err
    assert looks(data_dir) == []


def test_a_token_looks_under_its_order(eseal, world_of):
    made = eseal(
        *("token", "create", "--scope", "regulator", "--label", "Market supervision"),
        *("--order", "2026-117", "--notice-after", "2099-01-01T00:00:00+08:00", "--json"),
    )
    with world_of() as service:
        principal = service.access.authenticate(made.json["token"])
    assert principal.order.number == "2026-117"
    (row,) = eseal("token", "list", "--json").json
    assert (row["order"], row["notice_after"]) == ("2026-117", "2098-12-31T16:00:00Z")
    refused = eseal("token", "create", "--scope", "operator", "--order", "7")
    assert refused.code == 2
    assert "scope regulator only" in refused.err
