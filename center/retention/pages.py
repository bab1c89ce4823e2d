"""The page of retention: what is due, the purge, holds, and graduates' requests about their own data."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.retention.model import RequestKind, retention_table
from center.retention.purge import Purge
from center.retention.purge_job import PurgeJobs
from center.retention.service import MOST_ANSWERED, DataCases
from center.web.gate import Page
from center.web.page_request import PageRequest

_FAULT_PLACE = "case-fault"


def retention(request: PageRequest) -> Response:
    """What is due (a dry run), and the open holds and requests."""
    return _show(request)


def purge(request: PageRequest) -> Response:
    """Request a background job that deletes what is due."""
    if request.word("sure", "") != "yes":
        return request.form_fault(_FAULT_PLACE, request.text("retention.not_sure"))
    request.service(PurgeJobs).ask(request.who)
    return _show(request)


def case(request: PageRequest) -> Response:
    """Open a request or a hold for the graduate who has a given number."""
    cases, number, school = request.service(DataCases), request.word("number"), request.word("school", "")
    try:
        if request.word("do") == "hold":
            cases.hold(request.who, number, request.word("reason", ""), school)
        else:
            cases.open(request.who, RequestKind(request.word("do")), number, school)
    except (NotThere, WrongRequest, ValueError):
        return request.form_fault(_FAULT_PLACE, request.text("retention.nobody"))
    except Conflict as fault:
        return request.form_fault(_FAULT_PLACE, request.translated(fault.sentence))
    return request.go("/retention")


def lift(request: PageRequest) -> Response:
    """End a hold."""
    request.service(DataCases).lift(request.who, request.number("hold"))
    return request.go("/retention")


def answer(request: PageRequest) -> Response:
    """Answer a request: export the data, delete them, or refuse."""
    cases, request_id = request.service(DataCases), request.number("request")
    match request.word("do"):
        case "see":
            headers = {"Content-Disposition": f'attachment; filename="request-{request_id}.zip"'}
            return Response(cases.export(request.who, request_id), media_type="application/zip", headers=headers)
        case "delete":
            try:
                cases.delete(request.who, request_id)
            except Conflict as fault:
                said = request.text("retention.not_deleted", why=request.translated(fault.sentence))
                return request.form_fault(_FAULT_PLACE, said)
        case _:
            cases.refuse(request.who, request_id)
    return request.go("/retention")


def _show(request: PageRequest) -> Response:
    cases = request.service(DataCases)
    requests, holds = cases.requests(), cases.holds()
    name_of = request.services.accounts.name_of
    return request.page(
        "retention.html",
        due=request.service(Purge).due(),
        table=retention_table(),
        profile_days=min(profile.consent.retention_days for profile in request.services.profiles.values()),
        job=request.service(PurgeJobs).newest(),
        requests=requests,
        most=MOST_ANSWERED,
        holds=holds,
        names={who: name_of(who) for who in {one.opened_by for one in requests} | {one.by for one in holds}},
    )


PAGES = (
    Page("GET", "/retention", retention, Right.RETAIN),
    Page("POST", "/retention/purge", purge, Right.RETAIN),
    Page("POST", "/retention/case", case, Right.RETAIN, once=True),
    Page("POST", "/retention/lift", lift, Right.RETAIN),
    Page("POST", "/retention/answer", answer, Right.RETAIN),
)
