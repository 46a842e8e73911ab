import hashlib
import os
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from eseal.documents import asic
from eseal.documents.pdf import read
from eseal.errors import CorruptionError, NotFoundError, SealNotActiveError
from eseal.model.ids import new_id
from eseal.model.seal import Reason
from eseal.service.archive.documents import ORPHAN_SECONDS
from eseal.service.record.sequencer import Idempotency
from eseal.store.repositories.documents import DocumentKind
from tests.actors import acting

TEXT = b"plain words nobody but the company may read: 7f3a91c2"


@pytest.fixture(scope="module")
def marked():
    """A PDF in which plain words stand."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_compression(False)
    pdf.add_page()
    pdf.set_font("Helvetica", size=8)
    pdf.cell(text=TEXT.decode())
    return bytes(pdf.output())


@pytest.fixture
def storing(open_world, data_dir):
    return open_world(data_dir, store_documents="original-and-sealed", store_days=30)


def seal(world, data, name="contract.pdf", **rest):
    return world.service.sealing.seal_document(
        world.contract.id, data, filename=name, actor=acting(), **rest
    )


def files(world):
    root = world.settings.store_path
    return sorted(path for path in root.rglob("*") if path.is_file()) if root.exists() else []


def audit(world):
    return [one.kind for one in world.service.audit.run().disagreements]


def later(world, monkeypatch, **time_passed):
    now = world.service.context.now()
    monkeypatch.setattr(world.service.context, "now", lambda: now + timedelta(**time_passed))


def test_nothing_is_stored_unless_asked_for(world, marked):
    sealed = seal(world, marked)
    world.service.sealing.delivered(sealed.use.id)
    assert files(world) == []
    assert list(world.service.documents.sealed()) == []
    with pytest.raises(NotFoundError, match="not kept"):
        world.service.sealing.document(sealed.use.id)
    with pytest.raises(NotFoundError, match="not stored"):
        world.service.documents.original(sealed.use.id)


def test_both_are_stored_and_come_back(storing, marked):
    sealed = seal(storing, marked)
    storing.service.sealing.delivered(sealed.use.id)
    again = storing.service.sealing.document(sealed.use.id)
    assert len(read(again.data).seals) == 1
    assert storing.service.documents.original(sealed.use.id) == (marked, "application/pdf")
    assert len(files(storing)) == 2
    assert audit(storing) == []


def test_sealed_alone_stores_no_original_and_no_signature_beside(open_world, data_dir, marked):
    world = open_world(data_dir, store_documents="sealed")
    seal(world, marked)
    seal(world, TEXT, "note.txt")
    assert len(files(world)) == 1
    assert audit(world) == []


def test_the_original_of_a_file_whose_seal_stays_beside_it(storing):
    sealed = seal(storing, TEXT, "note.txt")
    assert storing.service.documents.original(sealed.use.id) == (TEXT, "text/plain")
    assert audit(storing) == []


def test_containers_are_stored(storing):
    made = storing.service.containers.seal(
        storing.contract.id, [("a.txt", TEXT), ("b.txt", b"tea")], actor=acting()
    )
    storing.service.sealing.delivered(made.use.id)
    again = storing.service.sealing.document(made.use.id)
    (before,), (after,) = asic.read(made.data).seals, asic.read(again.data).seals
    assert before.covers == after.covers
    assert audit(storing) == []
    (stored,) = storing.service.documents.sealed()
    storing.service.documents.replace(stored, again.data)
    assert storing.service.sealing.document(made.use.id).data == again.data
    assert audit(storing) == []


def test_plain_bytes_are_nowhere_on_disk(storing, marked):
    sealed = seal(storing, marked)
    seal(storing, TEXT, "note.txt")
    assert storing.service.sealing.document(sealed.use.id).data.count(TEXT) == 1
    everything = [path for path in storing.settings.data_dir.rglob("*") if path.is_file()]
    assert len(everything) > 5
    for path in everything:
        assert TEXT not in path.read_bytes(), path
    for path in files(storing):
        assert path.stat().st_mode & 0o777 == 0o600


def test_after_its_time_it_is_gone_and_the_record_stays(storing, marked, monkeypatch):
    sealed = seal(storing, marked)
    later(storing, monkeypatch, days=29)
    storing.service.upkeep.round()
    assert len(files(storing)) == 2
    later(storing, monkeypatch, days=2)
    storing.service.upkeep.round()
    assert files(storing) == []
    with pytest.raises(NotFoundError):
        storing.service.sealing.document(sealed.use.id)
    assert storing.service.records.use(sealed.use.id).use == sealed.use
    monkeypatch.undo()
    assert audit(storing) == []


def test_one_document_is_forgotten_and_the_others_stay(storing, marked):
    first, second = seal(storing, marked), seal(storing, marked)
    storing.service.sealing.forget(first.use.id)
    assert [one.use_id for one in storing.service.documents.sealed()] == [second.use.id]
    assert len(files(storing)) == 2
    assert audit(storing) == []


def test_a_document_that_was_not_recorded_leaves_no_file(storing, marked):
    storing.service.lifecycle.suspend(storing.contract.id, reason=Reason.LOSS, actor=acting())
    with pytest.raises(SealNotActiveError):
        seal(storing, marked)
    assert files(storing) == []


def test_a_retry_leaves_no_second_file(storing, marked):
    key = Idempotency("p", "k", bytes(32))
    first, again = (seal(storing, marked, idempotency=key) for _ in range(2))
    assert again.use == first.use
    assert again.data == first.data
    assert len(files(storing)) == 2


def test_a_commit_that_fails_leaves_no_file(storing, marked, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("eseal.service.record.batch.Batch.write", fail)
    with pytest.raises(OSError, match="disk full"):
        seal(storing, marked)
    assert files(storing) == []


def test_orphans_are_removed_once_they_are_old(storing, marked):
    seal(storing, marked)
    kept = files(storing)
    orphan = storing.settings.store_path / "aa" / new_id()
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"left by a crash")
    stray = storing.settings.store_path / "contract.pdf"
    stray.write_bytes(b"of somebody else")
    os.utime(stray, (0, 0))
    assert storing.service.documents.sweep() == 0
    past = time.time() - ORPHAN_SECONDS - 60
    for path in files(storing):
        os.utime(path, (past, past))
    assert storing.service.documents.sweep() == 1
    assert stray.exists()
    stray.unlink()
    assert files(storing) == kept


def test_a_renewed_document_takes_the_place_of_the_old_one(storing, marked):
    sealed = seal(storing, marked)
    (stored,) = storing.service.documents.sealed()
    longer = sealed.data + b"\n% an archive time-stamp\n"
    made = storing.service.documents.replace(stored, longer)
    assert storing.service.sealing.document(sealed.use.id).data == longer
    assert (made.stored_at, made.expires_at) == (stored.stored_at, stored.expires_at)
    assert len(files(storing)) == 2
    assert audit(storing) == []
    with pytest.raises(CorruptionError, match="another one"):
        storing.service.documents.replace(made, marked + b"x" * 60_000)
    storing.service.sealing.forget(sealed.use.id)
    with pytest.raises(NotFoundError, match="not stored"):
        storing.service.documents.replace(made, longer)
    assert files(storing) == []


def test_pages_of_stored_documents(storing, marked, monkeypatch):
    monkeypatch.setattr("eseal.service.archive.documents.PAGE", 2)
    made = sorted(seal(storing, marked).use.id for _ in range(5))
    assert [one.use_id for one in storing.service.documents.sealed()] == made
    assert [one.use_id for one in storing.service.documents.sealed(after=made[2])] == made[3:]


def test_the_audit_tells_of_a_document_that_is_not_what_was_sealed(storing, marked):
    sealed = seal(storing, marked)
    stored = storing.service.documents.find(sealed.use.id, DocumentKind.SEALED)
    path = storing.settings.store_path / stored.file[:2] / stored.file
    box = path.read_bytes()
    path.write_bytes(box[:-1] + bytes([box[-1] ^ 1]))
    assert audit(storing) == ["document_differs"]
    path.unlink()
    assert audit(storing) == ["document_missing"]
    path.write_bytes(box)
    assert audit(storing) == []


def test_the_audit_tells_of_documents_put_in_each_others_place(storing, marked):
    """The operator knows the keys: what is stored may open and yet be another document."""
    first, second = seal(storing, marked), seal(storing, TEXT, "note.txt")
    documents = storing.service.documents
    stranger = documents._write(first.use.id, DocumentKind.SEALED, (TEXT,), "application/pdf")
    with storing.service.context.database.write() as connection:
        from eseal.store.repositories.documents import DocumentRepository

        repository = DocumentRepository(connection)
        repository.replace(stranger)
        repository.add(
            replace(
                documents._write(new_id(), DocumentKind.SEALED, (TEXT,), "text/plain"),
                digest=hashlib.sha256(b"other").digest(),
            )
        )
        original = documents.find(second.use.id, DocumentKind.ORIGINAL)
        repository.replace(replace(original, digest=bytes(32)))
    assert sorted(audit(storing)) == ["document_differs", "document_differs", "document_unknown"]
