"""The owner's watch, as a company runs it: over HTTP, with its own file and the ledger."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from eseal.cli.demo.stage import Found

if TYPE_CHECKING:
    from eseal.cli.demo.story import Story
    from eseal.service.instance.context import Context
    from eseal.service.service import Service

POLL_SECONDS = 0.02
NOTHING = Found("TOTAL_PASSED", "authentic", "the owner's watch sees nothing")


def look(story: Story, shown: Context) -> Found:
    """One round of the company's watch.

    Args:
        story: the company, and the trust file and watch file that it has had from before.
        shown: the instance whose log and history the operator shows; nobody serves it.
    """
    from eseal.monitor.client import LogClient
    from eseal.service.people.permissions import Scope
    from eseal.service.service import Service
    from eseal.verify.inputs.trust import Trust
    from eseal.watch.history.openings import History
    from eseal.watch.log.state import WatchState
    from eseal.watch.log.tickets import Shelf
    from eseal.watch.rounds.watch import Watch, Watched

    honest, company = story.service, story.company
    trust = Trust.parse(honest.context.settings.trust_path.read_bytes())
    file = honest.watch_files.watch_file(company.id)
    service, state = Service(shown), shown.settings.data_dir / "watch"
    token = service.access.create(Scope.COMPANY, company_id=company.id)
    with (
        _served(service) as url,
        closing(LogClient(f"{url}/log")) as log,
        closing(History(url, token)) as history,
        closing(WatchState(state, {"chain": str(trust.chain_id)})) as kept,
    ):
        watch = Watch(shown.connection.reader, trust, [log], kept, Shelf(state / "volumes"))
        done = watch.round([Watched(file, (history,))])
    for alarm in done.alarms:
        return Found("owner's watch", alarm.kind.value, alarm.message)
    return NOTHING


@contextmanager
def _served(service: Service) -> Iterator[str]:
    """Serve an instance at any port of loopback, from a thread; gives the URL."""
    import uvicorn

    from eseal_api.app import create_app

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(service), log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(POLL_SECONDS)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
