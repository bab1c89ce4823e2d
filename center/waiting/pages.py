"""The public page where people take a number, and staff's page where they call numbers."""

import math

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import Conflict, TooOften
from center.waiting.model import NumberState
from center.waiting.service import WaitingNumbers
from center.web.gate import Page, take_one
from center.web.page_request import PageRequest

COOKIE = "__Host-number"
KEPT_S = 12 * 3_600
LONGEST_TOKEN = 64


def number(request: PageRequest, often: TooOften | None = None) -> Response:
    """Which numbers are called, the waiting time, and this device's own number. The page updates by itself, more often
    when the turn is near. `often`: why this device was given no number.
    """
    state, held = request.service(WaitingNumbers).seen_by(_device(request))
    over = held is None or held.state is NumberState.ENDED
    wait_s = held.wait_s if held is not None and not over else (len(state.waiting) + 1) * state.pace_s
    often = often if over else None
    status, headers = (200, {}) if often is None else (429, {"Retry-After": str(often.wait_s)})
    return request.page(
        "number.html", status, headers, state=state, held=held, over=over, often=often, minutes=math.ceil(wait_s / 60)
    )


def take(request: PageRequest) -> Response:
    """Give this device a number, or show the one it has. The new numbers of one address are limited."""
    device, new_numbers = _device(request), request.services.new_numbers
    try:
        take_one(new_numbers, request.http)
    except TooOften as often:
        return number(request, often)
    taken = request.service(WaitingNumbers).take(device)
    if taken.device == device:  # the device was given no new number
        new_numbers.give_back(request.address)
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
    """Staff's actions on the queue: call the next number, note whether its holder came, call it again, close or open
    the queue, end all waiting numbers from a given one on.
    """
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
            case "end":
                queue.end_from(request.who, request.number("first"))
            case _:
                pass
    except Conflict:
        return request.form_fault("waiting-fault", request.text("waiting.meanwhile"))
    return request.go("/waiting")


PAGES = (
    Page("GET", "/number", number, public=True, by_address="polls"),
    Page("POST", "/number", take, public=True, by_address="visits"),
    Page("POST", "/number/back", give_back, public=True, by_address="visits"),
    Page("GET", "/waiting", waiting, Right.ANSWER_CALLS),
    Page("POST", "/waiting", call, Right.ANSWER_CALLS, once=True),
)
