"""``eseal seal``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.company.disclosing import DisclosingCommand, record_access
from eseal.cli.frame.command import AsJson, Command, actor, state_of
from eseal.cli.frame.files import certificates, check_free, write_whole
from eseal.cli.frame.output import console, print_fields, print_json, print_rows
from eseal.cli.frame.times import moment
from eseal.cli.frame.views import seal_view
from eseal.model.seal import Reason, SealType
from eseal.model.statement import format_time

if TYPE_CHECKING:
    from eseal.service.seals.onboarding import SealOrder

SEAL_COLUMNS = ("id", "type", "label", "state", "reason", "not_after")
REASONS = tuple(one.slug for one in Reason if one not in {Reason.NONE, Reason.OWNER_STOP})

app = typer.Typer(help="Seals: issuing them, and their life.", no_args_is_help=True)


class AlgorithmName(StrEnum):
    """The kinds of seal key."""

    P256 = "p256"
    RSA3072 = "rsa3072"


def reason_of(text: str) -> Reason:
    """The reason of this name.

    Raises:
        typer.BadParameter: there is none.
    """
    if text not in REASONS:
        raise typer.BadParameter(f"expected one of {', '.join(REASONS)}, got {text!r}")
    return Reason[text.upper()]


SealName = Annotated[str, typer.Argument(metavar="SEAL", help="Its id or handle.")]
CompanyName = Annotated[
    str, typer.Option("--company", help="Its id or registration id (SCHEME:NUMBER).")
]
TypeName = Annotated[SealType, typer.Option("--type", help="What the seal is for.")]
Label = Annotated[str, typer.Option("--label", help="Tells seals of one type apart.")]
PhysicalCode = Annotated[
    str | None, typer.Option("--code", help="Code of the physical seal it corresponds to.")
]
Algorithm = Annotated[AlgorithmName, typer.Option("--algorithm", help="The kind of key.")]
BookDepth = Annotated[
    int | None,
    typer.Option("--book-depth", min=4, max=24, help="A volume of its book holds 2^N tickets."),
]
StopEnd = Annotated[
    str | None,
    typer.Option("--stop-end", metavar="HEX", help="End of the company's chain of stop codes."),
]
_REASON = typer.Option(
    "--reason", parser=reason_of, metavar="REASON", help=f"One of {', '.join(REASONS)}."
)
ReasonName = Annotated[Reason, _REASON]
OptionalReasonName = Annotated[Reason | None, _REASON]


@app.command(cls=Command)
def issue(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    company: CompanyName,
    kind: TypeName,
    label: Label = "",
    code: PhysicalCode = None,
    algorithm: Algorithm = AlgorithmName.P256,
    depth: BookDepth = None,
    stop_end: StopEnd = None,
    as_json: AsJson = False,
) -> None:
    """Issue a seal, certified by the built-in CA."""
    with state_of(ctx).service() as service:
        holder = service.directory.company(company)
        order = _order(kind, label, code, algorithm, depth, stop_end)
        (seal,) = service.onboarding.issue(holder, [order], actor=actor())
        _show(seal_view(seal, service.context.now()), as_json)


@app.command("list", cls=DisclosingCommand)
def list_seals(
    ctx: typer.Context,
    company: Annotated[
        str | None, typer.Option("--company", help="Only those of this company.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the seals on record."""
    with record_access(ctx) as access:
        seals: list[Any] = []
        while page := access.seals(company=company, after=seals[-1].id if seals else ""):
            seals += page
        rows = [seal_view(seal, access.now) for seal in seals]
        names = access.names({seal.company_id for seal in seals})
    if as_json:
        print_json(rows)
    else:
        rows = [row | {"company": names[row["company_id"]]} for row in rows]
        print_rows(rows, (SEAL_COLUMNS[0], "company", *SEAL_COLUMNS[1:]), empty="no seals")


