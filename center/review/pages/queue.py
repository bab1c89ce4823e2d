"""The list of waiting shots with its filters, and the approval of a whole visible page."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from center.accounts.model.roles import Right
from center.accounts.service import Accounts
from center.booths.service import Booths
from center.platform.configuration import ReviewConfig
from center.platform.faults import ApprovedAlready, DecisionFinal, MovedOn, NotThere, OfficeFault
from center.review.claim_query import COUNTED
from center.review.model.reasons import KEYS
from center.review.pages.filters import filters_of
from center.review.queries import QueuePlace, ReviewQueries
from center.review.queue import Queue
from center.shots.model.leased import read_leased
from center.shots.model.rank import Rank
from center.shots.model.shot import State
from center.shots.model.staff_decision import OTHER
from center.web.gate import Page
from center.web.page_request import PageRequest

PAGE = 24
_LONGEST_LOOK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result for one shot of a page. `version`: needed to undo it, None if nothing was decided."""

    shot_id: str
    version: int | None
    said: str


def listing(call: PageRequest) -> Response:
    """The queue from its head or from a given place."""
    filters = filters_of(call)
    now = call.now
    page = call.service(ReviewQueries).page(
        call.who, filters, QueuePlace.read(call.request.query_params.get("after", "")), PAGE
    )
    depth = call.service(ReviewQueries).depth(filters)
    names: dict[str, str] = {}
    states: dict[str, State] = {}
    for line in page.lines:
        states[line.shot.shot_id] = line.shot.state(now)
        if states[line.shot.shot_id] is State.CLAIMED and line.shot.holder:
            names.setdefault(line.shot.holder, call.service(Accounts).name_of(line.shot.holder))
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
        checks=[check for check in KEYS if check != OTHER],
        schools=call.service(ReviewQueries).schools(),
        booths=call.service(Booths).names(),
        shown=round(now.timestamp()),
        now=now,
    )


def approve_page(call: PageRequest) -> Response:
    """Approve the ticked shots of the visible page one by one; each has its own result."""
    shown = _shown(call)
    answers = []
    for word in call.form.get("item", ())[:PAGE]:
        held = read_leased(word)
        try:
            shot = call.service(Queue).approve_seen(call.who, held.shot_id, held.version, shown)
        except (MovedOn, ApprovedAlready, NotThere) as fault:
            answers.append(Answer(held.shot_id, None, _why(call, fault)))
        else:
            answers.append(Answer(held.shot_id, shot.version, call.text("bulk.approved")))
    return _answered(call, answers, undo_s=call.service(ReviewConfig).undo_s)


def undo_page(call: PageRequest) -> Response:
    """Undo the approvals of a page one by one."""
    answers = []
    for word in call.form.get("item", ())[:PAGE]:
        held = read_leased(word)
        try:
            shot = call.service(Queue).undo(call.who, held.shot_id, held.version)
            call.service(Queue).release(call.who, shot.shot_id, shot.version)
        except (MovedOn, DecisionFinal, NotThere) as fault:
            answers.append(Answer(held.shot_id, None, _why(call, fault)))
        else:
            answers.append(Answer(held.shot_id, None, call.text("bulk.undone")))
    return _answered(call, answers, undo_s=0)


def _answered(call: PageRequest, answers: list[Answer], undo_s: int) -> Response:
    people = {answer.shot_id: call.service(ReviewQueries).name_of(answer.shot_id) for answer in answers}
    return call.page("bulk.html", answers=answers, people=people, undo_s=undo_s, approved=undo_s > 0)


def _why(call: PageRequest, fault: OfficeFault) -> str:
    match fault:
        case MovedOn():
            by = call.service(Accounts).name_of(fault.by) if fault.by else call.text("review.office")
            return call.text("bulk.moved_on", by=by, state=call.text(f"state.{fault.state}"))
        case ApprovedAlready():
            return call.text("bulk.approved_already")
        case DecisionFinal():
            return call.text("bulk.already_told")
        case _:
            return call.text("bulk.missing")


def _shown(call: PageRequest) -> datetime:
    """When the list was loaded according to the form; never in the future and at most an hour ago."""
    now = call.now
    said = datetime.fromtimestamp(min(call.number("shown"), 32_503_680_000), UTC)
    return min(now, max(said, now - _LONGEST_LOOK))


PAGES = (
    Page("GET", "/queue", listing, Right.REVIEW),
    Page("POST", "/queue/approve", approve_page, Right.APPROVE_PAGE),
    Page("POST", "/queue/undo", undo_page, Right.APPROVE_PAGE),
)
