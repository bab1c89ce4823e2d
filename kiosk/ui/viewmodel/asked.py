"""The inputs for the content of a screen, and content that several screens share: the person, the place of the face,
the card."""

from dataclasses import dataclass

from kiosk.core.events import Action, Tick
from kiosk.core.session.machine import limit_ms
from kiosk.core.session.state import Session, SessionPolicy
from kiosk.core.session.transitions import DEADLINES
from kiosk.ui.viewmodel.model import Button, Framing, Masked, People, Say, View
from rules.checks import CheckId

USUAL_FACE_WIDTH = 0.2
"""The face's width as a share of the frame's height, for a profile that has no limits for it. At the seat's distance a
face is 500 px wide in a frame that is 2592 px high."""
HEIGHT_STEP = 0.02
"""The outline of the face follows a seated person's height in steps of this size (share of the picture's height).
Without steps the outline would tremble."""
TAKE_CARD = "card_left.note"
"""The text for a graduate whose card still lies on the reader."""
STAFF_SAY = "staff_help.says"
END = Button(Action.CANCEL, Say("button.end"))


@dataclass(frozen=True, slots=True)
class Asked:
    """The inputs for the content of one screen."""

    session: Session
    policy: SessionPolicy
    people: People
    base: View
    now_ns: int

    def seconds_left(self) -> int:
        """Return the whole seconds until the first deadline that applies to the state."""
        tick = Tick(self.now_ns)
        deadlines = DEADLINES[self.session.state]
        deadline = next(one for one in deadlines if one.when(self.session, tick, self.policy))
        since = self.session.since_ns if deadline.whole else max(self.session.since_ns, self.session.active_ns)
        left_ms = limit_ms(deadline, self.session) - (self.now_ns - since) // 1_000_000
        return max(0, -(-left_ms // 1000))


def shown(asked: Asked) -> Masked | None:
    """The masked person, from the roster row if there is one, else from the card or code. None while the person is not
    known."""
    person = asked.session.person
    return None if person is None else asked.people.shown(person.row or person.key)


def framing(asked: Asked) -> Framing:
    """The place and size that the face should have: the middle of the profile's limits. With low reach, the place is at
    the height at which the camera sees the face."""
    limits = [rule.limit for rule in asked.policy.live_rules if rule.check is CheckId.DISTANCE]
    ends = [end for limit in limits for end in (limit.min, limit.max) if end is not None]
    width = sum(ends) / len(ends) if ends else USUAL_FACE_WIDTH
    seen = asked.session.judgement.checks if asked.session.low and asked.session.judgement is not None else ()
    lower = next((one.value for one in seen if one.check is CheckId.CENTRE_Y and one.value is not None), 0.0)
    return Framing(asked.base.facts.eye_y + round(lower * width / HEIGHT_STEP) * HEIGHT_STEP, width)


def staff_say(asked: Asked) -> Say | None:
    """The line with which staff answered the open call; None if they wrote none."""
    answer = asked.session.answer
    line = None if answer is None else asked.people.line(answer)
    return None if line is None else Say(STAFF_SAY, (("line", line),))


def take_card(asked: Asked) -> Say | None:
    return Say(TAKE_CARD) if asked.session.card_lies else None
