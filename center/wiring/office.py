"""Constructs the office's services from its configuration."""

import contextlib
from dataclasses import dataclass
from typing import Self

from center.accounts.old_logins import OldLogins
from center.accounts.review import AccountReviews
from center.accounts.service import Accounts
from center.attendance.service import Attendances
from center.audit.service import Audit
from center.backup.backup_job import BackupJobs
from center.backup.service import Backups
from center.billing.confirmations import Confirmations
from center.billing.letter_jobs import LetterJobs
from center.billing.letters import Letters
from center.billing.payee import Payees
from center.billing.service import Billing
from center.booths.service import Booths
from center.calls.live import LiveHelp
from center.calls.service import HelpCalls
from center.campus.service import CampusList
from center.chain_check.chain_jobs import ChainJobs
from center.corrections.progress import CorrectionOverview
from center.corrections.service import Corrections
from center.dashboard.service import Dashboards
from center.delivery.cross_check import CrossChecks
from center.delivery.items import DeliveryItems
from center.delivery.packing import Packing
from center.delivery.service import Deliveries
from center.export.service import SeasonExport
from center.graduates.owners import Owners
from center.health.service import OfficeHealth
from center.identity.provisional import ProvisionalRows
from center.identity.service import IdentityAnswers
from center.intake.filing_again import FilingAgain
from center.intake.service import Intake
from center.jobs.service import Jobs
from center.mail.compose import composer
from center.mail.service import Mails
from center.makeup.service import MakeupQueue
from center.own_school.letters import OwnLetters
from center.own_school.service import OwnSchool
from center.passes.service import Passes
from center.platform.clock import Clock, wall_clock
from center.platform.configuration import CenterConfig
from center.platform.database import Database
from center.platform.migrate import is_current
from center.platform.office_keys import OfficeKeys, load_office_keys
from center.platform.photos import PhotoStore
from center.platform.seal_keys import Envelopes, load_seal_keys
from center.print_sheets.service import PrintLocks
from center.prints.print_jobs import PrintJobs
from center.prints.sending import PrintSendings
from center.reconciliation.service import Reconciliations
from center.recrop.service import Recropping
from center.releases.service import Releases
from center.retention.model import retention_table
from center.retention.own_data import OwnData
from center.retention.purge import Purge
from center.retention.purge_job import PurgeJobs
from center.retention.service import DataCases
from center.review.figures import Figures
from center.review.queue import Queue
from center.roster.feed import RosterFeed
from center.roster.service import Roster
from center.schools.service import Schools
from center.season.service import Seasons
from center.shots.feed import DecisionFeed
from center.waiting.service import WaitingNumbers
from center.wiring.late import late_sources
from center.wiring.storage import NotReady, office_lock, open_database, open_messenger, open_photos
from rules.profile import load_profile, profile_names
from rules.season import load_season

_SEASON = "jiangsu"
"""The season table that comes with the program; it is in force until staff change it."""


