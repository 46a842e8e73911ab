"""Changing the key-encryption key: everything is written again, and a cut goes on."""

from __future__ import annotations

import base64
import secrets
import shutil
import sqlite3

import pytest

from eseal.config import Settings
from eseal.errors import ConfigurationError, CorruptionError, ForeignRowError, WrongKeyError
from eseal.keys.kek import next_kek_path, read_kek_file
from eseal.keys.vault import box_fingerprint
from eseal.model.seal import Party, Reason
from eseal.service.people.permissions import Scope
from eseal.service.sealing.applying import DigestOrder
from eseal.service.service import Service
from eseal.service.setup import kek_rotation
from eseal.service.setup.bootstrap import rotate_key
from eseal.store.binding.bound_rows import rows_of
from eseal.store.repositories.uses import UseRepository
from eseal.store.row_check import check_rows
from eseal.store.schema.tables import former_roots
from tests.actors import acting


def nothing(_table, _rows):
    """Hear of no progress."""


def dump(data_dir) -> bytes:
    """All that the database holds, as text."""
    with sqlite3.connect(data_dir / "eseal.db") as database:
        text = "\n".join(database.iterdump())
    database.close()
    return text.encode()


@pytest.fixture
def used(data_dir, sample_pdf):
    """An instance with all that is encrypted: keys, a stored and a kept document; and a token."""
    settings = Settings.load(data_dir=data_dir, store_documents="original-and-sealed")
    with Service.open(settings) as service:
        seal = service.directory.seals()[0]
        sealed = service.sealing.seal_document(
            seal.id, sample_pdf, filename="a.pdf", actor=acting("operator:t")
        )
        token = service.access.create(Scope.OPERATOR)
    return settings, seal, sealed.use.id, token


def check_all(settings, seal, use_id, token):
    """All that hangs from the key still works."""
    with Service.open(settings) as service:
        assert check_rows(service.context.database) == []
        assert service.access.authenticate(token).party is Party.ISSUER
        assert service.documents.original(use_id)[0].startswith(b"%PDF")
        assert service.sealing.document(use_id).data.startswith(b"%PDF")
        service.sealing.seal_digests(seal.id, [DigestOrder(bytes(32))], actor=acting("operator:t"))
        service.lifecycle.suspend(seal.id, reason=Reason.LOSS, actor=acting("operator:t"))
        service.lifecycle.resume(seal.id, actor=acting("operator:t"))
        service.anchoring.anchor()
        assert service.audit.run().disagreements == ()


def test_nothing_is_left_under_the_old_key(used, data_dir):
    settings, *rest = used
    old = read_kek_file(settings.kek_path)
    assert old.fingerprint.hex().encode() in dump(data_dir).lower()
    done = rotate_key(settings, nothing)
    new = read_kek_file(settings.kek_path)
    assert done.fingerprint == new.fingerprint != old.fingerprint
    assert read_kek_file(done.old_key).fingerprint == old.fingerprint
    assert not next_kek_path(settings.kek_path).exists()
    left = dump(data_dir).lower()
    assert old.fingerprint[:4].hex().encode() not in left
    assert new.fingerprint.hex().encode() in left
    check_all(settings, *rest)
    again = rotate_key(settings, nothing)
    assert again.fingerprint not in {old.fingerprint, new.fingerprint}


class Cut(BaseException):
    """Stands for ``kill -9``: nothing of ours catches it."""


