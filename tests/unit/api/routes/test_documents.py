import hashlib

import pytest

from eseal.documents import asic
from eseal.documents.pdf import read


@pytest.fixture
def send(client, company_token, seal_url):
    """Post files to one of the seal's addresses."""

    def post(path, files, *, token=company_token, **rest):
        parts = [("file", (name, data)) for name, data in files]
        return client.post(f"{seal_url}/{path}", token=token, files=parts, **rest)

    return post


@pytest.fixture
def history(shared_world):
    def uses():
        return shared_world.service.records.history(seal_id=shared_world.contract.id)

    return uses


class TestBatch:
    def test_a_result_per_file_and_a_bad_one_stops_nothing(
        self, send, client, company_token, sample_pdf, history
    ):
        before = len(history())
        files = [("a.pdf", sample_pdf), ("b.pdf", b"no PDF"), ("c.txt", b"tea"), ("d.txt", b"")]
        answer = send("documents:batch", files, data={"purpose": "sale"})
        assert answer.status_code == 200, answer.text
        first, second, third, fourth = answer.json()["results"]
        assert [one["file"] for one in answer.json()["results"]] == [name for name, _ in files]
        assert second["problem"]["type"] == "urn:eseal:problem:unsupported_document"
        assert second["problem"]["field"] == "file"
        assert fourth["problem"]["type"] == "urn:eseal:problem:invalid_input"
        fetched = client.get(first["document"], token=company_token)
        assert len(read(fetched.content).seals) == 1
        p7s = client.get(third["document"], token=company_token)
        assert p7s.headers["content-type"] == "application/pkcs7-signature"
        made = history()[before:]
        assert [one.use.id for one in made] == [first["use"], third["use"]]
        assert {one.statement.purpose for one in made} == {"sale"}
        assert made[0].statement.source == hashlib.sha256(sample_pdf).digest()

    def test_a_retry_seals_nothing_twice_and_goes_on_where_it_was(self, send, sample_pdf, history):
        files = [(f"{n}.pdf", sample_pdf) for n in range(3)]
        first = send("documents:batch", files[:2], key="batch-1").json()["results"]
        before = len(history())
        again = send("documents:batch", files, key="batch-1").json()["results"]
        assert again[:2] == first
        assert len(history()) == before + 1
        other = send("documents:batch", [("x.txt", b"x")], key="batch-1").json()["results"]
        assert other[0]["problem"]["type"] == "urn:eseal:problem:idempotency_conflict"

    def test_more_files_than_fit_into_one_commit(self, send, history):
        before = len(history())
        files = [(f"{n}.txt", b"%d" % n) for n in range(70)]
        results = send("documents:batch", files).json()["results"]
        assert len({one["use"] for one in results}) == 70
        assert [one.use.id for one in history()[before:]] == [one["use"] for one in results]

    def test_limits_and_forms(self, send, check_problem, client, company_token, seal_url):
        many = [(f"{n}.txt", b"x") for n in range(300)]
        check_problem(send("documents:batch", many), 413, "too_large", "file")
        wrong = client.post(
            f"{seal_url}/documents:batch", token=company_token, files={"document": b"x"}
        )
        check_problem(wrong, 422, "invalid_format", "document")
        none = client.post(
            f"{seal_url}/documents:batch", token=company_token, files={"purpose": (None, "x")}
        )
        check_problem(none, 422, "invalid_format", "file")
        json = client.post(f"{seal_url}/documents:batch", token=company_token, json={})
        assert json.status_code == 422
        bad = send("documents:batch", [("a.txt", b"x")], data={"visible": "here"})
        assert bad.status_code == 422

    def test_another_company_cannot(self, send, check_problem, stranger_token):
        answer = send("documents:batch", [("a.txt", b"x")], token=stranger_token)
        check_problem(answer, 404, "not_found")

    def test_too_many_bytes_in_all(self, make_client, open_world, data_dir):
        from eseal.service.people.permissions import Scope

        world = open_world(data_dir, max_batch_bytes=100, max_upload_bytes=60)
        client = make_client(world.service)
        token = world.service.access.create(Scope.COMPANY, company_id=world.company.id)
        url = f"/v1/seals/{world.contract.id}/documents:batch"
        parts = [("file", (f"{n}.txt", b"x" * 60)) for n in range(2)]
        assert client.post(url, token=token, files=parts).status_code == 413
        parts = [("file", ("a.txt", b"x" * 61)), ("file", ("b.txt", b"x" * 9))]
        first, second = client.post(url, token=token, files=parts).json()["results"]
        assert first["problem"]["type"] == "urn:eseal:problem:too_large"
        assert second["use"]
        url = f"/v1/seals/{world.contract.id}/containers"
        assert client.post(url, token=token, files=parts).status_code == 413


