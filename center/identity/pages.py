"""Settling what a flagged shot asks: its row of the roster, whether it is this person, an exception with a ground.

One question at a time, in a dialog over the shot. A search answers with the dialog alone; an answer with the whole
page, the next question open on it, until nothing is asked any more.
"""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from center.identity.model import GROUND_OF, Exempt, Ground, Question, asking
from center.identity.service import Candidate
from center.platform.faults import MovedOn, WrongRequest
from center.review.desk import Sheet
from center.review.pages.hand import read_hand
from center.review.pages.review import here_of, show
from center.roster.model.findings import RowFault
from center.shots.model.shot import Shot
from center.web.call import Call, id_of

_FIELDS = ("year", "school", "student_no", "id_number", "name", "sex", "major", "class_name", "exam_no")
_LONGEST_SEARCH = 200

GROUND_KEYS: dict[Ground, str] = dict(zip(Ground, "12340", strict=True))
"""The digit of each ground; 0 is one's own words, as in a rejection."""


class _WordsMissing(Exception):
    """Another ground without words."""


def settle(call: Call) -> Response:
    """Open the first open question, search, or answer it."""
    here = here_of(call)
    do = call.word("do", "")
    if do in ("", "search"):
        return _dialog(call, call.services.desk.sheet(here.shot_id), call.word("search", "")[:_LONGEST_SEARCH])
    try:
        shot = _answered(call, do)
    except RowFault as fault:
        field = call.text(f"settle.field_{fault.field}")
        said = call.text(f"roster_finding.{fault.kind.value}", **fault.values)
        return call.told("settle-fault", f"{field}{call.text('app.colon')}{said}")
    except _WordsMissing:
        return call.told("settle-fault", call.text("settle.words_missing"))
    except MovedOn as fault:
        return show(call, id_of(call), ahead=read_hand(call, "ahead"), audited=False, fault=fault)
    return show(call, shot.shot_id, ahead=read_hand(call, "ahead"), opened=settling_of)


def settling_of(call: Call, sheet: Sheet) -> dict[str, Any]:
    """What the dialog shows of the first open question; nothing where there is none."""
    return _values(call, sheet, "")


def _dialog(call: Call, sheet: Sheet, search: str) -> Response:
    values = _values(call, sheet, search)
    if not values:
        raise WrongRequest("nothing on this shot is left to settle: load the page again")
    return call.page("_settle.html", shot=sheet.shot, **values)


def _answered(call: Call, do: str) -> Shot:
    settling, here = call.services.office.settling, here_of(call)
    match do:
        case "attach":
            return settling.attach(call.who, here.shot_id, here.version, call.word("row", ""))
        case "make":
            fields = {name: call.word(name, "") for name in _FIELDS}
            return settling.make_row(call.who, here.shot_id, here.version, fields)
        case "confirm":
            return settling.confirm(call.who, here.shot_id, here.version)
        case "exempt":
            return settling.exempt(call.who, here.shot_id, here.version, _exempt(call))
        case _:
            raise WrongRequest("there is no such answer")


def _exempt(call: Call) -> Exempt:
    try:
        ground = Ground(call.word("ground", ""))
    except ValueError:
        raise WrongRequest("an exception needs its ground: choose one") from None
    words = call.word("words", "").strip()
    if ground is Ground.OTHER and not words:
        raise _WordsMissing
    return Exempt(ground, words)


def _values(call: Call, sheet: Sheet, search: str) -> dict[str, Any]:
    asked = asking(sheet.line.flags, sheet.line.settled)
    if not asked:
        return {}
    question, flags = next(iter(asked.items()))
    found: Sequence[Candidate] = ()
    if question is Question.ROW:
        found = call.services.office.settling.candidates(call.who, sheet.shot.shot_id, search)
    return {
        "question": question,
        "question_flags": flags,
        "left": len(asked) - 1,
        "found": found,
        "search": search,
        "person": sheet.line.person,
        "grounds": GROUND_KEYS,
        "suggested": next((GROUND_OF[flag] for flag in flags if flag in GROUND_OF), None),
    }
