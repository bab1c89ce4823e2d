"""Notices when the person in the seat may not be the one who said who they are.

The booth never compares faces. It only knows when a face was seen and when none was: after an absence in which two
people could have changed places, it asks the person in the seat once more (ADR 078). The absence counts in every state
from the moment a person says who they are until the shot. A frame that is missing counts neither as presence nor as
absence.
"""

from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.session.state import Session

AWAY_NS = 3_000_000_000
"""A person who is out of the picture for longer may have stood up, and another may sit down. Two people need almost as
long to change places; to pick something up takes less."""
SITS_DOWN_NS = 10_000_000_000
"""A person who says who they are while standing is seen within this time: to walk in and sit down takes 8 s (nine of
ten people in the crowd of docs/crowd.md). For one person to leave and another to sit down takes 7 s (median)."""


def faces_of(event: Event) -> int:
    """How many faces a look at a live frame found; 0 for any other event."""
    if isinstance(event, ev.Measured | ev.LooksSeen):
        return event.measures.faces
    return event.faces if isinstance(event, ev.SeatSeen) else 0


def after_look(session: Session, faces: int, at_ns: int) -> Session:
    """`session` after one look that found `faces` faces."""
    if faces:
        changed = session.changed or _was_long(session, at_ns)
        return replace(session, left_ns=None, seated=True, changed=changed)
    if session.left_ns is None and session.seated:
        return replace(session, left_ns=at_ns)
    return session


def claimed(session: Session, at_ns: int) -> Session:
    """`session` after somebody has said who they are: from now on the seat counts as theirs. If they still stand and
    are not in the picture, they are expected soon."""
    in_picture = session.seated and session.left_ns is None
    return replace(session, left_ns=None if in_picture else at_ns, seated=in_picture, changed=False)


def _was_long(session: Session, at_ns: int) -> bool:
    """Whether the absence that ends now was long enough for two people to change places."""
    limit_ns = AWAY_NS if session.seated else SITS_DOWN_NS
    return session.left_ns is not None and at_ns - session.left_ns >= limit_ns
