"""Levels: ordered, reached, refused for now and reached later, raised and renewed by others."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from eseal.documents import asic, cms
from eseal.documents.cms import levels as cms_levels
from eseal.documents.pdf import Form, read
from eseal.errors import (
    ConfigurationError,
    InvalidFormatError,
    InvalidInputError,
    TimeStampUnavailableError,
    TooLargeError,
)
from eseal.model.level import Level
from eseal.pki.http import Fetcher
from eseal.pki.tsp.client import BuiltInSource, TimeStampers
from eseal.pki.tsp.token import TimeStamp
from eseal.service.archive import longterm
from eseal.service.archive.renewal import Renewed, renew
from eseal.service.sealing.applying import DigestOrder, SealedUse
from eseal.service.sealing.levels import level_of, long_term_of, long_term_without_instance
from eseal.verify import Finding
from tests.actors import acting
from tests.stamping import Other, now

TEXT = b"offer"
ABOVE = [Level.B_T, Level.B_LT, Level.B_LTA]


@pytest.fixture(scope="module")
def seal(shared_world, sample_pdf):
    """Seals a PDF, or the text, at a level."""

    def seal_it(level, *, pdf=False, service=shared_world.service):
        data, name = (sample_pdf, "a.pdf") if pdf else (TEXT, "a.txt")
        return service.sealing.seal_document(
            shared_world.contract.id, data, filename=name, actor=acting(), level=level
        )

    return seal_it


@pytest.fixture(scope="module")
def sealed(seal):
    """Everything once at every level."""
    return {(level, pdf): seal(level, pdf=pdf).data for level in Level for pdf in (False, True)}


@pytest.fixture(scope="module")
def both(shared_world):
    """A container with two seals, neither above B-B."""
    service, files = shared_world.service, [("a.txt", b"tea"), ("b/c.txt", b"coffee")]
    for seal in (shared_world.contract, shared_world.finance):
        made = service.containers.seal(seal.id, files, actor=acting()).data
        files = [("x.asice", made)]
    return made


def contents(pdf):
    found = read(pdf)
    assert found.form is Form.CANONICAL, found.detail
    return [
        (each.field.partition("-")[0], each.subfilter) for each in (*found.seals, *found.stamps)
    ]


class TestSignature:
    def test_b_b_is_as_it_always_was(self, sealed):
        signature = cms.decode(sealed[Level.B_B, False])
        assert (signature.time_stamps, signature.archive_time_stamps) == ((), ())

    @pytest.mark.parametrize("level", ABOVE)
    def test_the_time_stamp_is_of_the_signature_value(self, sealed, level):
        signature = cms.decode(sealed[level, False])
        cms.verify_signature(signature)
        stamp = TimeStamp.parse(signature.time_stamps[0])
        stamp.verify()
        assert stamp.imprint == hashlib.sha256(signature.signature).digest()
        assert bool(signature.archive_time_stamps) is (level is Level.B_LTA)
        assert signature.receipt is not None

    def test_an_archive_time_stamp_covers_all_there_was(self, sealed):
        data = sealed[Level.B_LTA, False]
        signature = cms.decode(data)
        stamp = TimeStamp.parse(signature.archive_time_stamps[0])
        stamp.verify()
        message = cms_levels.archived_message(data, stamp.token, signature.message_digest)
        assert stamp.imprint == hashlib.sha256(message).digest()
        gone = cms_levels.archive_imprint(sealed[Level.B_T, False], bytes(32))
        assert gone.index not in data
        with pytest.raises(InvalidFormatError, match="not there"):
            cms_levels.archived_message(sealed[Level.B_T, False], stamp.token, bytes(32))
        with pytest.raises(InvalidFormatError, match="got none"):
            cms_levels.archived_message(data, signature.time_stamps[0], bytes(32))
        with pytest.raises(InvalidFormatError, match="archive time-stamp"):
            cms_levels.archived_message(data, b"\x30\x00", bytes(32))

    def test_renewing_adds_one_and_leaves_the_others(self, shared_world, sealed):
        old = sealed[Level.B_LTA, False]
        new = shared_world.service.long_term.extend(old, Level.B_LTA)
        before, after = cms.decode(old), cms.decode(new)
        assert len(after.archive_time_stamps) == 2
        assert set(before.archive_time_stamps) < set(after.archive_time_stamps)
        for token in after.archive_time_stamps:
            message = cms_levels.archived_message(new, token, after.message_digest)
            assert TimeStamp.parse(token).imprint == hashlib.sha256(message).digest()

    def test_raised_from_any_level_to_any(self, shared_world, sealed):
        for start in Level:
            data = shared_world.service.long_term.extend(sealed[start, False], Level.B_LT)
            assert len(cms.decode(data).time_stamps) == 1
        unchanged = sealed[Level.B_B, False]
        assert shared_world.service.long_term.extend(unchanged, Level.B_B) == unchanged

    def test_what_does_not_fit_is_refused(self, sealed):
        data = sealed[Level.B_T, False]
        with pytest.raises(InvalidFormatError, match="expected DER"):
            cms_levels.add_signature_time_stamp(data, b"\x30\x80")
        with pytest.raises(InvalidFormatError, match="expected DER of a SignedData"):
            cms_levels.add_signature_time_stamp(b"x", b"\x30\x00")
        many = [Other().root for _ in range(33)]
        with pytest.raises(TooLargeError, match="certificates"):
            cms_levels.add_validation_data(data, certificates=many)
        with pytest.raises(TooLargeError, match="bytes"):
            cms_levels.add_validation_data(data, crls=[b"\x30\x83\x10\x00\x00" + bytes(1 << 20)])


class TestContainer:
    @pytest.mark.parametrize("level", list(Level))
    def test_every_seal_of_it_is_raised(self, shared_world, both, level):
        before = asic.read(both)
        after = asic.read(shared_world.service.long_term.extend(both, level))
        assert after.files == before.files
        for old, new in zip(before.seals, after.seals, strict=True):
            signature = cms.decode(new.cms)
            assert new.covers == old.covers
            assert signature.signature == cms.decode(old.cms).signature
            assert bool(signature.time_stamps) is level.reaches(Level.B_T)
            assert bool(signature.archive_time_stamps) is level.reaches(Level.B_LTA)

    def test_renewing_adds_one_to_each(self, shared_world, both):
        service = shared_world.service
        raised = service.long_term.extend(both, Level.B_LTA)
        again = asic.read(service.long_term.extend(raised, Level.B_LTA))
        assert [len(cms.decode(one.cms).archive_time_stamps) for one in again.seals] == [2, 2]
        service.anchoring.anchor()
        assert service.verification.document(again.encode()).finding is Finding.AUTHENTIC

    def test_what_was_altered_or_never_sealed_is_not_preserved(self, shared_world, both):
        extend, container = shared_world.service.long_term.extend, asic.read(both)
        other = replace(container, files=(asic.DataObject("a.txt", b"x"), container.files[1]))
        with pytest.raises(InvalidFormatError, match=r"'a\.txt' is not what the seal"):
            extend(other.encode(), Level.B_LTA)
        with pytest.raises(InvalidInputError, match="without a seal"):
            extend(replace(container, seals=()).encode(), Level.B_LTA)
        with pytest.raises(InvalidFormatError, match="archive"):
            extend(both + b"x", Level.B_LTA)


class TestPdf:
    @pytest.mark.parametrize("level", ABOVE)
    def test_each_level_holds_what_it_promises(self, sealed, level):
        data = sealed[level, True]
        found = contents(data)
        assert found[0] == ("Seal", "ETSI.CAdES.detached")
        stamps = [("Time", "ETSI.RFC3161")] * (level is Level.B_LTA)
        assert found[1:] == stamps
        assert (b"/DSS" in data) is level.reaches(Level.B_LT)
        signature = cms.decode(read(data).seals[0].cms)
        assert len(signature.time_stamps) == 1

    def test_a_plain_seal_is_raised_by_a_document_time_stamp(self, shared_world, sealed):
        raised = shared_world.service.long_term.extend(sealed[Level.B_B, True], Level.B_T)
        assert [name for name, _ in contents(raised)] == ["Seal", "Time"]
        again = shared_world.service.long_term.extend(raised, Level.B_T)
        assert again == raised

    def test_renewing_puts_a_time_stamp_over_everything(self, shared_world, sealed):
        renewed = shared_world.service.long_term.extend(sealed[Level.B_LTA, True], Level.B_LTA)
        assert [name for name, _ in contents(renewed)] == ["Seal", "Time", "Time"]
        assert read(renewed).stamps[-1].end == len(renewed)

    def test_a_pdf_without_a_seal_cannot_be_raised(self, shared_world, sample_pdf):
        with pytest.raises(InvalidInputError, match="as this service seals it"):
            shared_world.service.long_term.extend(sample_pdf, Level.B_T)

    def test_what_was_damaged_or_added_to_is_not_preserved(self, shared_world, sealed):
        extend, whole = shared_world.service.long_term.extend, sealed[Level.B_B, True]
        with pytest.raises(InvalidInputError, match="as this service seals it"):
            extend(whole.replace(b"/ByteRange [ 0", b"/ByteRange [ 1"), Level.B_LT)
        with pytest.raises(InvalidInputError, match="verify --extract"):
            extend(whole + b"\n", Level.B_LT)

    def test_a_token_too_large_for_the_seal_goes_behind_it(self, shared_world, sample_pdf):
        from eseal.documents.pdf import PdfSealOptions, prepare

        options = PdfSealOptions("Seal-1", "Acme", now(), contents_bytes=5200)
        prepared = prepare(sample_pdf, options)
        recorded = shared_world.service.sealing.seal_digests(
            shared_world.contract.id,
            [DigestOrder(prepared.digest, "application/pdf")],
            actor=acting(),
        )[0]
        made = shared_world.service.long_term.embed(prepared, recorded.cms, Level.B_T)
        assert [name for name, _ in contents(made)] == ["Seal", "Time"]


class TestOrders:
    def test_a_digest_may_be_ordered_at_a_level(self, shared_world):
        order = DigestOrder(hashlib.sha256(b"x").digest(), level=Level.B_LTA)
        (made,) = shared_world.service.sealing.seal_digests(
            shared_world.contract.id, [order], actor=acting()
        )
        assert isinstance(made, SealedUse)
        assert level_of(made.use) is Level.B_LTA
        assert cms.decode(made.cms).archive_time_stamps
        again = shared_world.service.sealing.document(made.use.id)
        assert cms.decode(again.data).archive_time_stamps

    def test_what_goes_into_a_pdf_stops_at_the_time_stamp(self, shared_world):
        order = DigestOrder(hashlib.sha256(b"y").digest(), "application/pdf", level=Level.B_LTA)
        (made,) = shared_world.service.sealing.seal_digests(
            shared_world.contract.id, [order], actor=acting()
        )
        signature = cms.decode(made.cms)
        assert (len(signature.time_stamps), signature.archive_time_stamps) == (1, ())

    def test_the_setting_is_the_level_of_orders_that_name_none(self, data_dir, open_world):
        world = open_world(data_dir, signature_level="b-t")
        made = world.service.sealing.seal_document(
            world.contract.id, TEXT, filename="a.txt", actor=acting()
        )
        assert cms.decode(made.data).time_stamps
        plain = world.service.sealing.seal_document(
            world.contract.id, TEXT, filename="a.txt", actor=acting(), level=Level.B_B
        )
        assert not cms.decode(plain.data).time_stamps

    def test_a_name_that_is_no_level_is_refused(self):
        with pytest.raises(InvalidInputError, match="expected one of b-b, b-t"):
            Level.parse("b-x")

    def test_a_purpose_that_speaks_of_levels_orders_none(self, shared_world):
        order = DigestOrder(bytes(32), purpose='"level":"b-t"')
        (made,) = shared_world.service.sealing.seal_digests(
            shared_world.contract.id, [order], actor=acting()
        )
        assert level_of(made.use) is Level.B_B


class TestAuthorityDown:
    @pytest.fixture
    def down(self, data_dir, open_world):
        world = open_world(data_dir, tsa_urls="http://127.0.0.1:9/tsa", tsa_timeout=1)
        sealing = world.service.sealing
        back = TimeStampers([BuiltInSource(world.service.responders.time_stamp)])
        return world, lambda: setattr(sealing._levels._long_term, "_stampers", back)

    @pytest.mark.parametrize("name", ["a.pdf", "a.txt"])
    def test_the_use_is_on_record_and_its_document_comes_later(self, down, sample_pdf, name):
        world, bring_back = down
        data = sample_pdf if name == "a.pdf" else TEXT
        with pytest.raises(TimeStampUnavailableError) as caught:
            world.service.sealing.seal_document(
                world.contract.id, data, filename=name, actor=acting(), level=Level.B_LTA
            )
        (entry,) = world.service.records.history(seal_id=world.contract.id)
        said = str(caught.value)
        assert entry.use.id in said
        assert f"/v1/uses/{entry.use.id}/document" in said
        assert f"eseal document {entry.use.id}" in said
        assert "127.0.0.1:9" in said
        with pytest.raises(TimeStampUnavailableError):
            world.service.sealing.document(entry.use.id)
        bring_back()
        made = world.service.sealing.document(entry.use.id)
        assert longterm.archive_ends(made.data) > now()

    def test_one_digest_of_many_fails_alone(self, down):
        world, _ = down
        orders = [DigestOrder(bytes(32)), DigestOrder(bytes(32), level=Level.B_T)]
        first, second = world.service.sealing.seal_digests(
            world.contract.id, orders, actor=acting()
        )
        assert isinstance(first, SealedUse)
        assert isinstance(second, TimeStampUnavailableError)


class TestOthers:
    def test_two_authorities_are_tried_in_turn(self, shared_world, sealed):
        other = Other()
        service = shared_world.service
        urls = ("http://127.0.0.1:9/tsa", "http://other.example/pki/tsa")
        long_term = long_term_of(
            service.context, service.responders, service.ca, other.fetcher(), urls
        )
        other.down.add("/tsa")
        data = long_term.extend(sealed[Level.B_B, False], Level.B_T)
        (token,) = cms.decode(data).time_stamps
        assert TimeStamp.parse(token).authority == "eseal time-stamp authority, Other Trust"

    @pytest.mark.parametrize("named", [("built-in",), ("ftp://x",), ("somewhere",)])
    def test_only_urls_without_an_instance(self, named):
        with pytest.raises(ConfigurationError, match="ESEAL_TSA_URLS"):
            long_term_without_instance(named, Fetcher(), now)


class Kept:
    """A kept document in memory."""

    def __init__(self, data, name="u"):
        self.id, self.data, self.broken = name, data, False

    def read(self):
        if self.broken:
            raise InvalidFormatError("broken")
        return self.data

    def replace(self, data):
        self.data = data


class Shelf(list):
    """An archive in memory."""

    def documents(self):
        return iter(self)


class TestRenewal:
    def test_only_what_ends_soon_is_renewed(self, shared_world, sealed):
        shelf = Shelf(Kept(sealed[level, pdf]) for level in Level for pdf in (False, True))
        broken = Kept(b"")
        broken.broken = True
        shelf.append(broken)
        before = [kept.data for kept in shelf]
        long_term = shared_world.service.long_term
        assert renew(shelf, long_term, now()) == Renewed(0, 1)
        assert [kept.data for kept in shelf] == before
        ends = longterm.archive_ends(sealed[Level.B_LTA, True])
        assert renew(shelf, long_term, ends - timedelta(days=89)) == Renewed(2, 1)
        changed = [kept.data != old for kept, old in zip(shelf, before, strict=True)]
        assert changed == [False] * 6 + [True] * 2 + [False]
        assert len(cms.decode(shelf[6].data).archive_time_stamps) == 2


def test_the_seal_is_verified_with_its_time_stamps(shared_world, sealed):
    shared_world.service.anchoring.anchor()
    for level in Level:
        report = shared_world.service.verification.document(TEXT, signature=sealed[level, False])
        assert report.finding.value == "authentic"
        names = {check.name.value: check for check in report.checks}
        assert ("time_stamp" in names) is (level is not Level.B_B)
