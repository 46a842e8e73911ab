import io

import pytest
from PIL import Image


@pytest.fixture
def seal(seals):
    return seals["contract"]


def width_of(path):
    return Image.open(io.BytesIO(path.read_bytes())).width


def test_show_and_write_in_every_form(eseal, seal, tmp_path):
    shown = eseal("seal", "show", seal, "--json")
    assert shown.code == 0
    fields = shown.json
    assert (fields["id"], fields["source"], fields["profile"]) == (seal, "template", "contract-38")
    assert (fields["width"], fields["height"], len(fields["hash"])) == (38, 38, 64)
    starts = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}
    for form, start in starts.items():
        out = tmp_path / f"seal.{form}"
        written = eseal("seal", "show", seal, "--out", out)
        assert written.code == 0
        assert "seal." + form in written.out
        assert out.read_bytes().startswith(start)
    assert width_of(tmp_path / "seal.png") == pytest.approx(38 / 25.4 * 600, abs=1)
    again = eseal("seal", "show", seal, "--out", tmp_path / "seal.png", "--dpi", "300", "--force")
    assert again.code == 0
    assert width_of(tmp_path / "seal.png") == pytest.approx(38 / 25.4 * 300, abs=1)
    assert eseal("seal", "show", seal, "--out", tmp_path / "seal.png").code == 1


def test_an_image_is_uploaded_and_the_template_comes_back(eseal, seal, tmp_path):
    image = Image.new("RGB", (400, 400), "white")
    image.paste((200, 0, 0), (100, 150, 300, 250))
    out = io.BytesIO()
    image.save(out, "PNG")
    file = tmp_path / "scan.png"
    file.write_bytes(out.getvalue())
    made = eseal("seal", "impression", seal, "--file", file, "--width", "30", "--json").json
    assert (made["source"], made["media_type"]) == ("upload", "image/png")
    assert (made["width"], made["height"]) == (30, 15)
    assert eseal("seal", "show", seal, "--json").json["hash"] == made["hash"]
    assert eseal("seal", "impression", seal, "--usual", "--json").json["source"] == "template"


def test_a_template_is_chosen(eseal, seal):
    shown = eseal(
        *("seal", "impression", seal, "--profile", "contract-42", "--color", "#1b3f94"),
        *("--shape", "oval", "--width", "50", "--height", "36", "--no-star", "--line", "合同章"),
        *("--second-name", "Yunzhang Ltd", "--code", "3301061234567", "--json"),
    )
    assert shown.code == 0, shown.err
    assert (shown.json["profile"], shown.json["width"]) == ("contract-42", 50)
    assert eseal("seal", "impression", seal, "--no-lines").code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "expected --file"),
        (["--usual", "--star"], "--usual"),
        (["--shape", "star"], "--shape"),
        (["--profile", "wax"], "profile"),
        (["--name", "云𓀀"], "U+13000"),
        (["--color", "rot"], "colour"),
    ],
)
def test_wrong_usage(eseal, seal, options, words):
    shown = eseal("seal", "impression", seal, *options)
    assert shown.code == 2
    assert words in shown.err


def test_wrong_usage_of_files(eseal, seal, tmp_path):
    file = tmp_path / "a.svg"
    file.write_bytes(b"<svg/>")
    assert "--width" in eseal("seal", "impression", seal, "--file", file).err
    both = eseal("seal", "impression", seal, "--file", file, "--width", "30", "--no-star")
    assert (both.code, "no other option" in both.err) == (2, True)
    assert eseal("seal", "impression", seal, "--file", file, "--width", "30").code == 2
    assert eseal("seal", "show", seal, "--out", tmp_path / "a.gif").code == 2
    assert eseal("seal", "show", seal, "--dpi", "300").code == 2
