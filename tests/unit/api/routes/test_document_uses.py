"""Applying a seal to a document."""

from io import BytesIO
from pathlib import Path

import orjson
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from eseal.documents.pdf import read
from eseal.model.ids import new_id
from eseal.verify import Finding, Trust, verify_document
from tests.sealed import places_of


def dumps(value) -> str:
    return orjson.dumps(value).decode()


def test_any_file_gets_its_signature_beside_it(apply, shared_world):
    data = "合同正文".encode()
    answer = apply(files={"file": ("报价 1.docx", data)}, data={"purpose": "offer"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/pkcs7-signature"
    assert (
        "filename*=UTF-8''%E6%8A%A5%E4%BB%B7%201.docx.p7s"
        in (answer.headers["content-disposition"])
    )
    service = shared_world.service
    service.anchoring.anchor()
    evidence = service.records.evidence(answer.headers["eseal-use-id"])
    verification = service.verification
    report = verification.document(data, signature=answer.content, evidence=evidence)
    assert report.finding is Finding.AUTHENTIC


def test_a_pdf_waits_for_the_ledger_and_proves_itself(apply, sample_pdf, shared_world):
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data={"wait": "anchored"})
    assert answer.status_code == 201
    ledger, trust = shared_world.service.context.reader, shared_world.settings.trust_path
    alone = verify_document(answer.content, ledger=ledger, trust=Trust.parse(trust.read_bytes()))
    assert alone.finding is Finding.AUTHENTIC


def test_a_pdf_gets_the_seal_inside_and_can_be_fetched_until_it_has_arrived(
    apply, client, company_token, sample_pdf, check_problem
):
    answer = apply(files={"file": ("Contract.PDF", sample_pdf)})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="Contract.sealed.pdf"'
    url = f"{answer.headers['location']}/document"
    again = client.get(url, token=company_token)
    assert again.headers["content-type"] == "application/pdf"
    assert len(again.content) == len(answer.content)
    assert client.request("DELETE", url, token=company_token).status_code == 204
    check_problem(client.get(url, token=company_token), 404, "not_found")
    assert client.get(answer.headers["location"], token=company_token).is_success


def test_a_pdf_shows_its_seal_where_it_was_asked_to(
    client, stranger_token, operator_token, sample_pdf
):
    company = client.get("/v1/companies", token=stranger_token).json()["companies"][0]["id"]
    asked = {"company": company, "type": "contract"}
    seal = client.post("/v1/seals", token=operator_token, json=asked).json()["id"]
    box = orjson.dumps({"page": -1, "x": 120, "y": 20.5, "width": 60, "height": 20}).decode()
    form = {"files": {"file": ("a.pdf", sample_pdf)}, "data": {"visible": box}}
    answer = client.post(f"/v1/seals/{seal}/uses", token=stranger_token, **form)
    assert answer.status_code == 201
    assert b"Another Company Ltd" in answer.content


def test_a_pdf_shows_its_seal_over_a_keyword(client, stranger_token, sample_pdf):
    (seal,) = [
        one["id"]
        for one in client.get("/v1/seals", token=stranger_token).json()["seals"]
        if one["type"] == "contract"
    ]
    asked = orjson.dumps({"keyword": {"text": "page 2"}, "pages": "all"}).decode()
    form = {"files": {"file": ("a.pdf", sample_pdf)}, "data": {"placement": asked}}
    answer = client.post(f"/v1/seals/{seal}/uses", token=stranger_token, **form)
    assert answer.status_code == 201
    assert b"/EsealArt" in answer.content, "on the first page, too"


def test_the_choices_that_were_made_are_told(apply, client, company_token, seal_url, sample_pdf):
    asked = dumps([{"label": "Buyer", "at": {"page": 1, "x": 20, "y": 240}}])
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data={"parties": asked})
    assert answer.status_code == 201
    told = answer.headers["eseal-notes"]
    assert told.startswith("%\"the place of 'Buyer' on page 1 lies over what is printed there:")
    again = apply(files={"file": ("a.pdf", sample_pdf)})
    assert "eseal-notes" not in again.headers
    parts = [("file", ("b.pdf", answer.content)), ("file", ("c.txt", b"tea"))]
    batch = client.post(f"{seal_url}/documents:batch", token=company_token, files=parts,
                        data={"placement": '{"field": "Buyer"}'})  # fmt: skip
    first, second = batch.json()["results"]
    (note,) = first["notes"]
    assert note.startswith("the place of 'Buyer' on page 1 lies over what is printed there:")
    assert "placement, flatten" in second["problem"]["detail"], "not ignored for what is no PDF"
    parts = [("file", ("a.pdf", sample_pdf))]
    batch = client.post(
        f"{seal_url}/documents:batch", token=company_token, files=parts, data={"parties": asked}
    )
    (note,) = batch.json()["results"][0]["notes"]
    assert "lies over what is printed there" in note


