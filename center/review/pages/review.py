"""One shot at a time: look, say, and the next one is there.

Each move answers with the next page at once instead of sending the browser to it: one round trip for one key.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from center.accounts.model.roles import Right, require
from center.identity.model import NEEDED, Unsettled, asking
from center.platform.faults import AlreadyTold, ApprovedAlready, MovedOn, OfficeFault, WrongRequest
from center.platform.photos import PhotoGone
from center.review.check_rows import rows
from center.review.desk import Sheet
from center.review.model.reasons import KEYS
from center.review.pages.hand import Held, fill, keep, let_go, next_of, read_hand, read_held, written
from center.shots.model.origin import origin
from center.shots.model.overlay import Overlay, overlay, readings
from center.shots.model.ruling import OTHER, Approve, Reject, Ruling
from center.shots.model.shot import Shot, State
from center.web.call import Call, id_of
from center.web.show import clock
from rules.names import mask_name
from rules.photo import Crop

log = logging.getLogger(__name__)

_LATELY = 12


@dataclass(frozen=True, slots=True)
class Done:
    """What the reviewer just did, for the line that offers to undo it."""

    shot_id: str
    version: int
    what: str  # approved, rejected, skipped
    name: str  # masked
    undo_s: int


def idle(call: Call) -> Response:
    """Nobody's shot on the screen: after the last one, and for an address that was kept."""
    return call.page("done.html", done=None, depth=call.services.desk.depth(call.filters))


def start(call: Call) -> Response:
    """The head of the queue."""
    here, ahead = next_of(call, [])
    return _show_or_end(call, here, ahead, None)


def look(call: Call) -> Response:
    """A shot by its address: to work on if one holds it, else to look at."""
    return show(call, id_of(call), audited=False)


def take(call: Call) -> Response:
    """Hold this very shot: out of a list, or back to it. What was on the screen stays next."""
    ahead = [held for held in [*read_hand(call, "here"), *read_hand(call, "ahead")] if held.shot_id != id_of(call)]
    try:
        call.services.office.queue.claim(call.who, id_of(call))
    except MovedOn as fault:
        # Decided shots are looked at, not taken: that is no conflict but what "back" is for.
        return show(
            call, id_of(call), ahead=ahead, audited=False, fault=fault if fault.state == State.CLAIMED else None
        )
    return show(call, id_of(call), ahead=ahead)


def approve(call: Call) -> Response:
    """Approve and go on."""
    replaces = call.word("replaces", "") or None
    if replaces is not None:
        require(call.account.role, Right.REPLACE)
    return _decide(call, Approve(replaces=replaces))


def reject(call: Call) -> Response:
    """Reject with reasons and go on."""
    reasons, note = call.form.get("reasons", ()), call.word("note", "").strip()
    if OTHER in reasons and not note:
        return call.told("reject-fault", call.text("reject.words_missing"))
    return _decide(call, Reject(tuple(reasons), note))


def skip(call: Call) -> Response:
    """Leave it to somebody else, or to later, and go on."""
    here = _here(call)
    try:
        shot = call.services.office.queue.skip(call.who, here.shot_id, here.version)
    except MovedOn as fault:
        return show(call, here.shot_id, ahead=read_hand(call, "ahead"), fault=fault)
    return _go_on(call, shot, "skipped", 0)


def undo(call: Call) -> Response:
    """Take the own decision back; the shot is on the screen again and what was there comes after it."""
    shot_id = id_of(call)
    ahead = [*read_hand(call, "here"), *read_hand(call, "ahead")]
    try:
        call.services.office.queue.undo(call.who, shot_id, call.number("undo_version"))
    except (MovedOn, AlreadyTold) as fault:
        return show(call, shot_id, ahead=ahead, audited=False, fault=fault)
    return show(call, shot_id, ahead=[held for held in ahead if held.shot_id != shot_id])


