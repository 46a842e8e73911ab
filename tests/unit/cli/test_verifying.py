import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from eseal.config import Settings
from eseal.service.service import Service


@pytest.fixture
def sealed(eseal, seals, tmp_path, sample_pdf):
    """A sealed text, then a sealed PDF, anchored together, in a directory of their own."""
    directory = tmp_path / "documents"
    directory.mkdir()
    (directory / "contract.pdf").write_bytes(sample_pdf)
    (directory / "note.txt").write_text("tea")
    results = [
        eseal("apply", directory / name, "--seal", seals["contract"], "--json").json[0]
        for name in ("note.txt", "contract.pdf")
    ]
    eseal("anchor")
    for result in results:
        out = f"{result['sealed'].removesuffix('.p7s')}.evidence"
        eseal("evidence", result["id"], "--out", out)
    return directory


def test_passed_is_green_and_exit_code_0(eseal, sealed):
    shown = eseal("verify", sealed / "contract.sealed.pdf")
    assert shown.code == 0
    first, *_ = shown.out.splitlines()
    assert first.startswith("✔ Genuine: ")
    assert first.endswith(" of 杭州云章科技有限公司")
    assert "\nTOTAL_PASSED: authentic\n" in shown.out
    assert "✔ in order  Seal signature" in shown.out
    assert "inclusion" not in shown.out, "technical names are shown with --details"


def test_details_name_each_check_and_what_it_rests_on(eseal, sealed):
    shown = eseal("verify", sealed / "contract.sealed.pdf", "--details").out
    assert "  inclusion  " in shown
    assert "This use is leaf 1 under" in shown
    assert "Head of the log: 2 leaves" in shown


@pytest.mark.parametrize(
    ("options", "env", "headline", "advice"),
    [
        (("--lang", "zh"), {}, "✔ 核验通过：杭州云章科技有限公司的", "现在该怎么办: "),
        (("--lang", "ja"), {"LANG": "zh_CN.UTF-8"}, "✔ 真正と確認: ", "いま何をすべきか: "),
        ((), {"LC_ALL": "ja_JP.UTF-8"}, "✔ 真正と確認: 杭州云章科技有限公司の", "いま"),
    ],
)
def test_a_verdict_is_told_in_the_language_chosen(eseal, sealed, options, env, headline, advice):
    shown = eseal("verify", sealed / "contract.sealed.pdf", *options, **env)
    assert shown.code == 0
    assert shown.out.startswith(headline)
    assert f"\n{advice}" in shown.out
    assert "The " not in shown.out


def test_json_does_not_depend_on_the_language(eseal, sealed):
    reports = [
        eseal("verify", sealed / "contract.sealed.pdf", "--lang", lang, "--json").json
        for lang in ("en", "zh")
    ]
    assert reports[0]["message"] == reports[1]["message"]


def test_json_has_the_words_of_a_verdict(eseal, sealed):
    report = eseal("verify", sealed / "contract.sealed.pdf", "--json").json
    assert report["indication"] == "TOTAL_PASSED"
    assert report["sub_indication"] is None
    assert report["finding"] == "authentic"
    assert report["seals"][0]["name"] == "杭州云章科技有限公司"
    assert {check["status"] for check in report["checks"]} == {"VALID"}
    assert "eseal root CA" in report["trusted"]["roots"][0]


def test_failed_is_red_and_exit_code_1(eseal, sealed):
    path = sealed / "contract.sealed.pdf"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"/Helvetica", b"/Helvetika", 1))
    shown = eseal("verify", path)
    assert shown.code == 1
    assert shown.out.startswith("✖ Not genuine: the document has been changed\n")
    assert "\nTOTAL_FAILED / HASH_FAILURE: document_altered\n" in shown.out
    assert "✖ failed    Content" in shown.out
    assert "Expected a document with SHA-256" in shown.out, "what failed is told exactly"


def test_nothing_to_check_is_yellow_and_exit_code_3(eseal, sealed):
    shown = eseal("verify", sealed / "contract.pdf")
    assert shown.code == 3
    assert shown.out.startswith("▲ Cannot be decided: no seal found\n")
    assert "\nINDETERMINATE / SIGNED_DATA_NOT_FOUND: no_seal\n" in shown.out


def test_what_was_added_is_told_and_the_sealed_document_taken_out(eseal, sealed, tmp_path):
    whole = sealed / "contract.sealed.pdf"
    added = tmp_path / "added.pdf"
    added.write_bytes(whole.read_bytes() + b"% kept by another program\n")
    out = tmp_path / "taken-out.pdf"
    assert "--extract OUT.pdf takes the sealed document out" in eseal("verify", added).err
    shown = eseal("verify", added, "--extract", out)
    assert shown.code == 3, "what it says of the file that was given"
    assert shown.out.startswith("▲ Cannot be decided: added after sealing\n")
    assert f"the PDF as it was sealed is in {out}" in shown.err
    assert out.read_bytes() == whole.read_bytes()
    assert eseal("verify", out).code == 0
    again = eseal("verify", added, "--extract", out)
    assert again.code == 2
    assert "exists already" in again.err


