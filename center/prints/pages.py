"""The pages of prints: choose a school, see whether its sheets may be made; unlock, make, download or print them."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.delivery.service import Deliveries
from center.platform.faults import Conflict
from center.print_sheets.service import PrintLocks
from center.print_sheets.sheets import formats
from center.prints.print_jobs import PrintJobs
from center.prints.sending import PrintSendings
from center.web.gate import Page
from center.web.page_request import PageRequest, asked_school, chosen_school, download


def prints(request: PageRequest) -> Response:
    """The state of a school's prints."""
    return _page(request, *asked_school(request))


def make(request: PageRequest) -> Response:
    """Request sheets, for download or for the printer: of all photos that the school holds, or of one delivery."""
    school, year = chosen_school(request)
    delivery = request.number("delivery") if request.word("delivery", "") else None
    to_printer = request.word("do", "") == "print"
    try:
        request.service(PrintJobs).ask(
            request.who, school, year, request.word("format"), delivery_id=delivery, to_printer=to_printer
        )
    except Conflict as fault:
        return _page(request, school, year, status=409, problem=request.translated(fault.sentence))
    return _page(request, school, year)


def unlock(request: PageRequest) -> Response:
    """Unlock a school's prints without its correction form."""
    school, year = chosen_school(request)
    request.service(PrintLocks).unlock(request.who, school, year, request.word("reason"))
    return _page(request, school, year)


def take(request: PageRequest) -> Response:
    """Download the newest sheets of a school."""
    name, data = request.service(PrintJobs).file(request.who, *chosen_school(request))
    return download(data, name, "application/zip")


def sent(request: PageRequest) -> Response:
    """Note that a school's prints were sent."""
    school, year = chosen_school(request)
    request.service(PrintSendings).note(request.who, school, year, request.word("how"))
    return _page(request, school, year)


def _page(request: PageRequest, school: str, year: str, *, status: int = 200, problem: str = "") -> Response:
    service = request.service(PrintJobs)
    state = service.state(school, year) if school else None
    made = request.service(Deliveries).all(school) if school else []
    by = state.unlock.by if state is not None and state.unlock is not None else ""
    return request.page(
        "prints.html",
        status,
        schools=request.service(Deliveries).delivered_schools(),
        unlocked=request.service(PrintLocks).unlocked(),
        school=school,
        year=year,
        state=state,
        made=[one for one in made if one.year == year],
        layout=formats()[str(state.job.arguments["format"])] if state is not None and state.job else None,
        printer=service.printer,
        sendings=request.service(PrintSendings).of_school(school, year) if school else [],
        unlocked_by=request.services.accounts.name_of(by) if by else "",
        problem=problem,
    )


PAGES = (
    Page("GET", "/prints", prints, Right.DELIVER),
    Page("POST", "/prints", make, Right.DELIVER, once=True),
    Page("POST", "/prints/release", unlock, Right.DELIVER),
    Page("POST", "/prints/take", take, Right.DELIVER),
    Page("POST", "/prints/sent", sent, Right.DELIVER, once=True),
)
