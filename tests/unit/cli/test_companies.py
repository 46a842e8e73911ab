LEI = "lei:213800KUD8LAJWSQ9D15"
ELBE = ("--id", LEI, "--country", "GB")


def test_add_shows_the_company(eseal):
    shown = eseal("company", "add", "--name", "Elbe Teekontor GmbH", *ELBE)
    assert shown.code == 0
    assert "Elbe Teekontor GmbH" in shown.out
    assert "LEIXG-213800KUD8LAJWSQ9D15" in shown.out


def test_add_with_seals_issues_them_in_one_step(eseal):
    shown = eseal(
        "company", "add", "--name", "Elbe", *ELBE, "--seals", "contract, finance", "--json"
    )
    assert shown.code == 0
    assert [seal["type"] for seal in shown.json["seals"]] == ["contract", "finance"]
    assert {seal["state"] for seal in shown.json["seals"]} == {"active"}
    assert {seal["company_id"] for seal in shown.json["seals"]} == {shown.json["id"]}


def test_add_shows_the_seals(eseal):
    shown = eseal("company", "add", "--name", "Elbe", *ELBE, "--seals", "invoice")
    assert "invoice" in shown.out
    assert "active" in shown.out


def test_an_unknown_seal_type_is_wrong_usage_and_adds_nothing(eseal):
    shown = eseal("company", "add", "--name", "Elbe", *ELBE, "--seals", "contract,wax")
    assert shown.code == 2
    assert "'wax'" in shown.err
    assert len(eseal("company", "list", "--json").json) == 1


def test_a_company_is_added_once(eseal):
    shown = eseal("company", "add", "--name", "Again", "--id", "uscc:91330100799655058B")
    assert shown.code == 1
    assert "on record already" in shown.err


def test_list_as_table_and_as_json(eseal):
    shown = eseal("company", "list")
    (company,) = eseal("company", "list", "--json").json
    assert company["registration_id"] == "uscc:91330100799655058B"
    assert company["id"] in shown.out
    assert company["name"] in shown.out


def test_an_lei_names_no_country_so_it_is_asked_for(eseal):
    refused = eseal("company", "add", "--name", "Elbe", "--id", LEI)
    assert refused.code == 2
    assert "ISO 3166-1 code of the company's seat" in refused.err
    assert eseal("company", "add", "--name", "Elbe", *ELBE, "--json").json["country"] == "GB"


def test_a_second_register_names_no_second_company(eseal):
    refused = eseal("company", "add", "--name", "Elbe", "--id", LEI, "--country", "DE")
    assert (refused.code, "vat:DE" in refused.err) == (2, True)


def test_a_new_name_is_put_on_record(eseal):
    (company,) = eseal("company", "list", "--json").json
    told = eseal("company", "rename", company["id"], "--name", "杭州云章集团有限公司", "--json")
    assert told.json == company | {"name": "杭州云章集团有限公司"}
    assert "云章集团" in eseal("company", "rename", company["id"], "--name", "云章集团").out
    assert eseal("company", "rename", "nobody", "--name", "A").code == 1
    assert eseal("company", "rename", company["id"], "--name", "").code == 2


def test_an_authority_that_is_down_leaves_nothing_behind(eseal, tmp_path):
    card = tmp_path / "card.json"
    args = ("--name", "A", "--scheme", "VATDE", "--dir", tmp_path / "authority", "--json")
    where = eseal("ledger", "show", "--json").json
    chain = ("--chain-id", where["chain_id"], "--registry", where["seal_registry"])
    card.write_text(eseal("authority", "init", *args, *chain).out)
    settings = {
        "ESEAL_AUTHORITY": "http://127.0.0.1:1",
        "ESEAL_AUTHORITY_CARD": str(card),
        "ESEAL_AUTHORITY_TOKEN": "eseal_t",
    }
    add = ("company", "add", "--name", "Elbe", "--id", "vat:DE136695976", "--json")
    refused = eseal(*add, **settings)
    assert (refused.code, refused.error["code"]) == (1, "authority_unreachable")
    assert len(eseal("company", "list", "--json").json) == 1
    assert eseal(*add).code == 0


def test_a_company_goes_on_under_another_registration_id(eseal, world_of):
    (old,) = eseal("company", "list", "--json").json
    new = eseal("company", "add", "--name", old["name"], *ELBE, "--json").json
    shown = eseal("company", "continue", old["id"], new["registration_id"])
    assert shown.out.startswith("done in block "), shown.err
    assert eseal("company", "continue", old["id"], new["id"]).out == "nothing to do\n"
    with world_of() as service:
        before, after = (service.directory.company(one["id"]).subject for one in (old, new))
        said = [one for one in service.context.reader.events(before) if hasattr(one, "new_subject")]
    assert [one.new_subject for one in said] == [after]


def test_what_goes_on_is_another_company_on_record_and_its_authority_says_so(eseal):
    (old,) = eseal("company", "list", "--json").json
    same = eseal("company", "continue", old["id"], old["registration_id"])
    assert (same.code, "keeps its subject" in same.err) == (2, True)
    gone = eseal("company", "continue", old["id"], LEI)
    assert (gone.code, "LEIXG-213800KUD8LAJWSQ9D15" in gone.err) == (1, True)
    eseal("company", "add", "--name", "Elbe", *ELBE)
    elsewhere = eseal("company", "continue", old["id"], LEI, ESEAL_AUTHORITY="https://a.example")
    assert elsewhere.code == 1
    assert "have it run: eseal authority continue --from OLD --to NEW" in elsewhere.err
