"""Attendance: choose a school, see who came by class, copy who is missing."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.attendance.model import Standing, reminder
from center.attendance.service import Attendances
from center.web.gate import Page
from center.web.page_request import PageRequest


def attendance(call: PageRequest) -> Response:
    """A school's classes with their counts, and the reminder without numbers."""
    service = call.service(Attendances)
    school = call.request.query_params.get("of", "")
    years = service.years(school) if school else []
    asked = call.request.query_params.get("year", "")
    year = asked if asked in years else (years[0] if years else "")
    found = service.of(call.who, school, year) if school else None
    return call.page(
        "attendance.html",
        schools=service.schools(),
        school=school,
        years=years,
        year=year,
        found=found,
        standings=list(Standing),
        reminder=reminder(school, found.groups) if found else "",
    )


PAGES = (Page("GET", "/attendance", attendance, Right.ATTENDANCE),)
