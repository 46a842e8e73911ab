"""A verification report in words: what the page, a print and the command line show of it.

Reads the report as plain values (``Report.to_dict()``, or the JSON of another service), so that it
tells one that a newer verifier made, too: what it does not know is left out, and a code without a
text stands for itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from eseal.words.amounts import age_in_words
from eseal.words.report_parts import CheckMade, Fact, Look, ReportText, SealText, Verdict
from eseal.words.translation import translated

if TYPE_CHECKING:
    from eseal.words.catalogue import Words

Plain = Mapping[str, Any]
"""A JSON object."""


_LOOKS: Final = {
    "TOTAL_PASSED": Look.PASSED,
    "INDETERMINATE": Look.OPEN,
    "TOTAL_FAILED": Look.FAILED,
    "VALID": Look.PASSED,
    "ERROR": Look.OPEN,
    "INVALID": Look.FAILED,
    "SKIPPED": Look.SKIPPED,
}
_ACCUSING: Final = frozenset({"ticket_unknown", "history_forked"})
"""Findings with other words while they accuse nobody."""
_FIRST: Final = (Look.FAILED, Look.OPEN, Look.PASSED, Look.SKIPPED)
"""What decided stands first."""

_IN_LABELS: Final = frozenset("&.,-/+#'()（）・·")
"""Marks that stand in names of companies, and end no quotation."""
_MAX_LABEL: Final = 60
"""Characters; whoever makes a place with us has no more."""


def tell(report: Plain, words: Words, moment: Callable[[str], str]) -> ReportText:
    """Put a report into words.

    Args:
        report: as ``Report.to_dict`` makes it.
        words: the catalogue.
        moment: how a time (RFC 3339, UTC) is written.
    """
    seals = tuple(
        _seal(one, _later(report, index, words), words, moment)
        for index, one in enumerate(report["seals"])
    )
    worst = next((one for one in report["seals"] if one["finding"] == report["finding"]), report)
    return ReportText(
        verdict=_of_all(verdict_of(worst, words), report, words),
        alarm=words("findings.alarm.sentence") if report.get("alarm") else None,
        facts=tuple(_of_file(report, words)),
        seals=seals,
        checks=() if seals else _checks(report, words),
        extractable=bool(report.get("extractable")),
    )


def verdict_of(verdict: Plain, words: Words) -> Verdict:
    """Put one verdict into words: the report's, or that on a seal."""
    finding = _finding_key(verdict)
    indication = verdict["indication"]
    # What the owner says of a genuine use is no doubt about the seal.
    whole, usual = f"findings.{finding}.whole", f"findings.indications.{indication}"
    return Verdict(
        look=_LOOKS[indication],
        headline=words(whole if words.find(whole) else usual, what=_what(verdict, words)),
        sentence=words.find(f"findings.{finding}.sentence") or verdict["message"],
        advice=words.find(f"findings.{finding}.advice") or "",
        technical=technical(verdict),
    )


def _of_all(worst: Verdict, report: Plain, words: Words) -> Verdict:
    """The verdict on the whole: a good one names every seal, an accusation the one it is of."""
    if worst.look is Look.FAILED:
        return _accused(worst, report, words)
    seals = report["seals"]
    if worst.look is not Look.PASSED or len(seals) == 1:
        return worst
    what = _joined((_what(one, words) for one in seals), words)
    whole = replace(worst, headline=words("findings.indications.TOTAL_PASSED", what=what))
    if {_finding_key(one) for one in seals} != {"authentic"}:
        return whole
    later = _later(report, 0, words)
    sentence = words(f"findings.authentic.several{'_followed' if later else ''}", later=later)
    return replace(whole, sentence=sentence, advice=words("findings.authentic.several_advice"))


def _accused(worst: Verdict, report: Plain, words: Words) -> Verdict:
    """An accusation of one seal, where another one is not accused."""
    found = [one["finding"] for one in report["seals"]]
    accused = {_LOOKS[one["indication"]] for one in report["seals"]} == {Look.FAILED}
    if accused or report["finding"] not in found:
        return worst
    number = found.index(report["finding"]) + 1
    whole = words("report.values.which", what=worst.headline, number=number, count=len(found))
    return replace(worst, headline=whole)


def _later(report: Plain, index: int, words: Words) -> str:
    """The companies that have put a seal into the PDF after this one, each into its place."""
    after = [one for one in report["seals"][index + 1 :] if one.get("party") is not None]
    return _joined((_company(one, words) for one in after), words)


def _followed(verdict: Verdict, later: str, words: Words) -> Verdict:
    """A good verdict on a seal that others followed: what they put in, it did not cover."""
    if verdict.look is not Look.PASSED or not later:
        return verdict
    return replace(verdict, sentence=words("findings.authentic.followed", later=later))


