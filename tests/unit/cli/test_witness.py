from eseal.log.vkey import KeyType, VerifierKey, parse_vkey

LOG = VerifierKey("log.example/one", KeyType.NOTE, bytes(32))


def test_a_witness_is_made_once_and_shown(run, tmp_path):
    made = run("witness", "init", "--dir", tmp_path / "w", "--name", "w.example/1", "--json")
    assert made.code == 0
    assert parse_vkey(made.json["vkey"], KeyType.COSIGNATURE).name == "w.example/1"
    again = run("witness", "init", "--dir", tmp_path / "w", "--name", "w.example/1")
    assert (again.code, "already" in again.err) == (1, True)
    shown = run("witness", "show", "--dir", tmp_path / "w")
    assert made.json["vkey"] in shown.out
    assert "no logs yet" in shown.out
    plain = run("witness", "init", "--dir", tmp_path / "v", "--name", "w.example/2")
    assert "w.example/2+" in plain.out


def test_logs_are_added_by_name_and_key(run, tmp_path):
    run("witness", "init", "--dir", tmp_path, "--name", "w.example/1")
    assert run("witness", "add-log", "--dir", tmp_path, LOG.name, str(LOG)).code == 0
    shown = run("witness", "show", "--dir", tmp_path, "--json").json
    assert shown["logs"] == [{"origin": LOG.name, "size": 0}]
    assert run("witness", "add-log", "--dir", tmp_path, LOG.name, "x").code == 2
    assert run("witness", "add-log", "--dir", tmp_path, "a b", str(LOG)).code == 2


def test_without_a_witness_there_is_nothing_to_serve(run, tmp_path):
    served = run("witness", "serve", "--dir", tmp_path, "--port", "0")
    assert (served.code, "eseal witness init" in served.err) == (1, True)


def test_a_witness_s_key_that_others_can_read_is_refused(run, tmp_path):
    run("witness", "init", "--dir", tmp_path, "--name", "w.example/1")
    (tmp_path / "witness.key").chmod(0o644)
    shown = run("witness", "show", "--dir", tmp_path)
    assert (shown.code, "chmod 600" in shown.err) == (1, True)
