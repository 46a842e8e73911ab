"""``eseal ledger``: who may do what on the contracts."""

from __future__ import annotations

import contextlib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.frame.command import AsJson, Command, quiet, state_of
from eseal.cli.frame.output import (
    call_view,
    console,
    print_call,
    print_fields,
    print_json,
    print_receipt,
)
from eseal.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.ledger.setup.administration import Administration
    from eseal.service.setup.consortium import Accounts, Membership

app = typer.Typer(help="Who may do what on the contracts.", no_args_is_help=True)

Issuer = Annotated[str, typer.Argument(metavar="ISSUER", help="Its id, 64 hex digits.")]
Operator = Annotated[str, typer.Option("--operator", help="Address of the account that anchors.")]
Account = Annotated[str, typer.Argument(metavar="ADDRESS", help="Of the account, 0x….")]
Root = Annotated[
    str,
    typer.Argument(metavar="ROOT", help="The certificate's file, or SHA-256 of its DER in hex."),
]
Authority = Annotated[str, typer.Argument(metavar="AUTHORITY", help="Its id, 64 hex digits.")]
VrfKey = Annotated[str, typer.Argument(metavar="VRF_KEY", help="64 hex digits.")]
Log = Annotated[str, typer.Argument(metavar="LOG", help="The log's id, 64 hex digits.")]
CallOnly = Annotated[
    bool,
    typer.Option(
        "--call",
        help="Send nothing: print the call, for a contract that holds the office (a Safe, say).",
    ),
]


@app.command(cls=Command)
def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the contracts, who administers them, and whether this issuer is admitted."""
    with _opened(ctx) as (_, where):
        fields = _view(where)
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


@app.command(cls=Command)
def accounts(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show what this instance is called on a ledger, before it is on one, too."""
    from eseal.service.setup.bootstrap import stored
    from eseal.service.setup.consortium import accounts_of

    with stored(state_of(ctx).settings()) as found:
        fields = _accounts_view(accounts_of(found.instance, found.keys))
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


@app.command(cls=Command)
def admit_issuer(ctx: typer.Context, issuer: Issuer, operator: Operator) -> None:
    """Admit an issuer with its first operator, or give an admitted one another operator."""
    from eseal.ledger.setup.administration import parse_address, parse_word

    issuer_id, address = parse_word(issuer, "issuer"), parse_address(operator, "operator")
    with _opened(ctx) as (administration, _):
        print_receipt(administration.admit_issuer(issuer_id, address))


@app.command(cls=Command)
def remove_operator(ctx: typer.Context, issuer: Issuer, operator: Operator) -> None:
    """Take an account's right to act for an issuer: its key was stolen or given up."""
    from eseal.ledger.setup.administration import parse_address, parse_word

    issuer_id, address = parse_word(issuer, "issuer"), parse_address(operator, "operator")
    with _opened(ctx) as (administration, _):
        print_receipt(administration.remove_operator(issuer_id, address))


