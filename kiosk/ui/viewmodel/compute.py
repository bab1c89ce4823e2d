"""Computes the content of a session's screen: one function for each state."""

from dataclasses import replace

from kiosk.core.events import Action
from kiosk.core.session.state import Session, SessionPolicy, State, Volume
from kiosk.ui.viewmodel.arrival import attract, closed, confirm, consent, identify, modes, school
from kiosk.ui.viewmodel.asked import Asked
from kiosk.ui.viewmodel.leaving import (
    approved,
    card_left,
    done,
    out_of_service,
    rejected,
    saving,
    staff_help,
    still_there,
)
from kiosk.ui.viewmodel.model import BEATS, Button, Facts, People, Say, Step, View
from kiosk.ui.viewmodel.posing import capture, choose, pose, prepare, reason, wrong_top

BEAT_NS = 125_000_000
"""The duration of one step of a waiting picture. Eight steps a second look calm, but not frozen."""

FOR_HELPERS = frozenset(
    {State.CLOSED, State.DONE, State.APPROVED, State.STAFF_HELP, State.CARD_LEFT, State.OUT_OF_SERVICE}
)
"""Screens that are never dark. A helper reads them, or a phone takes a picture of them, and they contain no personal
data."""

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


def view(session: Session, policy: SessionPolicy, facts: Facts, people: People, now_ns: int) -> View:
    """Compute the content of the screen of `session` at `now_ns` (the session's monotonic clock)."""
    base = View(session.state, session.language, policy.identification, facts, STEPS.get(session.state))
    following = policy.language_after(session.language)
    base = replace(base, next_language=following if following != session.language else None)
    base = replace(base, volume=session.volume, contrast=session.contrast, options=session.options, page=session.page)
    base = replace(base, large=session.large and facts.large, low=session.low and facts.low is not None)
    guided = session.audio_guide and facts.voice
    dark = guided and not session.curtain_open and session.state not in FOR_HELPERS
    base = replace(base, audio_guide=guided, dark=dark)
    made = _VIEWS[session.state](Asked(session, policy, people, base, now_ns))
    if session.options:
        made = replace(made, buttons=_options(made, curtain_open=session.curtain_open))
    return replace(made, beat=now_ns // BEAT_NS % BEATS) if made.busy else made


def _options(made: View, *, curtain_open: bool) -> tuple[Button, ...]:
    """The buttons of the sheet of settings. While the voice is off, buttons that need the voice are disabled."""
    off = made.volume is Volume.OFF
    voice = (
        Button(Action.REPEAT, Say("button.repeat"), enabled=not off),
        Button(Action.SOFTER, Say("button.softer"), enabled=not off),
        Button(Action.LOUDER, Say("button.louder"), enabled=made.volume is not Volume.HIGH),
        Button(Action.MUTE, Say("button.unmute" if off else "button.mute")),
    )
    guide = Button(Action.AUDIO_GUIDE, Say("button.audio_guide"), primary=made.audio_guide)
    curtain = Button(Action.CURTAIN, Say("button.hide_screen" if curtain_open else "button.show_screen"))
    heard = (*voice, guide, *((curtain,) if made.audio_guide else ()))
    close = Button(Action.OPTIONS, Say("button.options_close"))
    return (*(heard if made.facts.voice else ()), *modes(made), close)


_VIEWS = {
    State.CLOSED: closed,
    State.ATTRACT: attract,
    State.CONSENT: consent,
    State.IDENTIFY: identify,
    State.SCHOOL: school,
    State.CONFIRM: confirm,
    State.PREPARE: prepare,
    State.WRONG_TOP: wrong_top,
    State.POSE: pose,
    State.REASON: reason,
    State.CAPTURE: capture,
    State.CHOOSE: choose,
    State.SAVING: saving,
    State.DONE: done,
    State.APPROVED: approved,
    State.REJECTED: rejected,
    State.STILL_THERE: still_there,
    State.STAFF_HELP: staff_help,
    State.OUT_OF_SERVICE: out_of_service,
    State.CARD_LEFT: card_left,
}
