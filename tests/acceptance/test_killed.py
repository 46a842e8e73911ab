"""``kill -9`` in the middle of a batch: nothing that was delivered is without its record."""

import fcntl
import threading

import httpx

FILES = 400
PIPE_BYTES = 4096
"""Some seventy lines."""
BATCH = 200


def test_the_command_line_killed_among_many_files(office):
    names = [f"{number:03}.txt" for number in range(FILES)]
    for name in names:
        office.write(name, name.encode())
    process = office.start("apply", *names, "--seal", office.seals["contract"])
    # Into so narrow a pipe it cannot tell of all files at once: it is killed among them, even if
    # that takes us a while.
    fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    told = [process.stdout.readline() for _ in range(20)]
    process.kill()
    process.communicate()
    assert all(line.startswith("sealed ") for line in told)

    audit = office("audit", "--json")
    assert (audit.code, audit.json["disagreements"]) == (0, [])
    delivered = sorted(path.name for path in office.directory.glob("*.p7s"))
    assert len(told) <= len(delivered) < FILES
    recorded = audit.json["uses"]
    assert len(delivered) <= recorded < FILES

    again = office("apply", *names, "--seal", office.seals["contract"], "--json")
    assert again.code == 0, again.out
    assert sum(result["earlier"] for result in again.json) == recorded
    assert office("audit", "--json").json["uses"] == FILES
    office("anchor")
    for name in (names[0], delivered[-1].removesuffix(".p7s"), names[-1]):
        assert office("verify", name).code == 0


def test_the_service_killed_among_many_batches(office, serve):
    server = serve()
    token = office(
        *("token", "create", "--scope", "company", "--company", "vat:DE136695976")
    ).out.strip()
    before = office("audit", "--json").json["uses"]
    answered: list[str] = []
    enough = threading.Event()

    def ask(client: int) -> None:
        for number in range(1000):
            digests = [f"{client:08x}{number:08x}{item:048x}" for item in range(BATCH)]
            try:
                answer = httpx.post(
                    f"{server.url}/v1/seals/{office.seals['finance']}/uses:batch",
                    json={"uses": [use_of(digest) for digest in digests]},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=60,
                )
                answer.raise_for_status()
            except httpx.TransportError:
                return
            answered.extend(result["use"]["id"] for result in answer.json()["results"])
            if len(answered) >= 3 * BATCH:
                enough.set()

    clients = [threading.Thread(target=ask, args=(client,)) for client in range(3)]
    for client in clients:
        client.start()
    assert enough.wait(60)
    server.process.kill()
    for client in clients:
        client.join()

    audit = office("audit", "--json")
    assert (audit.code, audit.json["disagreements"]) == (0, [])
    assert audit.json["uses"] - before >= len(answered)
    history = office("history", "--seal", office.seals["finance"], "--json").json
    assert set(answered) <= {use["id"] for use in history}
    assert len({use["ticket"]["value"] for use in history}) == len(history)
    assert office("anchor", "--json").code == 0
    assert office("audit", "--json").json["pending"] == 0


def use_of(digest: str) -> dict[str, object]:
    return {"digest": {"alg": "sha-256", "value": digest}, "media_type": "text/plain"}
