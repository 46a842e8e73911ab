"""``eseal authority``: give companies their subjects and vouch for their names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.command import AsJson, Command, actor, quiet, state_of
from eseal.cli.frame.files import check_free, read_limited, write_whole
from eseal.cli.frame.output import (
    console,
    print_call,
    print_fields,
    print_json,
    print_receipt,
    print_rows,
)
from eseal.errors import ConfigurationError

if TYPE_CHECKING:
    from eseal.authority.office.home import Card, Home
    from eseal.authority.office.register import Register
    from eseal.authority.word.messages import Ask, Attested
    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.facts import Receipt

app = typer.Typer(
    help="Give companies their pseudonyms on the ledger, and vouch for their names.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
tokens = typer.Typer(help="Who may ask the authority.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(tokens, name="token")

KEK_VARIABLE = "ESEAL_AUTHORITY_KEK"
"""Of its own: an authority's key must not be the instance's beside it."""
DEFAULT_PORT = 8200
_SUBJECT = re.compile(r"(0x)?[0-9a-fA-F]{64}", re.ASCII)
Directory = Annotated[
    Path, typer.Option("--dir", file_okay=False, help="Where the authority lives.")
]
CompanyId = Annotated[
    str, typer.Option("--id", metavar="ID", help="Registration id, such as NTRCN-….")
]
LegalName = Annotated[str, typer.Option("--name", help="The registered name.")]
Country = Annotated[
    str | None,
    typer.Option("--country", metavar="CODE", help="Of its seat, where the id names none: LEI."),
]
RegisterFile = Annotated[
    Path | None,
    typer.Option(
        "--register",
        exists=True,
        dir_okay=False,
        help="CSV of id,name[,country]: prove no other company, no other name.",
    ),
]
Out = Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Where it is written.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]


@app.command(cls=Command)
def init(  # noqa: PLR0913, PLR0917  # options
    directory: Directory,
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    schemes: Annotated[
        list[str],
        typer.Option("--scheme", metavar="PREFIX", help="Ids it is for: NTRCN, VATDE, …; several."),
    ],
    chain_id: Annotated[int, typer.Option("--chain-id", min=1, help="Of the ledger.")],
    registry: Annotated[
        str, typer.Option("--registry", metavar="ADDRESS", help="Of its SealRegistry, 0x….")
    ],
    as_json: AsJson = False,
) -> None:
    """Make an authority: its keys, an empty log. Prints what the ledger's administrator enters."""
    from eseal.authority.office.home import create
    from eseal.authority.word.registration import Registry

    where = Registry(chain_id, registry)
    _show(create(directory, name, schemes, where, _kek()), as_json)
    if not as_json and _kek() is None:
        console().print(
            f"\nKeep a copy of {directory / 'kek'} apart from this directory: without it no key "
            "of the authority can be opened.",
            soft_wrap=True,
        )


@app.command(cls=Command)
def show(directory: Directory, as_json: AsJson = False) -> None:
    """What the authority is called, its keys, and what the ledger's administrator enters."""
    from eseal.authority.office.home import load_card

    _show(load_card(directory), as_json)


