"""The pages of attendance: choose a school, see who was photographed by class, who is missing and why; workbooks."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.attendance.model import AbsenceReason, AttendanceState, reminder
from center.attendance.service import Attendances
from center.attendance.workbooks import counts_workbook, memo_workbook, reminder_workbook
from center.platform.faults import WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest, download

_MOST_SHOWN = 200


def attendance(request: PageRequest) -> Response:
    """A school's classes with their counts; with `names` also who is missing, and the reminder without numbers."""
    return _page(request, request.http.query_params.get("of", ""), request.http.query_params.get("year", ""))


def note(request: PageRequest) -> Response:
    """Note why somebody was not photographed."""
    word = request.word("reason", "")
    if word and word not in list(AbsenceReason):
        raise WrongRequest("the form's reason is none of those offered: load the page again")
    reason = AbsenceReason(word) if word else None
    request.service(Attendances).note(request.who, request.word("row"), reason, request.word("words", ""))
    return _page(request, request.word("of"), request.word("year"), names=True)


def table(request: PageRequest) -> Response:
    """The counts by class as a workbook."""
    school, year = _asked(request)
    book = counts_workbook(request.service(Attendances).counts(school, year).groups)
    return download(book, f"attendance-{year}.xlsx")


def memo(request: PageRequest) -> Response:
    """The memo as a workbook: who was not photographed or has to retake the photo, and why."""
    school, year = _asked(request)
    return download(memo_workbook(request.service(Attendances).memo(request.who, school, year)), f"memo-{year}.xlsx")


def reminded(request: PageRequest) -> Response:
    """Those who are missing, by class and without numbers, as a workbook."""
    school, year = _asked(request)
    book = reminder_workbook(request.service(Attendances).of(request.who, school, year).groups)
    return download(book, f"reminder-{year}.xlsx")


def _asked(request: PageRequest) -> tuple[str, str]:
    return request.http.query_params.get("of", ""), request.http.query_params.get("year", "")


def _page(request: PageRequest, school: str, year: str, *, names: bool = False) -> Response:
    service = request.service(Attendances)
    names = names or request.http.query_params.get("names", "") == "yes"
    years = service.years(school) if school else []
    year = year if year in years else (years[0] if years else "")
    found = service.counts(school, year) if school else None
    lines = service.memo(request.who, school, year) if school and names else []
    campus = (
        service.campus_without_row(request.who, school, year) if names and found and found.campus_without_row else []
    )
    return request.page(
        "attendance.html",
        schools=service.schools(),
        school=school,
        years=years,
        year=year,
        found=found,
        states=list(AttendanceState),
        names=names,
        lines=lines[:_MOST_SHOWN],
        more=max(0, len(lines) - _MOST_SHOWN),
        reasons=list(AbsenceReason),
        campus=campus[:_MOST_SHOWN],
        campus_more=max(0, len(campus) - _MOST_SHOWN),
        reminder=reminder(school, service.of(request.who, school, year).groups) if school and names else "",
    )


PAGES = (
    Page("GET", "/attendance", attendance, Right.ATTENDANCE),
    Page("GET", "/attendance/table", table, Right.ATTENDANCE),
    Page("GET", "/attendance/memo", memo, Right.ATTENDANCE),
    Page("GET", "/attendance/reminder", reminded, Right.ATTENDANCE),
    Page("POST", "/attendance/note", note, Right.ATTENDANCE, once=True),
)
