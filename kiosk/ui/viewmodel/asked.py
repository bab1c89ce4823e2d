"""The inputs of a screen's content, and what several screens show: the person, the frame of the face, the card."""

from dataclasses import dataclass

from kiosk.core.events import Action, Tick
from kiosk.core.session.machine import limit_ms
from kiosk.core.session.state import Session, SessionPolicy
from kiosk.core.session.transitions import DEADLINES
from kiosk.ui.viewmodel.model import Button, Framing, Masked, People, Say, View
from rules.checks import CheckId

USUAL_FACE_WIDTH = 0.2
"""The face's width as a share of the frame's height (500 of 2592 px at the seat's distance), for a profile without a
limit."""
HEIGHT_STEP = 0.02
"""The frame follows a seated person's height in steps (shares of the picture), so that it does not tremble."""
TAKE_CARD = "card_left.note"
"""What the screen says to a graduate whose card still lies on the reader."""
STAFF_SAY = "staff_help.says"
END = Button(Action.CANCEL, Say("button.end"))


@dataclass(frozen=True, slots=True)
class Asked:
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
        left_ms = limit_ms(deadline, self.session) - (self.now_ns - since) // 1_000_000
        return max(0, -(-left_ms // 1000))


def shown(asked: Asked) -> Masked | None:
    """The person from the roster row, else from the card."""
    person = asked.session.person
    return None if person is None else asked.people.shown(person.row or person.key)


def framing(asked: Asked) -> Framing:
    """Where the face belongs: the middle of the profile's limits; with low reach, at the height where the face is."""
    limits = [rule.limit for rule in asked.policy.live_rules if rule.check is CheckId.DISTANCE]
    ends = [end for limit in limits for end in (limit.min, limit.max) if end is not None]
    width = sum(ends) / len(ends) if ends else USUAL_FACE_WIDTH
    seen = asked.session.judgement.checks if asked.session.low and asked.session.judgement is not None else ()
    lower = next((one.value for one in seen if one.check is CheckId.CENTRE_Y and one.value is not None), 0.0)
    return Framing(asked.base.facts.eye_y + round(lower * width / HEIGHT_STEP) * HEIGHT_STEP, width)


def staff_say(asked: Asked) -> Say | None:
    """The line that staff wrote to the open call."""
    answer = asked.session.answer
    line = None if answer is None else asked.people.line(answer)
    return None if line is None else Say(STAFF_SAY, (("line", line),))


def take_card(asked: Asked) -> Say | None:
    return Say(TAKE_CARD) if asked.session.card_lies else None
