"""``eseal demo``: plays through, leaves data that survive, and a service if asked."""

import httpx
import pytest

from tests.acceptance.conftest import PATIENCE

DATA = ("--data-dir", "demo-data")


@pytest.fixture(scope="module")
def demo(shell):
    """The demo, played in ./demo-data."""
    shell.environment["COLUMNS"] = "100"
    return shell("demo", *DATA)


def test_it_tells_what_happened_and_catches_every_forgery(demo):
    assert demo.code == 0, demo.out
    assert demo.err == ""
    for what in ("company registered", "seals issued", "head anchored", "gas"):
        assert f"\n{what} " in demo.out
    for finding in (
        *("authentic", "document_altered", "altered_after_sealing", "unregistered_seal"),
        *("added_after_sealing", "signature_invalid"),
        *("record_missing", "transplanted", "seal_not_active", "record_mismatch", "no_seal"),
        *("ticket_unknown", "leaf_differs", "foreign_row", "hidden_use", "unknown_seal"),
    ):
        assert f" {finding}\n" in demo.out
    assert "forgeries caught" in demo.out
    assert "\x1b" not in demo.out


@pytest.mark.usefixtures("demo")
def test_the_files_it_leaves_can_be_tried(shell):
    assert shell("verify", "demo-data/documents/contract.sealed.pdf", *DATA).code == 0
    assert shell("verify", "demo-data/documents/quotation.docx", *DATA).code == 0
    assert shell("verify", "demo-data/documents/contract.sealed-2.pdf", *DATA).code == 0
    assert shell("verify", "demo-data/forgeries/price-changed.pdf", *DATA).code == 1
    assert shell("verify", "demo-data/forgeries/in-the-buyers-place.pdf", *DATA).code == 1


@pytest.mark.usefixtures("demo")
def test_what_was_added_comes_off_again(shell):
    forged = "demo-data/forgeries/painted-and-undone.pdf"
    assert shell("verify", forged, *DATA, "--extract", "taken-out.pdf").code == 3
    assert shell("verify", "taken-out.pdf", *DATA).code == 0
    sealed = shell.directory / "demo-data" / "documents" / "contract.sealed.pdf"
    assert (shell.directory / "taken-out.pdf").read_bytes() == sealed.read_bytes()


@pytest.mark.usefixtures("demo")
def test_its_data_survive_a_kill_in_the_middle_of_a_batch(shell):
    seals = {seal["type"]: seal["id"] for seal in shell("seal", "list", *DATA, "--json").json}
    names = [f"{number}.txt" for number in range(200)]
    for name in names:
        shell.write(name, name.encode())
    process = shell.start("apply", *names, "--seal", seals["contract"], *DATA)
    for _ in range(10):
        process.stdout.readline()
    process.kill()
    process.communicate()
    audit = shell("audit", *DATA, "--json")
    assert (audit.code, audit.json["disagreements"]) == (0, [])


@pytest.mark.usefixtures("demo")
def test_played_again_it_starts_afresh_and_serves_on_request(shell, free_port, wait_for):
    shell.environment["ESEAL_PORT"] = str(free_port)
    url = f"http://127.0.0.1:{free_port}"
    process = shell.start("demo", "--serve", *DATA)
    try:
        for line in process.stdout:
            if "Serving on" in line:
                break
        assert url in line
        wait_for(lambda: answers(f"{url}/healthz"), "the service")
        document = shell.directory / "demo-data" / "documents" / "contract.sealed.pdf"
        files = {"file": document.read_bytes()}
        answer = httpx.post(f"{url}/v1/verifications", files=files, timeout=PATIENCE)
        assert answer.is_success, answer.text
        assert answer.json()["finding"] == "authentic"
        assert "still running" in shell("demo", *DATA).err
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def test_a_directory_of_somebody_else_is_left_alone(shell):
    (shell.directory / "mine").mkdir()
    shell.write("mine/precious.txt", b"keep")
    shown = shell("demo", "--data-dir", "mine")
    assert shown.code == 1
    assert "not a demo directory of ours" in shown.err
    assert (shell.directory / "mine" / "precious.txt").read_bytes() == b"keep"
