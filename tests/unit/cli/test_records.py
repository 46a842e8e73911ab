import json

import pytest
from sqlalchemy import update

from eseal.documents.evidence import Evidence
from eseal.log.receipt import Receipt
from eseal.store.schema.tables import uses
from tests.actors import acting


@pytest.fixture
def use_id(eseal, seals, tmp_path):
    """A use of the contract seal, not anchored yet."""
    document = tmp_path / "note.txt"
    document.write_text("tea")
    (result,) = eseal(
        "apply", document, "--seal", seals["contract"], "--purpose", "sale", "--json"
    ).json
    return result["id"]


@pytest.mark.usefixtures("use_id")
def test_anchor_says_what_it_published_and_what_it_cost(eseal):
    anchor = eseal("anchor", "--json").json["anchor"]
    assert (anchor["size"], anchor["new_leaves"]) == (1, 1)
    assert anchor["gas_used"] > 0
    assert anchor["transaction"].startswith("0x")
    assert eseal("anchor", "--json").json == {"anchor": None}
    assert eseal("anchor").out.startswith("nothing to anchor")


@pytest.mark.usefixtures("use_id")
def test_anchor_as_text(eseal):
    shown = eseal("anchor")
    assert shown.code == 0
    assert "gas used" in shown.out


def test_evidence_before_and_after_the_anchor(eseal, use_id, tmp_path):
    out = tmp_path / "note.eseal.json"
    early = eseal("evidence", use_id, "--out", out)
    assert early.code == 0
    assert "anchor is still due" in early.out
    assert Evidence.parse(out.read_bytes()).anchor is None
    eseal("anchor")
    assert eseal("evidence", use_id, "--out", out).code == 1
    late = eseal("evidence", use_id, "--out", out, "--force", "--json")
    assert late.json == {"id": use_id, "file": str(out), "anchored": True}
    assert Evidence.parse(out.read_bytes()).anchor is not None


def test_evidence_of_an_unknown_use(eseal, tmp_path):
    out = tmp_path / "x.eseal.json"
    assert eseal("evidence", "a" * 26, "--out", out).code == 1
    shown = eseal("evidence", "gone.pdf", "--out", out)
    assert (shown.code, "no use 'gone.pdf', nor is there such a file" in shown.err) == (1, True)
    assert not out.exists()


def test_history_by_seal_and_by_company(eseal, seals, use_id):
    eseal("anchor")  # so that both look at the same head: each look is a leaf of its own
    by_seal = eseal("history", "--seal", seals["contract"], "--json").json
    by_company = eseal("history", "--company", "uscc:91330100799655058B", "--json").json
    assert by_seal == by_company
    (use,) = by_seal
    assert (use["id"], use["purpose"], use["anchor"]["size"]) == (use_id, "sale", 1)
    assert Receipt.parse(use["receipt"].encode()).index == use["log_index"] == 0
    assert eseal("history", "--seal", seals["finance"], "--json").json == []


def test_history_as_table(eseal, seals, use_id):
    assert "pending" in eseal("history", "--seal", seals["contract"]).out
    anchor = eseal("anchor", "--json").json["anchor"]
    shown = eseal("history", "--seal", seals["contract"])
    assert use_id in shown.out
    assert str(anchor["block"]["number"]) in shown.out
    (use,) = eseal("history", "--seal", seals["contract"], "--json").json
    assert use["anchor"]["block"] == anchor["block"]
    assert eseal("history", "--seal", seals["finance"]).out == "no uses\n"


def test_history_pages_through_everything(eseal, seals, world_of, monkeypatch):
    monkeypatch.setattr("eseal.service.oversight.paging.MAX_PAGE", 2)
    with world_of() as service:
        from eseal.service.sealing.applying import DigestOrder

        orders = [DigestOrder(bytes([n]) * 32) for n in range(5)]
        service.sealing.seal_digests(seals["contract"], orders, actor=acting())
        service.sealing.seal_digests(seals["finance"], orders, actor=acting())
    by_seal = eseal("history", "--seal", seals["finance"], "--json").json
    places = [use["log_index"] for use in by_seal]
    assert (places, len(places)) == (sorted(set(places)), 5)
    by_company = eseal("history", "--company", "uscc:91330100799655058B", "--json").json
    assert [use["log_index"] for use in by_company] == list(range(10))


