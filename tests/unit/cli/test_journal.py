import hashlib
import json

import pytest

from eseal.cli.sealing.journal import Begun, Journal

ENTRY = Begun("/out/a.pdf", "ab" * 32, "use")


@pytest.fixture
def journal(tmp_path):
    return lambda asked="x": Journal(tmp_path / "batches", asked)


def lines(tmp_path):
    return sorted((tmp_path / "batches").glob("*"))


def test_what_was_begun_is_found_by_the_next_run_like_it(journal, tmp_path):
    from pathlib import Path

    with journal() as first:
        first.begin([ENTRY])
    with journal() as second:
        assert second.find(Path("/out/a.pdf")) == ENTRY
        assert second.find(Path("/out/b.pdf")) is None
    with journal("y") as other:
        assert other.find(Path("/out/a.pdf")) is None
    with journal() as third:
        third.begin([Begun("/out/b.pdf", "cd" * 32, "more")])
        assert len(lines(tmp_path)) == 2
        third.finish()
    assert lines(tmp_path) == []


def test_the_next_version_looks_under_the_same_name(journal, tmp_path):
    with journal({"seal": "s", "out": None, "level": "b-t"}) as first:
        first.begin([ENTRY])
    (path,) = lines(tmp_path)
    text = b'{"level": "b-t", "out": null, "seal": "s"}'
    assert path.name.partition(".")[0] == hashlib.sha256(text).hexdigest()[:32]


def test_a_run_with_nothing_to_do_leaves_nothing(journal, tmp_path):
    with journal() as empty:
        empty.begin([])
    assert not (tmp_path / "batches").exists()


def test_runs_at_the_same_time_do_not_meet(journal, tmp_path):
    from pathlib import Path

    with journal() as first:
        first.begin([ENTRY])
        with journal() as second:
            assert second.find(Path("/out/a.pdf")) is None
            second.begin([ENTRY])
            second.finish()
        assert len(lines(tmp_path)) == 1


def test_a_line_cut_off_by_a_crash_counts_as_not_written(journal, tmp_path):
    from pathlib import Path

    with journal() as first:
        first.begin([ENTRY])
    (path,) = lines(tmp_path)
    assert json.loads(path.read_bytes())["use"] == "use"
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("ab") as file:
        file.write(b'{"target": "/out/b.pdf", "dig')
    with journal() as second:
        assert second.find(Path("/out/a.pdf")) == ENTRY
        assert second.find(Path("/out/b.pdf")) is None
