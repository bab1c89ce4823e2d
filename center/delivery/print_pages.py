"""Prints: choose a school, see whether its sheets may be made, release them, make them, take or print them."""

from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from center.accounts.model.roles import Right
from center.delivery.pages import chosen
from center.delivery.print_jobs import PrintJobs
from center.delivery.service import Deliveries
from center.platform.faults import Conflict, WrongRequest
from center.prints.sending import PrintSendings
from center.prints.service import PrintLocks
from center.web.gate import Page
from center.web.page_request import PageRequest


def prints(call: PageRequest) -> Response:
    """How a school's prints stand."""
    return _page(call, *chosen(call.request.query_params.get("of", "")))


def make(call: PageRequest) -> Response:
    """Have sheets made, for download or for the printer."""
    school, year = chosen(call.word("of"))
    try:
        call.service(PrintJobs).ask(
            call.who, school, year, call.word("format"), to_printer=call.word("do", "") == "print"
        )
    except Conflict as fault:
        return _page(call, school, year, status=409, problem=str(fault))
    return _page(call, school, year)


def release(call: PageRequest) -> Response:
    """Release a school's prints without its form."""
    school, year = chosen(call.word("of"))
    if not school:
        raise WrongRequest("choose a school first")
    call.service(PrintLocks).release(call.who, school, year, call.word("reason"))
    return _page(call, school, year)


def take(call: PageRequest) -> Response:
    """The newest sheets of a school."""
    name, data = call.service(PrintJobs).file(call.who, *chosen(call.word("of")))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(data, media_type="application/zip", headers=headers)


def sent(call: PageRequest) -> Response:
    """Note that a school's prints were sent."""
    school, year = chosen(call.word("of"))
    if not school:
        raise WrongRequest("choose a school first")
    call.service(PrintSendings).note(call.who, school, year, call.word("how"))
    return _page(call, school, year)


def _page(call: PageRequest, school: str, year: str, *, status: int = 200, problem: str = "") -> Response:
    service = call.service(PrintJobs)
    standing = service.standing(school, year) if school else None
    by = standing.release.by if standing is not None and standing.release is not None else ""
    return call.page(
        "prints.html",
        status,
        schools=call.service(Deliveries).delivered_schools(),
        released=call.service(PrintLocks).released(),
        school=school,
        year=year,
        standing=standing,
        printer=service.printer,
        sendings=call.service(PrintSendings).of_school(school, year) if school else [],
        released_by=call.services.accounts.name_of(by) if by else "",
        problem=problem,
    )


PAGES = (
    Page("GET", "/prints", prints, Right.DELIVER),
    Page("POST", "/prints", make, Right.DELIVER),
    Page("POST", "/prints/release", release, Right.DELIVER),
    Page("POST", "/prints/take", take, Right.DELIVER),
    Page("POST", "/prints/sent", sent, Right.DELIVER),
)