def reopen(call: Call) -> Response:
    """Put a final decision back into the queue."""
    shot_id = id_of(call)
    try:
        call.services.office.queue.reopen(call.who, shot_id, call.number("undo_version"))
    except MovedOn as fault:
        return show(call, shot_id, audited=False, fault=fault)
    return show(call, shot_id, audited=False)


def reveal(call: Call) -> Response:
    """The person unmasked, as a piece of the page; the audit has it before the screen does."""
    person = call.services.desk.revealed(call.who, id_of(call))
    return call.page("_person.html", person=person, revealed=True, shot_id=id_of(call))


def fill_ahead(call: Call) -> Response:
    """Claim what comes next and have its photos loaded; a piece of the page."""
    ahead = fill(call, _here(call).shot_id, read_hand(call, "ahead"))
    return call.page("_ahead.html", ahead=ahead, ahead_text=written(ahead), fill=False)


def keep_alive(call: Call) -> Response:
    """The page is still looked at: renew its leases. A piece of the page: empty, or that a colleague has the shot."""
    here = _here(call)
    kept = keep(call, [here, *read_hand(call, "ahead")])
    return call.page("_lease.html", lost=here not in kept)


def stop(call: Call) -> Response:
    """Give everything back and leave."""
    let_go(call, [*read_hand(call, "here"), *read_hand(call, "ahead")])
    return call.go(call.at("/queue"))


def show(
    call: Call,
    shot_id: str,
    *,
    ahead: Sequence[Held] = (),
    done: Done | None = None,
    fault: OfficeFault | None = None,
    audited: bool = True,
    opened: Callable[[Call, Sheet], dict[str, Any]] | None = None,
) -> Response:
    """The page of one shot. `audited`: a claim or a renewed one has noted already that it is shown. `opened`: what a
    dialog that is open on it shows, of the shot as it is now."""
    services, now = call.services, call.services.office.clock()
    sheet = services.desk.sheet(shot_id, call.who)
    state = sheet.shot.state(now)
    mine = state is State.CLAIMED and sheet.shot.holder == call.who
    if not audited and not mine:
        services.desk.seen(call.who, shot_id)
    lately = services.desk.lately(call.who, _LATELY)
    before = lately[lately.index(shot_id) + 1 :] if shot_id in lately else lately
    name_of = services.office.accounts.name_of
    headers = {"HX-Push-Url": call.at(f"/review/{shot_id}")}
    asked = asking(sheet.line.flags, sheet.line.settled)
    dialog = opened(call, sheet) if opened is not None and mine else {}
    return call.page(
        "review.html",
        409 if fault is not None else 200,
        headers,
        sheet=sheet,
        shot=sheet.shot,
        state=state,
        mine=mine,
        can_undo=state is State.PROVISIONAL and sheet.shot.decided_by == call.who,
        can_mend=mine and sheet.mendable,
        undo_left_s=_left(sheet.shot, now),
        holder=_colleague(call, sheet),
        overlay=_overlay(sheet),
        which="finished" if _mended(sheet) else "",
        rows=rows(sheet),
        reasons=KEYS,
        ahead=list(ahead),
        ahead_text=written(ahead),
        fill=mine,
        back=before[0] if before else None,
        done=done,
        fault=_told(call, fault),
        lease_s=services.office.config.review.lease_s,
        asked=asked,
        must_settle=any(flag in NEEDED for flags in asked.values() for flag in flags),
        settlements=[(one, name_of(one.by)) for one in services.office.settling.of_shot(shot_id)],
        **{"question": None, **dialog},
    )


def go_on(call: Call, shot: Shot) -> Response:
    """After a decision: the next shot, with the line that offers to undo."""
    return _go_on(
        call, shot, "" if shot.decision is None else shot.decision.value, call.services.office.config.review.undo_s
    )


def here_of(call: Call) -> Held:
    """The shot on the screen, which must be the one in the address. Raises `WrongRequest`."""
    return _here(call)