def _joined(texts: Iterable[str], words: Words) -> str:
    """Texts one after the other, with the mark the language has between them."""
    given = list(texts)
    if not given:
        return ""
    return reduce(lambda one, more: words("report.values.more", one=one, more=more), given)


def _what(verdict: Plain, words: Words) -> str:
    """What a headline goes on with."""
    finding = _finding_key(verdict)
    if words.find(f"findings.{finding}.headline") is None:
        return finding
    values = {"company": _company(verdict, words), "seal": seal_type(verdict, words)}
    place = verdict.get("party")
    if finding == "authentic" and place and _folded(place) != _folded(values["company"]):
        return words("findings.authentic.in_place", place=_quoted(place), **values)
    return words(f"findings.{finding}.headline", **values)


def technical(verdict: Plain) -> str:
    """A verdict in the words of ETSI EN 319 102-1 and our finding, on one line."""
    sub = verdict.get("sub_indication")
    return f"{verdict['indication']}{f' / {sub}' if sub else ''}: {verdict['finding']}"


def seal_type(verdict: Plain, words: Words) -> str:
    """What kind of seal it is, in words; just a seal where that is not known."""
    kind = verdict.get("seal_type")
    return words.find(f"seals.types.{kind}") or words("seals.types.unknown")


def _finding_key(verdict: Plain) -> str:
    finding: str = verdict["finding"]
    outcomes = {one["name"]: one["status"] for one in verdict["checks"]}
    return told_as(finding, verdict["indication"], outcomes)


def told_as(finding: str, indication: str, outcomes: Mapping[str, str]) -> str:
    """Under which name a finding stands in the catalogue.

    Args:
        finding: its code.
        indication: what it means: two codes are open while nothing is seen to the end.
        outcomes: of the checks, by their names.
    """
    if finding == "authentic" and outcomes.get("document") == "SKIPPED":
        return "authentic_without_document"
    if finding == "added_after_sealing" and outcomes.get("files") == "INVALID":
        return "added_to_container"
    if finding == "status_uncertain" and outcomes.get("statement") == "INVALID":
        return "another_time_shown"
    if finding in _ACCUSING and indication == "INDETERMINATE":
        return f"{finding}_perhaps"
    return finding


def _company(verdict: Plain, words: Words) -> str:
    return verdict.get("name") or words("report.values.nobody")


