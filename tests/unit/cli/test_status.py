"""``eseal status``: what /readyz says, in words."""

from __future__ import annotations


def test_an_instance_that_is_well_is_ready(eseal):
    told = eseal("status")
    assert (told.code, told.out.strip()) == (0, "ready")
    assert eseal("status", "--json").json == {"ready": True, "reasons": []}


def test_what_is_wrong_is_named(eseal, world_of):
    with world_of() as service, service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE companies SET name = 'Another'")
    told = eseal("status", "--json")
    assert told.code == 1
    assert told.json["ready"] is False
    (reason,) = told.json["reasons"]
    assert reason["trouble"] == "stopped"
    assert "companies" in reason["words"]
    shown = eseal("status")
    assert shown.code == 1
    assert "stopped" in shown.out
