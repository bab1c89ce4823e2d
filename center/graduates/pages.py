"""The pages with the state of graduates of one school or of all, and the page on which one graduate is searched.

Names are masked; no number or photo is shown.
"""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.attendance.model import AbsenceReason
from center.attendance.service import Attendances
from center.graduates.service import GraduateSearch
from center.platform.faults import WrongRequest
from center.review.pages.filters import filters_of
from center.review.queries import ReviewQueries
from center.shots.model.shot import State
from center.web.gate import Page
from center.web.page_request import PageRequest

_MOST = 500


def school(request: PageRequest) -> Response:
    """The newest shots of a school or of all, each with its state, and how many of them are in each state."""
    now = request.now
    name = filters_of(request).school
    lines = request.service(ReviewQueries).of_school(request.who, name, _MOST)
    states = {line.shot.shot_id: _state_of(line.shot.state(now), line.shot.decision) for line in lines}
    counts = {state: list(states.values()).count(state) for state in ("waiting", "approved", "retake")}
    schools = request.service(ReviewQueries).schools()
    return request.page(
        "school.html", lines=lines, states=states, counts=counts, school=name, schools=schools, most=_MOST
    )


def _state_of(state: State, decision: str | None) -> str:
    """The state that the page shows: a provisional decision is shown as waiting."""
    if state not in (State.FINAL, State.REPLACED):
        return "waiting"
    return "approved" if decision == "approved" else "retake"


def find_form(request: PageRequest) -> Response:
    """The empty search form. The search text is in no address: if the page is loaded again, the form is empty."""
    return request.page("find.html", found=None, noted=None)


def find(request: PageRequest) -> Response:
    """Everybody with this receipt, number or name; each shot with its state and a link to it."""
    found = request.service(GraduateSearch).find(request.who, request.word("what", ""))
    return request.page("find.html", found=found, noted=None, reasons=list(AbsenceReason))


def absent(request: PageRequest) -> Response:
    """Note for the memo why somebody has no photo, as the person said at a booth or at the staff desk."""
    try:
        reason = AbsenceReason(request.word("reason"))
    except ValueError:
        raise WrongRequest("the form's reason is none of those offered: load the page again") from None
    request.service(Attendances).note(request.who, request.word("row"), reason, request.word("words", ""))
    return request.page("find.html", found=None, noted=reason)


PAGES = (
    Page("GET", "/school", school, Right.STATUS),
    Page("GET", "/find", find_form, Right.FIND),
    Page("POST", "/find", find, Right.FIND),
    Page("POST", "/find/absence", absent, Right.FIND),
)