def test_of_what_was_not_sealed_nothing_is_taken_out(eseal, sealed, tmp_path):
    out = tmp_path / "taken-out.pdf"
    shown = eseal("verify", sealed / "contract.pdf", "--extract", out)
    assert shown.code == 2
    assert "does not begin with a document as it was sealed" in shown.err
    changed = sealed / "contract.sealed.pdf"
    changed.write_bytes(changed.read_bytes()[:-2])
    assert eseal("verify", changed, "--extract", out).code == 2
    assert not out.exists()


def test_a_signature_beside_the_file_is_found_and_said(eseal, sealed):
    shown = eseal("verify", sealed / "note.txt")
    assert shown.code == 0
    assert "note.txt.p7s, which lies beside it" in shown.err
    alone = eseal("verify", sealed / "note.txt.p7s")
    assert alone.code == 3
    assert "note.txt.p7s is a seal signature: verify the document it belongs to" in alone.err
    (sealed / "note.txt.p7s").rename(sealed / "elsewhere.p7s")
    assert eseal("verify", sealed / "note.txt").code == 3
    named = eseal("verify", sealed / "note.txt", "--signature", sealed / "elsewhere.p7s")
    assert named.code == 0
    assert named.err.startswith("note: trusting ")
    assert len(named.err.splitlines()) == 1


def test_evidence_beside_the_file_is_found_and_said(eseal, sealed):
    (sealed / "note.txt.p7s").unlink()
    shutil.copy(sealed / "note.txt.evidence", sealed / "note.txt.eseal.json")
    shown = eseal("verify", sealed / "note.txt")
    assert shown.code == 0
    assert "note.txt.eseal.json, which lies beside it" in shown.err


def test_an_evidence_file_itself(eseal, sealed):
    evidence = sealed / "contract.sealed.pdf.evidence"
    shown = eseal("verify", evidence)
    assert shown.code == 0
    assert "without its document" in shown.out.splitlines()[0]
    assert "No document was compared" in shown.out


def test_evidence_of_another_document_is_transplanted(eseal, sealed, tmp_path):
    unsealed = tmp_path / "unsealed.txt"
    unsealed.write_text("tea")
    evidence = sealed / "contract.sealed.pdf.evidence"
    shown = eseal("verify", unsealed, "--evidence", evidence, "--json")
    assert shown.code == 1
    assert shown.json["finding"] == "transplanted"


def test_evidence_of_another_document_does_not_accuse_a_sealed_one(eseal, sealed):
    evidence = sealed / "contract.sealed.pdf.evidence"
    shown = eseal("verify", sealed / "note.txt", "--evidence", evidence, "--json")
    assert (shown.code, shown.json["finding"]) == (0, "authentic")
    (aside,) = [check for check in shown.json["checks"] if check["name"] == "evidence"]
    assert (aside["status"], "another document" in aside["detail"]) == ("INVALID", True)


def test_an_unreadable_evidence_file_is_wrong_usage(eseal, sealed, tmp_path):
    bad = tmp_path / "bad.eseal.json"
    bad.write_text('{"v":1}')
    for arguments in ((bad,), (sealed / "note.txt", "--evidence", bad)):
        shown = eseal("verify", *arguments)
        assert shown.code == 2
        assert shown.err.splitlines()[-1].startswith("error: ")
        assert "bad.eseal.json" in shown.err


def test_a_json_document_is_a_document(eseal, seals, tmp_path):
    document = tmp_path / "order.json"
    document.write_text('{"tea": 12}')
    assert eseal("verify", document).code == 3
    eseal("apply", document, "--seal", seals["contract"])
    eseal("anchor")
    assert eseal("verify", document).code == 0


def test_without_instance_everything_offline_is_checked(run, sealed, tmp_path):
    shown = run("--data-dir", tmp_path / "none", "verify", sealed / "contract.sealed.pdf", "--json")
    assert shown.code == 3
    assert shown.json["finding"] == "untrusted_issuer"
    assert "note: no node of the ledger is asked: name one with --rpc URL" in shown.err
    status = {check["name"]: check["status"] for check in shown.json["checks"]}
    assert status["document"] == status["signature"] == status["inclusion"] == "VALID"
    assert not (tmp_path / "none").exists()


def test_pending_is_exit_code_3(eseal, seals, tmp_path):
    document = tmp_path / "late.txt"
    document.write_text("tea")
    eseal("apply", document, "--seal", seals["contract"])
    shown = eseal("verify", document, "--json")
    assert shown.code == 3
    assert shown.json["finding"] == "anchor_pending"


