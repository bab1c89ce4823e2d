"""Second looks: how often two reviewers differ, and the shots on which they did, for a supervisor to settle."""

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.platform.faults import NotThere, WrongRequest
from center.web.call import Call

SPANS = (7, 30, 180)
_MOST = 50


def second_looks(call: Call) -> Response:
    """The rate with its interval; the photos only to those who judge photos."""
    services = call.services
    asked = call.request.query_params.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]
    shown = services.seconds.disagreements(_MOST) if call.may(Right.REOPEN) else []
    services.desk.seen_together(call.who, [one.shot_id for one in shown])
    return call.page(
        "second.html",
        days=days,
        spans=SPANS,
        looks=services.seconds.looks(days),
        shown=shown,
        names={one.shot_id: services.desk.name_of(one.shot_id) for one in shown},
        people={by: services.office.accounts.name_of(by) for one in shown for by in (one.first.by, one.again.by)},
    )


def settle(call: Call) -> Response:
    """The first decision stands, or the shot goes back into the queue. Raises `MovedOn`, `NotThere`."""
    look_id, outcome = call.number("look_id"), call.word("outcome")
    if outcome not in ("first", "back"):
        raise WrongRequest("a disagreement is settled by `first` or `back`: load the page again")
    if outcome == "back":
        wanted = [one for one in call.services.seconds.disagreements(_MOST) if one.look_id == look_id]
        if not wanted:
            raise NotThere("there is no such disagreement, or somebody has settled it")
        call.services.office.queue.reopen(call.who, wanted[0].shot_id, call.number("version"))
    call.services.seconds.settle(call.who, look_id, outcome)
    return call.go("/numbers/second-looks")
