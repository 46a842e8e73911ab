"""``eseal stop``: a company stops its seal by codes of its own, whoever runs the service."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from eseal.cli.frame.command import AsJson, Command, actor, quiet, state_of
from eseal.cli.frame.files import check_free, read_limited, write_whole
from eseal.cli.frame.output import console, print_fields, print_json
from eseal.errors import InvalidInputError, NotFoundError
from eseal.model.stop_codes import DEFAULT_CODES, MAX_CODES, StopCodes, StopScope, make_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.ledger.sending.web3_ledger import Web3Ledger
    from eseal.ledger.setup.owner_stop import StopAct
    from eseal.service.service import Service

app = typer.Typer(
    help="Stop a seal by codes that only its company has, through any service or account.",
    no_args_is_help=True,
)

Handle = Annotated[
    str | None, typer.Argument(metavar="HANDLE", help="The seal, 64 hex digits; or use --codes.")
]
Code = Annotated[
    str | None, typer.Argument(metavar="CODE", help="The next code, 64 hex digits; or --codes.")
]
CodesFile = Annotated[
    Path | None,
    typer.Option("--codes", exists=True, dir_okay=False, help="The company's file of codes."),
]
Url = Annotated[
    str | None, typer.Option("--url", help="Any eseal service that shall relay it, https://….")
]
Rpc = Annotated[
    list[str] | None,
    typer.Option("--rpc", metavar="URL", help="A node, with --trust and --account: no service."),
]
TrustFile = Annotated[
    Path | None,
    typer.Option("--trust", exists=True, dir_okay=False, help="The contracts: trust.json."),
]
AccountFile = Annotated[
    Path | None,
    typer.Option(
        "--account",
        exists=True,
        dir_okay=False,
        help="File with the secret of an account that can pay, 64 hex digits.",
    ),
]


class Way(Protocol):
    """How a code comes to the ledger."""

    def stop_hash(self, handle: bytes) -> bytes | None:
        """What the next code must hash to, or ``None``."""
        ...

    def use(self, act: StopAct, handle: bytes, code: bytes) -> tuple[int, bytes]:
        """Use a code; height of the block, and the transaction's hash."""
        ...


@app.command(cls=Command)
def codes(  # noqa: PLR0913, PLR0917  # options
    seal: Annotated[str, typer.Option("--seal", metavar="HANDLE", help="64 hex digits.")],
    chain_id: Annotated[int, typer.Option("--chain-id", min=1, help="Of the ledger.")],
    registry: Annotated[str, typer.Option("--registry", help="Address of its SealRegistry.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where the codes go.")],
    count: Annotated[
        int, typer.Option("--count", min=1, max=MAX_CODES, help="How many codes.")
    ] = DEFAULT_CODES,
    as_json: AsJson = False,
) -> None:
    """Make a chain of stop codes, offline. Only its end goes to the service: eseal stop set.

    Keep the file where nobody but the company gets at it, and a copy on paper.
    """
    from eseal.ledger.setup.administration import parse_address, parse_word

    address = parse_address(registry, "registry")
    check_free(out, force=False)
    scope = StopScope(chain_id, bytes.fromhex(address[2:]), parse_word(seal, "seal"))
    made = make_codes(scope, count)
    write_whole(out, made.encode(), force=False, private=True)
    fields = {"end": made.end.hex(), "codes": len(made.codes), "file": str(out)}
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


@app.command(cls=Command, name="set")
def set_end(
    ctx: typer.Context,
    seal: Annotated[str, typer.Argument(metavar="SEAL", help="Id or handle.")],
    end: Annotated[str, typer.Option("--end", metavar="HEX", help="As eseal stop codes says.")],
) -> None:
    """Put the end of a company's chain of codes on the ledger: once, and for this seal only."""
    from eseal.ledger.setup.administration import parse_word

    stop_hash = parse_word(end, "end")
    with state_of(ctx).service() as service:
        receipt = service.stops.set_end(service.directory.seal(seal).id, stop_hash, actor=actor())
    if receipt is None:
        console().print("nothing to do")
    else:
        _tell(receipt.block.number, receipt.transaction)


@app.command(cls=Command)
def use(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    handle: Handle = None,
    code: Code = None,
    codes_file: CodesFile = None,
    url: Url = None,
    rpc: Rpc = None,
    trust: TrustFile = None,
    account: AccountFile = None,
) -> None:
    """Stop a seal: the owner's stop, which only the owner lifts."""
    from eseal.ledger.setup.owner_stop import StopAct

    with _way(ctx, url, rpc, trust, account) as way:
        _use(way, StopAct.STOP, handle, code, codes_file)


@app.command(cls=Command)
def resume(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    handle: Handle = None,
    code: Code = None,
    codes_file: CodesFile = None,
    url: Url = None,
    rpc: Rpc = None,
    trust: TrustFile = None,
    account: AccountFile = None,
) -> None:
    """Lift the owner's stop."""
    from eseal.ledger.setup.owner_stop import StopAct

    with _way(ctx, url, rpc, trust, account) as way:
        _use(way, StopAct.RESUME, handle, code, codes_file)


