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
from center.review.queries import ReviewQueries
from center.review.queue import Queue
from center.review.summaries import QueuePlace
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
    """The result for one shot of a page. `version`: the shot's version, needed to undo the approval;
    None if nothing was decided."""

    shot_id: str
    version: int | None
    text: str


def listing(request: PageRequest) -> Response:
    """The queue from its head or from a given place."""
    filters = filters_of(request)
    now = request.now
    page = request.service(ReviewQueries).page(
        request.who, filters, QueuePlace.read(request.http.query_params.get("after", "")), PAGE
    )
    depth = request.service(ReviewQueries).depth(filters)
    names: dict[str, str] = {}
    states: dict[str, State] = {}
    for line in page.lines:
        states[line.shot.shot_id] = line.shot.state(now)
        if states[line.shot.shot_id] is State.CLAIMED and line.shot.holder:
            names.setdefault(line.shot.holder, request.service(Accounts).name_of(line.shot.holder))
    clean = [line for line in page.lines if line.all_passed and (states[line.shot.shot_id] is State.QUEUED)]
    return request.page(
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
        schools=request.service(ReviewQueries).schools(),
        booths=request.service(Booths).names(),
        shown=round(now.timestamp()),
        now=now,
    )


def approve_page(request: PageRequest) -> Response:
    """Approve the ticked shots of the visible page one by one; each has its own result."""
    shown = _shown(request)
    answers = []
    for word in request.form.get("item", ())[:PAGE]:
        held = read_leased(word)
        try:
            shot = request.service(Queue).approve_seen(request.who, held.shot_id, held.version, shown)
        except (MovedOn, ApprovedAlready, NotThere) as fault:
            answers.append(Answer(held.shot_id, None, _why(request, fault)))
        else:
            answers.append(Answer(held.shot_id, shot.version, request.text("bulk.approved")))
    return _answered(request, answers, undo_s=request.service(ReviewConfig).undo_s)


def undo_page(request: PageRequest) -> Response:
    """Undo the approvals of a page one by one."""
    answers = []
    for word in request.form.get("item", ())[:PAGE]:
        held = read_leased(word)
        try:
            shot = request.service(Queue).undo(request.who, held.shot_id, held.version)
            request.service(Queue).give_back(request.who, shot.shot_id, shot.version)
        except (MovedOn, DecisionFinal, NotThere) as fault:
            answers.append(Answer(held.shot_id, None, _why(request, fault)))
        else:
            answers.append(Answer(held.shot_id, None, request.text("bulk.undone")))
    return _answered(request, answers, undo_s=0)


def _answered(request: PageRequest, answers: list[Answer], undo_s: int) -> Response:
    people = {answer.shot_id: request.service(ReviewQueries).name_of(answer.shot_id) for answer in answers}
    return request.page("bulk.html", answers=answers, people=people, undo_s=undo_s, approved=undo_s > 0)


def _why(request: PageRequest, fault: OfficeFault) -> str:
    match fault:
        case MovedOn():
            by = request.service(Accounts).name_of(fault.by) if fault.by else request.text("review.office")
            return request.text("bulk.moved_on", by=by, state=request.text(f"state.{fault.state}"))
        case ApprovedAlready():
            return request.text("bulk.approved_already")
        case DecisionFinal():
            return request.text("bulk.already_told")
        case _:
            return request.text("bulk.missing")


def _shown(request: PageRequest) -> datetime:
    """When the list was loaded according to the form; never in the future and at most an hour ago."""
    now = request.now
    said = datetime.fromtimestamp(min(request.number("shown"), 32_503_680_000), UTC)
    return min(now, max(said, now - _LONGEST_LOOK))


PAGES = (
    Page("GET", "/queue", listing, Right.REVIEW),
    Page("POST", "/queue/approve", approve_page, Right.APPROVE_PAGE),
    Page("POST", "/queue/undo", undo_page, Right.APPROVE_PAGE),
)