def _folded(text: str) -> str:
    """A name as it is compared: without blanks, width and case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _quoted(label: str) -> str:
    """A label as it can stand between quotation marks in a sentence of ours.

    Whoever makes a place writes its label. With marks of his own in it, it would end the quotation
    and go on in our name, with the seal of another company.
    """
    kept = (
        sign if sign in _IN_LABELS or unicodedata.category(sign)[0] in "LMN" else " "
        for sign in label
    )
    text = " ".join("".join(kept).split())
    return text if len(text) <= _MAX_LABEL else f"{text[:_MAX_LABEL]}…"


def _place(seal: Plain, words: Words) -> str | None:
    """The label of the place a seal fills, and who sealed there: they need not be the same."""
    place, company = seal.get("party"), _company(seal, words)
    if not place or _folded(place) == _folded(company) or not _stands_for_its_name(seal):
        return place or None
    return words("report.values.party", place=_quoted(place), company=company)


def _stands_for_its_name(seal: Plain) -> bool:
    """Whether the name in the certificate is more than a claim: the ledger knows the seal.

    Who could lie: only whoever can put a seal on the ledger for another company.
    """
    valid = {one["name"] for one in seal["checks"] if one["status"] == "VALID"}
    return seal["indication"] != "TOTAL_FAILED" and {"signature", "registration"} <= valid


def _seal(seal: Plain, later: str, words: Words, moment: Callable[[str], str]) -> SealText:
    return SealText(
        verdict=_followed(verdict_of(seal, words), later, words),
        facts=tuple(_of_seal(seal, words, moment)),
        checks=_checks(seal, words),
    )


def _facts(rows: Mapping[str, str | None], words: Words) -> Iterator[Fact]:
    for name, text in rows.items():
        if text:
            yield Fact(name, words(f"report.labels.{name}"), text)


def _of_file(report: Plain, words: Words) -> Iterator[Fact]:
    others = _joined((_other(one, words) for one in report.get("others") or ()), words)
    yield from _facts({"places": _places(report, words), "others": others}, words)


def _of_seal(seal: Plain, words: Words, moment: Callable[[str], str]) -> Iterator[Fact]:
    use, log = seal.get("use") or {}, seal.get("log")
    company = "company" if _stands_for_its_name(seal) else "claims"
    sealed_at, files = use.get("sealed_at"), seal.get("files")
    yield from _facts(
        {
            company: _company(seal, words),
            "party": _place(seal, words),
            "registration_id": seal.get("registration_id"),
            "seal_type": words.find(f"seals.types.{seal.get('seal_type')}"),
            "issuer": seal.get("issuer"),
            "root": seal.get("root"),
            "vouched_by": _vouchers(seal.get("vouched_by"), words),
            "authority": _authority(seal.get("authority"), words),
            "purpose": use.get("purpose"),
            "sealed_at": moment(sealed_at) if sealed_at else None,
            "objections": _objections(seal, words, moment),
            "proven_time": _proven(seal.get("proven_time"), words, moment),
            "covers": None if files is None else ", ".join(files),
            "field": seal.get("field"),
            "places": _places(seal, words),
            "notes": _notes(seal, words, moment),
            "use": use.get("id"),
            "sealed_digest": use.get("digest"),
            "handle": seal.get("handle"),
            "subject": seal.get("subject"),
            "log": words("report.values.leaf", index=log["index"], origin=log["origin"])
            if log
            else None,
        },
        words,
    )


def _objections(seal: Plain, words: Words, moment: Callable[[str], str]) -> str | None:
    """What the owner declared about the use, with date and words."""
    told = []
    for one in seal.get("objections") or ():
        what = words.find(f"seals.declared.{one['word']}") or one["word"]
        dated = words("report.values.dated", what=what, time=moment(one["declared_at"]))
        reason = one.get("reason")
        reasoned = words("report.values.reasoned", what=dated, reason=_quoted(reason or ""))
        told.append(reasoned if reason else dated)
    return _joined(told, words) or None


def _notes(seal: Plain, words: Words, moment: Callable[[str], str]) -> str | None:
    """What to know beside the verdict."""
    told = []
    for one in seal.get("notes") or ():
        what, since = words.find(f"seals.notes.{one['code']}") or one["detail"], one.get("since")
        dated = words("report.values.dated", what=what, time=moment(since)) if since else what
        told.append(dated)
    return _joined(told, words) or None


def _proven(window: Plain | None, words: Words, moment: Callable[[str], str]) -> str | None:
    if not window:
        return None
    start = moment(window["not_before"])
    if not window["not_after"]:
        return words("report.values.not_before", start=start)
    return words("report.values.between", start=start, end=moment(window["not_after"]))


def _places(verdict: Plain, words: Words) -> str | None:
    places = verdict.get("places")
    if not isinstance(places, Mapping) or not places.get("total"):
        return None
    return words("report.values.places_filled", filled=places["filled"], total=places["total"])


def _other(other: Plain, words: Words) -> str:
    """A signature beside ours that is no company seal."""
    text = f"report.others.{other.get('state')}"
    if words.find(text) is None:
        return str(other.get("detail", ""))
    name = other.get("name") or other.get("field") or words("report.others.unnamed")
    algorithm = other.get("algorithm") or words("report.others.unknown")
    return words(text, name=name, algorithm=algorithm)


def _vouchers(given: str | Sequence[str] | None, words: Words) -> str | None:
    codes = [given] if isinstance(given, str) else list(given or ())
    told = (words.find(f"seals.vouchers.{code}") or _exactly(code, words) for code in codes)
    return ", ".join(told) or None


def _authority(authority: Plain | None, words: Words) -> str | None:
    """Who vouches for the company's name: by the user's own word for it, else by its key."""
    if not authority:
        return None
    if authority.get("built_in"):
        return words("seals.authorities.built_in")
    name, key = authority.get("name"), authority["key"]
    if name is None:
        return words("seals.authorities.unnamed", hex=key)
    return words("seals.authorities.named", name=_quoted(name), hex=key)


def _exactly(text: str, words: Words) -> str:
    return translated(text, "details", words)


def _checks(verdict: Plain, words: Words) -> tuple[CheckMade, ...]:
    made = [_check(one, words) for one in verdict["checks"]]
    return tuple(sorted(made, key=lambda one: _FIRST.index(one.look)))


def _check(check: Plain, words: Words) -> CheckMade:
    code, status = check["name"], check["status"]
    return CheckMade(
        look=_LOOKS[status],
        name=words.find(f"checks.{code}.name") or code,
        outcome=words(f"checks.statuses.{status}"),
        sentence=words.find(f"checks.{code}.{status}") or check["detail"],
        code=code,
        status=status,
        detail=_exactly(check["detail"], words),
        rests_on=tuple(_basis(check["rests_on"], words)),
    )


def _basis(basis: Plain, words: Words) -> Iterator[Fact]:
    size, block, age = basis.get("head_size"), basis.get("block"), basis.get("age")
    index = basis.get("log_index")
    yield from _facts(
        {
            "sealed_digest": basis.get("digest"),
            "log_index": None if index is None else str(index),
            "head_size": None if size is None else words("report.values.leaves", count=size),
            "block": words("report.values.block", number=block["number"]) if block else None,
            "transaction": basis.get("transaction"),
            "finality": basis.get("finality"),
            "age": None if age is None else age_in_words(age, words),
        },
        words,
    )
