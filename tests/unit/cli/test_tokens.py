def test_a_token_is_shown_once_and_works_until_revoked(eseal, world_of):
    made = eseal("token", "create", "--scope", "regulator", "--label", "audit", "--json").json
    with world_of() as service:
        assert service.access.authenticate(made["token"]).name == f"regulator:{made['id']}"
    (listed,) = eseal("token", "list", "--json").json
    assert listed["id"] == made["id"]
    assert "token" not in listed
    revoked = eseal("token", "revoke", made["id"])
    assert revoked.code == 0
    assert eseal("token", "list", "--json").json[0]["revoked_at"] is not None


def test_the_token_alone_on_a_line(eseal):
    shown = eseal("token", "create", "--scope", "operator", COLUMNS="40")
    assert shown.out.startswith("eseal_")
    assert shown.out.count("\n") == 1
    assert "operator" in eseal("token", "list").out


def test_a_company_token_needs_its_company(eseal):
    assert eseal("token", "create", "--scope", "company").code == 2
    made = eseal(
        "token", "create", "--scope", "company", "--company", "uscc:91330100799655058B", "--json"
    )
    assert made.json["company_id"]


def test_unknown_scope_and_unknown_token(eseal):
    assert eseal("token", "create", "--scope", "king").code == 2
    assert eseal("token", "revoke", "a" * 26).code == 1
