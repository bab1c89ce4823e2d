"""The prompts of each screen, in the order in which they are said."""

from collections.abc import Callable

from kiosk.core.events import Action
from kiosk.core.session.state import State
from kiosk.text.consent import CONSENT_ROWS
from kiosk.ui.narration.guided import guided
from kiosk.ui.viewmodel import Say, View

LAST_SECONDS = ((10, "still_there.ten"), (5, "still_there.five"))
"""How many seconds of the question "are you still there" remain, and which prompt is said at this moment."""
CALL_NEWS = ("staff_help.heard", "staff_help.says", "staff_help.says_guided")
"""The prompts about a call for help. No prompt says that the desk is being rung; only the screen
shows it."""
LEAVE_SOON_S = 10
ASKED = ("prepare.ask_jewellery", "prepare.met")
"""Lines of the prepare screen that are said only with the audio guide."""
COUNT = "pose.count"
"""The prompt "three, two, one". It lasts as long as the graduate must hold the pose before the shot."""


def script(view: View) -> tuple[str, ...]:
    """The prompts of the present screen, in order. Without the audio guide, the booth says nothing before a session and
    while it is closed."""
    make = _options if view.options else _SCRIPTS.get(view.screen)
    said = () if make is None else make(view)
    return tuple(dict.fromkeys(guided(view, said) if view.audio_guide else said))


def _options(_view: View) -> tuple[str, ...]:
    return ("options.title", "options.line")


def prompts_of(said: Say | None) -> tuple[str, ...]:
    """The prompts of a message. If a value of the message is itself a message, its prompt comes first."""
    if said is None:
        return ()
    return (*(value for name, value in said.values if name == "what"), said.id)


def _consent(_view: View) -> tuple[str, ...]:
    told = (f"consent.{row}_text" for row in CONSENT_ROWS)
    return ("consent.title", "consent.before", "consent.ask", *told, "consent.never")


def _identify(view: View) -> tuple[str, ...]:
    note = prompts_of(view.note)
    if note and note[0] != "identify.card_off":
        return note
    code_line = "identify.code_line" if view.scanner_works else "identify.code_line_camera"
    line = "identify.card_line" if view.card_wanted else code_line
    return (*prompts_of(view.title), *note, line, "identify.no_card")


def _school(view: View) -> tuple[str, ...]:
    return (*prompts_of(view.title), *(line.id for line in view.lines))


def _confirm(view: View) -> tuple[str, ...]:
    return ("confirm.title", *prompts_of(view.note))


def _prepare(view: View) -> tuple[str, ...]:
    """The prompts for the rules, for the button to press, and for what the graduate still has to do."""
    told = ("prepare.title", *prompts_of(view.note), *view.facts.preparations, "pose.status", "prepare.ask")
    asked = view.guide.startswith("guide.") or (view.audio_guide and view.guide in ASKED)
    return (*told, *((view.guide,) if asked else ()))


def _wrong_top(view: View) -> tuple[str, ...]:
    return ("wrong_top.title", *(line.id for line in view.lines), "wrong_top.ask")


def _pose(view: View) -> tuple[str, ...]:
    if view.counting:
        return (COUNT,)
    why = any(button.action is Action.BOOTH_WRONG for button in view.buttons)
    # While the camera starts, there is no instruction yet. Nothing is said in place of it, because that would delay the
    # first instruction.
    guide = (view.guide,) if view.guide else ()
    return (*prompts_of(view.note), *guide, *(("pose.booth_wrong",) if why else ()))


def _reason(view: View) -> tuple[str, ...]:
    offered = (button.text.id for button in view.buttons if button.action is Action.GIVE_REASON)
    return ("reason.title", "reason.line", *offered, "reason.private", "reason.ask")


def _capture(_view: View) -> tuple[str, ...]:
    return ("capture.title",)


def _choose(view: View) -> tuple[str, ...]:
    title = prompts_of(view.title)
    if not any(take.ready for take in view.takes):
        return (*title, *prompts_of(view.note))
    again = any(button.action is Action.RETAKE for button in view.buttons)
    lines = tuple(line.id for line in view.lines)
    return (*title, *prompts_of(view.note), *lines, "choose.ask" if again else "choose.ask_last")


def _saving(_view: View) -> tuple[str, ...]:
    return ("saving.title",)


def _done(view: View) -> tuple[str, ...]:
    told = ("done.title", "done.receipt", *prompts_of(view.note), "done.next_school", "done.next_card")
    return (*told, *_leaving(view))


def _approved(view: View) -> tuple[str, ...]:
    told = ("approved.title", *prompts_of(view.note), "approved.school", view.lines[2].id)
    return (*told, *_leaving(view))


def _leaving(view: View) -> tuple[str, ...]:
    return () if view.seconds_left is None or view.seconds_left > LEAVE_SOON_S else ("done.leave_soon",)


def _rejected(view: View) -> tuple[str, ...]:
    reasons = (reason.id for reason in view.reasons)
    return ("rejected.title", view.lines[0].id, *reasons, "rejected.quick", "rejected.ask")


def _still_there(view: View) -> tuple[str, ...]:
    left = view.seconds_left or 0
    last = tuple(prompt for seconds, prompt in LAST_SECONDS if left <= seconds)[-1:]
    return ("still_there.title", "still_there.line", "still_there.ask", *last)


def _staff_help(view: View) -> tuple[str, ...]:
    note = tuple(prompt for prompt in prompts_of(view.note) if prompt in CALL_NEWS)
    title = () if note else ("staff_help.title",)  # a note about the call says more than the title
    return (*title, *note, *prompts_of(view.stills), *(line.id for line in view.lines), "staff_help.where")


def _out_of_service(view: View) -> tuple[str, ...]:
    """While staff are at work the booth says nothing, except with the audio guide, whose user does not see the
    staff."""
    return ("out_of_service.title", view.lines[0].id) if view.fault or view.audio_guide else ()


def _card_left(view: View) -> tuple[str, ...]:
    """At night, when nobody would hear a prompt, the booth says nothing, except with the audio guide."""
    line = view.lines[0].id
    return ("card_left.title", line) if line == "card_left.line" or view.audio_guide else ()


_SCRIPTS: dict[State, Callable[[View], tuple[str, ...]]] = {
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
