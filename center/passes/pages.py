"""The pages of passes: find a graduate; issue a pass or withdraw it; issue all passes for the last days at once."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.passes.model import LONGEST_DAYS, Pass, PassReason
from center.passes.service import LastDays, Passes
from center.platform.faults import Conflict, WrongRequest
from center.roster.service import RosterMatch
from center.season.model import SeasonFault, read_date
from center.web.gate import Page
from center.web.page_request import PageRequest

_FAULT_PLACE = "pass-fault"
_BY_HAND = (PassReason.APPOINTMENT, PassReason.CORRECTION)


def passes(request: PageRequest) -> Response:
    """The passes that have not expired; with `row` also the roster row of a correction, to which a
    pass can be issued."""
    row_id = request.http.query_params.get("row", "")[:64]
    found = request.service(Passes).row(request.who, row_id) if row_id else None
    return _show(request, found=found, reason=PassReason.CORRECTION if row_id else None)


def search(request: PageRequest) -> Response:
    """Roster rows by a whole number or name."""
    text = request.word("text", "").strip()[:200]
    return _show(request, text=text, found=request.service(Passes).find(request.who, text) if text else [])


def issue(request: PageRequest) -> Response:
    """Open the booths for one graduate."""
    try:
        reason = next(one for one in _BY_HAND if one.value == request.word("reason"))
        first, last = read_date(request.word("first")), read_date(request.word("last"))
        request.service(Passes).issue(request.who, request.word("row"), reason, first, last)
    except (StopIteration, SeasonFault, WrongRequest):
        return request.form_fault(_FAULT_PLACE, request.text("passes.wrong", most=LONGEST_DAYS))
    except Conflict:
        return request.form_fault(_FAULT_PLACE, request.text("passes.has_one"))
    return request.go("/passes")


def withdraw(request: PageRequest) -> Response:
    """End a pass."""
    request.service(Passes).withdraw(request.who, request.word("pass"))
    return request.go("/passes")


def last_days(request: PageRequest) -> Response:
    """Issue the passes of the window's last days."""
    return _show(request, done=request.service(Passes).last_days(request.who))


def _show(
    request: PageRequest,
    *,
    text: str = "",
    found: list[RosterMatch] | None = None,
    done: LastDays | None = None,
    reason: PassReason | None = None,
) -> Response:
    service = request.service(Passes)
    open_now: list[Pass] = service.open()
    people = service.people(request.who, open_now)
    return request.page(
        "passes.html",
        text=text,
        found=found,
        done=done,
        passes=open_now,
        people=people,
        reasons=_BY_HAND,
        chosen=reason,
        waiting=service.waiting_for_pass(),
        names={one.issued_by: request.services.accounts.name_of(one.issued_by) for one in open_now},
    )


PAGES = (
    Page("GET", "/passes", passes, Right.PASSES),
    Page("POST", "/passes/search", search, Right.PASSES),
    Page("POST", "/passes", issue, Right.PASSES, once=True),
    Page("POST", "/passes/withdraw", withdraw, Right.PASSES),
    Page("POST", "/passes/last-days", last_days, Right.PASSES, once=True),
)