@app.command(cls=Command)
def new_operator(
    ctx: typer.Context,
    remove_old: Annotated[
        bool,
        typer.Option(
            "--remove-old", help="Take the old account's right, where it is ours to take."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new account for this instance's operator, and act by it once it is admitted.

    What the old account sent is seen through first; a stolen one is to be removed by the
    administrator at once (eseal ledger remove-operator), before this.
    """
    from eseal.service.setup.key_rollover import new_operator as replace

    quiet()
    made = replace(state_of(ctx).settings(), remove_old=remove_old)
    fields = {
        "issuer": made.issuer.hex(),
        "operator": made.new,
        "old_operator": made.old,
        "in_force": made.in_force,
        "old_removed": made.removed,
    }
    if as_json:
        print_json(fields)
        return
    print_fields(fields)
    issuer = made.issuer.hex()
    if not made.in_force:
        text = (
            f"have the administrator run: eseal ledger admit-issuer {issuer} --operator {made.new}"
            "\nthen run this again"
        )
    elif made.removed:
        text = "start the services again"
    else:
        text = (
            "start the services again, then have the administrator run: "
            f"eseal ledger remove-operator {issuer} --operator {made.old}"
        )
    console().print(f"\n{text}", soft_wrap=True)


@app.command(cls=Command)
def retire_issuer(ctx: typer.Context, issuer: Issuer) -> None:
    """Retire an issuer for good: its history stays, and nobody may act for it."""
    from eseal.ledger.setup.administration import parse_word

    issuer_id = parse_word(issuer, "issuer")
    with _opened(ctx) as (administration, _):
        print_receipt(administration.retire_issuer(issuer_id))


@app.command(cls=Command)
def add_root(ctx: typer.Context, issuer: Issuer, root: Root, call_only: CallOnly = False) -> None:
    """Name a root certificate of an issuer: its seals are believed under it from now on."""
    issuer_id, root_hash = _word(issuer, "issuer"), _root_hash(root)
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "addRoot", issuer_id, root_hash):
            print_receipt(administration.add_root(issuer_id, root_hash))


@app.command(cls=Command)
def end_root(ctx: typer.Context, issuer: Issuer, root: Root, call_only: CallOnly = False) -> None:
    """End a root certificate for good: no seal is believed under it from now on."""
    issuer_id, root_hash = _word(issuer, "issuer"), _root_hash(root)
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "endRoot", issuer_id, root_hash):
            print_receipt(administration.end_root(issuer_id, root_hash))


@app.command(cls=Command)
def set_schemes(
    ctx: typer.Context,
    authority: Authority,
    prefixes: Annotated[
        list[str], typer.Argument(metavar="PREFIX…", help="Of the ids: NTRCN, LEIXG, VATDE, ….")
    ],
    call_only: CallOnly = False,
) -> None:
    """Say which authority gives companies with ids of some schemes their subjects, for good."""
    from eseal.model.scheme_id import scheme_id

    schemes, authority_id = [scheme_id(one) for one in prefixes], _word(authority, "authority")
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "setSchemes", schemes, authority_id):
            print_receipt(administration.set_schemes(schemes, authority_id))


@app.command(cls=Command)
def authority_account(
    ctx: typer.Context, authority: Authority, address: Account, call_only: CallOnly = False
) -> None:
    """Say which account signs an authority's registrations of companies."""
    from eseal.ledger.setup.administration import parse_address

    authority_id, account = _word(authority, "authority"), parse_address(address, "address")
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "setAuthorityAccount", authority_id, account):
            print_receipt(administration.set_authority_account(authority_id, account))


@app.command(cls=Command)
def add_authority_key(
    ctx: typer.Context,
    authority: Authority,
    vrf_key: VrfKey,
    attest_key: Annotated[
        str,
        typer.Argument(metavar="ATTEST_KEY", help="Ed25519, signs its proofs; 64 hex digits."),
    ],
    call_only: CallOnly = False,
) -> None:
    """Put a pair of an authority's keys in force; their companies' subjects come from them."""
    words = (
        _word(authority, "authority"),
        _word(vrf_key, "vrf_key"),
        _word(attest_key, "attest_key"),
    )
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "addAuthorityKey", *words):
            print_receipt(administration.add_authority_key(*words))


@app.command(cls=Command)
def end_authority_key(ctx: typer.Context, vrf_key: VrfKey, call_only: CallOnly = False) -> None:
    """End an authority's keys for good; no company is registered under them from now on."""
    key = _word(vrf_key, "vrf_key")
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "endAuthorityKey", key):
            print_receipt(administration.end_authority_key(key))


@app.command(cls=Command)
def disown(
    ctx: typer.Context,
    log: Log,
    size: Annotated[int, typer.Argument(min=0, help="Leaves of the head that is right.")],
    call_only: CallOnly = False,
) -> None:
    """Set a log back to an earlier head, for all to see: a stolen account made the later ones."""
    log_id = _word(log, "log")
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "disown", log_id, size):
            print_receipt(administration.disown(log_id, size))


@app.command(cls=Command)
def succeed(
    ctx: typer.Context,
    log: Log,
    public_key: Annotated[
        str, typer.Argument(metavar="KEY", help="The log's new Ed25519 key, 64 hex digits.")
    ],
    call_only: CallOnly = False,
) -> None:
    """Give a log another key, when the old one is lost, stolen or to be renewed."""
    log_id, key = _word(log, "log"), _word(public_key, "public_key")
    with _opened(ctx) as (administration, where):
        if not _printed(where, call_only, "succeed", log_id, key):
            print_receipt(administration.succeed(log_id, key))