def test_an_alarm_is_told(eseal, sealed, world_of, tmp_path, seals):
    """A stolen key: a signature of a registered seal with no record of its use."""
    from eseal.documents.cms import SealCms, decode
    from eseal.model.ids import new_id
    from eseal.model.statement import Statement

    genuine = decode((sealed / "note.txt.p7s").read_bytes())
    with world_of() as service:
        seal = service.directory.seal(seals["contract"])
        cms = SealCms(seal.certificate, seal.chain, seal.subject_proof)
        stolen = Statement.parse(genuine.statement)._replace(id=new_id())
        statement = stolen.encode()
        signed = cms.signed_attributes(statement, genuine.message_digest, genuine.book_path)
        forged = cms.encode(signed, service.context.keys.sign(seal.key_id, signed))
    (tmp_path / "forged.p7s").write_bytes(forged)
    shown = eseal("verify", sealed / "note.txt", "--signature", tmp_path / "forged.p7s")
    assert shown.code == 3
    assert "record_missing" in shown.out
    assert "The company whose seal this is must be told." in shown.out


def test_the_evidence_on_record_is_saved(eseal, run, sealed, tmp_path):
    out = tmp_path / "kept.eseal.json"
    shown = eseal("verify", sealed / "contract.sealed.pdf", "--save-evidence", out)
    assert shown.code == 0
    assert f"the evidence of this use is in {out}" in shown.err
    assert eseal("verify", sealed / "contract.sealed.pdf", "--evidence", out).code == 0
    assert eseal("verify", sealed / "contract.sealed.pdf", "--save-evidence", out).code == 2
    nobody = run("verify", sealed / "contract.sealed.pdf", "--save-evidence", tmp_path / "x")
    assert nobody.code == 2
    assert "no evidence of this use is on record" in nobody.err


def test_an_instance_in_the_parcel_of_a_forger_is_not_trusted(run, sealed, data_dir, monkeypatch):
    """Everything is genuine there but that its user never chose it."""
    shutil.copytree(data_dir, sealed / "eseal-data")
    (sealed / ".env").write_text("ESEAL_DATA_DIR=eseal-data\n")
    monkeypatch.chdir(sealed)
    shown = run("verify", "contract.sealed.pdf", "--json", XDG_CONFIG_HOME=str(sealed / "none"))
    assert shown.code == 3
    assert shown.json["finding"] == "untrusted_issuer"
    assert shown.json["trusted"] is None
    shown = run("verify", "contract.sealed.pdf", XDG_CONFIG_HOME=str(sealed / "none"))
    assert "nothing is trusted" in shown.err


def test_a_file_above_the_limit_is_wrong_usage(eseal, sealed):
    shown = eseal("verify", sealed / "note.txt", ESEAL_MAX_UPLOAD_BYTES="2")
    assert shown.code == 2
    assert "at most 2 bytes" in shown.err


def test_two_seals_in_one_file_are_shown_apart(eseal, sealed, monkeypatch):
    from eseal.verify import verify_document

    def twice(data, **sources):
        report = verify_document(data, **sources)
        return type(report)(
            report.finding, report.sub_indication, report.message, report.seals * 2, report.checks
        )

    monkeypatch.setattr("eseal.verify.verify_document", twice)
    shown = eseal("verify", sealed / "contract.sealed.pdf")
    one = "seal of 杭州云章科技有限公司"
    first = shown.out.splitlines()[0]
    assert first.count(one) == 2
    assert "\n1. ✔ Genuine: " in shown.out
    assert "\n2. ✔ Genuine: " in shown.out
    assert shown.code == 0


class Node(BaseHTTPRequestHandler):
    """An instance's ``/rpc`` and ``/log``, as far as a verifier asks."""

    service: Service

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.service.context.connection.rpc(body), "application/json")

    def do_GET(self):
        from eseal.errors import NotFoundError
        from eseal.log.tiles import parse_tile_path
        from eseal.store.repositories.log import LogRepository

        path = self.path.removeprefix("/log/")
        with self.service.context.database.read() as connection:
            log = LogRepository(connection)
            try:
                if path == "checkpoint":
                    self._answer(log.checkpoint().note, "text/plain")
                else:
                    tile = parse_tile_path(path)
                    self._answer(log.tile(tile.level, tile.index, tile.width), "x/tile")
            except NotFoundError:
                self.send_error(404)

    def _answer(self, body, media_type):
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def node(data_dir):
    """The URL of a server of this instance, and nothing else of it."""
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        handler = type("Bound", (Node,), {"service": service})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def stranger(run, tmp_path, data_dir):
    """A verifier with nothing but the issuer's trust file."""
    trust = tmp_path / "issuer.json"
    shutil.copy(data_dir / "trust.json", trust)

    def verify(*args):
        return run("--data-dir", tmp_path / "none", "verify", *args, "--trust", trust, "--json")

    return verify