def shown_at(call: Call) -> datetime | None:
    """When the photo was really on the screen, by the page's own stop-watch; None: the page did not say."""
    word = call.word("looked_ms", "")
    if not word.isdecimal() or len(word) > 9:
        return None
    return call.services.office.clock() - timedelta(milliseconds=int(word))


def _decide(call: Call, ruling: Ruling) -> Response:
    here = _here(call)
    try:
        shot = call.services.office.queue.decide(call.who, here.shot_id, here.version, ruling, shown_at=shown_at(call))
    except (MovedOn, ApprovedAlready, Unsettled) as fault:
        return show(call, here.shot_id, ahead=read_hand(call, "ahead"), audited=False, fault=fault)
    return go_on(call, shot)


def _go_on(call: Call, shot: Shot, what: str, undo_s: int) -> Response:
    here, ahead = next_of(call, read_hand(call, "ahead"))
    name = mask_name(call.services.desk.name_of(shot.shot_id))
    done = Done(shot.shot_id, shot.version, what, name, undo_s)
    return _show_or_end(call, here, ahead, done)


def _show_or_end(call: Call, here: Held | None, ahead: Sequence[Held], done: Done | None) -> Response:
    rest = list(ahead)
    while here is not None:
        try:
            return show(call, here.shot_id, ahead=rest, done=done)
        except PhotoGone as fault:  # one lost file must not hold up the queue
            log.error("shot %s was set aside: %s", here.shot_id, fault)
            _set_aside(call, here, str(fault))
            here, rest = next_of(call, rest)
    return call.page(
        "done.html",
        headers={"HX-Push-Url": call.at("/review")},
        done=done,
        depth=call.services.desk.depth(call.filters),
    )


def _set_aside(call: Call, here: Held, reason: str) -> None:
    queue = call.services.office.queue
    try:
        queue.set_aside(call.who, here.shot_id, here.version, reason)
    except MovedOn:  # a second look: its first decision stands
        queue.skip(call.who, here.shot_id, here.version)


def _here(call: Call) -> Held:
    here = read_held(call.word("here"))
    if "shot_id" in call.request.path_params and here.shot_id != id_of(call):
        raise WrongRequest("the form is about another shot than the address: load the page again")
    return here


def _mended(sheet: Sheet) -> Crop | None:
    """The crop of a decision that stands and mended it."""
    if sheet.said is None or sheet.said.undone or sheet.said.mend is None:
        return None
    return Crop(*sheet.said.mend, 0.0)


def _overlay(sheet: Sheet) -> Overlay:
    """The guides over the photo that is shown: as the booth cut it, or as it was mended."""
    finish, spec, crop = sheet.manifest.finish, sheet.profile.photo, _mended(sheet)
    source = origin(finish)
    if crop is None or source is None:
        return overlay(finish, spec)
    face = crop.place(source.face)
    return Overlay(spec, face, readings(face, spec))


def _left(shot: Shot, now: datetime) -> int:
    """Whole seconds in which a decision can still be undone."""
    return 0 if shot.final_at is None else max(0, int((shot.final_at - now).total_seconds()))


def _colleague(call: Call, sheet: Sheet) -> str:
    """Who moved the shot last, by the name colleagues know."""
    who = sheet.shot.holder or sheet.shot.decided_by or sheet.shot.touched_by
    return call.services.office.accounts.name_of(who) if who else ""


def _told(call: Call, fault: OfficeFault | None) -> str:
    """A conflict in words: who, when, what it is now."""
    match fault:
        case None:
            return ""
        case MovedOn():
            by = call.services.office.accounts.name_of(fault.by) if fault.by else call.text("review.office")
            at = clock(fault.at) if fault.at else ""
            return call.text("review.moved_on", by=by, at=at, state=call.text(f"state.{fault.state}"))
        case AlreadyTold():
            return call.text("review.already_told")
        case ApprovedAlready():
            return call.text("review.approved_already")
        case Unsettled():
            flags = call.text("app.comma").join(call.text.named("flag", flag) for flag in fault.flags)
            return call.text("review.unsettled", flags=flags)
        case _:
            return str(fault)
