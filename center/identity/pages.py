"""The dialog that asks the questions of a flagged shot: its roster row, its identity, an exception with a ground.

One question at a time, in a dialog over the shot. A search returns only the dialog; an answer returns the whole page
with the next question, until none is open.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.identity.model import GROUND_OF, Exempt, Ground, Question, RowInUse, asking
from center.identity.provisional import ProvisionalRows
from center.identity.service import Candidate, IdentityAnswers
from center.platform.faults import MovedOn, WrongRequest
from center.roster.model.findings import RowFault
from center.roster.pages import show as show_rosters
from center.shots.model.shot import Shot
from center.shots.pages import ShotOnPage, ShotPage
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest

_FIELDS = ("year", "school", "student_no", "id_number", "name", "sex", "major", "class_name", "exam_no")
_LONGEST_SEARCH = 200

GROUND_KEYS: dict[Ground, str] = dict(zip(Ground, "12340", strict=True))
"""The digit key of each ground; 0 is for one's own words, as in a rejection."""


class _WordsMissing(Exception):
    """The ground "other" without a text."""


def answer(request: PageRequest) -> Response:
    """Open the dialog with the first open question, search for rows in it, or store the answer to a question."""
    here = request.service(ShotPage).here(request)
    do = request.word("do", "")
    if do in ("", "search"):
        return _dialog(
            request,
            request.service(ShotPage).sheet(request, here.shot_id),
            request.word("search", "")[:_LONGEST_SEARCH],
        )
    try:
        shot = _answered(request, do)
    except RowFault as fault:
        field = request.text(f"answer.field_{fault.field}")
        said = request.text(f"roster_finding.{fault.kind.value}", **fault.values)
        return request.form_fault("answer-fault", f"{field}{request.text('app.colon')}{said}")
    except _WordsMissing:
        return request.form_fault("answer-fault", request.text("answer.words_missing"))
    except MovedOn as fault:
        return request.service(ShotPage).conflict(request, fault)
    return request.service(ShotPage).show(request, shot.shot_id, open_question_of)


def open_question_of(request: PageRequest, sheet: ShotOnPage) -> dict[str, Any]:
    """The dialog's content for the first open question; empty if no question is open."""
    return _values(request, sheet, "")


def _dialog(request: PageRequest, sheet: ShotOnPage, search: str) -> Response:
    values = _values(request, sheet, search)
    if not values:
        raise WrongRequest("nothing on this shot is left to answer: load the page again")
    return request.page("_answer.html", shot=sheet.shot, **values)


def _answered(request: PageRequest, do: str) -> Shot:
    service, here = request.service(IdentityAnswers), request.service(ShotPage).here(request)
    match do:
        case "attach":
            return service.attach(request.who, here.shot_id, here.version, request.word("row", ""))
        case "make":
            fields = {name: request.word(name, "") for name in _FIELDS}
            return service.make_row(request.who, here.shot_id, here.version, fields)
        case "confirm":
            return service.confirm(request.who, here.shot_id, here.version)
        case "exempt":
            return service.exempt(request.who, here.shot_id, here.version, _exempt(request))
        case _:
            raise WrongRequest("there is no such answer")


def _exempt(request: PageRequest) -> Exempt:
    try:
        ground = Ground(request.word("ground", ""))
    except ValueError:
        raise WrongRequest("an exception needs its ground: choose one") from None
    words = request.word("words", "").strip()
    if ground is Ground.OTHER and not words:
        raise _WordsMissing
    return Exempt(ground, words)


def _values(request: PageRequest, sheet: ShotOnPage, search: str) -> dict[str, Any]:
    asked = asking(sheet.flags, sheet.answered)
    if not asked:
        return {}
    question, flags = next(iter(asked.items()))
    found: Sequence[Candidate] = ()
    schools: Sequence[str] = ()
    if question is Question.ROW:
        schools = request.service(IdentityAnswers).schools()
        found = request.service(IdentityAnswers).candidates(request.who, sheet.shot.shot_id, search)
    return {
        "question": question,
        "question_flags": flags,
        "left": len(asked) - 1,
        "found": found,
        "search": search,
        "schools": schools,
        "person": sheet.person,
        "grounds": GROUND_KEYS,
        "suggested": next((GROUND_OF[flag] for flag in flags if flag in GROUND_OF), None),
    }


def take_back(request: PageRequest) -> Response:
    """Withdraw a provisional row; the roster page shows the result."""
    try:
        shots = request.service(ProvisionalRows).take_back(request.who, request.word("row"))
    except RowInUse as fault:
        return show_rosters(request, 409, stands=fault.shot_id)
    return show_rosters(request, taken_back=len(shots))


PAGES = (
    Page("POST", "/rosters/take-back", take_back, Right.ROSTERS),
    Page("POST", f"/review/{SHOT}/settle", answer, Right.ANSWER_FLAGS),
)
