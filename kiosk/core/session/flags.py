"""The flags of an accepted shot, from its session and its take. A flag says why staff should look at the shot first."""

from kiosk.core.events import DecisionState, SeasonState
from kiosk.core.session.state import Flag, Reason, Session, Take
from kiosk.core.session.station import SERVED
from kiosk.core.session.taking import failures_of

SEASON_FLAGS: dict[SeasonState | None, tuple[Flag, ...]] = {
    SeasonState.CLOCK_UNSYNCED: (Flag.CLOCK_UNSYNCED,),
    SeasonState.YEAR_UNCONFIRMED: (Flag.YEAR_UNCONFIRMED,),
}
REASON_FLAGS: dict[Reason, Flag] = {
    Reason.HEAD_COVER: Flag.EXCEPTION_HEAD_COVER,
    Reason.SKIN: Flag.EXCEPTION_SKIN,
    Reason.EYES: Flag.EXCEPTION_EYES,
    Reason.OTHER: Flag.EXCEPTION_OTHER,
}


def flags_of(session: Session, take: Take) -> tuple[Flag, ...]:
    """The flags of the shot made of `take`.

    A failed required check is flagged only if the graduate gave no reason; a reason has a flag of its own, which says
    more.
    """
    return (
        *session.flags,
        *SEASON_FLAGS.get(session.season, ()),
        *((Flag.BY_APPOINTMENT,) if _by_appointment(session) else ()),
        *((Flag.COULD_NOT_TELL,) if take.doubts else ()),
        *((Flag.REQUIRED_FAILED,) if failures_of(session, take) and session.reason is None else ()),
        *((Flag.TRIED_IN_VAIN,) if session.tried_in_vain and session.reason is None else ()),
        *((Flag.CHECK_WAIVED,) if session.waived is not None else ()),
        *((REASON_FLAGS[session.reason],) if session.reason is not None else ()),
    )


def _by_appointment(session: Session) -> bool:
    """Whether the shot was possible only because of a pass of the office."""
    has_photo = session.photographed or session.decision is DecisionState.APPROVED
    return session.allowed and (has_photo or session.season not in SERVED)
