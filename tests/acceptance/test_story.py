"""The main job by the command line: sealed, anchored, verified; and what must not pass."""

import shutil
from pathlib import Path

import pytest

import eseal

SAMPLES = Path(eseal.__file__).parent / "cli" / "samples"
FILES = ("contract.pdf", "quotation.docx", "licence.png")


@pytest.fixture(scope="module")
def sealed(office):
    """The samples, sealed and anchored; the uses in order."""
    for name in FILES:
        shutil.copy(SAMPLES / name, office.directory)
    done = office(
        *("apply", *FILES, "--seal", office.seals["contract"], "--purpose", "sale of tea"),
        "--json",
    )
    assert done.code == 0
    pending = office("verify", "contract.sealed.pdf", "--json")
    assert (pending.code, pending.json["finding"]) == (3, "anchor_pending")
    anchored = office("anchor", "--json")
    assert anchored.json["anchor"]["new_leaves"] == 3
    return done.json


@pytest.mark.usefixtures("sealed")
def test_every_sealed_file_passes(office):
    for name in ("contract.sealed.pdf", "quotation.docx", "licence.png"):
        shown = office("verify", name, "--json")
        assert (shown.code, shown.json["finding"]) == (0, "authentic"), name


@pytest.mark.usefixtures("sealed")
def test_the_installed_program_says_so_too(office):
    shown = office.installed("verify", "contract.sealed.pdf", "--json")
    assert (shown.code, shown.json["finding"]) == (0, "authentic")
    assert office.installed("verify").code == 2


@pytest.mark.usefixtures("sealed")
def test_an_altered_file_fails(office):
    data = (office.directory / "contract.sealed.pdf").read_bytes()
    office.write("altered.pdf", data.replace(b"186,420.00", b"986,420.00"))
    shown = office("verify", "altered.pdf", "--json")
    assert (shown.code, shown.json["finding"]) == (1, "document_altered")


@pytest.mark.usefixtures("sealed")
def test_a_file_without_seal_is_indeterminate(office):
    shown = office("verify", "contract.pdf", "--json")
    assert (shown.code, shown.json["finding"]) == (3, "no_seal")


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("verify", "no-such-file"),
        ("verify", "contract.pdf", "--evidence", "no-such-file"),
        ("verify", "contract.pdf", "--colour", "blue"),
        ("apply", "contract.pdf"),
        ("seal", "revoke", "x", "--reason", "boredom"),
        ("history",),
        ("nonsense",),
    ],
)
@pytest.mark.usefixtures("sealed")
def test_wrong_usage_is_exit_code_2(office, arguments):
    shown = office(*arguments)
    assert shown.code == 2
    assert shown.err


def test_the_history_is_the_uses_in_order(office, sealed):
    history = office("history", "--seal", office.seals["contract"], "--json").json
    assert [use["id"] for use in history] == [result["id"] for result in sealed]
    indexes = [use["log_index"] for use in history]
    assert indexes == sorted(set(indexes)), "in the log's order, among whoever looked meanwhile"
    assert {use["purpose"] for use in history} == {"sale of tea"}


def test_evidence_without_network_and_without_instance(office, sealed):
    """A court has the document and the evidence, and no ledger at hand."""
    out = "contract.sealed.pdf.eseal.json"
    assert office("evidence", sealed[0]["id"], "--out", out).code == 0
    assert office("verify", out).code == 0
    named = ("--data-dir", "none", "--trust", "eseal-data/trust.json")
    shown = office("verify", "contract.sealed.pdf", *named, "--json")
    assert (shown.code, shown.json["finding"]) == (3, "ledger_unreachable")
    checks = {check["name"]: check["status"] for check in shown.json["checks"]}
    assert {checks[name] for name in ("document", "signature", "evidence", "inclusion")} == {
        "VALID"
    }


def test_a_revoked_seal_seals_nothing_and_its_old_uses_stay_good(office):
    finance = office.seals["finance"]
    office.write("payment.txt", b"EUR 12")
    assert office("apply", "payment.txt", "--seal", finance).code == 0
    assert office("seal", "revoke", finance, "--reason", "superseded").code == 0
    office.write("another.txt", b"EUR 13")
    refused = office("apply", "another.txt", "--seal", finance, "--json")
    assert refused.code == 1
    assert refused.json[0]["error"]["code"] == "seal_not_active"
    assert not (office.directory / "another.txt.p7s").exists()
    assert office("verify", "payment.txt").code == 0


@pytest.mark.usefixtures("sealed")
def test_the_audit_agrees(office):
    shown = office("audit", "--json")
    assert (shown.code, shown.json["disagreements"]) == (0, [])
