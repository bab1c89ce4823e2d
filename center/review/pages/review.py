"""The review page, which shows one shot at a time.

The response to deciding, skipping or undoing is the next page itself and not a redirect to it, so each key that the
reviewer presses costs only one round trip.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from center.accounts.model.roles import Right, require
from center.accounts.service import Accounts
from center.identity.model import NEEDED, OpenQuestions, asking
from center.identity.service import IdentityAnswers
from center.platform.configuration import ReviewConfig
from center.platform.faults import ApprovedAlready, DecisionFinal, MovedOn, OfficeFault, WrongRequest
from center.platform.photos import PhotoDeleted, PhotoGone
from center.review.check_rows import rows
from center.review.model.reasons import KEYS
from center.review.pages.filters import filters_of
from center.review.pages.leases import fill, give_back, keep, next_of, read_leases, written
from center.review.queries import ReviewQueries
from center.review.queue import Queue
from center.review.summaries import ShotDetail
from center.shots.model.leased import LeasedShot, read_leased
from center.shots.model.overlay import Overlay, overlay, readings
from center.shots.model.shot import Shot, State
from center.shots.model.staff_decision import OTHER, Approve, RecroppedPhoto, Reject, StaffDecision
from center.shots.pages import Dialog, ShotOnPage, ShotPage
from center.web.gate import SHOT, Page
from center.web.page_request import PageRequest, id_of
from center.web.render import clock
from rules.finish_report import RecropSource
from rules.names import mask_name
from rules.photo import Crop

log = logging.getLogger(__name__)

_LATELY = 12
_MOST_LOST = 5
"""The most shots that one request sets aside because their files can't be used."""


@dataclass(frozen=True, slots=True)
class Done:
    """The reviewer's last action, for the line that offers to undo it."""

    shot_id: str
    version: int
    what: str  # approved, rejected, skipped
    name: str  # the name of the person on the shot, masked
    undo_s: int


def idle(request: PageRequest) -> Response:
    """The page without a shot: shown after the last shot, and to a browser that opens the address by a bookmark."""
    return request.page("done.html", done=None, depth=request.service(ReviewQueries).depth(filters_of(request)))


def start(request: PageRequest) -> Response:
    """Claim the shot at the head of the queue, and show it."""
    here, ahead = next_of(request, [])
    return _show_or_end(request, here, ahead, None)


def look(request: PageRequest) -> Response:
    """Show the shot that the address names. If the reviewer holds the shot, it can be decided there; else it can only
    be viewed."""
    return show(request, id_of(request), audited=False)


def take(request: PageRequest) -> Response:
    """Claim the shot that the reviewer chose in a list or goes back to. The shot that was on the screen before becomes
    the next one."""
    ahead = [
        held
        for held in [*read_leases(request, "here"), *read_leases(request, "ahead")]
        if held.shot_id != id_of(request)
    ]
    try:
        request.service(Queue).claim(request.who, id_of(request))
    except MovedOn as fault:
        # A decided shot is shown, not claimed. That is no conflict: reviewers go back to a shot to see it or to undo
        # their decision.
        return show(
            request, id_of(request), ahead=ahead, audited=False, fault=fault if fault.state == State.CLAIMED else None
        )
    return show(request, id_of(request), ahead=ahead)


def approve(request: PageRequest) -> Response:
    """Approve and show the next shot."""
    replaces = request.word("replaces", "") or None
    if replaces is not None:
        require(request.account.role, Right.REPLACE)
    return _decide(request, Approve(replaces=replaces))


def reject(request: PageRequest) -> Response:
    """Reject with reasons and show the next shot."""
    reasons, note = request.form.get("reasons", ()), request.word("note", "").strip()
    if OTHER in reasons and not note:
        return request.form_fault("reject-fault", request.text("reject.words_missing"))
    return _decide(request, Reject(tuple(reasons), note))


def skip(request: PageRequest) -> Response:
    """Skip the shot and show the next one."""
    here = _here(request)
    try:
        shot = request.service(Queue).skip(request.who, here.shot_id, here.version)
    except MovedOn as fault:
        return show(request, here.shot_id, ahead=read_leases(request, "ahead"), fault=fault)
    return _go_on(request, shot, "skipped", 0)


def undo(request: PageRequest) -> Response:
    """Undo the reviewer's own decision and show its shot again; the shot that was on the screen becomes the next
    one."""
    shot_id = id_of(request)
    ahead = [*read_leases(request, "here"), *read_leases(request, "ahead")]
    try:
        request.service(Queue).undo(request.who, shot_id, request.number("undo_version"))
    except (MovedOn, DecisionFinal) as fault:
        return show(request, shot_id, ahead=ahead, audited=False, fault=fault)
    return show(request, shot_id, ahead=[held for held in ahead if held.shot_id != shot_id])


