"""``eseal anchor``, ``evidence``, ``history`` and ``audit``: what stands on record."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.company.disclosing import record_access
from eseal.cli.frame.command import REFUSED, AsJson, state_of
from eseal.cli.frame.files import (
    EVIDENCE_SUFFIX,
    SIGNATURE_SUFFIX,
    check_free,
    read_limited,
    write_whole,
)
from eseal.cli.frame.output import console, print_fields, print_json, print_rows
from eseal.cli.frame.views import use_view
from eseal.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.service.oversight.records import HistoryEntry
    from eseal.service.record.anchoring import Anchored
    from eseal.service.record_access import RecordAccess

HISTORY_COLUMNS = ("log_index", "id", "sealed_at", "media_type", "purpose", "block")


def anchor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Publish the log's newest head on the ledger now."""
    with state_of(ctx).service() as service:
        try:
            anchored = service.anchoring.anchor()
        finally:  # stops do not wait for a head that cannot be anchored
            service.upkeep.round()
    view = None if anchored is None else _anchored_view(anchored)
    if as_json:
        print_json({"anchor": view})
    elif view is None:
        console().print("nothing to anchor: the ledger has the newest head")
    else:
        print_fields(view | {"block": view["block"]["number"]})


def evidence(
    ctx: typer.Context,
    use: Annotated[
        str, typer.Argument(metavar="USE_ID|FILE", help="A use's id, or the sealed document.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            dir_okay=False,
            help="Where it goes; default: FILE.eseal.json beside the document, or USE_ID.eseal.json"
            " here.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the evidence of one use: all that is needed to check it without us."""
    document = Path(use)
    is_file = document.is_file()
    if is_file and document.suffix == SIGNATURE_SUFFIX:
        document = document.with_suffix("")  # what it belongs to, beside which verify looks
    out = out or document.with_name(document.name + EVIDENCE_SUFFIX)
    check_free(out, force=force)
    with record_access(ctx) as access:
        limit = state_of(ctx).settings().max_upload_bytes
        use_id = _use_of(access, document, limit) if is_file else use
        try:
            made = access.evidence(use_id)
        except NotFoundError as error:
            raise NotFoundError(f"{error}, nor is there such a file") from None
    write_whole(out, made.encode(), force=force)
    if as_json:
        print_json({"id": use_id, "file": str(out), "anchored": made.anchor is not None})
        return
    pending = "" if made.anchor else "; its anchor is still due: run eseal anchor, then this again"
    console().print(f"wrote {out}{pending}", soft_wrap=True)


def _use_of(access: RecordAccess, document: Path, limit: int) -> str:
    """The use that sealed a document, by what its seal says; whether it is genuine, verify it.

    Raises:
        NotFoundError: no use on record has sealed it.
        ConflictError: several have; names them, and who sealed by each.
    """
    from eseal.verify import verify_document

    beside = document.with_name(document.name + SIGNATURE_SUFFIX)
    signature = read_limited(beside) if beside.is_file() else None
    report = verify_document(read_limited(document, limit), signature=signature)
    said = [seal.facts for seal in report.seals if seal.facts is not None]
    found = {
        one.statement.id: one.name or "?"
        for one in said
        if one.statement and access.holds(one.statement)
    }
    if not found:
        raise NotFoundError(f"{document}: expected a document that was sealed here, got another")
    if len(found) > 1:
        each = ", ".join(f"{use} ({company})" for use, company in found.items())
        raise ConflictError(
            f"{document}: several uses on record have sealed it, and each has evidence of its own: "
            "name one after the other in place of the file: "
            f"{each}"
        )
    return next(iter(found))


def history(
    ctx: typer.Context,
    seal: Annotated[str | None, typer.Option("--seal", help="A seal's id or handle.")] = None,
    company: Annotated[
        str | None, typer.Option("--company", help="A company's id or registration id.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show every use of a seal, or of all seals of a company, with its proof."""
    if (seal is None) == (company is None):
        raise typer.BadParameter("expected either --seal or --company")
    with record_access(ctx) as access:
        entries = _all(access, seal, company or "")
    rows = [use_view(entry) for entry in entries]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["block"] = row["anchor"]["block"]["number"] if row["anchor"] else "pending"
    print_rows(rows, HISTORY_COLUMNS, empty="no uses")


def audit(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Compare log, database and ledger, whole. Exit code 1 on any disagreement."""
    with state_of(ctx).service() as service:
        report = service.audit.run()
    if as_json:
        print_json(asdict(report))
    else:
        counts = {name: getattr(report, name) for name in _COUNTS}
        print_fields(counts)
        rows = [asdict(found) for found in report.disagreements]
        out = console()
        out.print()
        if rows:
            out.print("DISAGREEMENTS", style="bold red")
        print_rows(rows, ("kind", "message"), empty="log, database and ledger agree")
    if report.disagreements:
        raise typer.Exit(REFUSED)


_COUNTS = ("leaves", "uses", "seals", "anchors", "pending")


def _anchored_view(anchored: Anchored) -> dict[str, Any]:
    block = anchored.anchor.block
    return {
        "size": anchored.anchor.head.size,
        "root": anchored.anchor.head.root.hex(),
        "block": {
            "number": block.number,
            "hash": "0x" + block.hash.hex(),
            "timestamp": block.timestamp,
        },
        "transaction": "0x" + anchored.anchor.transaction.hex(),
        "gas_used": anchored.gas_used,
        "new_leaves": anchored.new_leaves,
    }


def _all(access: RecordAccess, seal: str | None, company: str) -> list[HistoryEntry]:
    def page_from(after: int) -> Sequence[HistoryEntry]:
        if seal is None:
            return access.history(company, after=after)
        return access.seal_history(seal, after=after).uses

    entries: list[HistoryEntry] = []
    after = 0
    while page := page_from(after):
        entries += page
        after = page[-1].use.log_index + 1
    return entries
