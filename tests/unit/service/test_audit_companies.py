"""What the audit says of companies and subjects that somebody changed with the rows' key."""

import pytest
from sqlalchemy import true

from eseal.authority.word.messages import Ask
from eseal.store.binding.bound_rows import rows_of
from eseal.store.schema.tables import companies, seals
from tests.actors import acting

OTHER = Ask("VATDE-136695976", "Elbe Teekontor GmbH")


def change(world, table, **values):
    """Write like the service itself: without its key the row would be foreign before all else."""
    with world.service.context.database.write() as connection:
        rows_of(connection).update(table, true(), values)


def told(world):
    report = world.service.audit.run()
    return {(one.kind, one.message.partition(": ")[2]) for one in report.disagreements}


def test_all_is_well_and_stays_so_under_a_new_name(world):
    assert told(world) == set()
    world.service.onboarding.rename(world.company, "杭州云章集团有限公司", actor=acting())
    assert told(world) == set()


@pytest.mark.parametrize("values", [{"name": "Another Name"}, {"identifier": "VATDE-136695976"}])
def test_another_name_or_id(world, values):
    change(world, companies, **values)
    assert told(world) == {("company_differs", "its proof is another's")}


def test_another_subject(world):
    change(world, companies, subject=b"x" * 32)
    kinds = [one.kind for one in world.service.audit.run().disagreements]
    assert sorted(kinds) == [
        "company_differs",
        "company_unregistered",
        "seal_differs",
        "seal_differs",
    ]


def test_another_company_s_proof(world):
    proof = world.service.subjects.prove(OTHER).proof.encode()
    change(world, companies, subject_proof=proof)
    assert told(world) == {("company_differs", "its proof is another's")}
    change(world, companies, subject_proof=world.company.subject_proof)
    change(world, seals, subject_proof=proof)
    assert told(world) == {("seal_differs", "company, proof and ledger name several subjects")}


def test_bytes_that_are_no_proof(world):
    change(world, companies, subject_proof=b"{}")
    change(world, seals, subject_proof=world.company.subject_proof[:-2] + b'x"')
    kinds = {kind for kind, _ in told(world)}
    assert kinds == {"company_differs", "seal_differs"}


def test_a_proof_that_is_not_the_authority_s_word(world):
    proof = world.company.subject_proof
    change(world, companies, subject_proof=proof.replace(b'"signature":"', b'"signature":"0')[:-1])
    assert {kind for kind, _ in told(world)} == {"company_differs"}
    name = world.company.name.encode()
    change(world, companies, name="云章", subject_proof=proof.replace(name, "云章".encode()))
    ((kind, message),) = told(world)
    assert (kind, "a signature of the authority's key" in message) == ("company_differs", True)