@pytest.mark.parametrize(
    ("placement", "code", "field"),
    [
        ("{", "invalid_format", "placement"),
        ('{"keyword": {"text": "nowhere"}}', "invalid_input", "keyword"),
        ('{"at": {"page": 9, "x": 1, "y": 1}}', "invalid_input", "at"),
        ('{"at": {"page": 1, "x": 900, "y": 1}}', "invalid_input", "at"),
        ('{"field": "Buyer"}', "invalid_input", "field"),
        ('{"cross_page": {"pages": "1"}}', "invalid_input", "cross_page"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    client, company_token, sample_pdf, check_problem, placement, code, field
):
    seal = client.get("/v1/seals", token=company_token).json()["seals"][0]["id"]
    form = {"files": {"file": ("a.pdf", sample_pdf)}, "data": {"placement": placement}}
    answer = client.post(f"/v1/seals/{seal}/uses", token=company_token, **form)
    check_problem(answer, 422, code, field)


def test_two_ways_to_say_where_are_one_too_many(apply, sample_pdf, check_problem):
    data = {"placement": '{"auto": true}', "visible": '{"page": 1}'}
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data=data)
    check_problem(answer, 422, "invalid_format", "placement")


def test_a_document_under_a_key_is_sealed_once(apply, sample_pdf, check_problem):
    key, files = new_id(), {"file": ("a.pdf", sample_pdf)}
    first, again = apply(files=files, key=key), apply(files=files, key=key)
    assert first.headers["eseal-use-id"] == again.headers["eseal-use-id"]
    other = apply(files={"file": ("a.pdf", sample_pdf + b"\n")}, key=key)
    check_problem(other, 422, "idempotency_conflict")


@pytest.mark.parametrize(
    ("files", "data", "code", "field"),
    [
        ({"purpose": (None, "x")}, {}, "invalid_format", "file"),
        ({"file": ("a.txt", b"")}, {}, "invalid_input", "file"),
        ({"file": ("a.txt", b"x")}, {"purpose": "two\nlines"}, "invalid_format", "purpose"),
        ({"file": ("a.txt", b"x")}, {"visible": "{"}, "invalid_format", "visible"),
        ({"file": ("a.txt", b"x")}, {"visible": '{"page": 1}'}, "invalid_format", "visible"),
        ({"file": ("a.txt", b"x")}, {"more": "x"}, "invalid_format", "more"),
        ({"other": ("a.txt", b"x")}, {}, "invalid_format", "other"),
        ({"file": ("a.pdf", b"no pdf")}, {}, "unsupported_document", "file"),
        ({"file": ("a.pdf", b"%PDF-1.7\ncut off")}, {}, "unsupported_document", "file"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(apply, files, data, code, field, check_problem):
    check_problem(apply(files=files, data=data), 422, code, field)


@pytest.mark.parametrize(
    "box",
    [
        {"page": 0, "x": 1, "y": 1, "width": 1, "height": 1},
        {"page": True, "x": 1, "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": -1, "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": "1", "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": True, "y": 1, "width": 1, "height": 1},
        {"page": 1, "x": 1e9, "y": 1, "width": 1, "height": 1},
    ],
)
def test_a_place_on_no_page_is_refused(apply, box, sample_pdf):
    answer = apply(
        files={"file": ("a.pdf", sample_pdf)}, data={"visible": orjson.dumps(box).decode()}
    )
    assert answer.status_code == 422
    assert answer.json()["field"].startswith("visible.")


def test_a_broken_form_is_refused(apply, check_problem):
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = apply(content=b"nonsense", headers={"Content-Type": kind})
        check_problem(answer, 422, "invalid_format")


def test_a_part_twice_or_a_field_for_a_file_is_refused(apply, check_problem):
    files = [("file", ("a.txt", b"x")), ("file", ("b.txt", b"y"))]
    check_problem(apply(files=files), 422, "invalid_format", "file")
    files = {"file": (None, "x"), "purpose": (None, "y")}
    check_problem(apply(files=files), 422, "invalid_format", "file")


def test_a_sealed_pdf_is_not_sealed_again(apply, sample_pdf, check_problem):
    sealed = apply(files={"file": ("a.pdf", sample_pdf)}).content
    check_problem(apply(files={"file": ("a.pdf", sealed)}), 422, "already_sealed", "file")


def with_script(pdf):
    """The document with a script in an update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    script = {"/S": generic.NameObject("/JavaScript"), "/JS": generic.TextStringObject("x")}
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {generic.NameObject(key): value for key, value in script.items()}
    )
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_document_that_must_not_be_sealed_is_refused_with_reasons(
    apply, sample_pdf, check_problem
):
    form = {"file": ("a.pdf", with_script(sample_pdf))}
    answer = apply(files=form)
    check_problem(answer, 422, "unsafe_document", "file")
    assert answer.json()["reasons"] == ["javascript", "automatic_action"]
    assert apply(files=form, data={"flatten": "true"}).status_code == 201


def test_several_parties_seal_one_after_another(apply, sample_pdf, check_problem):
    parties = [
        {"label": "Buyer", "at": {"page": -1, "x": 120, "y": 20}, "width": 40, "height": 40},
        {"label": "Bank", "keyword": {"text": "page 1"}},
        {"label": "Notary", "invisible": True},
        {"label": "Agent"},
    ]
    first = apply(files={"file": ("a.pdf", sample_pdf)}, data={"parties": dumps(parties)})
    assert first.status_code == 201, first.text
    assert (read(first.content).filled, read(first.content).total) == (1, 5)
    _, *places = places_of(first.content)
    assert [(place.name, place.page, place.box[2:]) for place in places] == [
        ("Buyer", 1, (40, 40)),
        ("Bank", 0, (45, 45)),
        ("Notary", 0, (0, 0)),
        ("Agent", 1, (45, 45)),
    ]
    assert places[0].box[:2] == (120, 20)

    again = {"file": ("a.sealed.pdf", first.content)}
    check_problem(apply(files=again), 422, "invalid_input", "field")
    data = {"placement": '{"field": "Bank"}', "lock": "true"}
    second = apply(files=again, data=data)
    assert second.status_code == 201, second.text
    assert second.headers["content-disposition"] == 'attachment; filename="a.sealed-2.pdf"'
    assert second.content.startswith(first.content)
    assert [seal.field for seal in read(second.content).seals][1:] == ["Bank"]
    check_problem(apply(files={"file": ("a.pdf", second.content)}), 422, "already_sealed", "file")


def test_the_only_place_left_is_taken_and_a_document_signed_by_others_is_for_a_container(
    apply, sample_pdf, check_problem
):
    parties = dumps([{"label": "Buyer"}])
    first = apply(files={"file": ("a.pdf", sample_pdf)}, data={"parties": parties}).content
    check_problem(apply(files={"file": ("a.pdf", first)}), 422, "invalid_input", "field")
    signed = Path("tests/data/pdf/pyhanko-signed.pdf").read_bytes()
    detail = check_problem(apply(files={"file": ("a.pdf", signed)}), 422, "already_sealed", "file")
    assert "container" in detail


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"flatten": "yes"}, "flatten"),
        ({"parties": "{}"}, "parties"),
        ({"parties": "[1]"}, "parties"),
        ({"parties": '[{"label": 1}]'}, "parties.label"),
        ({"parties": '[{"invisible": true}]'}, "parties.label"),
        ({"parties": '[{"label": "A", "name": "A"}]'}, "name"),
        ({"parties": '[{"label": "A", "at": {"page": 0, "x": 1, "y": 1}}]'}, "placement.at.page"),
        ({"parties": '[{"label": "A", "at": {"page": 1, "x": "", "y": 1}}]'}, "placement.at.x"),
        ({"parties": '[{"label": "A", "keyword": {"text": " "}}]'}, "placement.keyword.text"),
        ({"parties": '[{"label": "A", "invisible": 1}]'}, "parties.invisible"),
        ({"parties": '[{"label": "A", "width": 1}]'}, "parties.width"),
        ({"parties": '[{"label": "A", "height": "40"}]'}, "parties.height"),
        ({"parties": '[{"label": "A", "keyword": {"text": "x"}, "invisible": true}]'}, "parties"),
    ],
)
def test_a_manner_that_is_none_is_refused(apply, sample_pdf, check_problem, data, field):
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data=data)
    check_problem(answer, 422, "invalid_format", field)


@pytest.mark.parametrize(
    "parties",
    [
        [{"label": "A"}, {"label": "A"}],
        [{"label": ""}],
        [{"label": "two\nlines"}],
        [{"label": "x" * 61}],
        [{"label": f"{number}", "invisible": True} for number in range(32)],
        [{"label": "A", "at": {"page": 1, "x": 190, "y": 20}}],
        [{"label": name, "at": {"page": 1, "x": 20, "y": 20}} for name in "AB"],
    ],
)
def test_places_that_cannot_be_are_refused_before_the_seal_is_used(
    apply, sample_pdf, shared_world, parties
):
    records = shared_world.service.records
    before = len(records.history(seal_id=shared_world.contract.id))
    answer = apply(files={"file": ("a.pdf", sample_pdf)}, data={"parties": dumps(parties)})
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:eseal:problem:invalid_input"
    assert len(records.history(seal_id=shared_world.contract.id)) == before
