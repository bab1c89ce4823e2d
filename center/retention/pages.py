"""Retention: what is due, the purge, holds, and graduates' requests about their own data."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.retention.model import RequestKind, retention_table
from center.retention.purge import Purge, Purged
from center.retention.service import DataCases
from center.web.gate import Page
from center.web.page_request import PageRequest

_FAULT_PLACE = "case-fault"
_AT_ONCE = 400  # shots of one press: a page is not waited for longer; the command has no such bound


def retention(call: PageRequest) -> Response:
    """The dry run, and the open cases."""
    return _show(call)


def purge(call: PageRequest) -> Response:
    """Delete what is due, or as much of it as fits into a page's time."""
    if call.word("sure", "") != "yes":
        return call.form_fault(_FAULT_PLACE, call.text("retention.not_sure"))
    return _show(call, purged=call.service(Purge).purge(call.who, _AT_ONCE))


def case(call: PageRequest) -> Response:
    """Open a request or a hold for the graduate with a number."""
    cases, number, school = call.service(DataCases), call.word("number"), call.word("school", "")
    try:
        if call.word("do") == "hold":
            cases.hold(call.who, number, call.word("reason", ""), school)
        else:
            cases.open(call.who, RequestKind(call.word("do")), number, school)
    except (NotThere, WrongRequest, ValueError):
        return call.form_fault(_FAULT_PLACE, call.text("retention.nobody"))
    return call.go("/retention")


def lift(call: PageRequest) -> Response:
    """End a hold."""
    call.service(DataCases).lift(call.who, call.number("hold"))
    return call.go("/retention")


def answer(call: PageRequest) -> Response:
    """Answer a request: export the data, delete them, or refuse."""
    cases, request_id = call.service(DataCases), call.number("request")
    match call.word("do"):
        case "see":
            headers = {"Content-Disposition": f'attachment; filename="request-{request_id}.zip"'}
            return Response(cases.export(call.who, request_id), media_type="application/zip", headers=headers)
        case "delete":
            try:
                cases.delete(call.who, request_id)
            except Conflict as fault:
                return call.form_fault(_FAULT_PLACE, call.text("retention.held_back") + f" ({fault})")
        case _:
            cases.refuse(call.who, request_id)
    return call.go("/retention")


def _show(call: PageRequest, *, purged: Purged | None = None) -> Response:
    cases = call.service(DataCases)
    requests, holds = cases.requests(), cases.holds()
    name_of = call.services.accounts.name_of
    return call.page(
        "retention.html",
        due=call.service(Purge).due(),
        table=retention_table(),
        profile_days=min(profile.consent.retention_days for profile in call.services.profiles.values()),
        purged=purged,
        requests=requests,
        holds=holds,
        names={who: name_of(who) for who in {one.opened_by for one in requests} | {one.by for one in holds}},
    )


PAGES = (
    Page("GET", "/retention", retention, Right.RETAIN),
    Page("POST", "/retention/purge", purge, Right.RETAIN),
    Page("POST", "/retention/case", case, Right.RETAIN),
    Page("POST", "/retention/lift", lift, Right.RETAIN),
    Page("POST", "/retention/answer", answer, Right.RETAIN),
)
