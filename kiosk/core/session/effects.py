"""The effects that the session can request, as frozen values.

An effect carries an `id`, counted from 1 in a session. Running an effect twice is harmless. Its outcome comes back as
an event that names the id as `request`.
"""

from dataclasses import dataclass

from kiosk.core.events import Token
from kiosk.core.identity import Identification
from kiosk.core.inputs import Sight
from kiosk.core.session.state import Flag
from rules.checks import CheckId


@dataclass(frozen=True, slots=True)
class Effect:
    """A request of the session to the runtime."""

    id: int


@dataclass(frozen=True, slots=True)
class AskSeason(Effect):
    """Report the current season (`SeasonTold`)."""


@dataclass(frozen=True, slots=True)
class Listen(Effect):
    """Switch the card reader and scanners on or off. Nothing is read before consent."""

    on: bool


@dataclass(frozen=True, slots=True)
class LookUp(Effect):
    """Find `key` in the roster (`RosterAnswered`)."""

    key: Token


@dataclass(frozen=True, slots=True)
class Watch(Effect):
    """Switch the checks of live frames on or off. The booth looks at frames only while a session is open."""

    on: bool
    sight: Sight = Sight.POSE


@dataclass(frozen=True, slots=True)
class Light(Effect):
    """Set the lamps to these levels (0..1 of full power; left is the picture's left), or make them dark."""

    on: bool
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class Shoot(Effect):
    """Lock the camera's exposure settings and take a burst. The exposure of each of its frames begins after
    `decided_ns`. The best frame becomes take `take`.

    `excused`: the graduate said why the checks cannot be met, or has tried for long enough, or this is the last try.
    The burst is then used even if checks fail, and any legal crop is good enough. `waived`: the burst is used even if
    this check fails.
    """

    take: int
    decided_ns: int
    excused: bool = False
    waived: CheckId | None = None


@dataclass(frozen=True, slots=True)
class Finish(Effect):
    """Make a legal photo from take `take` (`TakeFinished` or `TakeRefused`)."""

    take: int


@dataclass(frozen=True, slots=True)
class Save(Effect):
    """Make take `take` durable: envelope, spool, outbox (`Saved`, `SaveFailed`, or `PhotoLost` if its photo is no
    longer there)."""

    take: int
    person: Token
    identified_by: Identification
    row: Token | None  # None: provisional row
    opaque_codes: tuple[Token, ...]
    flags: tuple[Flag, ...]
    consent_ns: int


@dataclass(frozen=True, slots=True)
class Follow(Effect):
    """Report each new state of the shot that effect `kept` saved (`ShotStands`): each state once, until `Forget`."""

    kept: int


@dataclass(frozen=True, slots=True)
class Recall(Effect):
    """Report what staff decided on earlier shots of this person (`Recalled`)."""

    person: Token
    row: Token | None  # None: provisional row


@dataclass(frozen=True, slots=True)
class CallStaff(Effect):
    """Ring the desk, because somebody on `screen` asks for help. Report each new state of the call (`CallStands`)
    until `EndCall` or `Forget`."""

    screen: str


@dataclass(frozen=True, slots=True)
class EndCall(Effect):
    """End the call for help, because the graduate needs no help any more."""


@dataclass(frozen=True, slots=True)
class DropTakes(Effect):
    """Delete the takes and their photos, because the next capture belongs to another shot of the same person."""


@dataclass(frozen=True, slots=True)
class Forget(Effect):
    """Delete identities, takes and the screen's content, so that nothing of the person stays in the booth's memory."""
