"""The public page where people take a number, and staff's page where they call numbers."""

import math

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import Conflict
from center.waiting.service import WaitingNumbers
from center.web.gate import Page
from center.web.page_request import PageRequest

COOKIE = "__Host-number"
KEPT_S = 12 * 3_600
LONGEST_TOKEN = 64


def number(request: PageRequest) -> Response:
    """Which numbers are called, the waiting time, and this device's own number; the page updates every ten seconds."""
    queue = request.service(WaitingNumbers)
    device = _device(request)
    held = queue.held(device) if device else None
    state = queue.state()
    wait_s = held.wait_s if held is not None else (len(state.waiting) + 1) * state.pace_s
    return request.page("number.html", state=state, held=held, minutes=math.ceil(wait_s / 60))


def take(request: PageRequest) -> Response:
    """Give this device a number, or show the one it has."""
    taken = request.service(WaitingNumbers).take(_device(request))
    answer = request.go("/number")
    if taken.held is not None:
        answer.set_cookie(COOKIE, taken.device, max_age=KEPT_S, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def give_back(request: PageRequest) -> Response:
    """The holder gives the number back."""
    request.service(WaitingNumbers).give_back(_device(request))
    answer = request.go("/number")
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _device(request: PageRequest) -> str:
    return request.http.cookies.get(COOKIE, "")[:LONGEST_TOKEN]


def waiting(request: PageRequest) -> Response:
    """Staff's view of the queue."""
    state = request.service(WaitingNumbers).state()
    minutes = math.ceil(len(state.waiting) * state.pace_s / 60)
    return request.page("waiting.html", state=state, minutes=minutes, shown=state.waiting[:12])


def call(request: PageRequest) -> Response:
    """Staff's actions on the queue: call the next number, note that it came or did not, call it again, close, open."""
    queue, deed = request.service(WaitingNumbers), request.word("do")
    try:
        match deed:
            case "next":
                queue.call_next()
            case "came" | "missed":
                queue.note_arrival(request.number("number"), came=deed == "came")
            case "again":
                queue.call_again(request.number("number"))
            case "close" | "open":
                queue.close(request.who, closed=deed == "close")
            case _:
                pass
    except Conflict:
        return request.form_fault("waiting-fault", request.text("waiting.meanwhile"))
    return request.go("/waiting")


PAGES = (
    Page("GET", "/number", number, public=True, by_address=True),
    Page("POST", "/number", take, public=True, by_address=True),
    Page("POST", "/number/back", give_back, public=True, by_address=True),
    Page("GET", "/waiting", waiting, Right.ANSWER_CALLS),
    Page("POST", "/waiting", call, Right.ANSWER_CALLS),
)