@app.command(cls=Command)
def prove(  # noqa: PLR0913, PLR0917  # options
    directory: Directory,
    identifier: Annotated[str | None, typer.Option("--id", metavar="ID", help="NTRCN-….")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The registered name.")] = None,
    country: Country = None,
    request: Annotated[
        Path | None,
        typer.Option("--request", exists=True, dir_okay=False, help="Or a request in a file."),
    ] = None,
    register: RegisterFile = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Prove a company's subject and name; goes on the authority's record first."""
    from eseal.authority.office.desk import Desk

    if out is not None:
        check_free(out, force=force)
    ask = _ask(identifier, name, country, request)
    desk = Desk(_home(directory), register=_register(register))
    answer = desk.prove(ask, by=actor().name)
    give(answer, out, force=force, as_json=as_json)


@app.command("continue", cls=Command)
def go_on(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    directory: Directory,
    old: Annotated[
        str, typer.Option("--from", metavar="ID", help="Its id so far, or its subject in hex.")
    ],
    new: Annotated[
        str, typer.Option("--to", metavar="ID", help="The id, or subject, it goes on under.")
    ],
    trust: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The contracts: a trust file.")
    ],
    rpc: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A node that takes it; without one the call is printed."),
    ] = None,
) -> None:
    """Say on the ledger that a company goes on under another id, or under another key's subject.

    Both must be on the ledger. Sent by the authority's account; where that is a contract, print the
    call and have it made.
    """
    from eseal.cli.verifying.sources import deployment_of
    from eseal.ledger.sending.calls import Calls

    home, deployment = _home(directory), deployment_of(trust)
    where = home.card.registry
    if (where.chain_id, where.address) != (deployment.chain_id, deployment.seal_registry):
        raise ConfigurationError(
            f"{trust}: expected the registry {where.address} of chain {where.chain_id}, for which "
            f"{home.card.name} is set up, got {deployment.seal_registry} of {deployment.chain_id}"
        )
    before, after = _subject(home, old, "from"), _subject(home, new, "to")
    if rpc:
        finality = state_of(ctx).settings().ledger_finality
        print_receipt(_continue(home, deployment, rpc, finality, before, after))
    else:
        print_call(Calls(deployment).of("continueCompany", before, after))


@app.command(cls=Command)
def serve(
    directory: Directory,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")
    ] = DEFAULT_PORT,
    register: RegisterFile = None,
    any_name: Annotated[
        bool,
        typer.Option(
            "--any-name",
            help="Without a register, for trial: vouch for any name that an issuer tells.",
        ),
    ] = False,
) -> None:
    """Answer POST /v1/subjects until SIGTERM or SIGINT.

    What it proves is what verifiers take for a company's name. So it needs a register to hold names
    against; --any-name does without, and then each issuer with a token names companies as it likes.
    """
    from eseal_api.servers.authority import serve as run

    if (register is None) is not any_name:
        raise typer.BadParameter(
            "expected --register FILE, against which names are held, or --any-name, for trial: "
            "then any name that an issuer tells is vouched for; one of the two"
        )
    quiet()
    run(_home(directory), host, port, _register(register))


@app.command(cls=Command)
def log(
    directory: Directory,
    expected: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="N:HASH", help="The record of an answer somebody kept."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Who asked for which company when; checks that no line was changed or taken out.

    Fails if a record that somebody kept is not in it: then its end was cut off.
    """
    from eseal.authority.office.request_log import read_log
    from eseal.errors import CorruptionError

    entries = list(read_log(directory / "requests.log"))
    records = {entry.record for entry in entries}
    for record in expected or []:
        if record not in records:
            raise CorruptionError(f"{directory}: the log does not hold the record {record[:80]}")
    rows = [
        {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "by": entry.by,
            "word": entry.word,
            "id": entry.id,
            "name": entry.name,
            "hash": entry.hash,
        }
        for entry in entries
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("number", "at", "by", "word", "id", "name"), empty="nobody asked yet")


@tokens.command("create", cls=Command)
def create_token(
    directory: Directory,
    label: Annotated[str, typer.Option("--label", help="A name to tell tokens apart.")] = "",
    company: Annotated[
        str | None,
        typer.Option("--company", metavar="ID", help="Only for this id; else an issuer's."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token; it is shown this once."""
    token = _home(directory).tokens.create(label, company)
    if as_json:
        print_json({"id": token.split("_")[1], "company": company, "token": token})
    else:
        console().print(token, soft_wrap=True)


@tokens.command("list", cls=Command)
def list_tokens(directory: Directory, as_json: AsJson = False) -> None:
    """List the tokens, without their secrets."""
    rows = [
        {
            "id": token.id,
            "kind": token.kind.value,
            "company": token.company,
            "label": token.label,
            "created_at": token.created_at.isoformat(),
        }
        for token in _home(directory).tokens.all()
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("id", "kind", "company", "label"), empty="no tokens")


@tokens.command("revoke", cls=Command)
def revoke_token(
    directory: Directory, token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID")]
) -> None:
    """Make a token worthless from now on."""
    _home(directory).tokens.revoke(token_id)
    console().print(f"revoked {token_id}")


def ask_over_http(  # noqa: PLR0913  # who asks whom for what
    url: str, card: Path, ask: Ask, token_file: Path | None, out: Path | None, *, force: bool
) -> Attested:
    """Ask an authority for a company's proof, as the company itself.

    Args:
        url: where it serves.
        card: its keys, from whom the company believes (``eseal authority show --json``).
        ask: what is asked.
        token_file: holds the token; else ``ESEAL_AUTHORITY_TOKEN``.
        out: where the proof will be written.
        force: whether it may replace a file.

    Raises:
        ConfigurationError: card, token or URL cannot be used.
        AuthorityError: see ``SubjectAuthority``.
    """
    from eseal.authority.asking.http import HttpAuthority
    from eseal.authority.office.home import load_card

    if out is not None:
        check_free(out, force=force)
    known = load_card(card)
    token = _token(token_file)
    authority = HttpAuthority(url, token, known.keys_of, known.registry)
    try:
        return authority.prove(ask)
    finally:
        authority.close()


def _token(file: Path | None) -> str:
    given = os.environ.get("ESEAL_AUTHORITY_TOKEN") if file is None else file.read_text("utf-8")
    if not given or not given.strip().isprintable():
        raise ConfigurationError(
            "no token: set ESEAL_AUTHORITY_TOKEN, or name a file with --token-file"
        )
    return given.strip()


def give(answer: Attested, out: Path | None, *, force: bool, as_json: bool) -> None:
    """Write an answer to a file, if asked to, and show what it says."""
    if out is not None:
        write_whole(out, answer.encode(), force=force)
    fields = {
        "subject": answer.proof.subject.hex(),
        "id": answer.proof.id,
        "name": answer.proof.name,
        "valid_from": answer.proof.valid_from.isoformat(),
        "record": answer.record,
    } | ({} if out is None else {"file": str(out)})
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


def _ask(
    identifier: str | None, name: str | None, country: str | None, request: Path | None
) -> Ask:
    from eseal.authority.word.messages import MAX_ASK_BYTES, Ask

    if request is not None and (identifier, name, country) == (None, None, None):
        return Ask.parse(read_limited(request, MAX_ASK_BYTES))
    if request is not None or identifier is None or name is None:
        raise typer.BadParameter("expected --id and --name, or --request")
    return Ask(identifier, name, country)


def _subject(home: Home, named: str, field: str) -> bytes:
    """A subject as it is written, or that of a registration id."""
    from eseal.ledger.setup.administration import parse_word
    from eseal.model.company import parse_registration_id

    if _SUBJECT.fullmatch(named):
        return parse_word(named, field)
    return home.keys.subject(parse_registration_id(named).identifier)


def _continue(  # noqa: PLR0913, PLR0917  # by whom, where, and both companies
    home: Home, deployment: Deployment, rpc: list[str], finality: str, old: bytes, new: bytes
) -> Receipt | None:
    from eseal.ledger.reading.from_urls import open_endpoints, web3_of
    from eseal.ledger.sending.funding import is_poor
    from eseal.ledger.setup.company_continuation import continue_company
    from eseal.ledger.wire.finality import Finality

    quiet()
    w3 = web3_of(open_endpoints(rpc))
    if is_poor(w3, home.card.account):
        raise ConfigurationError(
            f"send some of the network's currency to {home.card.account} (the authority's "
            "account), then run this again"
        )
    account = home.keys.signer
    return continue_company(w3, deployment, Finality.parse(finality), account, old, new)


def _register(path: Path | None) -> Register | None:
    from eseal.authority.office.register import Register

    return None if path is None else Register(path)


def _home(directory: Path) -> Home:
    from eseal.authority.office.home import open_home

    return open_home(directory, _kek())


def _kek() -> str | None:
    return os.environ.get(KEK_VARIABLE)


def _show(card: Card, as_json: bool) -> None:
    if as_json:
        print_json(card.members())
        return
    print_fields(card.members() | {"schemes": " ".join(card.schemes)})
    authority = card.authority.hex()
    console().print("\nThe ledger's administrator enters it:", soft_wrap=True)
    for line in (
        f"authority-account {authority} {card.account}",
        f"add-authority-key {authority} {card.vrf_key.hex()} {card.attest_key.hex()}",
        f"set-schemes {authority} {' '.join(card.schemes)}",
    ):
        console().print(f"  eseal ledger {line}", soft_wrap=True)
