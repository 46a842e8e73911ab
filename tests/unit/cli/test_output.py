import io
import json

from eseal.cli.frame.output import (
    cell,
    colour,
    console,
    print_fields,
    print_json,
    print_rows,
    sign,
)

ROWS = [
    {"id": "a" * 26, "name": "杭州云章科技有限公司", "label": ""},
    {"id": "b" * 26, "name": "Firm", "label": "no. 2"},
]


def test_a_pipe_gets_plain_columns_that_never_wrap(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    long = [{"id": "x", "name": "n" * 300, "label": None}]
    print_rows(long, ("id", "name", "label"), empty="none")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "n" * 300 in lines[1]
    assert "\x1b" not in lines[1]


def test_no_line_ends_in_blanks(capsys):
    print_rows(ROWS, ("id", "name", "label"), empty="none")
    print_fields(ROWS[0])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [line.rstrip() for line in lines]


def test_wide_characters_stay_in_their_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    print_rows(ROWS, ("name", "label"), empty="none")
    _, first, second = capsys.readouterr().out.splitlines()
    assert first.index("–") == second.index("no. 2") - len("杭州云章科技有限公司")


def test_a_narrow_terminal_gets_rows_one_under_another(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    print_rows(ROWS, ("id", "name", "label"), empty="none")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["id", "a" * 26]
    assert max(map(len, lines)) <= 40


def test_nothing_to_show_is_said(capsys):
    print_rows([], ("id",), empty="no seals")
    assert capsys.readouterr().out == "no seals\n"


def test_missing_values_show_as_a_dash():
    assert [cell(value) for value in (None, "", 0, "x")] == ["–", "–", "0", "x"]


def test_a_sign_speaks_by_its_shape_and_in_letters_where_there_are_no_shapes(monkeypatch):
    looks = ("passed", "open", "failed", "skipped")
    signs = [sign(look) for look in looks]
    assert len(set(signs)) == len({colour(look) for look in looks}) == len(looks)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert all(sign(look).isascii() for look in looks)
    assert len({sign(look) for look in looks}) == len(looks)


def test_markup_in_records_is_not_obeyed(capsys):
    print_fields({"name": "[bold]Firm[/bold] :smile:"})
    assert "[bold]Firm[/bold] :smile:" in capsys.readouterr().out


def test_columns_wins_over_the_width_of_a_pipe(monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    assert console().width == 90
    monkeypatch.delenv("COLUMNS")
    assert console(pipe_width=100).width == 100


STEERING = "Firm\x1b[2J\x9b1m\u202egnp\udc80\r\nGREEN"


def test_a_name_cannot_steer_the_terminal(capsys):
    print_fields({"name": STEERING})
    print_rows([{"name": STEERING}], ("name",), empty="")
    for line in capsys.readouterr().out.splitlines():
        assert line.isprintable()
    print_json({"name": STEERING})
    shown = capsys.readouterr().out
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert json.loads(shown) == {"name": STEERING}


def test_json_keeps_what_people_can_read(capsys):
    print_json({"name": "杭州云章科技有限公司"})
    assert "杭州云章科技有限公司" in capsys.readouterr().out
