"""Constructs staff's pages: every task's pages in one list, and their services.

Only pages in `PAGES` are reachable; each names the right it needs.
"""

from dataclasses import fields

from anyio import CapacityLimiter
from starlette.applications import Starlette

from center.accounts import pages as accounts
from center.accounts.monitor import MonitorToken
from center.accounts.sent_forms import SentForms
from center.accounts.sessions import Sessions
from center.attendance import pages as attendance
from center.audit import pages as audit
from center.audit.pages import AuditedWords
from center.audit.proof import ChainProofs
from center.audit.reader import AuditReader
from center.billing import pages as billing
from center.booths import pages as booths
from center.booths.pages import BoardFigures
from center.calls import pages as calls
from center.campus import pages as campus
from center.corrections import pages as corrections
from center.dashboard import pages as dashboard
from center.dashboard import period_pages
from center.dashboard.periods import Periods
from center.data_access import pages as data_access
from center.data_access.service import DataAccesses
from center.delivery import pages as delivery
from center.graduates import pages as graduates
from center.graduates.service import GraduateSearch
from center.health import pages as health
from center.health.model import Level
from center.identity import pages as identity
from center.jobs import pages as jobs
from center.mail import pages as mail
from center.makeup import pages as makeup
from center.manual import pages as manual
from center.own_school import pages as own_school
from center.passes import pages as passes
from center.platform.limits import Rate
from center.prints import pages as prints
from center.receipts import pages as receipts
from center.reconciliation import pages as reconciliation
from center.recrop import pages as recrop
from center.releases import pages as releases
from center.retention import pages as retention
from center.review.evidence import CheckHistory
from center.review.figures import BOOTH_COUNTED, Figures
from center.review.own_decisions import OwnDecisions
from center.review.pages import checks, mine, numbers, photo, queue, review, second_review
from center.review.queries import ReviewQueries
from center.review.second_review import SecondReviews
from center.roster import pages as roster
from center.roster.pages import StaffRows
from center.schools import pages as schools
from center.season import pages as season
from center.travel import pages as travel
from center.travel.engine import engine_folder
from center.travel.service import TravelFiles
from center.waiting import pages as waiting
from center.web import pages as web_pages
from center.web.app import application
from center.web.gate import Page
from center.web.services import Services
from center.wiring.audited_words import BEGINS
from center.wiring.office import Office
from rules.profile import load_profile, profile_names

PAGES: tuple[Page, ...] = (
    *web_pages.PAGES,
    *makeup.PAGES,
    *travel.PAGES,
    *waiting.PAGES,
    *receipts.PAGES,
    *accounts.PAGES,
    *manual.PAGES,
    *dashboard.PAGES,
    *period_pages.PAGES,
    *queue.PAGES,
    *review.PAGES,
    *recrop.PAGES,
    *identity.PAGES,
    *photo.PAGES,
    *mine.PAGES,
    *numbers.PAGES,
    *second_review.PAGES,
    *checks.PAGES,
    *graduates.PAGES,
    *roster.PAGES,
    *campus.PAGES,
    *schools.PAGES,
    *season.PAGES,
    *passes.PAGES,
    *attendance.PAGES,
    *reconciliation.PAGES,
    *delivery.PAGES,
    *prints.PAGES,
    *mail.PAGES,
    *corrections.PAGES,
    *billing.PAGES,
    *own_school.PAGES,
    *jobs.PAGES,
    *booths.PAGES,
    *calls.PAGES,
    *releases.PAGES,
    *health.PAGES,
    *retention.PAGES,
    *audit.PAGES,
    *data_access.PAGES,
)


def make_console(office: Office) -> Starlette:
    """All pages on this office."""
    return application(services_of(office), PAGES)


def services_of(office: Office) -> Services:
    """The services for pages: those of the office, and further ones that only pages need."""
    profiles = {name: load_profile(name) for name in profile_names()}
    database, clock = office.database, office.clock
    queries = ReviewQueries(
        database, office.envelopes, office.office_keys, office.audit, profiles, office.config.review, clock
    )
    figures = Figures(database, clock)
    services: list[object] = [
        *(getattr(office, field.name) for field in fields(office)),
        office.config.public,
        office.config.review,
        office.config.enrolment,
        office.config.backup,
        queries,
        figures,
        CheckHistory(database, clock),
        OwnDecisions(database, clock),
        GraduateSearch(database, office.office_keys, office.audit, office.roster, clock),
        SecondReviews(database, office.audit, clock),
        MonitorToken(database, office.audit, clock),
        Sessions(database, office.audit, clock),
        SentForms(database, clock),
        office.account_reviews,
        TravelFiles(engine_folder(), clock),
        DataAccesses(database, office.office_keys, office.audit, clock),
        Periods(database),
        AuditReader(database),
        AuditedWords(BEGINS),
        ChainProofs(office.chain_jobs.ask, office.chain_jobs.newest),
        # What a page shows of tasks that it may not import, because `.importlinter` orders them above its own task.
        BoardFigures(
            figures.waiting_by_booth,
            BOOTH_COUNTED,
            queries.set_aside,
            lambda: [
                f"system_part.{one.item.value}" for one in office.health.look() if one.level in (Level.WARN, Level.FAIL)
            ],
            lambda: office.seasons.current().number,
        ),
        StaffRows(office.provisional.rows),
        review.SHOT_PAGE,
    ]
    by_type = {type(service): service for service in services}
    limits = office.config.limits
    return Services(
        clock,
        office.office_keys,
        office.accounts,
        profiles,
        by_type,
        CapacityLimiter(max(2, office.config.database.connections // 2 - 1)),  # one more thread is for files
        visits=Rate(limits.public_per_s, limits.public_burst),
        new_numbers=Rate(limits.number_per_min / 60, limits.number_burst),
    )
