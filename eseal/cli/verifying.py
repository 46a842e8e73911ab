"""``eseal verify``: a verdict on a file, with or without an instance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eseal.cli.files import read_limited
from eseal.cli.framework import AsJson, quiet, state_of
from eseal.cli.output import (
    console,
    headline,
    print_fields,
    print_json,
    print_rows,
    printable,
)
from eseal.errors import InvalidFormatError

if TYPE_CHECKING:
    from eseal.cli.sources import Sources
    from eseal.documents.evidence import Evidence
    from eseal.verify.policy import Policy
    from eseal.verify.report import Report, SealVerdict

EXIT_CODES = {"TOTAL_PASSED": 0, "TOTAL_FAILED": 1, "INDETERMINATE": 3}
SIGNATURE_SUFFIX = ".p7s"
EVIDENCE_SUFFIX = ".eseal.json"
CHECK_COLUMNS = ("status", "check", "detail")


def verify(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help="A document, or an evidence file."
        ),
    ],
    signature: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Its seal signature; default: FILE.p7s if there."
        ),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Its evidence; default: FILE.eseal.json if there."
        ),
    ] = None,
    rpc: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A node of the ledger to ask; of several, a quorum."),
    ] = None,
    quorum: Annotated[
        int | None, typer.Option(min=1, help="How many nodes must agree; default: a majority.")
    ] = None,
    log: Annotated[
        str | None, typer.Option(metavar="URL", help="A log to read, e.g. https://…/log.")
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="What to trust; default: DATA_DIR/trust.json."
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What to demand beyond: witnesses."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a sealed document.

    Exit code: 0 passed, 1 failed, 3 indeterminate, 2 the check could not be made as asked. Needs no
    instance: without ledger everything else is checked, and the verdict is ledger_unreachable.
    """
    from eseal.cli.sources import open_sources

    quiet()
    state = state_of(ctx)
    data = read_limited(file, state.settings().max_upload_bytes)
    signature = signature or _beside(file, SIGNATURE_SUFFIX)
    evidence = evidence or _beside(file, EVIDENCE_SUFFIX)
    demanded = None if policy is None else _parse_policy(policy)
    with open_sources(
        state, rpc=rpc or (), quorum=quorum, log=log, trust_file=trust, note=_note
    ) as sources:
        report = _report(data, file, signature, evidence, sources, demanded)
    if as_json:
        print_json(report.to_dict())
    else:
        show(report, file)
    raise typer.Exit(EXIT_CODES[report.indication.value])


def show(report: Report, file: Path) -> None:
    """Print a verdict: headline, sentence, facts and checks of each seal."""
    line, colour = headline(
        report.indication,
        None if report.sub_indication is None else report.sub_indication.value,
        report.finding.value,
    )
    out = console()
    out.print(line, style=f"bold {colour}")
    out.print(report.message, soft_wrap=True)
    if report.alarm:
        out.print("The owner of the seal must be told.", style="bold red")
    out.print()
    if not report.seals:
        print_fields({"file": file})
        _show_checks(report)
    for seal in report.seals:
        if len(report.seals) > 1:
            out.print(f"\n{seal.finding.value}: {seal.message}", soft_wrap=True)
        facts = {} if seal.facts is None else _facts(seal.facts.to_dict())
        print_fields({"file": file} | facts)
        _show_checks(seal)


def _show_checks(verdict: Report | SealVerdict) -> None:
    rows = [
        {"status": check.status.value, "check": check.name.value, "detail": check.detail}
        for check in verdict.checks
    ]
    console().print()
    print_rows(rows, CHECK_COLUMNS, empty="no checks were made")


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    use, log, time = facts["use"] or {}, facts["log"] or {}, facts["proven_time"] or {}
    shown = {
        "sealed_by": facts["name"],
        "registration_id": facts["registration_id"],
        "covers": None if facts["files"] is None else ", ".join(facts["files"]),
        "seal": facts["handle"],
        "use": use.get("id"),
        "purpose": use.get("purpose"),
        "sealed_at": use.get("sealed_at"),
        "not_before": time.get("not_before"),
        "not_after": time.get("not_after"),
        "log": f"{log['origin']}, leaf {log['index']}" if log else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _beside(file: Path, suffix: str) -> Path | None:
    found = file.with_name(file.name + suffix)
    if not found.is_file():
        return None
    _note(f"using {found}, which lies beside it")
    return found


def _note(sentence: str) -> None:
    typer.echo(f"note: {printable(sentence)}", err=True)


def _report(  # noqa: PLR0913, PLR0917  # what was given, and what it is checked against
    data: bytes,
    file: Path,
    signature: Path | None,
    evidence: Path | None,
    sources: Sources,
    policy: Policy | None,
) -> Report:
    from eseal.verify import verify_document, verify_evidence

    if signature is None and evidence is None:
        alone = _evidence_itself(data, file)
        if alone is not None:
            return verify_evidence(
                alone,
                ledger=sources.ledger,
                logs=sources.logs,
                trust=sources.trust,
                policy=policy,
            )
    return verify_document(
        data,
        signature=None if signature is None else read_limited(signature),
        evidence=None if evidence is None else _parse_evidence(evidence),
        ledger=sources.ledger,
        logs=sources.logs,
        trust=sources.trust,
        policy=policy,
    )


def _evidence_itself(data: bytes, file: Path) -> Evidence | None:
    """The file read as evidence if it is such a file; a sealed JSON document is not one."""
    from eseal.documents.evidence import Evidence

    try:
        return Evidence.parse(data)
    except InvalidFormatError as error:
        if file.name.endswith(EVIDENCE_SUFFIX):
            raise InvalidFormatError(f"{file}: {error}") from None
        return None


def _parse_policy(path: Path) -> Policy:
    from eseal.verify import Policy

    try:
        return Policy.parse(read_limited(path))
    except InvalidFormatError as error:
        raise InvalidFormatError(f"{path}: {error}", field="policy") from None


def _parse_evidence(path: Path) -> Evidence:
    from eseal.documents.evidence import Evidence

    try:
        return Evidence.parse(read_limited(path))
    except InvalidFormatError as error:
        raise InvalidFormatError(f"{path}: {error}", field="evidence") from None
