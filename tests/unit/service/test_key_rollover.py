"""New keys of an instance, from the command to what a verifier sees afterwards."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from cryptography import x509

from eseal.errors import (
    ConfigurationError,
    CorruptionError,
    LedgerRejectedError,
    NotFoundError,
    RevocationUnavailableError,
    SealNotActiveError,
    TimeStampUnavailableError,
)
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.model.level import Level
from eseal.model.seal import Reason, SealState, SealType
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.setup.bootstrap import stored
from eseal.service.setup.consortium import administration
from eseal.service.setup.key_rollover import new_log_key, new_operator, renew_root
from eseal.store.repositories.log import LogRepository, StoredCheckpoint
from eseal.verify import Finding, Trust, verify_document
from eseal.verify.verdict.vocabulary import CheckName, CheckStatus, Indication
from tests.actors import acting
from tests.thief import append_beside


@contextmanager
def office(settings):
    """The administrator of the instance's own contracts; nobody has the instance open."""
    with (
        stored(settings) as found,
        administration(settings, found.instance, found.keys, found.deployment) as ledger,
    ):
        yield ledger


def seal(service, seal_id, data: bytes):
    """A use, and its signature as it was delivered at once."""
    order = DigestOrder(hashlib.sha256(data).digest(), "text/plain")
    (sealed,) = service.sealing.seal_digests(seal_id, [order], actor=acting("a"))
    return sealed.use, service.context.cms_of(sealed.use, sealed.receipt)


def delivered(service, use) -> bytes:
    """The signature of a use with the newest receipt."""
    with service.context.database.read() as connection:
        receipt = service.context.receipt_of(connection, use)
    return service.context.cms_of(use, receipt)


def stranger(world, data: bytes, p7s: bytes):
    """What a verifier says who has the trust file and asks the ledger, not the service."""
    return verify_document(
        data,
        signature=p7s,
        ledger=world.service.context.connection.reader,
        trust=Trust.parse(world.settings.trust_path.read_bytes()),
    )


def test_a_log_goes_on_under_another_key(data_dir, open_world):
    world = open_world(data_dir)
    service, contract = world.service, world.contract.id
    proven, _ = seal(service, contract, b"proven")
    service.anchoring.anchor()
    p7s = delivered(service, proven)
    waiting, early = seal(service, contract, b"waiting")
    old_key = service.context.log_public_key
    service.close()

    made = new_log_key(world.settings)
    assert new_log_key(world.settings) == made, "it waits, and is made once"
    with office(world.settings) as ledger:
        ledger.succeed(made.log_id, made.public_key)

    world = open_world(data_dir)
    service = world.service
    assert service.context.log_public_key == made.public_key != old_key
    assert stranger(world, b"proven", p7s).finding is Finding.AUTHENTIC
    assert service.verification.evidence(service.records.evidence(proven.id)).indication is (
        Indication.TOTAL_PASSED
    )
    report = stranger(world, b"waiting", early)
    assert report.indication is Indication.INDETERMINATE
    assert report.check(CheckName.CHECKPOINT).status is not CheckStatus.VALID
    assert service.verification.document(b"waiting", signature=early).finding is (
        Finding.ANCHOR_PENDING
    )
    later, _ = seal(service, contract, b"later")
    service.anchoring.anchor()
    for data, use in ((b"proven", proven), (b"waiting", waiting), (b"later", later)):
        assert stranger(world, data, delivered(service, use)).finding is Finding.AUTHENTIC
    assert service.verification.document(b"waiting", signature=early).finding is Finding.AUTHENTIC
    assert service.audit.run().disagreements == ()
    assert new_log_key(world.settings) != made


def test_a_service_with_the_old_key_stops_at_its_next_anchor(data_dir, open_world):
    world = open_world(data_dir)
    made = new_log_key(world.settings)
    with office(world.settings) as ledger:
        ledger.succeed(made.log_id, made.public_key)
    seal(world.service, world.contract.id, b"a")
    with pytest.raises(CorruptionError, match="start this service again"):
        world.service.anchoring.anchor()


