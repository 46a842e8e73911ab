"""The check on the public pages: files come in by a form, a report in words goes out."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from starlette.exceptions import HTTPException

from eseal.documents.evidence import evidence_filename
from eseal.errors import ESealError
from eseal.model.statement import format_time
from eseal.service.oversight.verification import OnRecord, Verified
from eseal.words.amounts import size_in_words
from eseal.words.report_parts import ReportText
from eseal.words.reporting import tell
from eseal_api.asking.option_names import MEMBERS
from eseal_api.frame.bodies import FORM, only, read_form
from eseal_api.frame.host import host_of
from eseal_api.frame.problems import problem_of, problem_of_http
from eseal_api.routes.verifications import count_verdict, verify_form
from eseal_api.schemas.verifications import VerificationForm
from eseal_api.web.pages import Moments, render, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi import Request
    from starlette.datastructures import UploadFile
    from starlette.responses import Response

    from eseal.documents.evidence import Evidence
    from eseal.service.service import Service
    from eseal.words import Words
    from eseal_api.frame.problems import Problem

EVIDENCE_SUFFIX = ".eseal.json"
WAYS = ("sent", "stayed", "insecure", "evidence")
"""How a file was handed in, as the page's script says."""
MAX_NAME_CHARS = 300
_CHUNK = 1 << 20