class TestContainer:
    FILES = (("a.txt", b"tea"), ("plans/b.bin", b"\0\1"))

    def test_files_become_one_sealed_container_that_verifies(self, send, client, shared_world):
        answer = send("containers", self.FILES, data={"purpose": "set"})
        assert answer.status_code == 201, answer.text
        assert answer.headers["content-type"] == asic.MEDIA_TYPE
        container = asic.read(answer.content)
        assert [(one.name, bytes(one.content)) for one in container.files] == list(self.FILES)
        shared_world.service.anchoring.anchor()
        report = client.post("/v1/verifications", files={"file": ("x", answer.content)}).json()
        assert report["finding"] == "authentic"
        assert report["seals"][0]["files"] == ["a.txt", "plans/b.bin"]
        assert report["seals"][0]["use"]["media_type"] == asic.MEDIA_TYPE
        # Behind its name: three letters alone may stand in an id or a signature, too.
        assert answer.content.count(b"a.txttea") == 1
        altered = answer.content.replace(b"a.txttea", b"a.txttee")
        report = client.post("/v1/verifications", files={"file": ("x", altered)}).json()
        assert report["finding"] == "document_altered"
        (said,) = [check for check in report["checks"] if check["name"] == "files"]
        assert said["status"] == "INVALID"
        assert "a.txt" in said["detail"]

    def test_a_container_gets_a_second_seal(self, send, client, company_token, shared_world):
        first = send("containers", self.FILES)
        url = f"/v1/seals/{shared_world.finance.id}/containers"
        files = {"file": ("x.asice", first.content)}
        second = client.post(url, token=company_token, files=files)
        container = asic.read(second.content)
        assert len(container.seals) == 2
        assert container.seals[0] == asic.read(first.content).seals[0]
        shared_world.service.anchoring.anchor()
        report = shared_world.service.verification.document(second.content)
        assert [seal.finding.value for seal in report.seals] == ["authentic"] * 2

    def test_a_retry_answers_the_same_use_and_it_can_be_fetched(
        self, send, client, company_token, history
    ):
        first = send("containers", self.FILES, key="container-1")
        before = len(history())
        again = send("containers", self.FILES, key="container-1")
        use = first.headers["eseal-use-id"]
        assert again.headers["eseal-use-id"] == use
        assert len(history()) == before
        fetched = client.get(f"/v1/uses/{use}/document", token=company_token)
        (seal,) = asic.read(fetched.content).seals
        assert seal.digest == asic.read(first.content).seals[0].digest
        assert fetched.headers["content-type"] == asic.MEDIA_TYPE
        assert hashlib.sha256(seal.covers.encode()).digest() == seal.digest

    @pytest.mark.parametrize(
        "files",
        [
            [("a", b"1"), ("a", b"2")],
            [("../a", b"1")],
            [("META-INF/a", b"1")],
            [("a", b"")],
            [("a", b"1"), ("A", b"1")],
        ],
    )
    def test_what_cannot_be_a_container_is_refused_and_not_recorded(self, send, history, files):
        before = len(history())
        answer = send("containers", files)
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == "file"
        assert len(history()) == before


class TestStored:
    @pytest.fixture
    def world(self, open_world, data_dir):
        return open_world(data_dir, store_documents="original-and-sealed")

    @pytest.fixture
    def ask(self, world, make_client):
        """Ask as one of the three kinds of people."""
        from eseal.service.people.permissions import Scope

        client, access = make_client(world.service), world.service.access
        tokens = {
            "company": access.create(Scope.COMPANY, company_id=world.company.id),
            "operator": access.create(Scope.OPERATOR),
            "regulator": access.create(Scope.REGULATOR),
        }
        return lambda who, method, path, **rest: client.request(
            method, path, token=tokens[who], **rest
        )

    def test_both_documents_are_served_to_the_company_until_deleted(
        self, world, ask, sample_pdf, check_problem
    ):
        parts = {"file": ("a.pdf", sample_pdf)}
        sealed = ask("company", "POST", f"/v1/seals/{world.contract.id}/uses", files=parts)
        path = f"/v1/uses/{sealed.headers['eseal-use-id']}/document"
        assert ask("company", "GET", path).content == sealed.content
        original = ask("company", "GET", f"{path}?original=true")
        assert original.content == sample_pdf
        assert original.headers["content-type"] == "application/pdf"
        for who in ("operator", "regulator"):
            assert ask(who, "GET", f"{path}?original=true").status_code == 403
        assert ask("regulator", "DELETE", path).status_code == 403
        assert ask("operator", "DELETE", path).status_code == 204
        check_problem(ask("company", "GET", path), 404, "not_found")
        check_problem(ask("company", "GET", f"{path}?original=true"), 404, "not_found")
        assert ask("company", "GET", path.removesuffix("/document")).status_code == 200
        assert world.service.audit.run().disagreements == ()


@pytest.mark.parametrize("field", [{"placement": '{"auto": true}'}, {"flatten": "true"}])
def test_what_is_for_pdfs_is_not_ignored_for_another_file(send, sample_pdf, history, field):
    before = len(history())
    answer = send("documents:batch", [("a.txt", b"tea"), ("b.pdf", sample_pdf)], data=field)
    first, second = answer.json()["results"]
    assert first["problem"]["type"] == "urn:eseal:problem:unsupported_document"
    assert first["problem"]["field"] == "file"
    assert "visible, placement, flatten, lock, parties are for PDFs" in first["problem"]["detail"]
    assert "use" in second
    assert len(history()) == before + 1