def test_a_key_that_was_not_made_here_is_not_taken_up(data_dir, open_world):
    world = open_world(data_dir)
    service, log_id = world.service, world.service.context.instance.log_id
    ours = service.context.log_public_key
    service.close()
    new_log_key(world.settings)
    with office(world.settings) as ledger:
        ledger.succeed(log_id, b"\x11" * 32)
    with pytest.raises(ConfigurationError, match="signs with the key 1111"):
        type(service).open(world.settings, exclusive=True)
    assert open_world(data_dir).service.context.log_public_key == ours


def test_what_anchored_after_the_succession_is_signed_again(data_dir, open_world):
    """A service that had not heard of it yet anchors once more with the old key."""
    world = open_world(data_dir)
    service = world.service
    use, _ = seal(service, world.contract.id, b"a")
    made = new_log_key(world.settings)
    with office(world.settings) as ledger:
        ledger.succeed(made.log_id, made.public_key)
    service.anchoring._forget_disowned = lambda: None
    service.anchoring.anchor()
    early = delivered(service, use)
    service.close()
    world = open_world(data_dir)
    assert stranger(world, b"a", early).finding is not Finding.AUTHENTIC
    assert stranger(world, b"a", delivered(world.service, use)).finding is Finding.AUTHENTIC
    assert world.service.audit.run().disagreements == ()


@pytest.mark.parametrize(
    ("size", "told"), [(1, "the database holds only"), (2, "tiles"), (3, "tiles")]
)
def test_the_new_key_signs_no_head_of_a_thief_of_the_old_one(
    data_dir, open_world, capsys, size, told
):
    """He writes to the database, too: the old key's signature says nothing about what is there."""
    world = open_world(data_dir)
    context = world.service.context
    for data in (b"a", b"b"):
        seal(world.service, world.contract.id, data)
    made = new_log_key(world.settings)
    head = Checkpoint(context.instance.origin, size, b"\x11" * 32)
    note = sign_checkpoint(head, context.sign_head, context.log_public_key)
    old_key = context.log_public_key
    with context.database.write() as connection:
        stored = StoredCheckpoint(size, head.root, note)
        LogRepository(connection).set_checkpoint(stored, context.now())
    world.service.close()
    with office(world.settings) as ledger:
        ledger.succeed(made.log_id, made.public_key)
    service = open_world(data_dir).service
    with service.context.database.read() as connection:
        assert LogRepository(connection).checkpoint() == stored
    assert service.context.log_public_key == old_key
    assert told in capsys.readouterr().out
    with pytest.raises(CorruptionError):
        seal(service, world.contract.id, b"c")


def test_the_new_key_signs_no_leaf_of_a_thief_of_the_old_one(data_dir, open_world, capsys):
    """His head extends all there is, with its leaf and tiles: only the sums do not go with it."""
    world = open_world(data_dir)
    context = world.service.context
    seal(world.service, world.contract.id, b"a")
    made = new_log_key(world.settings)
    old_key = context.log_public_key
    append_beside(context, data_dir / "eseal.db")
    world.service.close()
    with office(world.settings) as ledger:
        ledger.succeed(made.log_id, made.public_key)
    service = open_world(data_dir).service
    assert service.context.log_public_key == old_key
    assert "it goes with a log of 1 leaves, but the log has 2" in capsys.readouterr().out
    with pytest.raises(CorruptionError):
        service.anchoring.anchor()


