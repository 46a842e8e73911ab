import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from eseal.errors import (
    ConfigurationError,
    CorruptionError,
    InvalidFormatError,
    InvalidInputError,
)
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.cosignature import add_cosignatures, verify_cosignature
from eseal.log.vkey import KeyType
from eseal.witness.key import WitnessKey
from eseal.witness.request import SIZE_TYPE
from eseal.witness.witness import Witness

TIME = 1_800_000_000


def size_of(witness, log):
    last = witness.cosigned(log.origin)
    return None if last is None else last.checkpoint.size


def test_the_first_checkpoint_and_those_that_extend_it_are_cosigned(witness, log):
    for old, new in ((0, 5), (5, 5), (5, 9), (9, 300)):
        log.grow(new - log.size)
        answer = witness.add_checkpoint(log.request(old))
        assert answer.status == 200
        cosigned = parse_checkpoint(add_cosignatures(log.note(), answer.body, witness.key))
        assert verify_cosignature(cosigned.text, cosigned.signatures, witness.key).time == TIME
        assert size_of(witness, log) == new


def test_an_empty_log_is_cosigned_too(tmp_path, make_log):
    log = make_log()
    Witness.create(tmp_path, "w")
    witness = Witness(tmp_path)
    witness.add_log(log.origin, log.key)
    assert witness.add_checkpoint(log.request(0)).status == 200
    assert size_of(witness, log) == 0


def test_what_is_kept_is_a_cosigned_checkpoint_without_lines_of_strangers(witness, log, directory):
    stranger = "— somebody.example " + "A" * 400 + "\n"
    note = log.note() + stranger.encode()
    answer = witness.add_checkpoint(log.request(note=note))
    kept = next((directory / "cosigned").iterdir()).read_bytes()
    assert kept == log.note() + answer.body


def test_400_another_form_or_an_old_size_above_the_new(witness, log):
    assert witness.add_checkpoint(b"old 0\n").status == 400
    answer = witness.add_checkpoint(log.request(6, proof=()))
    assert (answer.status, size_of(witness, log)) == (400, None)


def test_404_an_unknown_log(witness, make_log):
    other = make_log("other.example/log").grow(1)
    assert witness.add_checkpoint(other.request()).status == 404


def test_403_not_signed_with_a_trusted_key(witness, log, make_log):
    thief = make_log(log.origin).grow(5)
    assert witness.add_checkpoint(thief.request()).status == 403
    forged = log.note().replace(b"\n5\n", b"\n4\n")
    assert witness.add_checkpoint(log.request(note=forged, proof=())).status == 403
    assert size_of(witness, log) is None


def test_a_second_key_of_a_log_is_believed_and_a_bad_signature_by_any_spoils(
    witness, log, make_log
):
    successor = make_log(log.origin)
    witness.add_log(log.origin, successor.key)
    witness.add_log(log.origin, successor.key)
    assert witness.logs()[log.origin] == (log.key, successor.key)
    successor.grow(5)
    both = log.note() + successor.note().partition(b"\n\n")[2]
    assert witness.add_checkpoint(log.request(note=both)).status == 200
    other = successor.note(4).partition(b"\n\n")[2]
    assert witness.add_checkpoint(log.request(5, note=log.note() + other, proof=())).status == 403


def test_409_another_old_size_tells_the_right_one(witness, log):
    answer = witness.add_checkpoint(log.request(3))
    assert (answer.status, answer.content_type, answer.body) == (409, SIZE_TYPE, b"0\n")
    witness.add_checkpoint(log.request(0))
    log.grow(4)
    answer = witness.add_checkpoint(log.request(0))
    assert (answer.status, answer.content_type, answer.body) == (409, SIZE_TYPE, b"5\n")


def test_409_another_root_at_the_same_size(witness, log, make_log):
    witness.add_checkpoint(log.request(0))
    fork = make_log(log.origin, log.private).grow(5, b"other")
    answer = witness.add_checkpoint(fork.request(5))
    assert answer.status == 409
    assert answer.content_type.startswith("text/plain")
    assert size_of(witness, log) == 5


def test_422_a_proof_that_does_not_verify(witness, log, make_log):
    assert witness.add_checkpoint(log.request(0, proof=(bytes(32),))).status == 422
    witness.add_checkpoint(log.request(0))
    fork = make_log(log.origin, log.private).grow(9, b"other")
    assert witness.add_checkpoint(fork.request(5)).status == 422
    log.grow(4)
    assert witness.add_checkpoint(log.request(5, proof=())).status == 422
    assert size_of(witness, log) == 5


def test_a_smaller_checkpoint_is_never_cosigned_after_a_larger(witness, log):
    witness.add_checkpoint(log.request(0))
    answer = witness.add_checkpoint(log.request(0, size=3))
    assert (answer.status, answer.body) == (409, b"5\n")