@app.command(cls=DisclosingCommand)
def tickets(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    seal: SealName,
    since: Annotated[
        datetime,
        typer.Option("--since", parser=moment, metavar="TIME", help="Beginning of the period."),
    ],
    until: Annotated[
        datetime,
        typer.Option("--until", parser=moment, metavar="TIME", help="Its end; over by now."),
    ],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where it is written.")],
    first_volume: Annotated[
        int, typer.Option("--first-volume", min=0, help="Leave out the volumes before this one.")
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace another file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a seal's tickets of a period, by which a regulator finds all its uses.

    Under an order (--order), which the company is told of. eseal verify --completeness reads it.
    """
    check_free(out, force=force)
    with record_access(ctx) as access:
        made = access.tickets(seal, since, until, first_volume)
    write_whole(out, made.encode(), force=force, private=True)
    shown = {
        "file": str(out),
        "seal": made.handle.hex(),
        "since": format_time(made.since),
        "until": format_time(made.until),
        "volumes": [one.number for one in made.volumes]
        if as_json
        else f"{made.volumes[0].number} to {made.volumes[-1].number}",
        "records": len(made.openings),
    }
    _show(shown, as_json)


@app.command(cls=Command)
def suspend(
    ctx: typer.Context,
    seal: SealName,
    reason: OptionalReasonName = None,
    as_json: AsJson = False,
) -> None:
    """Stop a seal until it is resumed."""
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        changed = service.lifecycle.suspend(found.id, reason=reason or Reason.NONE, actor=actor())
        _show(seal_view(changed, service.context.now()), as_json)


@app.command(cls=Command)
def resume(ctx: typer.Context, seal: SealName, as_json: AsJson = False) -> None:
    """Let a suspended seal be used again."""
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        changed = service.lifecycle.resume(found.id, actor=actor())
        _show(seal_view(changed, service.context.now()), as_json)


@app.command(cls=Command)
def revoke(ctx: typer.Context, seal: SealName, reason: ReasonName, as_json: AsJson = False) -> None:
    """End a seal for good."""
    with state_of(ctx).service() as service:
        found = service.directory.seal(seal)
        changed = service.lifecycle.revoke(found.id, reason=reason, actor=actor())
        _show(seal_view(changed, service.context.now()), as_json)


@app.command(cls=Command)
def request(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    company: CompanyName,
    kind: TypeName,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where the CSR goes, PEM.")],
    label: Label = "",
    code: PhysicalCode = None,
    algorithm: Algorithm = AlgorithmName.P256,
    depth: BookDepth = None,
    stop_end: StopEnd = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a key and a request (PKCS#10) for another CA to certify."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    check_free(out, force=force)
    with state_of(ctx).service() as service:
        holder = service.directory.company(company)
        order = _order(kind, label, code, algorithm, depth, stop_end)
        made = service.onboarding.request_certificate(holder, order, actor=actor())
    pem = x509.load_der_x509_csr(made.csr).public_bytes(Encoding.PEM)
    write_whole(out, pem, force=force)
    fields = {"id": made.id, "company_id": holder.id, "type": kind.value, "file": str(out)}
    if as_json:
        print_json(fields)
        return
    print_fields(fields)
    console().print(f"\nthen: eseal seal import {made.id} --certificate FILE", soft_wrap=True)


@app.command("import", cls=Command)
def import_certificate(
    ctx: typer.Context,
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID")],
    certificate: Annotated[
        Path,
        typer.Option(
            "--certificate",
            exists=True,
            dir_okay=False,
            help="The certificate, PEM or DER; in PEM its chain may follow.",
        ),
    ],
    chain: Annotated[
        list[Path] | None,
        typer.Option(
            "--chain", exists=True, dir_okay=False, help="Issuing certificates, root last."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a seal of a request and the certificate another CA gave for it."""
    own, *above = certificates(certificate)
    above += [found for path in chain or [] for found in certificates(path)]
    with state_of(ctx).service() as service:
        seal = service.onboarding.import_certificate(request_id, own, above, actor=actor())
        _show(seal_view(seal, service.context.now()), as_json)


def _order(  # noqa: PLR0913, PLR0917  # what a seal is made of
    kind: SealType,
    label: str,
    code: str | None,
    algorithm: AlgorithmName,
    depth: int | None,
    stop_end: str | None,
) -> SealOrder:
    from eseal.model.json_values import JsonValues
    from eseal.service.seals.onboarding import SealOrder
    from eseal.suites import KeyAlgorithm

    end = None if stop_end is None else JsonValues("stop_end").hex_bytes(stop_end, "--stop-end")
    return SealOrder(kind, label, code, KeyAlgorithm(algorithm.value), depth, end)


def _show(view: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(view)
    else:
        print_fields(view)