class CheckForm(VerificationForm):
    """What the page hands in; of a file that stayed where it is, what its script says of it."""

    digest: str | None = None
    name: str = ""
    size: str = ""
    way: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed in.

    Attributes:
        name: the file's name as its sender has it.
        size: in bytes, or ``None`` if it stayed where it is and nobody said.
        digest: SHA-256, hex, or ``None`` if that is not known.
        beside: the names of what came with it.
        way: one of ``WAYS``.
    """

    name: str
    size: int | None
    digest: str | None
    beside: tuple[str, ...]
    way: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no report could be had.

    Attributes:
        sentence: what is the matter.
        advice: what to do.
        detail: the same exactly, in English.
    """

    sentence: str
    advice: str
    detail: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An evidence file to take along.

    Attributes:
        name: what it is saved as.
        label: what is offered, in words: of which seal, where there are several.
        href: its content as a ``data:`` URL (RFC 2397): nothing is kept to be fetched.
    """

    name: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whether the bytes with a digest were sealed here, in words.

    Attributes:
        found: whether they were.
        window: when, or ``None``.
    """

    found: bool
    window: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What the page shows after a check.

    Attributes:
        report: in words, or ``None`` if there is none.
        failure: why there is none, or ``None``.
        given: what was handed in, or ``None`` if that could not be read.
        size: of the file, in words.
        checked_at: when, in words.
        same_use: on the page of a use, whether the report speaks of that use; elsewhere ``None``.
        raw: the report as JSON, indented.
        evidence: the evidence files of the seals in it, where they are on record.
        record: what is said where nothing but a digest came; then there is no report.
    """

    report: ReportText | None
    failure: Failure | None
    given: Given | None
    size: str | None
    checked_at: str
    same_use: bool | None = None
    raw: str = ""
    evidence: tuple[Offered, ...] = ()
    record: Recorded | None = None


async def answer(
    request: Request, page: str, *, use_id: str | None = None, **values: object
) -> Response:
    """Verify what a form holds, and show the report on this page.

    Whatever the document is, the answer is a page: a forgery is a finding, and a form that cannot
    be read is told in words, with the status of its problem.

    Args:
        request: carries the form.
        page: the template.
        use_id: the use that the page is about, or ``None``.
        values: what the template shows beyond.
    """
    words = words_of(request)
    moments = Moments(words)
    result, status = await _result(request, words, moments, use_id)
    return render(request, page, status, moments=moments, result=result, use_id=use_id, **values)


async def _result(
    request: Request, words: Words, moments: Moments, use_id: str | None
) -> tuple[Result, HTTPStatus]:
    host = host_of(request)
    checked_at = moments(format_time(datetime.now(UTC)))
    try:
        given, answer = await _checked(request)
    except ESealError as error:
        problem = problem_of(error)
        return Result(None, _failure(problem, words), None, None, checked_at), problem.status
    except HTTPException as error:  # too large, or no form
        problem = problem_of_http(request, error)
        return Result(None, _failure(problem, words), None, None, checked_at), problem.status
    size = None if given.size is None else size_in_words(given.size, words)
    if not isinstance(answer, Verified):
        record = _recorded(answer, words, moments)
        return Result(None, None, given, size, checked_at, record=record), HTTPStatus.OK
    count_verdict(host, answer.report)
    plain = answer.report.to_dict()
    result = Result(
        report=tell(plain, words, moments),
        failure=None,
        given=given,
        size=size,
        checked_at=checked_at,
        same_use=None if use_id is None else _speaks_of(plain, use_id),
        raw=orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode(),
        evidence=tuple(_offered(answer.evidence, given, words)),
    )
    return result, HTTPStatus.OK


async def _checked(request: Request) -> tuple[Given, Verified | OnRecord | None]:
    only(FORM, request)
    host = host_of(request)
    async with read_form(request, CheckForm) as form:
        chosen = _chosen(form.asked)
        checked: tuple[Given, Verified | OnRecord | None] = await host.verify_for_stranger(
            _check, host.service, chosen
        )
    return checked


def _check(service: Service, form: CheckForm) -> tuple[Given, Verified | OnRecord | None]:
    return _given(form), verify_form(service, form, form.digest)


def _chosen(form: CheckForm) -> CheckForm:
    """Without the fields in which no file was chosen; an evidence file is one wherever it stands.

    A browser sends an empty part for a field that was left empty.
    """
    main, signature, evidence = (
        one if one is not None and (one.filename or one.size) else None
        for one in (form.file, form.signature, form.evidence)
    )
    if evidence is None and main is not None and (main.filename or "").endswith(EVIDENCE_SUFFIX):
        main, evidence = None, main
    return form.model_copy(update={"file": main, "signature": signature, "evidence": evidence})


def _given(form: CheckForm) -> Given:
    main = form.file or (None if form.digest else form.evidence)
    beside = tuple(_name(one) for one in (form.signature, form.evidence) if one not in {main, None})
    way = form.way or ("evidence" if form.file is None else "sent")
    if main is None:
        said = form.size
        size = (
            int(said)
            if said.isascii() and said.isdigit() and len(said) < len(str(1 << 62))
            else None
        )
        name = form.name[:MAX_NAME_CHARS]
        return Given(name, size, form.digest, beside, way if way in WAYS else "stayed")
    return Given(_name(main), main.size, _digest(main), beside, way if way in WAYS else "sent")


def _name(upload: UploadFile | None) -> str:
    return ((upload and upload.filename) or "")[:MAX_NAME_CHARS]


def _digest(upload: UploadFile) -> str:
    """SHA-256 of a file, hex; it is left at its beginning."""
    made = hashlib.sha256()
    while chunk := upload.file.read(_CHUNK):
        made.update(chunk)
    upload.file.seek(0)
    return made.hexdigest()


def _offered(found: Sequence[Evidence | None], given: Given, words: Words) -> Iterator[Offered]:
    """The evidence of each seal that has some; of several seals, each by its number."""
    label, count = words("page.result.evidence"), len(found)
    for number, evidence in enumerate(found, 1):
        if evidence is None:
            continue
        name = given.name if count == 1 else f"{given.name}.{number}"
        which = words("report.values.which", what=label, number=number, count=count)
        data = base64.b64encode(evidence.encode()).decode()
        href = f"data:application/json;base64,{data}"
        yield Offered(evidence_filename(name), label if count == 1 else which, href)


def _recorded(found: OnRecord | None, words: Words, moments: Moments) -> Recorded:
    if found is None:
        return Recorded(found=False, window=None)
    start, end = found.not_before, found.not_after
    window = words("report.values.not_before", start=moments(format_time(start)))
    if end is not None:
        bounds = {"start": moments(format_time(start)), "end": moments(format_time(end))}
        window = words("report.values.between", **bounds)
    return Recorded(found=True, window=window)


def _failure(problem: Problem, words: Words) -> Failure:
    code = problem.code if words.find(f"refusals.{problem.code}.sentence") else "error"
    advice = words(f"refusals.{code}.advice", **MEMBERS)
    return Failure(words(f"refusals.{code}.sentence"), advice, problem.detail)


def _speaks_of(report: dict[str, Any], use_id: str) -> bool:
    """Whether one of the seals is of this use: a document may carry the printed code of another."""
    return any((seal.get("use") or {}).get("id") == use_id for seal in report["seals"])