@dataclass(frozen=True, slots=True)
class Office:
    """The office's services. `close` it, or use it as a context."""

    config: CenterConfig
    clock: Clock
    database: Database
    photos: PhotoStore
    envelopes: Envelopes
    office_keys: OfficeKeys
    audit: Audit
    intake: Intake
    queue: Queue
    identity_answers: IdentityAnswers
    recropping: Recropping
    decision_feed: DecisionFeed
    roster: Roster
    roster_feed: RosterFeed
    campus: CampusList
    schools: Schools
    mails: Mails
    provisional: ProvisionalRows
    booths: Booths
    help_calls: HelpCalls
    live_help: LiveHelp
    releases: Releases
    accounts: Accounts
    account_reviews: AccountReviews
    old_logins: OldLogins
    seasons: Seasons
    passes: Passes
    dashboards: Dashboards
    reconciliations: Reconciliations
    purge: Purge
    purge_jobs: PurgeJobs
    chain_jobs: ChainJobs
    data_cases: DataCases
    jobs: Jobs
    attendances: Attendances
    deliveries: Deliveries
    delivery_items: DeliveryItems
    packing: Packing
    print_locks: PrintLocks
    print_sendings: PrintSendings
    print_jobs: PrintJobs
    corrections: Corrections
    correction_overview: CorrectionOverview
    own_school: OwnSchool
    letter_confirmations: Confirmations
    own_letters: OwnLetters
    makeup: MakeupQueue
    waiting_numbers: WaitingNumbers
    payees: Payees
    billing: Billing
    letters: Letters
    letter_jobs: LetterJobs
    export: SeasonExport
    backups: Backups
    backup_jobs: BackupJobs
    health: OfficeHealth
    filing_again: FilingAgain
    held: contextlib.ExitStack  # what `close` releases

    @classmethod
    def open(cls, config: CenterConfig, clock: Clock = wall_clock, photos: PhotoStore | None = None) -> Self:
        """Open an office that `center init` made. Raises `NotReady`, `OfficeKeysFault`,
        `SealKeysFault`, `Unavailable`."""
        office_keys, keys = load_office_keys(config.keys), load_seal_keys(config.seal_keys)
        with contextlib.ExitStack() as undo:
            undo.enter_context(office_lock(config, alone=False))
            database = open_database(config)
            undo.callback(database.close)
            if not is_current(database):
                raise NotReady("the database was never made, or by another version: run `center init`")
            store = photos if photos is not None else open_photos(config)
            undo.callback(store.close)
            audit = Audit(office_keys.audit_key)
            envelopes = Envelopes(store, keys)
            roster = Roster(database, office_keys, audit, clock)
            identity_answers = IdentityAnswers(database, office_keys, audit, roster, config.review, clock)
            profiles = {name: load_profile(name) for name in profile_names()}
            if config.public.profile not in profiles:
                known = ", ".join(sorted(profiles))
                raise NotReady(
                    f"public.profile names {config.public.profile!r}, which is none: set it to one of {known}"
                )
            recropping = Recropping(database, store, envelopes, keys, profiles)
            accounts = Accounts(database, office_keys, audit, clock)
            jobs = Jobs(database, store, office_keys, audit, clock)
            schools = Schools(database, office_keys, audit, clock)
            mails = Mails(
                database,
                jobs,
                schools,
                audit,
                open_messenger(config.mail),
                composer(config.mail.office_url, config.public.phone),
                clock,
            )
            print_locks = PrintLocks(database, office_keys, audit, clock)
            campus = CampusList(database, office_keys, audit, roster, clock)
            attendances = Attendances(database, office_keys, audit, roster, campus, clock)
            items = DeliveryItems(office_keys, clock)
            deliveries = Deliveries(
                database, office_keys, audit, items, roster, attendances, jobs, mails, print_locks, profiles, clock
            )
            cross_checks = CrossChecks(database, office_keys, audit, recropping, clock)
            queue = Queue(database, audit, config.review, clock)
            seasons = Seasons(database, audit, load_season(_SEASON), clock)
            intake = Intake(database, store, keys, office_keys, profiles, clock)
            undo.callback(intake.close)
            booths = Booths(database, audit, config.enrolment, clock)
            undo.callback(booths.close)
            makeup = MakeupQueue(database, booths, clock)
            help_calls = HelpCalls(database, audit, clock)
            releases = Releases(database, audit, config.releases, clock)
            owners = Owners(office_keys, roster)
            purge = Purge(database, store, audit, roster, campus, seasons, profiles, retention_table(), owners, clock)
            own_data = OwnData(office_keys, roster, campus, attendances, items, identity_answers)
            corrections = Corrections(database, office_keys, audit, roster, items, print_locks, mails, clock)
            intake.on_flag["data_wrong"] = corrections.open_reported_case
            passes = Passes(database, office_keys, audit, roster, seasons, clock)
            reconciliations = Reconciliations(database, office_keys, audit, seasons, clock)
            payees = Payees(database, office_keys, audit, clock)
            letters = Letters(database, office_keys, audit, roster, mails, clock)
            corrections.on_moved.append(letters.moved)
            confirmations = Confirmations(database, audit, clock)
            billing = Billing(
                database,
                office_keys,
                audit,
                roster,
                attendances,
                deliveries,
                items,
                seasons,
                payees,
                profiles,
                mails,
                clock,
            )
            backups = Backups(config, database, store, office_keys, audit, clock)
            account_reviews = AccountReviews(database, audit, clock)
            return cls(
                config=config,
                clock=clock,
                database=database,
                photos=store,
                envelopes=envelopes,
                office_keys=office_keys,
                audit=audit,
                intake=intake,
                queue=queue,
                identity_answers=identity_answers,
                recropping=recropping,
                decision_feed=DecisionFeed(database, clock),
                roster=roster,
                roster_feed=RosterFeed(database, office_keys),
                campus=campus,
                schools=schools,
                mails=mails,
                provisional=ProvisionalRows(database, office_keys, audit, roster, identity_answers, clock),
                booths=booths,
                help_calls=help_calls,
                live_help=LiveHelp(database, audit, clock),
                releases=releases,
                accounts=accounts,
                account_reviews=account_reviews,
                old_logins=OldLogins(database, clock),
                seasons=seasons,
                reconciliations=reconciliations,
                passes=passes,
                purge=purge,
                purge_jobs=PurgeJobs(database, purge, jobs),
                chain_jobs=ChainJobs(database, audit, jobs),
                data_cases=DataCases(database, office_keys, audit, recropping, purge, own_data, owners, clock),
                dashboards=Dashboards(
                    database,
                    seasons,
                    queue,
                    Figures(database, clock),
                    roster,
                    clock,
                    late=late_sources(help_calls, passes, reconciliations, deliveries, letters, mails),
                ),
                jobs=jobs,
                attendances=attendances,
                deliveries=deliveries,
                delivery_items=items,
                packing=Packing(database, deliveries, recropping, cross_checks, profiles),
                print_locks=print_locks,
                print_sendings=PrintSendings(database, office_keys, audit, print_locks, clock),
                corrections=corrections,
                correction_overview=CorrectionOverview(database, deliveries, seasons),
                letter_confirmations=confirmations,
                own_letters=OwnLetters(letters, confirmations),
                own_school=OwnSchool(
                    database,
                    office_keys,
                    audit,
                    roster,
                    attendances,
                    deliveries,
                    items,
                    corrections,
                    recropping,
                    accounts,
                    clock,
                ),
                print_jobs=PrintJobs(
                    database,
                    items,
                    print_locks,
                    jobs,
                    audit,
                    recropping,
                    cross_checks,
                    profiles,
                    config.prints,
                    clock,
                ),
                makeup=makeup,
                waiting_numbers=WaitingNumbers(database, audit, seasons, makeup, clock),
                payees=payees,
                billing=billing,
                letters=letters,
                export=SeasonExport(
                    database, office_keys, audit, roster, attendances, items, billing, letters, profiles, clock
                ),
                letter_jobs=LetterJobs(database, billing, letters, jobs, audit, clock),
                backups=backups,
                backup_jobs=BackupJobs(database, backups, jobs, config.backup.folder),
                health=OfficeHealth(config, database, store, office_keys, backups, account_reviews, clock),
                filing_again=FilingAgain(store, keys, intake, booths),
                held=undo.pop_all(),
            )

    def close(self) -> None:
        """Close everything; idempotent."""
        self.held.close()

    def __enter__(self) -> Self:
        """Use it as a context."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
