"""The screens after a take was accepted (receipt, decision), and the screens of interruptions (help by staff, out of
service)."""

from dataclasses import replace

from kiosk.core.events import Action, Agreement, DecisionState
from kiosk.core.session.health import stops
from kiosk.core.session.machine import limit_ms
from kiosk.core.session.state import HelpReason, State
from kiosk.core.session.station import SERVED
from kiosk.core.session.stills import offers_stills
from kiosk.core.session.transitions import DEADLINES, NEEDS
from kiosk.ui.viewmodel.asked import END, Asked, shown, staff_say, take_card
from kiosk.ui.viewmodel.model import Button, Say, View, unsaved_note

RINGING_NS = 15_000_000_000
"""How long the screen says that the desk is being rung. The uplink needs some seconds to send a call, and longer if the
office can't be reached."""


def saving(asked: Asked) -> View:
    return replace(asked.base, title=Say("saving.title"), lines=(Say("saving.line"),), busy=True)


def done(asked: Asked) -> View:
    seconds_left = asked.seconds_left()
    waits = asked.session.decision is DecisionState.WITH_STAFF
    said = Say("done.wait" if waits else "done.leave", (("seconds", str(seconds_left)),))
    return replace(
        _with_receipt(asked),
        title=Say("done.title"),
        note=take_card(asked) or (Say("done.with_staff") if waits else None),
        lines=(said, Say("done.next_school"), Say("done.next_card")),
        busy=waits and not asked.session.card_lies,
        seconds_left=seconds_left,
        buttons=(Button(Action.FINISH, Say("button.finish"), primary=True),),
    )


def _with_receipt(asked: Asked) -> View:
    receipt, page = asked.session.receipt or "", asked.base.facts.receipt_page
    return replace(asked.base, receipt=receipt, receipt_qr=f"{page}{receipt}" if receipt else "")


def approved(asked: Asked) -> View:
    """The photo was approved just now (then the screen has the receipt), or earlier (then only staff can replace the
    photo)."""
    seconds_left = asked.seconds_left()
    finish = Button(Action.FINISH, Say("button.finish"), primary=True)
    earlier = asked.session.receipt is None
    leave = Say("done.leave", (("seconds", str(seconds_left)),))
    next_line = Say("approved.staff") if earlier else Say("done.next_card")
    return replace(
        _with_receipt(asked),
        title=Say("approved.title"),
        lines=(leave, Say("approved.school"), next_line),
        note=take_card(asked),
        seconds_left=seconds_left,
        buttons=(Button(Action.HELP, Say("button.ask_staff")), finish) if earlier else (finish,),
    )


def rejected(asked: Asked) -> View:
    reasons = tuple(Say(f"again.{reason}") for reason in asked.session.reasons)
    return replace(
        asked.base,
        title=Say("rejected.title"),
        lines=(Say("rejected.line" if reasons else "rejected.no_reason"), Say("rejected.quick")),
        person=shown(asked),
        reasons=reasons,
        buttons=(END, Button(Action.RETAKE, Say("button.take_again"), primary=True)),
    )


def still_there(asked: Asked) -> View:
    return replace(
        asked.base,
        title=Say("still_there.title"),
        lines=(Say("still_there.line"),),
        seconds_left=asked.seconds_left(),
        seconds_whole=limit_ms(DEADLINES[State.STILL_THERE][0], asked.session) // 1000,
        buttons=(END, Button(Action.STILL_HERE, Say("button.still_here"), primary=True)),
    )


def staff_help(asked: Asked) -> View:
    reason = HelpReason.ASKED if asked.session.help is None else asked.session.help
    buttons: tuple[Button, ...]
    if asked.session.resume is not None:
        buttons = (END, Button(Action.STILL_HERE, Say("button.go_on"), primary=True))
    else:
        # a graduate who leaves now loses the receipt, so the button for leaving is not a large one
        waits = reason is HelpReason.NOT_SAVED
        buttons = (Button(Action.FINISH, Say("button.back_home"), primary=not waits),)
    told = ("trying", "stay") if reason is HelpReason.NOT_SAVED else ("by_hand", "nothing_kept")
    lines = (Say(f"help.{reason.value}"), *(Say(f"staff_help.{words}") for words in told))
    note = _call(asked)
    busy = note is not None and asked.session.call_state is None
    title = Say("staff_help.title" if asked.session.call_state is None else "staff_help.called")
    made = replace(asked.base, title=title, lines=lines, note=note, busy=busy, buttons=buttons)
    return _with_stills(made, asked.session.agreement) if offers_stills(asked.session) else made


AGREE = Button(Action.AGREE_STILLS, Say("button.agree_stills"))
STILLS = {
    Agreement.NONE: (Say("staff_help.may_see"), (Button(Action.END_STILLS, Say("button.refuse_stills")), AGREE)),
    Agreement.REFUSED: (Say("staff_help.not_seen"), (AGREE,)),
    Agreement.GIVEN: (Say("staff_help.seen"), (Button(Action.END_STILLS, Say("button.end_stills")),)),
    Agreement.ENDED: (Say("staff_help.not_seen"), (AGREE,)),
}
"""For each agreement: what the help screen asks or says about stills, and the buttons below. To refuse and to take the
agreement back are the same action."""


def _with_stills(made: View, agreement: Agreement) -> View:
    said, buttons = STILLS[agreement]
    return replace(made, stills=said, seen=agreement is Agreement.GIVEN, buttons=(*buttons, *made.buttons))


def _call(asked: Asked) -> Say | None:
    """The line about the call for help. None if the desk can't be rung; the screen's other lines say where the desk
    is."""
    session = asked.session
    if session.call is None:
        return None
    says = staff_say(asked)
    if says is not None:
        return says
    if session.call_state is not None:
        return Say("staff_help.heard")
    return Say("staff_help.ringing") if asked.now_ns - session.since_ns < RINGING_NS else None


def out_of_service(asked: Asked) -> View:
    session = asked.session
    line = Say("out_of_service.service" if session.taken_out else "out_of_service.line")
    cause = stops(session.failed, NEEDS[State.ATTRACT], asked.policy.identification)
    return replace(
        asked.base,
        title=Say("out_of_service.title"),
        lines=(line,),
        note=unsaved_note(asked.base.facts),
        fault=cause[1] if cause else "",
    )


def card_left(asked: Asked) -> View:
    served = asked.session.season is None or asked.session.season in SERVED
    line = Say("card_left.line" if served else "card_left.closed")
    return replace(asked.base, title=Say("card_left.title"), lines=(line,))