@pytest.mark.parametrize("after", [1, 9, 22, 34])
def test_a_change_that_was_cut_off_goes_on(used, after, monkeypatch):
    settings, *rest = used
    page, seen = kek_rotation._page, 0

    def cut(*arguments):
        nonlocal seen
        seen += 1
        if seen > after:
            raise Cut
        return page(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(kek_rotation, "PAGE", 1)
        patched.setattr(kek_rotation, "_page", cut)
        with pytest.raises(Cut):
            rotate_key(settings, nothing)
    check_all(settings, *rest)  # a part of it under each key
    rotate_key(settings, nothing)
    assert not next_kek_path(settings.kek_path).exists()
    check_all(settings, *rest)


@pytest.mark.parametrize(
    "place",
    [
        "eseal.store.binding.binding.Binding.end_change",
        "eseal.service.setup.kek_rotation._put_in_place",
    ],
)
def test_a_change_that_was_cut_off_at_its_end_goes_on(used, place, monkeypatch):
    settings, *rest = used

    def cut(*_arguments):
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(place, cut)
        with pytest.raises(Cut):
            rotate_key(settings, nothing)
    check_all(settings, *rest)
    rotate_key(settings, nothing)
    check_all(settings, *rest)


def test_a_service_that_runs_meanwhile_goes_on(used):
    settings, seal, use_id, token = used
    with Service.open(settings) as service:

        def work(_table, _rows):
            service.access.create(Scope.OPERATOR)
            service.sealing.seal_digests(
                seal.id, [DigestOrder(bytes(32))], actor=acting("operator:t")
            )
            assert service.access.authenticate(token).party is Party.ISSUER

        work("", 0)
        rotate_key(settings, work)
        work("", 0)
        assert service.documents.original(use_id)[0].startswith(b"%PDF")
        service.onboarding.issue(service.directory.company(seal.company_id), [], actor=acting("t"))
        assert service.stopped is None
        assert check_rows(service.context.database) == []
    check_all(settings, seal, use_id, token)


def test_sums_that_another_process_wrote_under_the_new_key_are_no_forgeries(used):
    """What is read first after a change may be a sum, with no row before it."""
    settings, *_ = used
    with Service.open(settings) as service:
        database = service.context.database
        service.access.create(Scope.OPERATOR)
        rotate_key(settings, nothing)
        with database.read() as connection:
            rows_of(connection).check_log()
        with database.read() as connection:
            rows_of(connection).changes(former_roots)
        assert database.binding.foreign_rows == 0


def test_what_was_encrypted_before_and_is_stored_after_is_under_the_new_key(used):
    """A process may encrypt under the old key, and write when all was written again."""
    settings, *rest = used
    names = ["u" * 26, "v" * 26]

    def keep(service, use_id, box):
        with service.context.database.write() as connection:
            UseRepository(connection).keep_document(use_id, box, service.context.now())

    with Service.open(settings) as service:
        vault = service.context.vault
        boxes = [vault.encrypt(b"document", name.encode()) for name in names]

        def keep_one(table, _rows):
            if table == "documents":
                keep(service, names[0], boxes[0])

        rotate_key(settings, keep_one)
        keep(service, names[1], boxes[1])
        for name in names:
            with service.context.database.read() as connection:
                kept = UseRepository(connection).kept_document(name)
            assert vault.decrypt(kept, name.encode()) == b"document"
            assert box_fingerprint(kept) == read_kek_file(settings.kek_path).fingerprint
    check_all(settings, *rest)


def test_a_process_with_a_key_of_the_environment_says_that_it_must_start_again(used, data_dir):
    settings, *rest = used
    text = settings.kek_path.read_text().strip()
    alone = Settings.load(data_dir=data_dir, kek=text)
    with pytest.raises(ConfigurationError, match="ESEAL_KEK_NEXT, start all services"):
        rotate_key(alone, nothing)
    following = base64.b64encode(secrets.token_bytes(32)).decode()
    both = Settings.load(data_dir=data_dir, kek=text, kek_next=following)
    with Service.open(alone) as service:
        assert rotate_key(both, nothing).old_key is None
        with pytest.raises(WrongKeyError, match="start this program again with the new one"):
            service.access.create(Scope.OPERATOR)
        assert service.stopped is None
    check_all(Settings.load(data_dir=data_dir, kek=following), *rest)
    with pytest.raises(WrongKeyError):
        Service.open(alone)


def test_foreign_rows_are_not_made_ours(used, data_dir):
    settings, *_ = used
    with sqlite3.connect(data_dir / "eseal.db") as database:
        database.execute("UPDATE tokens SET scope = 'regulator'")
    database.close()
    with pytest.raises(ForeignRowError, match="tokens"):
        rotate_key(settings, nothing)


def test_the_old_key_is_not_given_up_while_a_row_is_missing(used, data_dir):
    settings, *_ = used
    with sqlite3.connect(data_dir / "eseal.db") as database:
        database.execute("DELETE FROM tokens")
    database.close()
    with pytest.raises(CorruptionError, match="the old key is not given up"):
        rotate_key(settings, nothing)


def test_rows_under_a_key_that_was_given_up_are_foreign(used, data_dir, tmp_path):
    """Whoever stole the old key and writes to the database gains nothing."""
    settings, *_ = used
    shutil.copy(data_dir / "eseal.db", tmp_path / "older.db")
    rotate_key(settings, nothing)
    with sqlite3.connect(data_dir / "eseal.db") as database:
        database.execute("ATTACH ? AS older", (str(tmp_path / "older.db"),))
        database.execute("DELETE FROM tokens")
        database.execute("INSERT INTO tokens SELECT * FROM older.tokens")
    database.close()
    with Service.open(settings) as service, pytest.raises(ForeignRowError, match="tokens"):
        service.access.tokens()
