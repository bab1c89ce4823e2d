"""The page of calls for help: staff see which booths call, and answer with one line of text."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.calls.service import LONGEST_LINE, HelpCalls
from center.platform.faults import NotThere, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_USUAL = ("coming", "come", "wait", "go_on")


def calls(request: PageRequest) -> Response:
    """The calls that have not ended; the page updates every few seconds."""
    found = request.service(HelpCalls).open()
    return request.page(
        "calls.html",
        calls=found,
        most=LONGEST_LINE,
        usual=[request.text(f"calls.say_{name}") for name in _USUAL],
        names={one.answered_by: request.services.accounts.name_of(one.answered_by) for one in found if one.answered_by},
        age_s={one.call_id: (request.now - one.since).total_seconds() for one in found},
    )


def answer(request: PageRequest) -> Response:
    """Answer one call."""
    try:
        request.service(HelpCalls).answer(request.who, request.word("call"), request.word("line", ""))
    except WrongRequest:
        return request.form_fault("call-fault", request.text("calls.wrong", most=LONGEST_LINE))
    except NotThere:
        return request.form_fault("call-fault", request.text("calls.over"))
    return request.go("/calls")


PAGES = (Page("GET", "/calls", calls, Right.ANSWER_CALLS), Page("POST", "/calls", answer, Right.ANSWER_CALLS))
