"""One opened instance with all its use cases."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from eseal.config import Settings
from eseal.errors import ConfigurationError
from eseal.pki.http import Fetcher
from eseal.service.archive.documents import Documents
from eseal.service.archive.renewal import RenewalRounds
from eseal.service.archive.stored_documents import StoredArchive
from eseal.service.audit import Audit
from eseal.service.background import Background
from eseal.service.instance.ca import BuiltInCa
from eseal.service.instance.context import Context
from eseal.service.instance.row_watch import RowWatch, look
from eseal.service.oversight.declarations import Declarations
from eseal.service.oversight.disclosures import Disclosures
from eseal.service.oversight.operations import Operations
from eseal.service.oversight.periods import Periods
from eseal.service.oversight.readiness import Readiness
from eseal.service.oversight.records import Records
from eseal.service.oversight.verification import Verification
from eseal.service.oversight.watch_files import WatchFiles
from eseal.service.people.permissions import Access
from eseal.service.record.anchoring import Anchoring
from eseal.service.record.idempotent import Idempotent
from eseal.service.record.recovery import Recovery
from eseal.service.record.sequencer import Sequencer
from eseal.service.sealing.applying import Sealing
from eseal.service.sealing.containers import Containers
from eseal.service.sealing.delivery import Delivery
from eseal.service.sealing.levels import Levels, long_term_of
from eseal.service.seals.directory import Directory
from eseal.service.seals.impressions import Impressions
from eseal.service.seals.lifecycle import Lifecycle
from eseal.service.seals.onboarding import Onboarding
from eseal.service.seals.responders import Responders
from eseal.service.seals.stops import Stops
from eseal.service.seals.subjects import Subjects
from eseal.service.seals.volumes import Volumes
from eseal.service.setup.bootstrap import open_context
from eseal.service.upkeep import Upkeep
from eseal.store.repositories.leader import leader_of
from eseal.store.row_check import look_back
from eseal.witness.client import Witnesses

if TYPE_CHECKING:
    pass


class Service:
    """The use cases of one instance. Safe to call from several threads.

    Attributes:
        context: settings, database, keys, ledger.
        directory: looks companies and seals up.
        onboarding: registers companies, makes seals.
        impressions: what seals look like.
        lifecycle: suspends, resumes, revokes.
        stops: the owner's stop codes.
        sealing: applies seals.
        containers: seals sets of files as one.
        documents: keeps documents beyond delivery, where that is switched on.
        anchoring: publishes heads.
        records: uses, history, evidence.
        disclosures: who looked at companies' records.
        declarations: the owners' word about uses.
        watch_files: what companies watch their seals with.
        periods: tickets of a period, for a regulator.
        verification: verdicts.
        audit: log × database × ledger.
        recovery: goes on after a loss.
        access: bearer tokens.
        idempotent: writes under an Idempotency-Key.
        operations: what those who run it see of it.
        readiness: whether it can seal now, and if not, why.
        upkeep: what is done again and again without being asked.
        ca: the built-in CA.
        subjects: asks the authority for companies' subjects.
        responders: its time-stamp authority and OCSP responder.
        long_term: raises seals to the levels B-T, B-LT and B-LTA.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._witnesses = _witnesses(context.settings)
        self._sequencer = Sequencer(context, self._witnesses)
        self._watch: RowWatch | None = None
        context.database.binding.alarm = self._sequencer.stop
        look_back(context.database)
        self._background: Background | None = None
        self.directory = Directory(context)
        self.impressions = Impressions(context)
        self.ca = BuiltInCa(context)
        self.responders = Responders(context, self.ca)
        self._fetcher = Fetcher(seconds=context.settings.tsa_timeout)
        self.long_term = long_term_of(context, self.responders, self.ca, self._fetcher)
        self.anchoring = Anchoring(context, self._witnesses)
        self.lifecycle = Lifecycle(context, self.anchoring)
        self.stops = Stops(context, self.lifecycle)
        self.subjects = Subjects(context)
        self.onboarding = Onboarding(context, self.ca, self.lifecycle, self.subjects)
        self._volumes = Volumes(context)
        self.documents = Documents(context)
        self._renewal = RenewalRounds(StoredArchive(self.documents), self.long_term, context.now)
        levels = Levels(context, self.long_term)
        delivery = Delivery(context, self._sequencer, self.documents, levels, self.anchoring)
        self.sealing = Sealing(context, self._sequencer, delivery, levels, self.impressions)
        self.containers = Containers(context, delivery, levels)
        self.records = Records(context)
        self.disclosures = Disclosures(context, self._sequencer)
        self.declarations = Declarations(context, self._sequencer)
        self.watch_files = WatchFiles(context)
        self.periods = Periods(context)
        self.verification = Verification(context, self.records)
        self.audit = Audit(context)
        self.recovery = Recovery(context, self._witnesses)
        self.access = Access(context)
        self.idempotent = Idempotent(context)
        self.operations = Operations(context)
        self.readiness = Readiness(context, lambda: self.stopped)
        self.upkeep = Upkeep(
            context.database,
            self._sequencer,
            self.lifecycle,
            self._volumes,
            self.sealing,
            self.documents,
            self._renewal,
            self.idempotent,
        )

    @classmethod
    def open(cls, settings: Settings, *, exclusive: bool = False) -> Self:
        """Open the instance in the settings' data directory.

        Args:
            settings: which one.
            exclusive: whether this process must own an embedded ledger, as one that serves must.

        Raises:
            ConfigurationError: something must be changed first; the message says what.
            LedgerUnreachableError: the configured node does not answer.
        """
        return cls(open_context(settings, exclusive=exclusive))

    @property
    def stopped(self) -> str | None:
        """Why nothing is sealed any more, or ``None`` while all is well."""
        return self._sequencer.stopped

    @property
    def queued(self) -> int:
        """Uses that wait for their commit."""
        return self._sequencer.queued

    def compare(self) -> None:
        """Look once at what a process that serves looks at all the time; stop if it is amiss.

        Whether the log lacks what was released or is on the ledger, and whether all rows are ours.

        Raises:
            DatabaseUnreachableError: the database cannot be asked.
        """
        self._sequencer.compare()
        look(self.context.database, self._sequencer.stop)

    def start(self) -> None:
        """Begin to anchor in the background, and to do the upkeep.

        Raises:
            ConfigurationError: another process does so on the same SQLite.
        """
        settings, database = self.context.settings, self.context.database
        self._sequencer.ask_back()
        leader = leader_of(database)
        if database.dialect == "sqlite" and not leader.holds():
            raise ConfigurationError(
                "another eseal serve runs on this database: stop that one, or use PostgreSQL for "
                "several"
            )
        self._watch = RowWatch(database, self._sequencer.stop)
        self._background = Background(
            self.anchoring,
            self.upkeep,
            self._sequencer,
            leader,
            interval=settings.anchor_interval,
            max_leaves=settings.anchor_max_leaves,
        )

    def close(self) -> None:
        """Finish what was accepted, anchor it if the loop runs, and give everything back."""
        self._sequencer.close()
        if self._background is not None:
            self._background.close()
        if self._watch is not None:
            self._watch.close()
        self._renewal.close()
        if self._witnesses is not None:
            self._witnesses.close()
        self._fetcher.close()
        self.subjects.close()
        self.context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _witnesses(settings: Settings) -> Witnesses | None:
    return None if settings.witnesses is None else Witnesses.load(settings.witnesses)
