"""The pages of passes: find a graduate, issue a pass, withdraw it, issue those of the last days together."""

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


def passes(call: PageRequest) -> Response:
    """The passes that are not over."""
    return _show(call)


def search(call: PageRequest) -> Response:
    """Roster rows by a whole number or name."""
    text = call.word("text", "").strip()[:200]
    return _show(call, text=text, found=call.service(Passes).find(call.who, text) if text else [])


def issue(call: PageRequest) -> Response:
    """Open the booths for one graduate."""
    try:
        reason = next(one for one in _BY_HAND if one.value == call.word("reason"))
        first, last = read_date(call.word("first")), read_date(call.word("last"))
        call.service(Passes).issue(call.who, call.word("row"), reason, first, last)
    except (StopIteration, SeasonFault, WrongRequest):
        return call.form_fault(_FAULT_PLACE, call.text("passes.wrong", most=LONGEST_DAYS))
    except Conflict:
        return call.form_fault(_FAULT_PLACE, call.text("passes.has_one"))
    return call.go("/passes")


def withdraw(call: PageRequest) -> Response:
    """End a pass."""
    call.service(Passes).withdraw(call.who, call.word("pass"))
    return call.go("/passes")


def last_days(call: PageRequest) -> Response:
    """Issue the passes of the window's last days."""
    return _show(call, done=call.service(Passes).last_days(call.who))


def _show(
    call: PageRequest, *, text: str = "", found: list[RosterMatch] | None = None, done: LastDays | None = None
) -> Response:
    service = call.service(Passes)
    open_now: list[Pass] = service.open()
    people = service.people([one.row_id for one in open_now])
    return call.page(
        "passes.html",
        text=text,
        found=found,
        done=done,
        passes=open_now,
        people=people,
        reasons=_BY_HAND,
        waiting=service.waiting_for_pass(),
        names={one.issued_by: call.services.accounts.name_of(one.issued_by) for one in open_now},
    )


PAGES = (
    Page("GET", "/passes", passes, Right.PASSES),
    Page("POST", "/passes/search", search, Right.PASSES),
    Page("POST", "/passes", issue, Right.PASSES),
    Page("POST", "/passes/withdraw", withdraw, Right.PASSES),
    Page("POST", "/passes/last-days", last_days, Right.PASSES),
)
