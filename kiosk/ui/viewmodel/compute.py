"""From a session to the content of its screen: one function for each state."""

from dataclasses import dataclass, replace

from kiosk.core.events import Action, DecisionState, Device, Tick
from kiosk.core.identity import IdentificationRule
from kiosk.core.session.guards import SERVED, looking_up, may_say_why, take_to_improve
from kiosk.core.session.health import stops
from kiosk.core.session.machine import DEADLINES, NEEDS, may_retake
from kiosk.core.session.nearness import nearness
from kiosk.core.session.state import Flag, HelpReason, Hint, Reason, Session, SessionPolicy, State, Take, Volume
from kiosk.ui.viewmodel import preparing
from kiosk.ui.viewmodel.advice import advice, advice_words
from kiosk.ui.viewmodel.model import BEATS, Button, Facts, Framing, Masked, People, Say, Step, TakeShown, View
from rules.checks import CheckId

BEAT_NS = 125_000_000
"""One step of a waiting picture: eight a second, slow enough to be calm, fast enough to look alive."""
HOLD_STEPS = 32
"""In how many steps "hold still" fills: one each 25 ms, so that a screen is not drawn again for nothing."""


STEPS = {
    State.CONSENT: Step.IDENTITY,
    State.IDENTIFY: Step.IDENTITY,
    State.SCHOOL: Step.IDENTITY,
    State.CONFIRM: Step.IDENTITY,
    State.PREPARE: Step.PREPARE,
    State.WRONG_TOP: Step.PREPARE,
    State.POSE: Step.PHOTO,
    State.REASON: Step.PHOTO,
    State.CAPTURE: Step.PHOTO,
    State.CHOOSE: Step.CHOOSE,
    State.SAVING: Step.CHOOSE,
    State.DONE: Step.DONE,
    State.APPROVED: Step.DONE,
    State.REJECTED: Step.PREPARE,
}

USUAL_FACE_WIDTH = 0.2
"""Share of the frame's height: 500 of 2592 px at the seat's distance; for a profile without a limit."""

HEIGHT_STEP = 0.02
"""In what steps the frame follows a seated person's height, shares of the picture: so that it does not tremble."""

TOLD = (Flag.PROVISIONAL_ROW, Flag.CARD_EXPIRED)
"""The flags a graduate is told of, when they confirm who they are."""

TAKE_CARD = "card_left.note"
"""What a graduate is told whose card still lies on the reader."""
TAKEN_BACK_NS = 3_000_000_000
"""Most people take their card back unasked; the reader says so two seconds later."""

RINGING_NS = 15_000_000_000
"""So long the screen says that the desk is being rung: the uplink takes some seconds, an office that is down longer."""

_END = Button(Action.CANCEL, Say("button.end"))


