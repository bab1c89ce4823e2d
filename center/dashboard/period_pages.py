"""The daily sheet and the weekly page of a supervisor, to be printed, with last year's figures for comparison."""

from datetime import date, timedelta

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.dashboard.periods import A_YEAR_BEFORE, PeriodFigures, Periods
from center.reconciliation.model import check_day
from center.shots.counts import Counted
from center.web.gate import Page
from center.web.page_request import PageRequest, read_day

_WEEK = timedelta(days=7)


def day(request: PageRequest) -> Response:
    """The figures of one day."""
    asked = _asked(request)
    return _page(request, "day", asked, asked, timedelta(days=1))


def week(request: PageRequest) -> Response:
    """The week, Monday to Sunday, that contains a day."""
    monday = (asked := _asked(request)) - timedelta(days=asked.weekday())
    return _page(request, "week", monday, monday + _WEEK - timedelta(days=1), _WEEK)


def _asked(request: PageRequest) -> date:
    return check_day(read_day(request.http.query_params.get("of", "")) or request.today)


def _page(request: PageRequest, name: str, first: date, last: date, step: timedelta) -> Response:
    service = request.service(Periods)
    now, before = service.of(first, last), service.of(first - A_YEAR_BEFORE, last - A_YEAR_BEFORE)
    return request.page(
        "period.html",
        name=name,
        now=now,
        before=before,
        counted=list(Counted),
        reasons=_side_by_side(now, before),
        days=[(one, one - A_YEAR_BEFORE) for one in _days(first, last)],
        previous=first - step,
        following=first + step,
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _side_by_side(now: PeriodFigures, before: PeriodFigures) -> list[tuple[str, int, int]]:
    """Each reason with how often it was given now and a year before, the most frequent first."""
    of_now, of_before = dict(now.reasons), dict(before.reasons)
    names = dict.fromkeys([*of_now, *of_before])
    return [(name, of_now.get(name, 0), of_before.get(name, 0)) for name in names]


PAGES = (
    Page("GET", "/day", day, Right.DASHBOARD),
    Page("GET", "/week", week, Right.DASHBOARD),
)
