"""The dashboard: charts of the season, each with its table, and what is late, with links."""

import re

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.dashboard.model import SchoolBar
from center.dashboard.service import Dashboards
from center.shots.counts import Counted
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST_SCHOOLS = 30
_YEAR = re.compile(r"2[01][0-9]{2}")


def dashboard(request: PageRequest) -> Response:
    """A season's counts; without a year in the address, those of the present season."""
    asked = request.http.query_params.get("year", "")
    found = request.service(Dashboards).of(int(asked) if _YEAR.fullmatch(asked) else None)
    shown = found.schools if request.http.query_params.get("all") == "yes" else found.schools[:_MOST_SCHOOLS]
    return request.page(
        "dashboard.html",
        found=found,
        year=found.year,
        calendar=found.calendar,
        counts={day: counts.total() for day, counts in found.by_day.items()},
        days=sorted(found.by_day.items(), reverse=True),
        counted=list(Counted),
        schools=shown,
        more=len(found.schools) - len(shown),
        all_schools=_sum(found.schools),
        oldest_s=None if found.oldest is None else (request.now - found.oldest).total_seconds(),
    )


def _sum(schools: tuple[SchoolBar, ...]) -> SchoolBar:
    """All schools as one, under an empty name."""
    figures = ((one.approved, one.waiting, one.retake, one.of) for one in schools)
    return SchoolBar("", *(sum(each) for each in zip(*figures, strict=True))) if schools else SchoolBar("", 0, 0, 0, 0)


PAGES = (Page("GET", "/dashboard", dashboard, Right.DASHBOARD),)
