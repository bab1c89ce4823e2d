"""The page of campus lists: check a file, import it, remove a list."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.campus.service import CampusList, CampusOutcome
from center.platform.faults import WrongRequest
from center.platform.foreign_tables.reader import read_bytes
from center.platform.foreign_tables.values import TableFault
from center.roster.model.file import in_order
from center.roster.model.findings import RosterFault, Weight
from center.roster.pages import MOST_BYTES, text_of_fault
from center.roster.service import Roster
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_FINDINGS = 200
_MOST_NAME = 200


def import_list(request: PageRequest) -> Response:
    """Check a file, or import the whole of it; if a row is refused, import nothing and show the reasons."""
    do = request.word("do")
    if do not in ("look", "import"):
        raise WrongRequest("a list is looked at or imported: load the page again")
    # Only one import runs at a time, of a campus list or of a roster, because reading a workbook takes many times its
    # size in memory.
    with request.service(Roster).importing:
        try:
            outcome = request.service(CampusList).import_list(
                request.who,
                read_bytes(request.file, request.word("password", "") or None),
                school=request.word("school", "")[:_MOST_NAME],
                year=request.word("year", "")[:20],
                good_rows=request.word("good_rows", "") == "yes",
                dry_run=do == "look",
            )
        except (TableFault, RosterFault) as fault:
            return campus(request, 400, fault=fault)
    return campus(request, outcome=outcome, looked=do == "look")


def take_back(request: PageRequest) -> Response:
    """Remove the rows of a list again."""
    request.service(CampusList).take_back(request.who, request.number("list"))
    return request.go("/campus")


def campus(
    request: PageRequest,
    status: int = 200,
    *,
    outcome: CampusOutcome | None = None,
    looked: bool = False,
    fault: TableFault | RosterFault | None = None,
) -> Response:
    """The form and the past lists; after a file was read, what came of it."""
    service = request.service(CampusList)
    imports = service.imports()
    found = () if outcome is None else outcome.reading.findings
    findings = sorted(in_order(found), key=lambda one: one.weight is Weight.WARNING)
    return request.page(
        "campus.html",
        status,
        outcome=outcome,
        looked=looked,
        findings=findings[:_MOST_FINDINGS],
        more=max(0, len(findings) - _MOST_FINDINGS),
        warnings=sum(one.weight is Weight.WARNING for one in findings),
        fault=fault,
        fault_text=text_of_fault(fault),
        imports=imports,
        names={one.by: request.services.accounts.name_of(one.by) for one in imports},
        schools=sorted(service.by_school().items()),
        year=request.today.year,
        most_mb=MOST_BYTES >> 20,
        most_bytes=MOST_BYTES,
    )


PAGES = (
    Page("GET", "/campus", campus, Right.ROSTERS),
    Page("POST", "/campus", import_list, Right.ROSTERS, file_bytes=MOST_BYTES),
    Page("POST", "/campus/take-back", take_back, Right.ROSTERS),
)
