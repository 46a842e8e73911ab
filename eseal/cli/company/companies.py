"""``eseal company``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from eseal.cli.company.disclosing import DisclosingCommand, record_access
from eseal.cli.company.seals import SEAL_COLUMNS
from eseal.cli.frame.command import AsJson, Command, actor, quiet, state_of
from eseal.cli.frame.files import read_limited, write_whole
from eseal.cli.frame.output import print_fields, print_json, print_receipt, print_rows
from eseal.cli.frame.views import company_view, disclosure_view, seal_view
from eseal.cli.operator.authority import (
    CompanyId,
    Country,
    Force,
    LegalName,
    Out,
    ask_over_http,
    give,
)
from eseal.errors import InvalidInputError
from eseal.model.seal import SealType

app = typer.Typer(help="Companies that hold seals.", no_args_is_help=True)


def seal_types(text: str) -> list[SealType]:
    """Read ``contract,finance,…``.

    Raises:
        typer.BadParameter: one of the words is no seal type.
    """
    known = [kind.value for kind in SealType]
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in known:
            raise typer.BadParameter(f"expected some of {', '.join(known)}, got {word!r}")
    return [SealType(word) for word in words]


@app.command(cls=Command)
def add(  # noqa: PLR0913, PLR0917  # one parameter per option
    ctx: typer.Context,
    name: Annotated[str, typer.Option("--name", help="The registered name.")],
    registration_id: Annotated[
        str,
        typer.Option(
            "--id", metavar="SCHEME:NUMBER", help="Registration id, e.g. uscc:91330100799655058B."
        ),
    ],
    country: Annotated[
        str | None,
        typer.Option(
            "--country",
            metavar="CODE",
            help="Country of its seat (ISO 3166-1, such as DE), where the id names none: LEI.",
        ),
    ] = None,
    seals: Annotated[
        str | None,
        typer.Option(
            "--seals",
            metavar="TYPE,…",
            help=f"Issue seals of these types at once: {', '.join(SealType)}.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a company on record, with its first seals if asked for."""
    kinds = [] if seals is None else seal_types(seals)
    from eseal.service.seals.onboarding import SealOrder

    with state_of(ctx).service() as service:
        company, made = service.onboarding.add_company(
            name,
            registration_id,
            country=country,
            seals=[SealOrder(kind) for kind in kinds],
            actor=actor(),
        )
        now = service.context.now()
    view: dict[str, Any] = company_view(company)
    issued = [seal_view(seal, now) for seal in made]
    if as_json:
        print_json(view | {"seals": issued})
        return
    print_fields(view)
    if issued:
        print_rows(issued, SEAL_COLUMNS, empty="")


@app.command(cls=Command)
def rename(
    ctx: typer.Context,
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="Its id or registration id.")],
    name: Annotated[str, typer.Option("--name", help="As registered now.")],
    as_json: AsJson = False,
) -> None:
    """Put a company's new name on record. Its seals keep theirs; new ones bear the new one."""
    with state_of(ctx).service() as service:
        found = service.directory.company(company)
        view = company_view(service.onboarding.rename(found, name, actor=actor()))
    if as_json:
        print_json(view)
    else:
        print_fields(view)


@app.command("continue", cls=Command)
def go_on(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="COMPANY", help="Its id or registration id.")],
    new: Annotated[
        str, typer.Argument(metavar="NEW", help="The same company under its new registration id.")
    ],
) -> None:
    """Say on the ledger that a company goes on under another registration id, as the authority.

    Put it on record under the new id before (eseal company add). Its old seals stay what they are.
    """
    from eseal.service.setup.company_continuation import continue_company

    quiet()
    print_receipt(continue_company(state_of(ctx).settings(), old, new))


@app.command(cls=Command)
def prove(  # noqa: PLR0913, PLR0917  # options
    url: Annotated[str, typer.Option("--authority", metavar="URL", help="Where it answers.")],
    card: Annotated[
        Path,
        typer.Option(
            "--card",
            exists=True,
            dir_okay=False,
            help="Its keys as you got them from it (eseal authority show --json).",
        ),
    ],
    identifier: CompanyId,
    name: LegalName,
    country: Country = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            exists=True,
            dir_okay=False,
            help="Holds the token it gave you; else ESEAL_AUTHORITY_TOKEN.",
        ),
    ] = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Ask the authority for the company's own proof; no instance is needed.

    Whoever has it can look for seals that others registered for the company.
    """
    from eseal.authority.word.messages import Ask

    ask = Ask(identifier, name, country)
    answer = ask_over_http(url, card, ask, token_file, out, force=force)
    give(answer, out, force=force, as_json=as_json)


@app.command("watch-file", cls=DisclosingCommand)
def watch_file(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="Its id or registration id.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Where it is written.")],
    passphrase_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Encrypt to the passphrase in it."),
    ] = None,
    recipient: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Encrypt to this X25519 key, PEM."),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write what the company watches its seals with: ids, proofs, certificates, book keys.

    Encrypted to the company's passphrase or key. It finds every use of the seals in the public log
    (eseal watch).
    """
    from eseal.watch.envelope import encrypt_for_passphrase, encrypt_to, read_recipient

    if (passphrase_file is None) == (recipient is None):
        raise InvalidInputError(
            "expected either --passphrase-file or --recipient", field="recipient"
        )
    with record_access(ctx) as access:
        file = access.watch_file(company)
    if recipient is not None:
        key = read_recipient(read_limited(recipient).decode("ascii", "replace"))
        data = encrypt_to(file.encode(), key)
    else:
        text = read_limited(passphrase_file or Path()).decode("utf-8", "replace")
        data = encrypt_for_passphrase(file.encode(), text.strip())
    write_whole(out, data, force=force, private=True)
    shown = {"file": str(out), "company": file.name, "seals": len(file.seals)}
    if as_json:
        print_json(shown)
    else:
        print_fields(shown)


@app.command("list", cls=DisclosingCommand)
def list_companies(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the companies on record."""
    with record_access(ctx) as access:
        companies: list[Any] = []
        while page := access.companies(after=companies[-1].id if companies else ""):
            companies += page
    rows = [company_view(company) for company in companies]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("id", "name", "identifier"), empty="no companies")


@app.command(cls=DisclosingCommand)
def disclosures(
    ctx: typer.Context,
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="Its id or registration id.")],
    as_json: AsJson = False,
) -> None:
    """Show who looked at a company's records, besides itself, and under which order.

    What an order keeps from the company for a while is not shown before that is over.
    """
    rows: list[dict[str, Any]] = []
    with record_access(ctx) as access:
        after = 0
        while page := access.disclosures(company, after=after):
            rows += [disclosure_view(each) for each in page]
            after = page[-1].log_index + 1
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("log_index", "at", "actor", "order", "what"), empty="nobody looked")