def view(session: Session, policy: SessionPolicy, facts: Facts, people: People, now_ns: int) -> View:
    """Compute the content of the screen of `session` at `now_ns` (the session's monotonic clock)."""
    base = View(session.state, session.language, policy.identification, facts, STEPS.get(session.state))
    following = policy.language_after(session.language)
    base = replace(base, next_language=following if following != session.language else None)
    base = replace(base, volume=session.volume, contrast=session.contrast, options=session.options, page=session.page)
    base = replace(base, large=session.large and facts.large, low=session.low and facts.low is not None)
    made = _VIEWS[session.state](_Asked(session, policy, people, base, now_ns))
    if session.options:
        made = replace(made, buttons=_options(made))
    return replace(made, beat=now_ns // BEAT_NS % BEATS) if made.busy else made


def _options(made: View) -> tuple[Button, ...]:
    """The sheet's own buttons; what can't be heard can't be changed."""
    off = made.volume is Volume.OFF
    voice = (
        Button(Action.REPEAT, Say("button.repeat"), enabled=not off),
        Button(Action.SOFTER, Say("button.softer"), enabled=not off),
        Button(Action.LOUDER, Say("button.louder"), enabled=made.volume is not Volume.HIGH),
        Button(Action.MUTE, Say("button.unmute" if off else "button.mute")),
    )
    close = Button(Action.OPTIONS, Say("button.options_close"))
    return (*(voice if made.facts.voice else ()), *_modes(made), close)


def _modes(made: View) -> tuple[Button, ...]:
    """The modes of access that this panel has; primary: which are on."""
    large = Button(Action.LARGE, Say("button.large"), primary=made.large)
    contrast = Button(Action.CONTRAST, Say("button.contrast"), primary=made.contrast)
    low = Button(Action.LOW, Say("button.low"), primary=made.low)
    return (*((large,) if made.facts.large else ()), contrast, *((low,) if made.facts.low is not None else ()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The inputs of a view."""

    session: Session
    policy: SessionPolicy
    people: People
    base: View
    now_ns: int

    def seconds_left(self) -> int:
        """Return the whole seconds until the state's first applicable deadline."""
        tick = Tick(self.now_ns)
        deadlines = DEADLINES[self.session.state]
        deadline = next(one for one in deadlines if one.when(self.session, tick, self.policy))
        since = self.session.since_ns if deadline.whole else max(self.session.since_ns, self.session.active_ns)
        left_ms = deadline.ms - (self.now_ns - since) // 1_000_000
        return max(0, -(-left_ms // 1000))


def _closed(asked: _Asked) -> View:
    season = asked.session.season
    if season is None:
        return replace(asked.base, title=Say("closed.wait"), lines=(Say("closed.wait_line"),), busy=True)
    start = Button(Action.START, Say("button.appointment"), primary=True)
    buttons = (start,) if asked.session.appointments else ()
    return replace(asked.base, title=Say("closed.title"), lines=(Say(f"season.{season.value}"),), buttons=buttons)


def _attract(asked: _Asked) -> View:
    start = Button(Action.START, Say("button.start"), primary=True)
    buttons = (start, *_modes(asked.base))
    return replace(asked.base, title=Say("attract.title"), lines=(Say("attract.subtitle"),), buttons=buttons)


def _consent(asked: _Asked) -> View:
    buttons = (Button(Action.DECLINE, Say("button.decline")), Button(Action.AGREE, Say("button.agree"), primary=True))
    return replace(asked.base, title=Say("consent.title"), lines=(Say("consent.before"),), buttons=buttons)


def _identify(asked: _Asked) -> View:
    hint = asked.session.hint
    broken = {device for device, _ in asked.session.failed}
    card_works = Device.CARD_READER not in broken
    card = card_works and hint not in (Hint.CODE_ALSO, Hint.USE_CODE)
    code = asked.policy.identification is not IdentificationRule.CARD and hint is not Hint.CARD_ALSO
    title = "title_either" if card and code else "title_card" if card else "title_code"
    note = None if hint is Hint.NONE else Say(f"hint.{hint.value}")
    if note is None and not card_works:
        note = Say("identify.card_off")
    return replace(
        asked.base,
        title=Say(f"identify.{title}"),
        lines=(Say("identify.no_card"),),
        note=note,
        busy=hint in (Hint.READING, Hint.LOOKING_UP),
        card_wanted=card,
        code_wanted=code,
        scanner_works=Device.SCANNER not in broken,
        buttons=(_END,),
    )


def _school(asked: _Asked) -> View:
    if asked.session.records:
        return _records(asked)
    named = [(token, asked.people.school(token)) for token in asked.session.schools]
    known = not looking_up(asked.session)
    schools = tuple(
        Button(Action.PICK_SCHOOL, Say("button.school", (("name", name),)), arg=token, enabled=known)
        for token, name in named
        if name
    )
    none = Button(Action.HELP, Say("button.none_of_these"))
    lines = (Say("school.line"), Say("school.card"))
    return replace(asked.base, title=Say("school.title"), lines=lines, buttons=(*schools, none))


def _records(asked: _Asked) -> View:
    """Several records of one person: which one is this photo for?"""
    known = not looking_up(asked.session)
    named = [(token, asked.people.record(token)) for token in asked.session.records]
    buttons = tuple(
        Button(Action.PICK_RECORD, Say("button.record", (("school", one[0]), ("detail", one[1]))), token, enabled=known)
        for token, one in named
        if one is not None
    )
    none = Button(Action.HELP, Say("button.none_of_these"))
    lines = (Say("school.records_line"), Say("school.records_ask"))
    return replace(asked.base, title=Say("school.records"), lines=lines, buttons=(*buttons, none))


def _confirm(asked: _Asked) -> View:
    session = asked.session
    note = next((Say(f"flag.{flag.value}") for flag in TOLD if flag in session.flags), None)
    text = "button.confirm"
    if session.photographed:
        note = Say("confirm.allowed" if session.allowed else "confirm.photographed")
        text = text if session.allowed else "button.check_again"
    confirm = Button(Action.CONFIRM, Say(text), primary=True, enabled=not looking_up(session))
    told = Flag.DATA_WRONG in session.flags
    if told and not session.photographed:
        note = Say("confirm.data_wrong")
    wrong = Button(Action.DATA_WRONG, Say("button.data_right" if told else "button.data_wrong"))
    buttons = (Button(Action.NOT_ME, Say("button.not_me")), confirm, wrong)
    lines = (Say("confirm.masked"),)
    person = _shown(asked)
    return replace(asked.base, title=Say("confirm.title"), lines=lines, person=person, note=note, buttons=buttons)


def _shown(asked: _Asked) -> Masked | None:
    """The person from the roster row, else from the card."""
    person = asked.session.person
    return None if person is None else asked.people.shown(person.row or person.key)


def _prepare(asked: _Asked) -> View:
    waits = asked.session.ready  # for the storage, some milliseconds
    buttons: tuple[Button, ...] = (_END, Button(Action.READY, Say("button.ready"), primary=True, enabled=not waits))
    slow = asked.now_ns - asked.session.since_ns >= TAKEN_BACK_NS
    rules, looks, off = asked.base.facts.preparations, asked.session.looks, asked.session.jewellery_off
    guide = preparing.said(rules, looks, jewellery_off=off)
    if guide == preparing.ASK_JEWELLERY:
        buttons = (*buttons, Button(Action.JEWELLERY_OFF, Say("button.jewellery_off")))
    return replace(
        asked.base,
        title=Say("prepare.title"),
        lines=(Say("prepare.line"),),
        note=_take_card(asked) if slow else None,
        framing=_framing(asked),
        preparing=preparing.preparations(rules, looks, jewellery_off=off),
        guide=guide,
        buttons=buttons,
    )


def _wrong_top(asked: _Asked) -> View:
    white = "prepare.white_top" in asked.base.facts.preparations
    buttons = (
        Button(Action.ASK_TOP, Say("button.ask_top"), primary=True),
        Button(Action.KEEP_TOP, Say("button.keep_top")),
        _END,
        Button(Action.STILL_HERE, Say("button.top_changed")),
    )
    lines = (Say("wrong_top.white" if white else "wrong_top.contrast"), Say("wrong_top.line"))
    return replace(asked.base, title=Say("wrong_top.title"), lines=lines, framing=_framing(asked), buttons=buttons)


def _take_card(asked: _Asked) -> Say | None:
    return Say(TAKE_CARD) if asked.session.card_lies else None


def _pose(asked: _Asked) -> View:
    session = asked.session
    note = None
    if session.shoot_fault is not None:
        note = Say(f"shoot.{session.shoot_fault.value}")
    elif (last := take_to_improve(session)) is not None:
        note = _advice_after(last)
    elif session.reason is not None:
        note = Say("pose.excused")
    elif session.tried_in_vain:
        note = Say("pose.tried_in_vain")
    say_why = may_say_why(session, asked.now_ns)
    return replace(
        asked.base,
        framing=_framing(asked),
        guide=session.guidance.text,
        counting=session.held_since_ns is not None,
        near=nearness(session.judgement),
        hold=min(HOLD_STEPS, session.hold_ms(asked.now_ns) * HOLD_STEPS // asked.policy.hold_ms) / HOLD_STEPS,
        note=note,
        lines=(Say("pose.status"),),
        buttons=(Button(Action.BOOTH_WRONG, Say("button.booth_wrong")),) if say_why else (),
    )


def _advice_after(take: Take) -> Say:
    """The advice for a better next take."""
    if take.fault is not None:
        return Say(f"finish.{take.fault.value}")
    return Say(advice_words(take.failures))


def _reason(asked: _Asked) -> View:
    reasons = tuple(Button(Action.GIVE_REASON, Say(f"button.reason_{one.value}"), one.value) for one in Reason)
    lines = (Say("reason.line"), Say("reason.private"))
    go_on = Button(Action.STILL_HERE, Say("button.go_on"))
    return replace(asked.base, title=Say("reason.title"), lines=lines, buttons=(*reasons, go_on))


def _framing(asked: _Asked) -> Framing:
    """The face belongs in the middle of what the profile allows; with low reach at the height where it is."""
    limits = [rule.limit for rule in asked.policy.live_rules if rule.check is CheckId.DISTANCE]
    ends = [end for limit in limits for end in (limit.min, limit.max) if end is not None]
    width = sum(ends) / len(ends) if ends else USUAL_FACE_WIDTH
    seen = asked.session.judgement.checks if asked.session.low and asked.session.judgement is not None else ()
    lower = next((one.value for one in seen if one.check is CheckId.CENTRE_Y and one.value is not None), 0.0)
    return Framing(asked.base.facts.eye_y + round(lower * width / HEIGHT_STEP) * HEIGHT_STEP, width)


def _capture(asked: _Asked) -> View:
    return replace(asked.base, title=Say("capture.title"), lines=(Say("capture.line"),), busy=True)


def _choose(asked: _Asked) -> View:
    takes = tuple(_take(take, asked.session) for take in asked.session.takes)
    left = asked.policy.max_takes - len(takes)
    ready = [take for take in takes if take.ready]
    working = any(not take.ready and take.fault is None for take in takes)
    picked = next((take for take in takes if take.picked), None)
    picks = tuple(
        Button(Action.PICK_TAKE, Say("choose.take", (("number", str(take.number)),)), str(take.number))
        for take in ready
    )
    can = may_retake(asked.session, Tick(asked.now_ns), asked.policy)
    note, again = advice(asked.session, left)
    usable = picked is not None and picked.ready
    accept = Button(Action.ACCEPT, Say("button.accept"), primary=not again, enabled=usable)
    return replace(
        asked.base,
        title=Say(f"choose.{_choose_title(len(ready), working=working)}"),
        lines=_choose_line(left) if ready else (),
        note=(takes[-1].fault if takes and left > 0 else None) or note,
        busy=working,
        takes=takes,
        person=_shown(asked),
        buttons=(*picks, *_retake(left, enabled=can and not working, primary=again), accept),
    )


def _choose_line(left: int) -> tuple[Say, ...]:
    return (Say("choose.true") if left > 0 else Say("choose.no_more"),)


def _choose_title(ready: int, *, working: bool) -> str:
    if ready == 0:
        return "title_wait" if working else "title_none"
    return "title_one" if ready == 1 else "title"


def _take(take: Take, session: Session) -> TakeShown:
    newest = session.takes[-1].number
    return TakeShown(
        number=take.number,
        ready=take.score is not None and take.fault is None,
        proposed=take.number == session.proposed,
        picked=take.number == (newest if session.picked is None else session.picked),
        fault=None if take.fault is None else Say(f"finish.{take.fault.value}"),
    )


def _retake(left: int, *, enabled: bool, primary: bool) -> tuple[Button, ...]:
    if left <= 0:
        return ()
    text = Say("button.retake_last") if left == 1 else Say("button.retake", (("left", str(left)),))
    return (Button(Action.RETAKE, text, enabled=enabled, primary=primary),)


def _saving(asked: _Asked) -> View:
    return replace(asked.base, title=Say("saving.title"), lines=(Say("saving.line"),), busy=True)


def _done(asked: _Asked) -> View:
    seconds_left = asked.seconds_left()
    waits = asked.session.standing is DecisionState.WITH_STAFF
    said = Say("done.wait" if waits else "done.leave", (("seconds", str(seconds_left)),))
    return replace(
        _with_receipt(asked),
        title=Say("done.title"),
        note=_take_card(asked) or (Say("done.with_staff") if waits else None),
        lines=(said, Say("done.next_school"), Say("done.next_card")),
        busy=waits and not asked.session.card_lies,
        seconds_left=seconds_left,
        buttons=(Button(Action.FINISH, Say("button.finish"), primary=True),),
    )


def _with_receipt(asked: _Asked) -> View:
    receipt, page = asked.session.receipt or "", asked.base.facts.receipt_page
    return replace(asked.base, receipt=receipt, receipt_qr=f"{page}{receipt}" if receipt else "")


def _approved(asked: _Asked) -> View:
    """Approved just now, with the receipt; or earlier: then only staff can replace the photo."""
    seconds_left = asked.seconds_left()
    finish = Button(Action.FINISH, Say("button.finish"), primary=True)
    earlier = asked.session.receipt is None
    leave = Say("done.leave", (("seconds", str(seconds_left)),))
    next_line = Say("approved.staff") if earlier else Say("done.next_card")
    return replace(
        _with_receipt(asked),
        title=Say("approved.title"),
        lines=(leave, Say("approved.school"), next_line),
        note=_take_card(asked),
        seconds_left=seconds_left,
        buttons=(Button(Action.HELP, Say("button.ask_staff")), finish) if earlier else (finish,),
    )


def _rejected(asked: _Asked) -> View:
    reasons = tuple(Say(f"again.{reason}") for reason in asked.session.reasons)
    return replace(
        asked.base,
        title=Say("rejected.title"),
        lines=(Say("rejected.line" if reasons else "rejected.no_reason"), Say("rejected.quick")),
        person=_shown(asked),
        reasons=reasons,
        buttons=(_END, Button(Action.RETAKE, Say("button.take_again"), primary=True)),
    )


def _still_there(asked: _Asked) -> View:
    return replace(
        asked.base,
        title=Say("still_there.title"),
        lines=(Say("still_there.line"),),
        seconds_left=asked.seconds_left(),
        seconds_whole=DEADLINES[State.STILL_THERE][0].ms // 1000,
        buttons=(_END, Button(Action.STILL_HERE, Say("button.still_here"), primary=True)),
    )


def _staff_help(asked: _Asked) -> View:
    reason = HelpReason.ASKED if asked.session.help is None else asked.session.help
    buttons: tuple[Button, ...]
    if asked.session.resume is not None:
        buttons = (_END, Button(Action.STILL_HERE, Say("button.go_on"), primary=True))
    else:
        waits = reason is HelpReason.NOT_SAVED  # leaving now would lose the receipt: no large button leads away
        buttons = (Button(Action.FINISH, Say("button.back_home"), primary=not waits),)
    told = ("trying", "stay") if reason is HelpReason.NOT_SAVED else ("by_hand", "nothing_kept")
    lines = (Say(f"help.{reason.value}"), *(Say(f"staff_help.{words}") for words in told))
    note = _call(asked)
    busy = note is not None and asked.session.call_state is None
    title = Say("staff_help.title" if asked.session.call_state is None else "staff_help.called")
    return replace(asked.base, title=title, lines=lines, note=note, busy=busy, buttons=buttons)


def _call(asked: _Asked) -> Say | None:
    """How far the call for help is. A desk that can't be rung is found by the words below."""
    session = asked.session
    if session.call is None:
        return None
    line = None if session.answer is None else asked.people.line(session.answer)
    if line is not None:
        return Say("staff_help.says", (("line", line),))
    if session.call_state is not None:
        return Say("staff_help.heard")
    return Say("staff_help.ringing") if asked.now_ns - session.since_ns < RINGING_NS else None


def _out_of_service(asked: _Asked) -> View:
    session = asked.session
    line = Say("out_of_service.service" if session.service else "out_of_service.line")
    cause = stops(session.failed, NEEDS[State.ATTRACT], asked.policy.identification)
    return replace(asked.base, title=Say("out_of_service.title"), lines=(line,), fault=cause[1] if cause else "")


def _card_left(asked: _Asked) -> View:
    served = asked.session.season is None or asked.session.season in SERVED
    line = Say("card_left.line" if served else "card_left.closed")
    return replace(asked.base, title=Say("card_left.title"), lines=(line,))


_VIEWS = {
    State.CLOSED: _closed,
    State.ATTRACT: _attract,
    State.CONSENT: _consent,
    State.IDENTIFY: _identify,
    State.SCHOOL: _school,
    State.CONFIRM: _confirm,
    State.PREPARE: _prepare,
    State.WRONG_TOP: _wrong_top,
    State.POSE: _pose,
    State.REASON: _reason,
    State.CAPTURE: _capture,
    State.CHOOSE: _choose,
    State.SAVING: _saving,
    State.DONE: _done,
    State.APPROVED: _approved,
    State.REJECTED: _rejected,
    State.STILL_THERE: _still_there,
    State.STAFF_HELP: _staff_help,
    State.OUT_OF_SERVICE: _out_of_service,
    State.CARD_LEFT: _card_left,
}