def test_seals_of_two_roots_stand_side_by_side_and_the_old_root_ends(data_dir, open_world):
    world = open_world(data_dir)
    service, contract = world.service, world.contract.id
    before, _ = seal(service, contract, b"before")
    service.anchoring.anchor()
    service.close()

    made = renew_root(world.settings)
    assert made.in_force
    assert set(made.standing) == {world.contract.id, world.finance.id}

    world = open_world(data_dir)
    service = world.service
    between, _ = seal(service, contract, b"between")
    (new,) = service.onboarding.issue(world.company, [SealOrder(SealType.OFFICIAL)], actor=acting())
    assert hashlib.sha256(new.chain[-1]).digest() == made.new
    under_new, _ = seal(service, new.id, b"under the new root")
    service.anchoring.anchor()
    shown = [(b"before", before), (b"between", between), (b"under the new root", under_new)]
    for data, use in shown:
        assert stranger(world, data, delivered(service, use)).finding is Finding.AUTHENTIC
    service.close()

    with office(world.settings) as ledger:
        ledger.end_root(made.issuer, made.old)

    world = open_world(data_dir)
    service = world.service
    for data, use in shown:
        assert stranger(world, data, delivered(service, use)).finding is Finding.AUTHENTIC, data
    order = DigestOrder(hashlib.sha256(b"x").digest(), "text/plain")
    (refused,) = service.sealing.seal_digests(contract, [order], actor=acting("a"))
    assert isinstance(refused, SealNotActiveError)
    assert "has ended on the ledger" in str(refused)
    service.context.roots.ended = lambda _root: None  # an issuer that seals all the same
    after, _ = seal(service, contract, b"after its root has ended")
    assert after.log_index == under_new.log_index + 1, "what was refused tore no ticket"
    good, _ = seal(service, new.id, b"good")
    service.anchoring.anchor()
    late = stranger(world, b"after its root has ended", delivered(service, after))
    assert late.indication is not Indication.TOTAL_PASSED
    assert late.check(CheckName.ROOT).status is CheckStatus.INVALID
    assert stranger(world, b"good", delivered(service, good)).finding is Finding.AUTHENTIC
    assert service.audit.run().disagreements == ()