@app.command(cls=Command)
def grant_regulator(ctx: typer.Context, address: Account) -> None:
    """Let an account suspend, resume and revoke any seal on the ledger."""
    from eseal.ledger.setup.administration import parse_address

    account = parse_address(address, "address")
    with _opened(ctx) as (administration, _):
        print_receipt(administration.grant_regulator(account))


@app.command(cls=Command)
def revoke_regulator(ctx: typer.Context, address: Account) -> None:
    """Take that right from an account."""
    from eseal.ledger.setup.administration import parse_address

    account = parse_address(address, "address")
    with _opened(ctx) as (administration, _):
        print_receipt(administration.revoke_regulator(account))


@app.command(cls=Command)
def transfer_admin(ctx: typer.Context, address: Account) -> None:
    """Name the registry's next administrator; nothing changes until that account accepts.

    Prints the call by which the account accepts: a contract that many must sign for, such as a
    Safe, is given it as a transaction to propose.
    """
    from eseal.ledger.sending.calls import Calls
    from eseal.ledger.setup.administration import parse_address

    successor = parse_address(address, "address")
    with _opened(ctx) as (administration, where):
        print_receipt(administration.begin_transfer(successor))
        office = administration.office()
    accept = Calls(where.deployment).of("acceptDefaultAdminTransfer")
    print_fields(
        {
            "successor": office.successor,
            "acceptable_from": office.acceptable_from,
            **call_view(accept),
        }
    )


@app.command(cls=Command)
def cancel_transfer(ctx: typer.Context) -> None:
    """Take back the naming of a successor."""
    with _opened(ctx) as (administration, _):
        print_receipt(administration.cancel_transfer())


@app.command(cls=Command)
def accept_admin(ctx: typer.Context) -> None:
    """Take the office with this instance's own administrator key, once it has been named."""
    with _opened(ctx) as (administration, _):
        print_receipt(administration.accept_transfer())


@app.command(cls=Command)
def set_admin_delay(
    ctx: typer.Context,
    seconds: Annotated[int, typer.Argument(min=0, help="Seconds, at least, per hand-over.")],
) -> None:
    """Change how long a hand-over of the administrator's office takes."""
    with _opened(ctx) as (administration, _):
        print_receipt(administration.change_delay(seconds))


def _word(text: str, field: str) -> bytes:
    from eseal.ledger.setup.administration import parse_word

    return parse_word(text, field)


def _root_hash(named: str) -> bytes:
    """SHA-256 of a certificate's DER, from its file (PEM or DER) or as it is written."""
    path = Path(named)
    if not path.is_file():
        return _word(named, "root")
    from eseal.cli.frame.files import certificates

    found = certificates(path)
    if len(found) != 1:
        raise InvalidInputError(f"{path}: expected one certificate, got {len(found)}", field="root")
    return sha256(found[0]).digest()


def _printed(where: Membership, call_only: bool, name: str, *arguments: object) -> bool:
    """Print the call and say so, if that is all that was asked for."""
    from eseal.ledger.sending.calls import Calls

    if call_only:
        print_call(Calls(where.deployment).of(name, *arguments))
    return call_only


@contextlib.contextmanager
def _opened(ctx: typer.Context) -> Iterator[tuple[Administration, Membership]]:
    from eseal.service.setup.bootstrap import stored
    from eseal.service.setup.consortium import administration, membership

    quiet()
    settings = state_of(ctx).settings()
    with (
        stored(settings) as found,
        administration(settings, found.instance, found.keys, found.deployment) as ledger,
    ):
        yield ledger, membership(found.instance, found.keys, found.deployment, ledger)


def _view(where: Membership) -> dict[str, Any]:
    office = where.office
    return {
        **_accounts_view(where.accounts),
        "admitted": where.admitted,
        "chain_id": where.deployment.chain_id,
        "seal_registry": where.deployment.seal_registry,
        "usage_ledger": where.deployment.usage_ledger,
        "administrator": office.administrator,
        "admin_delay": office.delay,
        "successor": office.successor,
        "acceptable_from": office.acceptable_from,
    }


def _accounts_view(accounts: Accounts) -> dict[str, Any]:
    return {
        "issuer": accounts.issuer.hex(),
        "root": accounts.root.hex(),
        "operator": accounts.operator,
        "own_admin_account": accounts.administrator,
    }
