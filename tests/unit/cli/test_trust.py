import base64

import pytest

from eseal.verify.inputs.trust import Trust, TrustedAuthority
from tests.stamping import Other, pem

ADDRESSES = ("0x" + "11" * 20, "0x" + "22" * 20)


def published(tmp_path, name, root):
    path = tmp_path / name
    path.write_bytes(Trust(7, *ADDRESSES, (root,)).encode())
    return path


def test_a_verifier_takes_up_one_issuer_after_another(run, tmp_path):
    one, two = published(tmp_path, "one.json", b"one"), published(tmp_path, "two.json", b"two")
    where = {"XDG_CONFIG_HOME": str(tmp_path), "ESEAL_TRUST": None}
    assert run("trust", "show", "--json", **where).json is None
    for file in (one, two, two):
        assert run("trust", "add", file, **where).code == 0
    kept = tmp_path / "eseal" / "trust.json"
    assert Trust.parse(kept.read_bytes()) == Trust(7, *ADDRESSES, (b"one", b"two"))
    shown = run("trust", "show", "--json", **where).json
    assert (shown["file"], shown["chain_id"], len(shown["roots"])) == (str(kept), 7, 2)
    assert run("trust", "show", **where).out.startswith(f"trusting {kept}: ")


def test_trust_is_added_to_the_file_that_is_named(run, tmp_path):
    one, two = published(tmp_path, "one.json", b"one"), published(tmp_path, "two.json", b"two")
    both = tmp_path / "new" / "both.json"
    assert run("trust", "add", one, two, "--to", both).code == 0
    assert Trust.parse(both.read_bytes()).roots == (b"one", b"two")
    assert Trust.parse(one.read_bytes()).roots == (b"one",)


def test_a_root_certificate_is_added_alone(run, tmp_path):
    one, root = published(tmp_path, "one.json", b"one"), Other().root
    file = tmp_path / "tsa.pem"
    file.write_bytes(pem(root))
    assert run("trust", "add", "--root", file, "--to", one).code == 0
    assert Trust.parse(one.read_bytes()) == Trust(7, *ADDRESSES, (b"one", root))
    assert run("trust", "add", "--to", one).code == 2


def test_a_root_alone_makes_no_seal_pass_and_that_is_said(run, tmp_path):
    """Of a time-stamp authority, onto a file without an issuer, or onto none at all."""
    bare, root, new = tmp_path / "bare.json", tmp_path / "tsa.pem", tmp_path / "new.json"
    bare.write_bytes(Trust(7, *ADDRESSES).encode())
    authority = Other().root
    root.write_bytes(pem(authority))
    added = run("trust", "add", "--root", root, "--to", bare)
    assert (added.code, "contracts" in added.err) == (0, False)
    assert "no seal can pass by this trust file yet: it names no root of an issuer" in added.err
    assert Trust.parse(bare.read_bytes()) == Trust(7, *ADDRESSES, (authority,))
    added = run("trust", "add", "--root", root, "--to", new)
    assert "no contracts of a ledger; no root" in added.err
    whole = published(tmp_path, "whole.json", b"one")
    assert "it names no authority" in run("trust", "add", whole, "--root", root, "--to", new).err
    good = TrustedAuthority(bytes(32), bytes(32), ("LEIXG",))
    whole.write_bytes(Trust(7, *ADDRESSES, (b"one",), authorities=(good,)).encode())
    assert run("trust", "add", whole, "--root", root, "--to", new).err == ""


def test_a_trust_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = published(tmp_path, "one.json", b"one")
    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="full"):
        Trust(8).write(path)
    assert [each.name for each in tmp_path.iterdir()] == ["one.json"]
    assert Trust.parse(path.read_bytes()).chain_id == 7


def broken(_descriptor):
    raise OSError("full")


def test_other_contracts_are_not_added(run, tmp_path):
    one, other = published(tmp_path, "one.json", b"one"), tmp_path / "other.json"
    other.write_bytes(Trust(8).encode())
    before = one.read_bytes()
    refused = run("trust", "add", other, "--to", one)
    assert (refused.code, one.read_bytes()) == (2, before)
    assert "expected chain_id 7, got 8" in refused.err
    other.write_text("{")
    refused = run("trust", "add", other, "--to", one)
    assert str(other) in refused.err


def test_an_instance_trusts_another_issuer(eseal, data_dir, tmp_path):
    other = tmp_path / "other.json"
    root = base64.b64encode(b"theirs").decode()
    other.write_text(f'{{"roots": ["{root}"]}}')
    assert eseal("trust", "add", other).code == 0
    assert Trust.parse((data_dir / "trust.json").read_bytes()).roots[-1] == b"theirs"
    assert eseal("init").code == 0, "an upgrade, say"
    assert Trust.parse((data_dir / "trust.json").read_bytes()).roots[-1] == b"theirs"