@app.command(cls=Command)
def replace(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    codes_file: Annotated[
        Path, typer.Option("--codes", exists=True, dir_okay=False, help="The present codes.")
    ],
    new_file: Annotated[
        Path, typer.Option("--new", exists=True, dir_okay=False, help="The codes to come.")
    ],
    rpc: Rpc = None,
    trust: TrustFile = None,
    account: AccountFile = None,
) -> None:
    """Begin another chain of codes: announced now, done by the same command an hour later."""
    from eseal.ledger.setup.owner_stop import replace_codes

    old, new = StopCodes.parse(read_limited(codes_file)), StopCodes.parse(read_limited(new_file))
    if old.scope != new.scope:
        raise InvalidInputError(
            "new: expected codes of the same seal, contract and chain, got others", field="new"
        )
    with _ledger(ctx, rpc, trust, account) as ledger:
        known = ledger.stop_hash(old.scope.handle) or b""
        code = b"" if known == new.end else old.next(known)
        ready = replace_codes(ledger, old.scope.handle, code, new.end)
    if ready is None:
        console().print("done: the new codes are in force")
    else:
        console().print(f"announced: run this again when ledger time has passed {ready} (in s)")


def _use(
    way: Way, act: StopAct, handle: str | None, code: str | None, codes_file: Path | None
) -> None:
    from eseal.ledger.setup.administration import parse_word

    if codes_file is not None and handle is None:
        kept = StopCodes.parse(read_limited(codes_file))
        seal = kept.scope.handle
        known = way.stop_hash(seal)
        if known is None:
            raise NotFoundError("the ledger has no chain of stop codes for this seal")
        chosen = kept.next(known)
    elif handle is not None and code is not None and codes_file is None:
        seal, chosen = parse_word(handle, "handle"), parse_word(code, "code")
    else:
        raise InvalidInputError("expected HANDLE and CODE, or --codes FILE", field="codes")
    _tell(*way.use(act, seal, chosen))


def _tell(block: int, transaction: bytes) -> None:
    console().print(f"done in block {block}: 0x{transaction.hex()}")


@contextlib.contextmanager
def _way(
    ctx: typer.Context,
    url: str | None,
    rpc: list[str] | None,
    trust: Path | None,
    account: Path | None,
) -> Iterator[Way]:
    if url is not None:
        from eseal.cli.company.stop_relay import StopRelay

        with StopRelay(url) as stops:
            yield stops
    elif rpc or trust or account:
        with _ledger(ctx, rpc, trust, account) as ledger:
            yield _ByAccount(ledger)
    else:
        quiet()
        with state_of(ctx).service() as service:
            yield _ByInstance(service)


class _ByInstance:
    """By this instance's operator, which then knows of it at once."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def stop_hash(self, handle: bytes) -> bytes | None:
        return self._service.stops.stop_hash(handle)

    def use(self, act: StopAct, handle: bytes, code: bytes) -> tuple[int, bytes]:
        receipt = self._service.stops.relay(act, handle, code)
        return receipt.block.number, receipt.transaction


class _ByAccount:
    """By an account, without any service."""

    def __init__(self, ledger: Web3Ledger) -> None:
        self._ledger = ledger

    def stop_hash(self, handle: bytes) -> bytes | None:
        return self._ledger.stop_hash(handle)

    def use(self, act: StopAct, handle: bytes, code: bytes) -> tuple[int, bytes]:
        from eseal.ledger.setup.owner_stop import use_code

        receipt = use_code(self._ledger, act, handle, code)
        return receipt.block.number, receipt.transaction


@contextlib.contextmanager
def _ledger(
    ctx: typer.Context, rpc: list[str] | None, trust: Path | None, account: Path | None
) -> Iterator[Web3Ledger]:
    """The ledger as the account that was named, or as this instance's own."""
    quiet()
    if not rpc:
        if account is not None or trust is not None:
            raise InvalidInputError(
                "rpc: expected --rpc URL beside --trust and --account", field="rpc"
            )
        with state_of(ctx).service() as service:
            yield service.context.connection.ledger
        return
    if trust is None or account is None:
        raise InvalidInputError(
            "rpc: expected --trust FILE and --account FILE beside --rpc", field="rpc"
        )
    yield _as_account(ctx, rpc, trust, account)


def _as_account(ctx: typer.Context, rpc: list[str], trust: Path, account: Path) -> Web3Ledger:
    from eth_account import Account

    from eseal.cli.verifying.sources import deployment_of
    from eseal.ledger.reading.from_urls import open_endpoints, web3_of
    from eseal.ledger.sending.web3_ledger import Web3Ledger
    from eseal.ledger.setup.administration import parse_word
    from eseal.ledger.wire.finality import Finality

    deployment = deployment_of(trust)
    secret = read_limited(account).decode("ascii", "replace").strip()
    try:
        signer = Account.from_key(parse_word(secret, "account"))
    except ValueError:
        raise InvalidInputError(
            f"{account}: expected a secret of 64 hex digits, got something else", field="account"
        ) from None
    finality = Finality.parse(state_of(ctx).settings().ledger_finality)
    ledger = Web3Ledger(web3_of(open_endpoints(rpc)), deployment, finality, signer)
    ledger.check()
    return ledger
