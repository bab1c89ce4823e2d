"""Which graduates are done: a school sees its own, staff all. No photo, no number, names masked."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.shots.model.shot import State
from center.web.call import Call

_MOST = 500


def school(call: Call) -> Response:
    """The newest shot of everybody, and how many stand where."""
    services, now = call.services, call.services.office.clock()
    name = call.filters.school if call.may(Right.ALL_SCHOOLS) else call.account.school
    lines = services.desk.of_school(call.who, name, _MOST)
    states = {line.shot.shot_id: _standing(line.shot.state(now), line.shot.decision) for line in lines}
    counts = {standing: list(states.values()).count(standing) for standing in ("waiting", "approved", "retake")}
    schools = services.desk.schools() if call.may(Right.ALL_SCHOOLS) else []
    return call.page("school.html", lines=lines, states=states, counts=counts, school=name, schools=schools, most=_MOST)


def _standing(state: State, decision: str | None) -> str:
    """The public word for a state: a provisional decision is not told to anybody."""
    if state not in (State.FINAL, State.REPLACED):
        return "waiting"
    return "approved" if decision == "approved" else "retake"
