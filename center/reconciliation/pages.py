"""The pages of half days: the list of a day, and a half day's sheet that staff explain, sign and print.

No personal data.
"""

from collections.abc import Callable
from datetime import timedelta

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import WrongRequest
from center.reconciliation.model import ArrivedShotState, HalfDay, NotSigned, check_day, read_half_day, read_list
from center.reconciliation.service import Reconciliations
from center.web.gate import Page
from center.web.page_request import PageRequest, read_day

_FAULT_PLACE = "half-day-fault"

Work = Callable[[Reconciliations, HalfDay], object]


def day(request: PageRequest) -> Response:
    """The half days of the day that the address names, or of today if it names none."""
    shown = check_day(read_day(request.http.query_params.get("day", "")) or request.today)
    sheets = request.service(Reconciliations).of_day(shown)
    return request.page(
        "half_days.html",
        day=shown,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        sheets=sheets,
        states=list(ArrivedShotState),
    )


def sheet(request: PageRequest) -> Response:
    """One half day."""
    found = request.service(Reconciliations).of(_asked(request))
    signed = [one for one in (found.first, found.second) if one is not None]
    return request.page(
        "half_day.html",
        sheet=found,
        half_day=found.half_day,
        states=list(ArrivedShotState),
        names={one.by: request.services.accounts.name_of(one.by) for one in signed},
        stale=found.first is not None and not found.frozen and found.first.digest != found.digest,
    )


def count(request: PageRequest) -> Response:
    """Enter the booth's count."""
    return _done(request, lambda service, one: service.count(request.who, one, request.number("counted")))


def take_list(request: PageRequest) -> Response:
    """Enter the booth's own list of shots."""
    try:
        listed = read_list(request.word("listed"))
    except WrongRequest as fault:
        return request.form_fault(_FAULT_PLACE, request.translated(fault.sentence))
    return _done(request, lambda service, one: service.take_list(request.who, one, listed))


def explain(request: PageRequest) -> Response:
    """Explain a difference."""
    return _done(
        request, lambda service, one: service.explain(request.who, one, request.word("about"), request.word("words"))
    )


def sign(request: PageRequest) -> Response:
    """Sign the sheet as it was shown."""
    return _done(request, lambda service, one: service.sign(request.who, one, request.word("digest")))


def _done(request: PageRequest, work: Work) -> Response:
    half_day = _asked(request)
    try:
        work(request.service(Reconciliations), half_day)
    except NotSigned as fault:
        return request.form_fault(_FAULT_PLACE, request.text(f"half_day_fault.{fault.fault.value}"))
    return request.go(f"/reconciliation/{half_day.booth_id}/{half_day.name}")


def _asked(request: PageRequest) -> HalfDay:
    return read_half_day(request.http.path_params["booth"], request.http.path_params["half_day"])


PAGES = (
    Page("GET", "/reconciliation", day, Right.RECONCILE),
    Page("GET", "/reconciliation/{booth}/{half_day}", sheet, Right.RECONCILE),
    Page("POST", "/reconciliation/{booth}/{half_day}/count", count, Right.RECONCILE, once=True),
    Page("POST", "/reconciliation/{booth}/{half_day}/list", take_list, Right.RECONCILE),
    Page("POST", "/reconciliation/{booth}/{half_day}/explain", explain, Right.RECONCILE, once=True),
    Page("POST", "/reconciliation/{booth}/{half_day}/sign", sign, Right.RECONCILE),
)