def test_it_remembers_across_a_restart(witness, log, directory):
    witness.add_checkpoint(log.request(0))
    again = Witness(directory)
    assert again.key == witness.key
    assert again.add_checkpoint(log.request(0)).status == 409


def test_of_many_at_once_one_wins_each_step(witness, log):
    """The race of the specification: nobody rolls the witness back."""
    log.grow(60)
    bodies = [log.request(0, size=size) for size in range(1, 65)]
    barrier = threading.Barrier(8)

    def ask(chunk):
        barrier.wait()
        return [witness.add_checkpoint(body).status for body in chunk]

    with ThreadPoolExecutor(8) as pool:
        statuses = [s for part in pool.map(ask, [bodies[n::8] for n in range(8)]) for s in part]
    assert sorted(statuses) == [200] + [409] * 63


def test_nothing_is_answered_if_it_cannot_be_kept(witness, log, directory, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eseal.witness.witness.replace_file", fail)
    with pytest.raises(OSError, match="No space"):
        witness.add_checkpoint(log.request(0))
    assert Witness(directory).cosigned(log.origin) is None


def test_a_damaged_memory_is_no_fresh_start(witness, log, directory):
    witness.add_checkpoint(log.request(0))
    file = next((directory / "cosigned").iterdir())
    good = file.read_bytes()
    for damaged in (b"", b"garbage", good.replace(b"/one", b"/two")):
        file.write_bytes(damaged)
        with pytest.raises(CorruptionError):
            witness.add_checkpoint(log.request(0))


def test_one_process_at_a_time(witness, directory):
    with (
        witness.alone(),
        pytest.raises(ConfigurationError, match="another process"),
        Witness(directory).alone(),
    ):
        pytest.fail("two at once")
    with witness.alone():
        pass


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"logs": []}',
        b'{"logs": {"a b": []}}',
        b'{"logs": {"a": 1}}',
        b'{"logs": {"a": [1]}}',
        b'{"logs": {"a": ["x"]}}',
        b'{"logs": {}}' + b" " * (1 << 22),
    ],
)
def test_a_damaged_list_of_logs_is_named(directory, content):
    (directory / "logs.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"logs\.json"):
        Witness(directory)


def test_a_log_s_origin_must_be_one(witness, log):
    with pytest.raises(InvalidFormatError):
        witness.add_log("a b", log.key)


class TestKey:
    def test_is_private_and_never_overwritten(self, directory):
        path = directory / "witness.key"
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(ConfigurationError, match="already"):
            Witness.create(directory, "another")
        secret = path.read_text().strip().split("+", 4)[-1]
        assert secret not in repr(WitnessKey.load(path))

    def test_is_refused_if_others_can_read_it(self, directory):
        (directory / "witness.key").chmod(0o640)
        with pytest.raises(ConfigurationError, match="chmod 600"):
            Witness(directory)

    def test_must_be_there(self, tmp_path):
        with pytest.raises(ConfigurationError, match="eseal witness init"):
            Witness(tmp_path)
        (tmp_path / "witness.key").mkdir(mode=0o700)
        with pytest.raises(ConfigurationError, match="cannot be read"):
            Witness(tmp_path)

    @pytest.mark.parametrize("what", ["name", "hash", "key", "type", "length", "prefix", "all"])
    def test_must_be_whole_and_is_never_repeated(self, directory, what):
        path = directory / "witness.key"
        _, _, name, hash_, key = path.read_text().strip().split("+", 4)
        changed = {
            "name": f"PRIVATE+KEY+other+{hash_}+{key}",
            "hash": f"PRIVATE+KEY+{name}+00000000+{key}",
            "key": f"PRIVATE+KEY+{name}+{hash_}+{key[:-2]}!!",
            "type": f"PRIVATE+KEY+{name}+{hash_}+AQ" + key[2:],
            "length": f"PRIVATE+KEY+{name}+{hash_}+BAAA",
            "prefix": f"{name}+{hash_}+{key}",
            "all": "garbage",
        }[what]
        path.write_text(changed)
        with pytest.raises(ConfigurationError) as raised:
            Witness(directory)
        assert key not in str(raised.value)

    def test_a_name_no_key_can_have(self, tmp_path):
        with pytest.raises(InvalidInputError):
            Witness.create(tmp_path, "two words")

    def test_is_a_cosigning_key(self, witness):
        assert witness.key.type is KeyType.COSIGNATURE


def test_the_list_of_logs_is_plain_json(directory, log):
    assert json.loads((directory / "logs.json").read_text()) == {
        "logs": {log.origin: [str(log.key)]}
    }
