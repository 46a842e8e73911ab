import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import CorruptionError
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.compact_range import RootBuilder
from eseal.monitor.alarms import AlarmKind
from eseal.monitor.state import Seen, State, StateStore, Tree, tree_of


@pytest.fixture
def state(site):
    builder = RootBuilder()
    builder.append_many(site.leaves[:100])
    compared = tree_of(builder)
    builder.append_many(site.leaves[100:])
    note = parse_checkpoint(site.note())
    return State(
        tree_of(builder),
        note,
        compared,
        site.public_key,
        b"i" * 32,
        epoch=1,
        block=9,
        torn=(((0, 7), (1, 8)),),
        over=((0, compared),),
        seen=(Seen(300, 7),),
    )


def test_a_state_survives(state, tmp_path):
    assert State.parse(state.encode()) == state
    store = StateStore(tmp_path / "deep" / "state")
    assert store.load() is None
    store.save(state)
    assert StateStore(tmp_path / "deep" / "state").load() == state
    assert (tmp_path / "deep" / "state" / "state.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("v", 1),
        ("issuer", "?"),
        ("epoch", None),
        ("torn", [[1, 2]]),
        ("over", 1),
        ("over", [[0, {"size": 1, "peaks": []}]]),
        ("checkpoint", "x"),
        ("checkpoint", None),
        ("newest", {"size": 1, "peaks": []}),
        ("newest", {}),
        ("compared", {"size": 301, "peaks": ["A" * 43 + "="] * 3}),
        ("compared", {"size": 1, "peaks": ["?"]}),
        ("public_key", "?"),
        ("public_key", 1),
        ("seen", [[1]]),
        ("seen", 1),
    ],
)
def test_a_damaged_state_is_refused(state, member, value):
    fields = json.loads(state.encode()) | {member: value}
    with pytest.raises(CorruptionError):
        State.parse(json.dumps(fields).encode())


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(CorruptionError):
        State.parse(data)


def test_evidence_is_written_once(state, tmp_path, site):
    store = StateStore(tmp_path)
    shown = parse_checkpoint(site.note(200))
    first = store.keep_evidence(AlarmKind.SPLIT_VIEW, shown, state.note, "one")
    again = store.keep_evidence(AlarmKind.SPLIT_VIEW, shown, state.note, "two")
    assert first == again
    texts = [(tmp_path / name).read_text() for name in first if name.endswith(".txt")]
    assert texts == ["one\n"]


def test_an_empty_tree_has_the_empty_root():
    assert Tree().root == RootBuilder().root()
