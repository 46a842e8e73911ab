import time
from datetime import timedelta

import pytest

from eseal.documents import asic
from eseal.documents.pdf import read
from eseal.errors import TimeStampUnavailableError
from eseal.model.level import Level
from eseal.service.archive.longterm import archive_ends
from eseal.service.archive.renewal import RenewalRounds, renew
from eseal.service.archive.stored_documents import StoredArchive
from eseal.verify import Finding
from tests.actors import acting

NEARLY_OVER = timedelta(days=365 * 30)


@pytest.fixture
def storing(open_world, data_dir):
    return open_world(data_dir, store_documents="sealed", signature_level="b-lta")


@pytest.fixture
def sealed(storing, sample_pdf):
    """A PDF and a container at level B-LTA, on the ledger."""
    service = storing.service
    contract = service.sealing.seal_document(
        storing.contract.id, sample_pdf, filename="a.pdf", actor=acting()
    )
    files = [("a.txt", b"tea"), ("b.txt", b"coffee")]
    container = service.containers.seal(storing.contract.id, files, actor=acting())
    service.anchoring.anchor()
    return contract, container


def stamps(pdf):
    return len(read(pdf).stamps)


def test_what_was_raised_is_stored_and_authentic(storing, sealed):
    service = storing.service
    for document in sealed:
        assert service.verification.document(document.data).finding is Finding.AUTHENTIC
        service.sealing.delivered(document.use.id)
        assert service.sealing.document(document.use.id).data == document.data
    assert all(stored.finished for stored in service.documents.sealed())
    assert service.audit.run().disagreements == ()


def test_archive_time_stamps_are_renewed_before_they_end(storing, sealed):
    service, (contract, container) = storing.service, sealed
    archive, now = StoredArchive(service.documents), service.context.now()
    assert renew(archive, service.long_term, now).renewed == 0
    done = renew(archive, service.long_term, now, NEARLY_OVER)
    assert (done.renewed, done.failed) == (2, 0)
    renewed = service.sealing.document(contract.use.id).data
    assert renewed.startswith(contract.data)
    assert (stamps(contract.data), stamps(renewed)) == (1, 2)
    again = service.sealing.document(container.use.id).data
    before, after = (asic.read(data).seals[0].cms for data in (container.data, again))
    assert len(after) > len(before)
    assert archive_ends(after) >= archive_ends(before)
    for data in (renewed, again):
        assert service.verification.document(data).finding is Finding.AUTHENTIC
    assert service.audit.run().disagreements == ()


def test_what_cannot_be_renewed_waits_for_the_next_round(storing, sealed, monkeypatch):
    service, (contract, _) = storing.service, sealed

    def down(*_):
        raise TimeStampUnavailableError("no authority answers")

    monkeypatch.setattr(service.long_term, "extend", down)
    archive, now = StoredArchive(service.documents), service.context.now()
    done = renew(archive, service.long_term, now, NEARLY_OVER)
    assert (done.renewed, done.failed) == (0, 2)
    assert service.sealing.document(contract.use.id).data == contract.data
    assert renew(archive, service.long_term, now, NEARLY_OVER, going=lambda: False).failed == 0


def test_a_round_a_day(storing, sealed, monkeypatch):
    del sealed
    service = storing.service
    later = service.context.now() + NEARLY_OVER
    rounds = RenewalRounds(StoredArchive(service.documents), service.long_term, lambda: later)
    asked = []
    real = service.long_term.extend
    monkeypatch.setattr(
        service.long_term, "extend", lambda data, level: asked.append(level) or real(data, level)
    )
    rounds.look()
    rounds.look()
    rounds._thread.join(60)
    rounds.close()
    assert asked == [Level.B_LTA] * 2
    rounds.look()
    assert len(asked) == 2
    assert time.monotonic() - rounds._started < 600