def test_the_lists_of_the_issuing_ca_speak_of_seals_of_both_roots(data_dir, open_world):
    world = open_world(data_dir)
    world.service.close()
    renew_root(world.settings)
    world = open_world(data_dir)
    revoked = x509.load_der_x509_crl(world.service.ca.crl())
    assert len(list(revoked)) == 0
    world.service.lifecycle.revoke(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    number = x509.load_der_x509_certificate(world.contract.certificate).serial_number
    assert [one.serial_number for one in x509.load_der_x509_crl(world.service.ca.crl())] == [number]


def test_each_root_has_a_list_of_its_own_until_it_expires(data_dir, open_world):
    world = open_world(data_dir)
    use, _ = seal(world.service, world.contract.id, b"before")
    world.service.anchoring.anchor()
    world.service.close()
    made = renew_root(world.settings)
    world = open_world(data_dir)
    service = world.service
    for name in (made.old, made.new):
        root = x509.load_der_x509_certificate(service.ca.root(name))
        crl = x509.load_der_x509_crl(service.ca.root_crl(name))
        assert (crl.issuer, crl.is_signature_valid(root.public_key())) == (root.subject, True)
    assert service.ca.root(made.old) == world.contract.chain[-1]
    raised = service.long_term.extend(delivered(service, use), Level.B_LTA)
    assert stranger(world, b"before", raised).finding is Finding.AUTHENTIC
    service.context.now = lambda: root.not_valid_after_utc + timedelta(days=1)
    with pytest.raises(NotFoundError):
        service.ca.root_crl(made.old)


def test_long_term_levels_go_on_under_a_new_root(data_dir, open_world, sample_pdf):
    """A seal of the old root is applied and archived, and what it had archived is renewed."""
    world = open_world(data_dir)

    def everything(service):
        text, pdf = ("a.txt", b"a text"), ("a.pdf", sample_pdf)
        apply = partial(service.sealing.seal_document, world.contract.id, actor=acting())
        yield apply(text[1], filename=text[0], level=Level.B_LTA)
        yield apply(pdf[1], filename=pdf[0], level=Level.B_LTA)
        yield service.containers.seal(
            world.contract.id, [text, pdf], actor=acting(), level=Level.B_LTA
        )

    before = [each.data for each in everything(world.service)]
    world.service.anchoring.anchor()
    world.service.close()
    renew_root(world.settings)
    world = open_world(data_dir)
    service = world.service
    after = [each.data for each in everything(service)]
    service.anchoring.anchor()
    renewed = [service.long_term.extend(data, Level.B_LTA) for data in before]
    for text, pdf, container in (before, after, renewed):
        for data, beside in ((b"a text", text), (pdf, None), (container, None)):
            report = service.verification.document(data, signature=beside)
            assert report.finding is Finding.AUTHENTIC, report.seals[0].checks


def test_what_could_never_be_released_spends_no_use(data_dir, open_world, sample_pdf):
    world = open_world(data_dir, tsa_urls="")
    service, contract = world.service, world.contract.id
    order = DigestOrder(hashlib.sha256(b"x").digest(), "text/plain", level=Level.B_T)
    with pytest.raises(TimeStampUnavailableError, match="ESEAL_TSA_URLS"):
        service.sealing.seal_digests(contract, [order], actor=acting())
    with pytest.raises(TimeStampUnavailableError):
        service.sealing.seal_document(
            contract, sample_pdf, filename="a.pdf", actor=acting(), level=Level.B_T
        )
    service.close()
    world = open_world(data_dir)
    service = world.service
    service.ca._roots.clear()  # as if the list of the seal's root were kept no more
    with pytest.raises(RevocationUnavailableError, match="nobody says whether"):
        service.containers.seal(contract, [("a.txt", b"a")], actor=acting(), level=Level.B_LT)
    assert seal(service, contract, b"x")[0].log_index == 0


def test_a_seal_whose_issuing_certificate_has_expired_tears_no_ticket(data_dir, open_world):
    world = open_world(data_dir)
    service, contract = world.service, world.contract.id
    signer = service.context.signer(contract)
    signer.chain_until = service.context.now() - timedelta(seconds=2)
    order = DigestOrder(hashlib.sha256(b"x").digest(), "text/plain")
    (refused,) = service.sealing.seal_digests(contract, [order], actor=acting("a"))
    assert isinstance(refused, SealNotActiveError)
    assert "issue the seal anew" in str(refused)
    signer.chain_until = signer.not_after
    assert seal(service, contract, b"x")[0].log_index == 0


def test_another_account_acts_for_the_operator(data_dir, open_world):
    world = open_world(data_dir)
    use, _ = seal(world.service, world.contract.id, b"a")
    world.service.close()

    made = new_operator(world.settings, remove_old=True)
    assert (made.in_force, made.removed) == (True, True)
    assert made.old != made.new

    service = type(world.service).open(world.settings, exclusive=True)
    with service:
        assert service.context.ledger.operator == made.new
        service.anchoring.anchor()
        (new,) = service.onboarding.issue(
            world.company, [SealOrder(SealType.OFFICIAL)], actor=acting()
        )
        assert new.state is SealState.ACTIVE
        another, _ = seal(service, new.id, b"b")
        service.anchoring.anchor()
        for data, each in ((b"a", use), (b"b", another)):
            report = service.verification.document(data, signature=delivered(service, each))
            assert report.finding is Finding.AUTHENTIC
        assert service.audit.run().disagreements == ()


def test_a_service_whose_account_was_removed_anchors_nothing(data_dir, open_world):
    world = open_world(data_dir)
    seal(world.service, world.contract.id, b"a")
    new_operator(world.settings, remove_old=True)
    with pytest.raises(LedgerRejectedError):
        world.service.anchoring.anchor()
    assert world.service.anchoring.pending() == 1, "nothing is lost"


def test_a_stolen_account_is_removed_before_it_is_replaced(data_dir, open_world):
    world = open_world(data_dir)
    service = world.service
    seal(service, world.contract.id, b"a")
    operator, issuer = service.context.ledger.operator, service.context.issuer_id
    service.close()
    with office(world.settings) as ledger:
        ledger.remove_operator(issuer, operator)
    with pytest.raises(ConfigurationError, match="not an operator"):
        type(service).open(world.settings, exclusive=True)
    made = new_operator(world.settings, remove_old=False)
    assert (made.in_force, made.removed) == (True, True)
    with type(service).open(world.settings, exclusive=True) as again:
        assert again.anchoring.anchor().new_leaves == 1


def test_both_accounts_act_until_the_old_one_is_removed(data_dir, open_world):
    world = open_world(data_dir)
    made = new_operator(world.settings, remove_old=False)
    assert (made.in_force, made.removed) == (True, False)
    seal(world.service, world.contract.id, b"a")
    assert world.service.anchoring.anchor().new_leaves == 1
    assert world.service.context.ledger.operator == made.old
