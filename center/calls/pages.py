"""The pages of calls for help: which booths call, and one call live, with stills while the graduate agrees. Staff
answer with one line, waive a check, or end the call.
"""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.calls.live import LiveHelp
from center.calls.model import WaiverGround
from center.calls.service import LONGEST_LINE, HelpCalls, OpenCall
from center.platform.faults import NotThere, WrongRequest
from center.web.catalog import DEFAULT, catalog
from center.web.gate import WHOLE_PAGE, Page
from center.web.page_request import PageRequest

_USUAL = ("coming", "come", "wait", "go_on")
_USUAL_LIVE = (*_USUAL, "see")
_CALL = "{call_id:shot}"


def calls(request: PageRequest) -> Response:
    """The calls that have not ended; the page updates every few seconds."""
    found = request.service(HelpCalls).open()
    return request.page(
        "calls.html",
        calls=found,
        most=LONGEST_LINE,
        usual=_usual(request, _USUAL),
        names={one.answered_by: request.services.accounts.name_of(one.answered_by) for one in found if one.answered_by},
        age_s={one.call_id: (request.now - one.since).total_seconds() for one in found},
    )


def call(request: PageRequest) -> Response:
    """One call with the newest view of its session; the page updates every second until the call has ended."""
    call_id = request.http.path_params["call_id"]
    found = _open_call(request)
    return request.page(
        "call.html",
        next_call=request.service(HelpCalls).next_of_booth(call_id) if found is None else None,
        headers=None if found is not None else WHOLE_PAGE,
        call_id=call_id,
        call=found,
        live=None if found is None else request.service(LiveHelp).of(call_id),
        age_s=_age_s(request, found),
        most=LONGEST_LINE,
        usual=_usual(request, _USUAL_LIVE),
        grounds=list(WaiverGround),
        chosen=request.http.query_params.get("check", ""),
    )


def still(request: PageRequest) -> Response:
    """The newest still of a call's session, a JPEG, while the graduate agrees. Every answer has `no-store`."""
    found = _open_call(request)
    if found is None:
        raise NotThere("there is no picture of this session to see now")
    jpeg = request.service(LiveHelp).still(request.who, found.call_id, found.booth_id)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def answer(request: PageRequest) -> Response:
    """Answer one call."""
    call_id = request.word("call")
    try:
        request.service(HelpCalls).answer(request.who, call_id, request.word("line", ""))
    except WrongRequest:
        return request.form_fault("call-fault", request.text("calls.wrong", most=LONGEST_LINE))
    except NotThere:
        return request.form_fault("call-fault", request.text("calls.over"))
    return request.go(f"/calls/{call_id}" if request.word("live", "") else "/calls")


def end(request: PageRequest) -> Response:
    """End one call. What was seen of its session is forgotten at once."""
    call_id = request.http.path_params["call_id"]
    try:
        request.service(HelpCalls).end(request.who, call_id)
    except NotThere as fault:
        return request.form_fault("call-fault", request.translated(fault.sentence))
    request.service(LiveHelp).drop(call_id)
    return request.go("/calls")


def waive(request: PageRequest) -> Response:
    """Waive one check of a session."""
    call_id = request.http.path_params["call_id"]
    try:
        if _open_call(request) is None:
            raise NotThere("this call has already ended")  # its booth would not waive the check
        live_help = request.service(LiveHelp)
        live_help.waive(request.who, call_id, request.word("check", ""), request.word("ground", ""))
    except (WrongRequest, NotThere) as fault:
        return request.form_fault("call-fault", request.translated(fault.sentence))
    return request.go(f"/calls/{call_id}")


def _open_call(request: PageRequest) -> OpenCall | None:
    """The call of the address; None: it has ended."""
    call_id = request.http.path_params["call_id"]
    return next((one for one in request.service(HelpCalls).open() if one.call_id == call_id), None)


def _usual(request: PageRequest, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The usual answers. Each is a pair: the text in Chinese, which the booth shows, and the text in the clerk's
    language.
    """
    return [(catalog(DEFAULT).text(one), request.text(one)) for one in (f"calls.say_{name}" for name in names)]


def _age_s(request: PageRequest, found: OpenCall | None) -> float:
    return 0.0 if found is None else (request.now - found.since).total_seconds()


PAGES = (
    Page("GET", "/calls", calls, Right.ANSWER_CALLS),
    Page("POST", "/calls", answer, Right.ANSWER_CALLS, once=True),
    Page("GET", f"/calls/{_CALL}", call, Right.ANSWER_CALLS),
    Page("POST", f"/calls/{_CALL}/end", end, Right.ANSWER_CALLS),
    Page("POST", f"/calls/{_CALL}/release", waive, Right.HELP_LIVE),
    Page("GET", f"/calls/{_CALL}/still", still, Right.ANSWER_CALLS),
)