@pytest.mark.parametrize("both", [(), ("--seal", "a", "--company", "b")])
def test_history_is_of_one_seal_or_company(eseal, both):
    shown = eseal("history", *both)
    assert shown.code == 2
    assert "--seal or --company" in shown.err


@pytest.mark.usefixtures("use_id")
def test_audit_agrees(eseal):
    shown = eseal("audit", "--json")
    assert shown.code == 0
    assert shown.json["uses"] == 1
    assert shown.json["disagreements"] == []
    assert "log, database and ledger agree" in eseal("audit").out


def test_audit_names_a_rewritten_row(eseal, use_id, world_of):
    with world_of() as service, service.context.database.write() as connection:
        row = service.records.use(use_id).use
        rewritten = row.statement.replace(b'"sale"', b'"gift"')
        connection.execute(update(uses).values(statement=rewritten))
    shown = eseal("audit", "--json")
    assert shown.code == 1
    assert use_id in json.dumps(shown.json["disagreements"])
    shown = eseal("audit")
    assert shown.code == 1
    assert "DISAGREEMENTS" in shown.out
    assert use_id in shown.out


@pytest.fixture
def sealed(eseal, seals, tmp_path, sample_pdf):
    """A PDF and a text file that the contract seal has sealed; their uses by name."""
    (tmp_path / "contract.pdf").write_bytes(sample_pdf)
    (tmp_path / "note.txt").write_text("tea")
    files = (tmp_path / "contract.pdf", tmp_path / "note.txt")
    results = eseal("apply", *files, "--seal", seals["contract"], "--json").json
    return {name.rpartition("/")[2]: each["id"] for each in results for name in [each["sealed"]]}


@pytest.mark.parametrize(
    ("named", "of", "beside"),
    [
        ("contract.sealed.pdf", "contract.sealed.pdf", "contract.sealed.pdf"),
        ("note.txt", "note.txt.p7s", "note.txt"),
        ("note.txt.p7s", "note.txt.p7s", "note.txt"),
    ],
)
def test_evidence_of_a_document_lies_beside_it(eseal, sealed, tmp_path, named, of, beside):
    shown = eseal("evidence", tmp_path / named, "--json")
    assert shown.code == 0, shown.err
    written = tmp_path / f"{beside}.eseal.json"
    assert shown.json == {"id": sealed[of], "file": str(written), "anchored": False}
    kept = written.read_bytes()
    eseal("anchor")
    assert "exists already" in eseal("evidence", tmp_path / named).err
    assert written.read_bytes() == kept, "never overwritten"
    assert "which lies beside it" in eseal("verify", tmp_path / beside).err


def test_evidence_of_a_use_is_named_after_it(eseal, use_id, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert eseal("evidence", use_id).out.startswith(f"wrote {use_id}.eseal.json")
    assert Evidence.parse((tmp_path / f"{use_id}.eseal.json").read_bytes()).statement.id == use_id


@pytest.mark.usefixtures("sealed")
def test_evidence_of_what_was_not_sealed_here_or_more_than_once(eseal, seals, tmp_path):
    shown = eseal("evidence", tmp_path / "contract.pdf")
    assert shown.code == 1
    assert "expected a document that was sealed here" in shown.err
    first = eseal("apply", tmp_path / "contract.pdf", "--seal", seals["contract"], "--force",
                  "--party", "B@-1,30,40", "--json").json[0]  # fmt: skip
    second = eseal("apply", first["sealed"], "--seal", seals["finance"], "--field", "B",
                   "--json").json[0]  # fmt: skip
    several = eseal("evidence", second["sealed"])
    assert several.code == 1
    named = several.err.partition("in place of the file: ")[2]
    assert named.startswith(f"{first['id']} ("), several.err
    assert f"), {second['id']} (" in named
    assert list(tmp_path.glob("*.eseal.json")) == []
