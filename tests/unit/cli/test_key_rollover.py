"""New keys by the commands that an operator runs, one after the other."""

from __future__ import annotations

import json


def test_a_new_log_key(eseal, seals, tmp_path):
    document = tmp_path / "note.txt"
    document.write_text("tea")
    assert eseal("apply", document, "--seal", seals["contract"]).code == 0
    eseal("anchor")
    shown = eseal("keys", "new-log-key")
    made = eseal("keys", "new-log-key", "--json").json
    assert f"eseal ledger succeed {made['log']} {made['public_key']}" in shown.out
    assert "done in block" in eseal("ledger", "succeed", made["log"], made["public_key"]).out
    assert eseal("apply", document, "--seal", seals["contract"], "--force").code == 0
    assert eseal("anchor", "--json").json["anchor"]["new_leaves"] == 1
    assert eseal("audit", "--json").json["disagreements"] == []
    assert eseal("verify", document).code == 0
    assert "nothing to do" in eseal("ledger", "succeed", made["log"], made["public_key"]).out


def test_a_new_root(eseal, data_dir, seals):
    made = eseal("ca", "renew-root", "--json").json
    assert made["in_force"]
    assert sorted(made["seals_under_the_old"]) == sorted(seals.values())
    trust = json.loads((data_dir / "trust.json").read_bytes())
    assert len(trust["roots"]) == 2, "verifiers trust seals of both"
    issued = eseal(
        *("seal", "issue", "--company", "uscc:91330100799655058B", "--type", "official", "--json")
    )
    assert issued.code == 0, issued.err
    text = eseal("ca", "renew-root").out
    assert f"eseal ledger end-root {made['issuer']} {made['root']}" in text, "once more, a third"
    assert "done in block" in eseal("ledger", "end-root", made["issuer"], made["old_root"]).out


def test_a_new_operator(eseal):
    made = eseal("ledger", "new-operator", "--json").json
    assert (made["in_force"], made["old_removed"]) == (True, False)
    assert eseal("ledger", "accounts", "--json").json["operator"] == made["operator"]
    removed = eseal("ledger", "remove-operator", made["issuer"], "--operator", made["old_operator"])
    assert "done in block" in removed.out
    shown = eseal("ledger", "new-operator", "--remove-old")
    assert "start the services again" in shown.out
    assert made["operator"] in shown.out
    assert eseal("ledger", "show", "--json").json["admitted"]
