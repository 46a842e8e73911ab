"""What ``eseal recover`` tells whoever runs it at night."""

import shutil


def test_nothing_lacking_is_said_in_words(eseal):
    assert eseal("recover").out == "nothing is lost: the database holds all that was released\n"
    assert eseal("recover", "--resume").out == "nothing was stopped\n"


def test_what_was_lost_and_how_to_go_on(eseal, seals, data_dir, tmp_path):
    kept = tmp_path / "older.db"
    shutil.copy(data_dir / "eseal.db", kept)
    text = tmp_path / "note.txt"
    text.write_text("tea")
    assert eseal("apply", text, "--seal", seals["contract"]).code == 0
    shutil.copy(kept, data_dir / "eseal.db")
    told = eseal("recover")
    assert told.code == 1
    assert "leaves lost  1\n" in told.out
    assert "{" not in told.out
    done = eseal("recover", "--after-loss")
    assert done.code == 0, done.err
    assert "run eseal anchor" in done.out
    assert "run: eseal recover" not in done.out, "that is done"
