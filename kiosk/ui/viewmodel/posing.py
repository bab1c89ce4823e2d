"""The screens of the photo: preparing, posing, choosing a take."""

from dataclasses import replace

from kiosk.core.events import Action, Tick
from kiosk.core.session.nearness import nearness
from kiosk.core.session.posing import may_say_why
from kiosk.core.session.state import Reason, Session, Take
from kiosk.core.session.taking import failures_of, take_to_improve
from kiosk.core.session.transitions import may_retake
from kiosk.ui.viewmodel import preparing
from kiosk.ui.viewmodel.advice import advice, advice_words
from kiosk.ui.viewmodel.asked import END, Asked, framing, shown, staff_say, take_card
from kiosk.ui.viewmodel.model import Button, Say, TakeShown, View

HOLD_STEPS = 32
"""The progress of "hold still" is shown in this many steps, one every 25 ms. Between two steps the screen need not be
drawn again."""
TAKEN_BACK_NS = 3_000_000_000
"""When the prepare screen has been shown for this long, it reminds the graduate of the card. Most people take the card
unasked, and the reader reports this within 2 s."""


def prepare(asked: Asked) -> View:
    # the graduate is ready, but the storage has not answered yet; it takes some milliseconds
    waits = asked.session.ready
    buttons: tuple[Button, ...] = (END, Button(Action.READY, Say("button.ready"), primary=True, enabled=not waits))
    slow = asked.now_ns - asked.session.since_ns >= TAKEN_BACK_NS
    rules, looks, off = asked.base.facts.preparations, asked.session.looks, asked.session.jewellery_off
    guide = preparing.instruction(rules, looks, jewellery_off=off)
    if guide == preparing.ASK_JEWELLERY:
        buttons = (*buttons, Button(Action.JEWELLERY_OFF, Say("button.jewellery_off")))
    return replace(
        asked.base,
        title=Say("prepare.title"),
        lines=(Say("prepare.line"),),
        note=take_card(asked) if slow else None,
        framing=framing(asked),
        preparing=preparing.preparations(rules, looks, jewellery_off=off),
        guide=guide,
        buttons=buttons,
    )


def wrong_top(asked: Asked) -> View:
    white = "prepare.white_top" in asked.base.facts.preparations
    buttons = (
        Button(Action.ASK_TOP, Say("button.ask_top"), primary=True),
        Button(Action.KEEP_TOP, Say("button.keep_top")),
        END,
        Button(Action.STILL_HERE, Say("button.top_changed")),
    )
    lines = (Say("wrong_top.white" if white else "wrong_top.contrast"), Say("wrong_top.line"))
    return replace(asked.base, title=Say("wrong_top.title"), lines=lines, framing=framing(asked), buttons=buttons)


def pose(asked: Asked) -> View:
    session = asked.session
    note = staff_say(asked)
    if note is not None:
        pass  # staff have looked at the session, so their words say more than the booth's
    elif session.shoot_fault is not None:
        note = Say(f"shoot.{session.shoot_fault.value}")
    elif (last := take_to_improve(session)) is not None:
        note = _advice_after(last, failures_of(session, last))
    elif session.reason is not None or session.waived is not None:
        note = Say("pose.excused")
    elif session.tried_in_vain:
        note = Say("pose.tried_in_vain")
    say_why = may_say_why(session, asked.now_ns)
    return replace(
        asked.base,
        framing=framing(asked),
        guide=session.guidance.text,
        counting=session.held_since_ns is not None,
        near=nearness(session.judgement),
        hold=min(HOLD_STEPS, session.hold_ms(asked.now_ns) * HOLD_STEPS // asked.policy.hold_ms) / HOLD_STEPS,
        note=note,
        lines=(Say("pose.status"),),
        buttons=(Button(Action.BOOTH_WRONG, Say("button.booth_wrong")),) if say_why else (),
    )


def _advice_after(take: Take, failures: tuple[str, ...]) -> Say:
    """What the graduate should do better on the next take."""
    if take.fault is not None:
        return Say(f"finish.{take.fault.value}")
    return Say(advice_words(failures))


def reason(asked: Asked) -> View:
    reasons = tuple(Button(Action.GIVE_REASON, Say(f"button.reason_{one.value}"), one.value) for one in Reason)
    lines = (Say("reason.line"), Say("reason.private"))
    go_on = Button(Action.STILL_HERE, Say("button.go_on"))
    return replace(asked.base, title=Say("reason.title"), lines=lines, buttons=(*reasons, go_on))


def capture(asked: Asked) -> View:
    return replace(asked.base, title=Say("capture.title"), lines=(Say("capture.line"),), busy=True)


def choose(asked: Asked) -> View:
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
        person=shown(asked),
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