def test_a_stranger_asks_any_node(stranger, node, sealed):
    shown = stranger(sealed / "contract.sealed.pdf.evidence", "--rpc", node)
    assert (shown.code, shown.json["finding"]) == (0, "authentic")
    shown = stranger(
        *(sealed / "note.txt", "--evidence", sealed / "note.txt.evidence", "--rpc", node)
    )
    assert (shown.code, shown.json["finding"]) == (0, "authentic")


def test_of_several_seals_each_has_its_evidence(stranger, node, eseal, seals, sample_pdf, tmp_path):
    """One file proves one seal. A seal that was stopped since is uncertain without its own."""
    first = tmp_path / "lease.pdf"
    first.write_bytes(sample_pdf)
    eseal("apply", first, "--seal", seals["contract"], "--party", "Buyer")
    again = (tmp_path / "lease.sealed.pdf", "--seal", seals["finance"], "--field", "Buyer")
    assert eseal("apply", *again).code == 0
    eseal("anchor")
    files = []
    for name in ("contract", "finance"):
        (use,) = eseal("history", "--seal", seals[name], "--json").json
        files.append(tmp_path / f"{name}.eseal.json")
        eseal("evidence", use["id"], "--out", files[-1])
    eseal("seal", "suspend", seals["contract"], "--reason", "loss")
    eseal("seal", "resume", seals["contract"])
    document = (tmp_path / "lease.sealed-2.pdf", "--rpc", node)
    for each in (files, files[::-1]):
        named = [part for file in each for part in ("--evidence", file)]
        shown = stranger(*document, *named)
        assert (shown.code, shown.json["finding"]) == (0, "authentic")
    assert stranger(*document, "--evidence", files[1]).code == 3


def test_a_stranger_without_evidence_needs_the_log(stranger, node, sealed):
    """The text was recorded first; the head that is anchored is the one the PDF came with."""
    both = [stranger(sealed / name, "--rpc", node) for name in ("note.txt", "contract.sealed.pdf")]
    assert [shown.code for shown in both] == [3, 0]
    for name in ("contract.sealed.pdf", "note.txt"):
        shown = stranger(sealed / name, "--rpc", node, "--log", f"{node}/log")
        assert (shown.code, shown.json["finding"]) == (0, "authentic")


def test_a_node_that_is_down_is_never_a_forgery(stranger, sealed):
    shown = stranger(sealed / "contract.sealed.pdf", "--rpc", "http://127.0.0.1:9")
    assert (shown.code, shown.json["finding"]) == (3, "ledger_unreachable")


def test_rpc_needs_to_know_what_to_trust(run, sealed, tmp_path):
    shown = run(
        *("--data-dir", tmp_path / "none", "verify", sealed / "note.txt"),
        *("--rpc", "http://127.0.0.1:9"),
    )
    assert shown.code == 2
    assert "--trust" in shown.err


def test_unusable_urls(eseal, sealed):
    for option in ("--rpc", "--log"):
        shown = eseal("verify", sealed / "note.txt", option, "ledger.example.org")
        assert shown.code == 2
        assert "http://" in shown.err


def test_several_nodes_form_a_quorum(stranger, node, sealed):
    evidence = sealed / "contract.sealed.pdf.evidence"
    down = "http://127.0.0.1:9"
    other = node.replace("127.0.0.1", "localhost")
    shown = stranger(evidence, "--rpc", node, "--rpc", down, "--rpc", other)
    assert (shown.code, shown.json["finding"]) == (0, "authentic")
    shown = stranger(evidence, "--rpc", node, "--rpc", down)
    assert (shown.code, shown.json["sub_indication"]) == (3, "TRY_LATER")
    assert "127.0.0.1:9" in str(shown.json["checks"])
    shown = stranger(evidence, "--rpc", node, "--rpc", other, "--quorum", "1")
    assert (shown.code, shown.error["code"]) == (2, "configuration")
    shown = stranger(evidence, "--rpc", node, "--rpc", node)
    assert "named twice" in shown.error["message"]


def test_what_was_seen_is_told_in_the_readers_language(eseal, sealed):
    changed = sealed / "note.txt"
    changed.write_text("coffee")
    for name in ("contract.sealed.pdf", "note.txt"):
        asked = ("verify", sealed / name, "--details")
        report = eseal("verify", sealed / name, "--json").json
        details = [check["detail"] for check in report["checks"]]
        for language in ("zh", "ja"):
            told = eseal(*asked, "--lang", language, COLUMNS="2000").out
            assert [detail for detail in details if detail in told] == []
        english = eseal(*asked, COLUMNS="2000").out
        assert all(detail in english for detail in details)
