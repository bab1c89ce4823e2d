"""A school sends its own roster. The office reads it like any roster, but accepts no rows of other schools."""

from dataclasses import replace

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.own_school.model import scope_of
from center.platform.faults import WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import TableFault
from center.roster.imports import Outcome, import_roster
from center.roster.model.file import read_roster
from center.roster.model.findings import Kind, RosterFault
from center.roster.pages import MOST_BYTES, Report, form, report_of, text_of_fault
from center.roster.service import Roster
from center.schools.service import Schools
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_VERSIONS = 8


def send(request: PageRequest) -> Response:
    """Check a file, or send the whole of it; if a row is refused, import nothing and show the reasons."""
    do, school = request.word("do"), scope_of(request.account).school
    if do not in ("look", "import"):
        raise WrongRequest("a roster is looked at or sent: load the page again")
    service = request.service(Roster)
    with service.importing:
        try:
            sheets = read_bytes(request.file, request.word("password", "") or None)
            others = {one.row.school for one in read_roster(sheets).rows} - {school}
            if others:
                return roster(
                    request, 400, problem=request.text("own.other_school", names="、".join(sorted(others)[:5]))
                )
            outcome = import_roster(service, request.who, sheets, good_rows=False, dry_run=do == "look")
        except (TableFault, RosterFault) as fault:
            return roster(request, 400, fault=fault)
    return roster(request, report=report_of(_own(outcome), looked=do == "look"))


def _own(outcome: Outcome) -> Outcome:
    """The outcome without findings that reveal whether an ID number is on another school's roster: only the office may
    know.
    """
    of_others = (Kind.NUMBER_ELSEWHERE, Kind.SCHOOL_KNOWN)
    findings = tuple(one for one in outcome.reading.findings if one.kind not in of_others)
    return replace(outcome, reading=replace(outcome.reading, findings=findings))


def roster(
    request: PageRequest,
    status: int = 200,
    *,
    report: Report | None = None,
    fault: TableFault | RosterFault | None = None,
    problem: str = "",
) -> Response:
    """The form, and what the school sent before; after a file was read, what came of it."""
    school = scope_of(request.account).school
    return request.page(
        "own_roster.html",
        status,
        school=school,
        versions=request.service(Schools).versions(school)[:_MOST_VERSIONS],
        report=report,
        fault=fault,
        fault_text=text_of_fault(fault),
        problem=problem,
        done="",
        most_mb=MOST_BYTES >> 20,
        most_bytes=MOST_BYTES,
    )


PAGES = (
    Page("GET", "/own-roster", roster, Right.OWN_ROSTER),
    Page("GET", "/own-roster/form", form, Right.OWN_ROSTER),
    Page("POST", "/own-roster", send, Right.OWN_ROSTER, file_bytes=MOST_BYTES),
)