def reopen(request: PageRequest) -> Response:
    """Put a final decision back into the queue."""
    shot_id = id_of(request)
    try:
        request.service(Queue).reopen(request.who, shot_id, request.number("undo_version"))
    except MovedOn as fault:
        return show(request, shot_id, audited=False, fault=fault)
    return show(request, shot_id, audited=False)


def reveal(request: PageRequest) -> Response:
    """The person unmasked, as a part of the page. The audit records this before the person is shown."""
    person = request.service(ReviewQueries).revealed(request.who, id_of(request))
    return request.page("_person.html", person=person, revealed=True, shot_id=id_of(request))


def fill_ahead(request: PageRequest) -> Response:
    """Claim the next shots. Returns a part of the page, with which the browser loads their photos."""
    ahead = fill(request, _here(request).shot_id, read_leases(request, "ahead"))
    return request.page("_ahead.html", ahead=ahead, ahead_text=written(ahead), fill=False)


def keep_alive(request: PageRequest) -> Response:
    """Renew the leases of a page that is still visible. Returns a part of the page: empty, or a message that another
    reviewer has the shot.
    """
    here = _here(request)
    kept = keep(request, [here, *read_leases(request, "ahead")])
    return request.page("_lease.html", lost=here not in kept)


def stop(request: PageRequest) -> Response:
    """Give all leased shots back, and leave."""
    give_back(request, [*read_leases(request, "here"), *read_leases(request, "ahead")])
    return request.go(request.at("/queue"))


def show(
    request: PageRequest,
    shot_id: str,
    *,
    ahead: Sequence[LeasedShot] = (),
    done: Done | None = None,
    fault: OfficeFault | None = None,
    audited: bool = True,
    opened: Dialog | None = None,
) -> Response:
    """The page of one shot. `audited` False: no claim of this request was recorded, so the audit gets an entry for this
    view unless the reviewer holds the shot. `opened`: builds the content of an open dialog from the present shot.
    """
    now = request.now
    sheet = request.service(ReviewQueries).sheet(shot_id, request.who)
    state = sheet.shot.state(now)
    mine = state is State.CLAIMED and sheet.shot.holder == request.who
    if not audited and not mine:
        request.service(ReviewQueries).seen(request.who, shot_id)
    lately = request.service(ReviewQueries).lately(request.who, _LATELY)
    before = lately[lately.index(shot_id) + 1 :] if shot_id in lately else lately
    name_of = request.service(Accounts).name_of
    headers = {"HX-Push-Url": request.at(f"/review/{shot_id}")}
    asked = asking(sheet.line.flags, sheet.line.answered)
    dialog = opened(request, sheet) if opened is not None and mine else {}
    return request.page(
        "review.html",
        409 if fault is not None else 200,
        headers,
        sheet=sheet,
        shot=sheet.shot,
        state=state,
        mine=mine,
        can_undo=state is State.PROVISIONAL and sheet.shot.decided_by == request.who,
        can_recrop=mine and sheet.recroppable,
        undo_left_s=_left(sheet.shot, now),
        holder=_colleague(request, sheet),
        overlay=_overlay(sheet),
        which="finished" if _recropped(sheet) else "",
        rows=rows(sheet),
        reasons=KEYS,
        ahead=list(ahead),
        ahead_text=written(ahead),
        fill=mine,
        back=before[0] if before else None,
        done=done,
        fault=_conflict_text(request, fault),
        lease_s=request.service(ReviewConfig).lease_s,
        asked=asked,
        must_answer=any(flag in NEEDED for flags in asked.values() for flag in flags),
        answers=[(one, name_of(one.by)) for one in request.service(IdentityAnswers).of_shot(shot_id)],
        **{"question": None, **dialog},
    )


def _shown_at(request: PageRequest) -> datetime | None:
    """When the photo appeared on the screen, as measured by the page; None if the page did not send it."""
    word = request.word("looked_ms", "")
    if not word.isdecimal() or len(word) > 9:
        return None
    return request.now - timedelta(milliseconds=int(word))


def _decide(request: PageRequest, staff_decision: StaffDecision, recropped: RecroppedPhoto | None = None) -> Response:
    here = _here(request)
    try:
        shot = request.service(Queue).decide(
            request.who, here.shot_id, here.version, staff_decision, shown_at=_shown_at(request), recropped=recropped
        )
    except (MovedOn, ApprovedAlready, OpenQuestions) as fault:
        return show(request, here.shot_id, ahead=read_leases(request, "ahead"), audited=False, fault=fault)
    decision = "" if shot.decision is None else shot.decision.value
    return _go_on(request, shot, decision, request.service(ReviewConfig).undo_s)


def _go_on(request: PageRequest, shot: Shot, what: str, undo_s: int) -> Response:
    here, ahead = next_of(request, read_leases(request, "ahead"))
    name = mask_name(request.service(ReviewQueries).name_of(shot.shot_id))
    done = Done(shot.shot_id, shot.version, what, name, undo_s)
    return _show_or_end(request, here, ahead, done)


