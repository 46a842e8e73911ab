from __future__ import annotations

from eseal.verify import Finding, Indication, SubIndication
from eseal.verify.verdict.vocabulary import MEANINGS


def test_every_finding_has_a_row():
    assert set(MEANINGS) == set(Finding)


def test_each_sub_indication_stands_under_its_indication():
    """EN 319 102-1 ties each word to one main indication."""
    for row in MEANINGS.values():
        if row.sub_indication is not None:
            assert row.sub_indication.indication is row.indication
        else:
            assert row.indication is not Indication.INDETERMINATE


def test_a_failure_outranks_a_doubt_and_a_doubt_outranks_a_pass():
    order = [Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED]
    ranks = [order.index(f.meaning.indication) for f in sorted(Finding, key=lambda f: f.rank)]
    assert ranks == sorted(ranks)


def test_the_words_and_uris_are_the_standard_s():
    assert len(SubIndication) == 25
    assert Indication.TOTAL_PASSED.uri == "urn:etsi:019102:mainindication:total-passed"
    assert Indication.INDETERMINATE.uri == "urn:etsi:019102:mainindication:indeterminate"
    assert SubIndication.HASH_FAILURE.uri == "urn:etsi:019102:subindication:HASH_FAILURE"
    assert SubIndication.TRY_LATER.indication is Indication.INDETERMINATE
    assert sum(s.indication is Indication.TOTAL_FAILED for s in SubIndication) == 6


def test_findings_keep_their_names():
    """Names are for ever: other people's programs compare them."""
    assert {finding.value for finding in Finding} == {
        "authentic", "declared_void", "disputed", "anchor_pending", "ledger_unreachable",
        "document_altered", "altered_after_sealing", "added_after_sealing", "hidden_content",
        "signature_invalid", "seal_picture_only", "unregistered_seal", "lookalike_seal",
        "untrusted_issuer", "name_unproven", "record_missing", "transplanted",
        "seal_not_active", "status_uncertain", "backdated", "history_forked", "ticket_unknown",
        "head_disowned", "record_mismatch", "witnesses_missing", "not_understood", "no_seal",
        "time_stamp_untrusted",
    }  # fmt: skip
