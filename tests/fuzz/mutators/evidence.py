"""Evidence files: members that are missing, twice, another's, or say something else."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

from tests.fuzz.bed import Sealed
from tests.fuzz.law import Mutant
from tests.fuzz.mutators import Pool, mutator
from tests.fuzz.mutators.plain import noise

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2**31, 2**53, 2**64, 10**400, 0.5, 1e400, "", "x", "0x" + "00" * 32,
    "00" * 32, "AA==", [], {}, "\u0000", "é", [[]], "2026-01-01T00:00:00Z", "1",
)  # fmt: skip


def _paths(value: Any, path: tuple = ()) -> list[tuple]:
    """The way to every member."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inside in value.items():
            found += _paths(inside, (*path, key))
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            found += _paths(inside, (*path, place))
    return found


def _at(value: Any, path: tuple) -> Any:
    for step in path:
        value = value[step]
    return value


def _changed(random: Random, value: Any) -> Any:
    """A value like the one there was, or one of another kind."""
    if isinstance(value, bool) or value is None or random.random() < 0.3:
        return random.choice(VALUES)
    if isinstance(value, int):
        return value + random.choice((-1, 1, 10, -10, 2**32))
    if isinstance(value, str) and value:
        at = random.randrange(len(value))
        other = random.choice("0123456789abcdefABCDEF+/=\n Z")
        return random.choice((value[:at] + other + value[at + 1 :], value[:at], value + other,
                              value.upper(), value.swapcase(), " " + value))  # fmt: skip
    return random.choice(VALUES)


@mutator("evidence-member", "evidence", weight=20)
def member(random: Random, sealed: Sealed, pool: Pool) -> Mutant | None:
    fields = json.loads(sealed.evidence)
    for _ in range(random.choice((1, 1, 1, 2))):
        path = random.choice(_paths(fields))
        holder = _at(fields, path[:-1])
        kind = random.randrange(5)
        if kind == 0:
            del holder[path[-1]]
        elif kind == 1 and isinstance(holder, dict):
            holder["new"] = random.choice(VALUES)
        else:
            holder[path[-1]] = _changed(random, holder[path[-1]])
    return _with(sealed, json.dumps(fields).encode())


@mutator("evidence-of-another", "evidence", weight=8)
def of_another(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """Members of another use's evidence."""
    other = random.choice([each for each in pool if each.evidence])
    fields, theirs = json.loads(sealed.evidence), json.loads(other.evidence)
    for path in random.choices(_paths(fields), k=random.choice((1, 1, 2, 5))):
        try:
            _at(fields, path[:-1])[path[-1]] = _at(theirs, path)
        except (KeyError, IndexError, TypeError):
            continue
    return _with(sealed, json.dumps(fields).encode())


@mutator("evidence-text", "evidence", weight=8)
def text(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """The JSON as text: twice the same member, other spellings, bytes that are none."""
    whole = sealed.evidence
    kind = random.randrange(6)
    if kind == 0:
        key = random.choice((b'"anchor"', b'"cms"', b'"statement"', b'"size"', b'"receipt"'))
        whole = whole.replace(key, key + b": null, " + key, 1)
    elif kind == 1:
        whole = whole.replace(b'"anchor"', b'"\\u0061nchor"')
    elif kind == 2:
        at = random.randrange(len(whole))
        whole = whole[:at] + noise(random) + whole[at:]
    elif kind == 3:
        whole = b"\xef\xbb\xbf" + whole
    elif kind == 4:
        whole += noise(random)
    else:
        at = random.randrange(len(whole))
        whole = whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :]
    return _with(sealed, whole)


@mutator("evidence-receipt", "evidence", weight=8)
def receipt(random: Random, sealed: Sealed, pool: Pool) -> Mutant:
    """The receipt's lines."""
    fields = json.loads(sealed.evidence)
    lines = fields["receipt"].split("\n")
    at = random.randrange(len(lines))
    kind = random.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[random.randrange(len(lines))])
    elif kind == 2:
        lines[at] = str(_changed(random, lines[at] or "x"))
    elif kind == 3:
        lines.append("— witness.example " + "AAAA" * 20)
    else:
        other = random.choice([each for each in pool if each.evidence])
        lines[at:] = json.loads(other.evidence)["receipt"].split("\n")[at:]
    fields["receipt"] = "\n".join(lines)
    # The receipt is an unsigned part, here as inside a signature.
    return _with(sealed, json.dumps(fields).encode(), unsigned=True)


def _with(sealed: Sealed, evidence: bytes, *, unsigned: bool = False) -> Mutant:
    return replace(Mutant.of(sealed), evidence=evidence, unsigned=unsigned)
