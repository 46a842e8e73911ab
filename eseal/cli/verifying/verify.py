"""``eseal verify``: a verdict on a file, with or without an instance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eseal.cli.frame.command import AsJson, quiet, state_of
from eseal.cli.frame.files import (
    EVIDENCE_SUFFIX,
    SIGNATURE_SUFFIX,
    check_free,
    read_limited,
    write_whole,
)
from eseal.cli.frame.output import note, print_json
from eseal.errors import InvalidFormatError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.cli.verifying.sources import Sources
    from eseal.documents.evidence import Evidence
    from eseal.verify.inputs.policy import Policy
    from eseal.verify.verdict.report import Report
    from eseal.words import Words

EXIT_CODES = {"TOTAL_PASSED": 0, "TOTAL_FAILED": 1, "INDETERMINATE": 3}


@dataclass(frozen=True, slots=True)
class Handed:
    """Evidence files of several seals, as a :class:`~eseal.verify.inputs.case.RecordSource`."""

    files: Sequence[Evidence]

    def evidence_for(self, digest: bytes, use_id: str | None) -> Sequence[Evidence]:
        """Those of this content, or of this use."""
        return [
            each
            for each in self.files
            if each.statement.digest == digest or each.statement.id == use_id
        ]


def verify(  # noqa: PLR0913, PLR0917  # options
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A document, or an evidence file; with --completeness, tickets of a period.",
        ),
    ],
    signature: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Its seal signature; default: FILE.p7s if there."
        ),
    ] = None,
    evidence: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Its evidence, again for each seal; default: FILE.eseal.json if there.",
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
        str | None,
        typer.Option(
            metavar="URL",
            help="A log to read, e.g. https://…/log; with --completeness, or a copy on disk.",
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What to trust; default: ESEAL_TRUST, then DATA_DIR/trust.json of a data "
            "directory that is named, then ~/.config/eseal/trust.json.",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What to demand beyond: witnesses."),
    ] = None,
    extract: Annotated[
        Path | None,
        typer.Option(
            "--extract",
            metavar="OUT.pdf",
            dir_okay=False,
            help="Write the PDF as it was sealed, without what another program has added to it.",
        ),
    ] = None,
    save_evidence: Annotated[
        Path | None,
        typer.Option(
            "--save-evidence",
            metavar="OUT.eseal.json",
            dir_okay=False,
            help="Write the newest evidence of the use that the instance has on record.",
        ),
    ] = None,
    completeness: Annotated[
        bool,
        typer.Option(
            "--completeness",
            help="Find every use that tore one of FILE's tickets (eseal seal tickets) in the log, "
            "and name those that its list leaves out.",
        ),
    ] = False,
    details: Annotated[
        bool, typer.Option("--details", help="Show what each check rests on, with technical names.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Verify a sealed document.

    Exit code: 0 passed, 1 failed, 3 indeterminate, 2 the check could not be made as asked. Needs no
    instance: without ledger everything else is checked, and the verdict is ledger_unreachable. What
    is trusted is said on standard error, with --json in its member trusted; what only lies in the
    working directory never is. With --completeness: 0 complete, 1 something was left out.
    """
    from eseal.cli.verifying.completeness import show_completeness
    from eseal.cli.verifying.sources import open_sources
    from eseal.cli.verifying.trust_files import members, told
    from eseal.cli.verifying.verdicts import show

    quiet()
    state = state_of(ctx)
    words = state.words
    if completeness:
        if signature or evidence or policy or extract or save_evidence:
            raise InvalidInputError(
                "--completeness: expected tickets of a period and nothing of a document, got both",
                field="completeness",
            )
        raise typer.Exit(
            show_completeness(state, file, rpc or (), quorum, log, trust, as_json=as_json)
        )
    data = read_limited(file, state.settings().max_upload_bytes)
    signature = signature or _beside(file, SIGNATURE_SUFFIX, words)
    if not evidence:
        beside = _beside(file, EVIDENCE_SUFFIX, words)
        evidence = [] if beside is None else [beside]
    demanded = None if policy is None else _parse_policy(policy)
    with open_sources(
        state,
        rpc=rpc or (),
        quorum=quorum,
        log=log,
        trust_file=trust,
        note=lambda sentence: note(sentence, words),
    ) as sources:
        found = sources.found
        if not as_json:
            note(told(found, words), words)
        report = _report(data, file, signature, evidence, sources, demanded)
        if save_evidence is not None:
            _save_evidence(report, sources, save_evidence, words)
    if as_json:
        print_json(report.to_dict() | {"trusted": members(found)})
    else:
        show(report.to_dict(), file, words, details=details)
    if extract is not None:
        _extract(data, extract, words)
    elif report.extractable:
        note(words("report.notes.extractable"), words)
    if file.suffix == SIGNATURE_SUFFIX and report.finding.value == "not_understood":
        note(words("report.notes.signature", file=file), words)
    raise typer.Exit(EXIT_CODES[report.indication.value])


def _extract(data: bytes, out: Path, words: Words) -> None:
    """Write the sealed document at the beginning of a file; whether it is genuine, verify it.

    Raises:
        UnsupportedDocumentError: the file does not begin with one.
        ConflictError: there is a file of that name.
    """
    from eseal.documents.pdf import sealed_revision

    sealed = sealed_revision(data)
    check_free(out, force=False)
    write_whole(out, sealed, force=False)
    note(words("report.notes.extracted", file=out), words)


def _save_evidence(report: Report, sources: Sources, out: Path, words: Words) -> None:
    """Write the evidence on record of the first seal; of others, beside it.

    Raises:
        NotFoundError: none of these uses is on record in the instance.
        ConflictError: there is a file of that name.
    """
    statements = [seal.facts.statement for seal in report.seals if seal.facts is not None]
    found = [
        evidence
        for statement in statements
        if statement is not None and sources.records is not None
        for evidence in sources.records.evidence_for(statement.digest, statement.id)
        if evidence.statement == statement
    ]
    if not found:
        raise NotFoundError("no evidence of this use is on record: name the instance that sealed")
    stem = out.name.removesuffix(EVIDENCE_SUFFIX)
    for number, evidence in enumerate(found, 1):
        path = out if number == 1 else out.with_name(f"{stem}-{number}{EVIDENCE_SUFFIX}")
        check_free(path, force=False)
        write_whole(path, evidence.encode(), force=False)
        note(words("report.notes.evidence", file=path), words)


def _beside(file: Path, suffix: str, words: Words) -> Path | None:
    found = file.with_name(file.name + suffix)
    if not found.is_file():
        return None
    note(words("report.notes.beside", file=found), words)
    return found


def _report(  # noqa: PLR0913, PLR0917  # what was given, and what it is checked against
    data: bytes,
    file: Path,
    signature: Path | None,
    evidence: list[Path],
    sources: Sources,
    policy: Policy | None,
) -> Report:
    from eseal.verify import verify_document, verify_evidence

    if signature is None and not evidence:
        alone = _evidence_itself(data, file)
        if alone is not None:
            return verify_evidence(
                alone,
                ledger=sources.ledger,
                logs=sources.logs,
                history=sources.history,
                trust=sources.trust,
                policy=policy,
            )
    files = [_parse_evidence(path) for path in evidence]
    return verify_document(
        data,
        signature=None if signature is None else read_limited(signature),
        evidence=files[0] if files else None,
        ledger=sources.ledger,
        logs=sources.logs,
        records=Handed(files) if len(files) > 1 else None,
        history=sources.history,
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
