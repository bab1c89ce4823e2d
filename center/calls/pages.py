"""Staff see which booths ask for help, and answer by one line."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.calls.service import LONGEST_LINE, HelpCalls
from center.platform.faults import NotThere, WrongRequest
from center.web.gate import Page
from center.web.page_request import PageRequest

_USUAL = ("coming", "come", "wait", "go_on")


def calls(call: PageRequest) -> Response:
    """The calls that have not ended; the page looks again every few seconds."""
    found = call.service(HelpCalls).open()
    return call.page(
        "calls.html",
        calls=found,
        most=LONGEST_LINE,
        usual=[call.text(f"calls.say_{name}") for name in _USUAL],
        names={one.answered_by: call.services.accounts.name_of(one.answered_by) for one in found if one.answered_by},
        age_s={one.call_id: (call.now - one.since).total_seconds() for one in found},
    )


def answer(call: PageRequest) -> Response:
    """Answer one call."""
    try:
        call.service(HelpCalls).answer(call.who, call.word("call"), call.word("line", ""))
    except WrongRequest:
        return call.form_fault("call-fault", call.text("calls.wrong", most=LONGEST_LINE))
    except NotThere:
        return call.form_fault("call-fault", call.text("calls.over"))
    return call.go("/calls")


PAGES = (Page("GET", "/calls", calls, Right.ANSWER_CALLS), Page("POST", "/calls", answer, Right.ANSWER_CALLS))
