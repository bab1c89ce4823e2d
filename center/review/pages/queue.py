"""What waits: the list with its filters, and the approval of a whole visible page where every check passed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from center.platform.faults import AlreadyTold, ApprovedAlready, MovedOn, NotThere, OfficeFault
from center.review.desk import Place
from center.review.head import COUNTED
from center.review.pages.hand import read_held
from center.shots.model.rank import Rank
from center.shots.model.shot import State
from center.web.call import Call

PAGE = 24
_LONGEST_LOOK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one shot of a page. `version`: to undo it with, None where nothing was decided."""

    shot_id: str
    version: int | None
    said: str


def listing(call: Call) -> Response:
    """The queue from its head, or from a place in it."""
    services, filters = call.services, call.filters
    now = services.office.clock()
    page = services.desk.page(call.who, filters, Place.read(call.request.query_params.get("after", "")), PAGE)
    depth = services.desk.depth(filters)
    names: dict[str, str] = {}
    states: dict[str, State] = {}
    for line in page.lines:
        states[line.shot.shot_id] = line.shot.state(now)
        if states[line.shot.shot_id] is State.CLAIMED and line.shot.holder:
            names.setdefault(line.shot.holder, services.office.accounts.name_of(line.shot.holder))
    clean = [line for line in page.lines if line.all_passed and (states[line.shot.shot_id] is State.QUEUED)]
    return call.page(
        "queue.html",
        page=page,
        filters=filters,
        depth=depth,
        counted=COUNTED,
        states=states,
        names=names,
        clean=clean,
        flagged=int(Rank.FLAGGED),
        schools=services.desk.schools(),
        booths=services.office.booths.names(),
        shown=round(now.timestamp()),
        now=now,
    )


def approve_page(call: Call) -> Response:
    """Approve what was ticked of the visible page, one by one; each has an answer of its own."""
    shown = _shown(call)
    answers = []
    for word in call.form.get("item", ())[:PAGE]:
        held = read_held(word)
        try:
            shot = call.services.office.queue.approve_seen(call.who, held.shot_id, held.version, shown)
        except (MovedOn, ApprovedAlready, NotThere) as fault:
            answers.append(Answer(held.shot_id, None, _why(call, fault)))
        else:
            answers.append(Answer(held.shot_id, shot.version, call.text("bulk.approved")))
    return _answered(call, answers, undo_s=call.services.office.config.review.undo_s)


def undo_page(call: Call) -> Response:
    """Take the approvals of a page back, one by one."""
    answers = []
    for word in call.form.get("item", ())[:PAGE]:
        held = read_held(word)
        try:
            shot = call.services.office.queue.undo(call.who, held.shot_id, held.version)
            call.services.office.queue.release(call.who, shot.shot_id, shot.version)
        except (MovedOn, AlreadyTold, NotThere) as fault:
            answers.append(Answer(held.shot_id, None, _why(call, fault)))
        else:
            answers.append(Answer(held.shot_id, None, call.text("bulk.undone")))
    return _answered(call, answers, undo_s=0)


def _answered(call: Call, answers: list[Answer], undo_s: int) -> Response:
    people = {answer.shot_id: call.services.desk.name_of(answer.shot_id) for answer in answers}
    return call.page("bulk.html", answers=answers, people=people, undo_s=undo_s, approved=undo_s > 0)


def _why(call: Call, fault: OfficeFault) -> str:
    match fault:
        case MovedOn():
            by = call.services.office.accounts.name_of(fault.by) if fault.by else call.text("review.office")
            return call.text("bulk.moved_on", by=by, state=call.text(f"state.{fault.state}"))
        case ApprovedAlready():
            return call.text("bulk.approved_already")
        case AlreadyTold():
            return call.text("bulk.already_told")
        case _:
            return call.text("bulk.missing")


def _shown(call: Call) -> datetime:
    """When the list was loaded, as it says; never in the future and at most an hour ago."""
    now = call.services.office.clock()
    said = datetime.fromtimestamp(min(call.number("shown"), 32_503_680_000), UTC)
    return min(now, max(said, now - _LONGEST_LOOK))