def _show_or_end(
    request: PageRequest, here: LeasedShot | None, ahead: Sequence[LeasedShot], done: Done | None
) -> Response:
    rest, lost = list(ahead), 0
    while here is not None:
        try:
            return show(request, here.shot_id, ahead=rest, done=done)
        except (PhotoDeleted, PhotoGone) as fault:  # one lost file must not block the queue
            lost += 1
            if lost > _MOST_LOST:  # the disk itself fails: the other shots stay in the queue
                raise
            log.error("shot %s was set aside: %s", here.shot_id, fault)
            _set_aside(request, here, str(fault))
            here, rest = next_of(request, rest)
    return request.page(
        "done.html",
        headers={"HX-Push-Url": request.at("/review")},
        done=done,
        depth=request.service(ReviewQueries).depth(filters_of(request)),
    )


def _set_aside(request: PageRequest, here: LeasedShot, reason: str) -> None:
    queue = request.service(Queue)
    try:
        queue.set_aside(request.who, here.shot_id, here.version, reason)
    except MovedOn:  # this is a second review, and its shot stays decided
        queue.skip(request.who, here.shot_id, here.version)


def _here(request: PageRequest) -> LeasedShot:
    here = read_leased(request.word("here"))
    if "shot_id" in request.http.path_params and here.shot_id != id_of(request):
        raise WrongRequest("the form is about another shot than the address: load the page again")
    return here


def _recropped(sheet: ShotDetail) -> Crop | None:
    """The crop by which the valid decision recropped the photo; None if it did not, or if there is none."""
    if sheet.last_decision is None or sheet.last_decision.undone or sheet.last_decision.recrop is None:
        return None
    return Crop(*sheet.last_decision.recrop, 0.0)


def _overlay(sheet: ShotDetail) -> Overlay:
    """The guides that the page shows over the photo. Their places fit the photo that is shown: the recropped one if
    there is one, else the one that the booth cut."""
    finish, spec, crop = sheet.manifest.finish, sheet.profile.photo, _recropped(sheet)
    source = RecropSource.read(finish)
    if crop is None or source is None:
        return overlay(finish, spec)
    face = crop.place(source.face)
    return Overlay(spec, face, readings(face, spec))


def _left(shot: Shot, now: datetime) -> int:
    """Whole seconds for which a decision can still be undone."""
    return 0 if shot.final_at is None else max(0, int((shot.final_at - now).total_seconds()))


def _colleague(request: PageRequest, sheet: ShotDetail) -> str:
    """The name of the account that holds the shot, else of the one that decided on it, else of the one that changed it
    last; empty if there is none.
    """
    who = sheet.shot.holder or sheet.shot.decided_by or sheet.shot.touched_by
    return request.service(Accounts).name_of(who) if who else ""


def _conflict_text(request: PageRequest, fault: OfficeFault | None) -> str:
    """The text for a conflict: who changed the shot, when, and its present state."""
    match fault:
        case None:
            return ""
        case MovedOn():
            by = request.service(Accounts).name_of(fault.by) if fault.by else request.text("review.office")
            at = clock(fault.at) if fault.at else ""
            return request.text("review.moved_on", by=by, at=at, state=request.text(f"state.{fault.state}"))
        case DecisionFinal():
            return request.text("review.already_told")
        case ApprovedAlready():
            return request.text("review.approved_already")
        case OpenQuestions():
            flags = request.text("app.comma").join(request.text.named("flag", flag) for flag in fault.flags)
            return request.text("review.unanswered", flags=flags)
        case _:
            return request.translated(fault.sentence)


def _sheet(request: PageRequest, shot_id: str) -> ShotOnPage:
    return request.service(ReviewQueries).sheet(shot_id)


def _with_dialog(request: PageRequest, shot_id: str, dialog: Dialog) -> Response:
    return show(request, shot_id, ahead=read_leases(request, "ahead"), opened=dialog)


def _conflict(request: PageRequest, fault: OfficeFault) -> Response:
    return show(request, id_of(request), ahead=read_leases(request, "ahead"), audited=False, fault=fault)


SHOT_PAGE = ShotPage(here=_here, sheet=_sheet, show=_with_dialog, conflict=_conflict, decide=_decide)
"""The functions of this page that the tasks recrop and identity use, because their dialogs open on this page."""

PAGES = (
    Page("GET", "/review", idle, Right.REVIEW),
    Page("POST", "/review", start, Right.REVIEW),
    Page("POST", "/review/ahead", fill_ahead, Right.REVIEW),
    Page("POST", "/review/keep", keep_alive, Right.REVIEW),
    Page("POST", "/review/stop", stop, Right.REVIEW),
    Page("GET", f"/review/{SHOT}", look, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/take", take, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/approve", approve, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/reject", reject, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/skip", skip, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/undo", undo, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/reopen", reopen, Right.REOPEN),
    Page("POST", f"/review/{SHOT}/reveal", reveal, Right.REVEAL),
)
