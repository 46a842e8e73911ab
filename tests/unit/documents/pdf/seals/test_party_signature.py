"""Once filled, a place is closed; and what its signature leaves out is one string."""

from __future__ import annotations

import pytest

from eseal.documents.pdf.file.writing import Signature
from eseal.documents.pdf.seals.judging import judge
from tests.unit.documents.pdf.seals.forging import (
    Parts,
    at,
    field_of,
    forged,
    last,
    party,
    rebuilt,
)


@pytest.fixture(scope="module")
def filled(opened) -> bytes:
    return party(opened, "Buyer")


def not_ours(data: bytes, so_far: bytes) -> None:
    judged = judge(data)
    assert not judged.is_whole
    assert judged.revision.end == len(so_far)
    assert len(judged.seals) == 1


@pytest.mark.parametrize("size", [5, 6, 5000, 40_000])
def test_room_for_its_cms_may_be_any(opened, filled, size):
    def change(parts: Parts) -> None:
        parts.signature["Contents"] = bytes(size)

    assert judge(rebuilt(filled, len(opened), change)).is_whole


class TestContents:
    """The string that a signature leaves out, written otherwise."""

    def gap(self, filled) -> tuple[int, int]:
        return judge(filled).seals[1].gap

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"3003020105", b"3003020105"[:-1] + b"A"),
            (b"3003020105", b"30 3020105"),
            (b"3003020105", b"3003020105".replace(b"30", b"31", 1)),
            (b"3003020105", b"3004020105"[:4] + b"\n20105"),
        ],
    )
    def test_digits(self, opened, filled, old, new):
        start, _ = self.gap(filled)
        assert filled[start + 1 :].startswith(old)
        not_ours(filled[: start + 1] + new + filled[start + 1 + len(old) :], opened)

    def test_padding(self, opened, filled):
        _, end = self.gap(filled)
        for digits in (b"01", b"10", b"0A", b"  "):
            not_ours(filled[: end - 3] + digits + filled[end - 1 :], opened)

    def test_brackets(self, opened, filled):
        start, end = self.gap(filled)
        text = b"(" + filled[start + 1 : end - 1] + b")"
        not_ours(filled[:start] + text + filled[end:], opened)

    def test_another_gap(self, opened, filled):
        start, end = self.gap(filled)
        numbers = b"[ 0 %d %d %d ]" % (start, end, len(filled) - end)
        assert numbers in filled
        for by in ((1, 0, 0), (-1, 0, 0), (0, 1, -1), (0, -1, 1), (0, 0, -1), (0, 0, 1), (2, 0, 0)):
            other = b"[ 0 %d %d %d ]" % (start + by[0], end + by[1], len(filled) - end + by[2])
            if len(other) == len(numbers):
                not_ours(filled.replace(numbers, other), opened)

    def test_contents_twice_or_elsewhere(self, opened, filled):
        for key in (b"/Contentz <", b"/Dontents <"):
            section = filled[len(opened) :].replace(b"/Contents <", key)
            not_ours(opened + section, opened)


def test_a_filled_place_is_not_filled_again(filled):
    def again(draft) -> None:
        place = field_of(draft, "Buyer").reference
        entries = draft.load(at(place))
        made = last(filled).dictionary(entries["V"])
        rest = {key: each for key, each in made.items() if key not in {"ByteRange", "Contents"}}
        draft.change(place, entries | {"V": draft.add(Signature(rest, 100))})

    data = forged(filled, again)
    judged = judge(data)
    assert not judged.is_whole
    assert judged.revision.end == len(filled)
    assert len(judged.seals) == 2


def test_after_a_lock_nobody_seals(filled):
    locked = party(filled, "Bank", lock=True)
    assert judge(locked).closed
    open_still = party(filled, "Bank")
    agent = party(open_still, "Agent")
    assert judge(agent).is_whole

    def fill(draft) -> None:
        place = field_of(draft, "Agent").reference
        made = last(agent).dictionary(field_of(last(agent), "Agent").value)
        rest = {key: each for key, each in made.items() if key not in {"ByteRange", "Contents"}}
        draft.change(place, draft.load(at(place)) | {"V": draft.add(Signature(rest, 100))})

    assert judge(forged(open_still, fill)).is_whole
    data = forged(locked, fill)
    judged = judge(data)
    assert not judged.is_whole
    assert "nothing but what validates" in judged.problem
    assert judged.revision.end == len(locked)


def test_a_lock_names_the_fields_there_are(filled):
    locked = party(filled, "Bank", lock=True)

    def fewer(parts: Parts) -> None:
        parts.signature["Reference"][0]["TransformParams"]["Fields"].pop()

    judged = judge(rebuilt(locked, len(filled), fewer))
    assert not judged.is_whole
