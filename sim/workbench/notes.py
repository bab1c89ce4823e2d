"""Writes what a developer did at the workbench as a scenario file that repeats it.

The file contains the first pose of each graduate, but no later change of the pose by hand: the graduate of the scenario
follows the instructions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.core.events import Action
from kiosk.core.session.state import State
from sim.people import Pose
from sim.play.graduate import STAYING
from sim.play.record import Record
from sim.play.scenario import Fault, Graduate, PoseError

_OF_THEMSELVES = frozenset({State.POSE, State.IDENTIFY})
"""On these screens the graduate of a scenario does what the screen asks, without an entry in the scenario."""


@dataclass(slots=True)
class Guest:
    """One graduate who sat there. `deeds`: what the graduate did on each screen, visit by visit."""

    graduate: Graduate
    came_s: float
    pose: PoseError = PoseError()
    brings: list[str] = field(default_factory=list)
    deeds: dict[State, list[list[str]]] = field(default_factory=dict)
    reason: str | None = None

    def does(self) -> dict[str, list[str]]:
        """What the graduate did, in the form of a scenario's `[graduate.does]`."""
        said = {}
        for state, visits in self.deeds.items():
            listed = [deed for visit in visits for deed in _listed(visit)]
            if any(visits) and state not in _OF_THEMSELVES:
                said[state.value] = listed
        return said


@dataclass(slots=True)
class Notes:
    """Everything that was done so far, in virtual seconds since the beginning."""

    guests: list[Guest] = field(default_factory=list)
    left_s: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    # For each fault: the state in which it began, the seconds since the start of that state, and the moment.
    _broken: dict[str, tuple[State, float, float]] = field(default_factory=dict)
    _screen: State = State.CLOSED
    _first_s: dict[State, float] = field(default_factory=dict)

    def see(self, screen: State, now_s: float) -> None:
        """Note the present screen, which may be the same as before."""
        if screen is self._screen and self._first_s:
            return
        self._screen = screen
        self._first_s.setdefault(screen, now_s)
        if self.guests:
            self.guests[-1].deeds.setdefault(screen, []).append([])

    def came(self, graduate: Graduate, now_s: float) -> None:
        """Note that somebody sits down."""
        waited_s = round(now_s - self.left_s, 1)
        self.guests.append(Guest(graduate, waited_s, graduate.pose))
        self.guests[-1].deeds[self._screen] = [[]]

    def left(self, now_s: float) -> None:
        """Note that the person who sat there leaves."""
        self._do("leave")
        self.left_s = now_s

    def sat(self, pose: Pose) -> None:
        """Note that the pose was changed. Before the pose screen this is the first pose of the graduate."""
        if self.guests and State.POSE not in self.guests[-1].deeds:
            self.guests[-1].pose = PoseError(
                **{
                    name: round(getattr(pose, name), 2) for name in ("yaw_deg", "pitch_deg", "roll_deg", "x_cm", "y_cm")
                },
                distance_cm=round(pose.distance_cm - Pose().distance_cm, 2),
                eyelids=round(1.0 - pose.eyelids, 2),
                mouth=round(pose.mouth, 2),
                smile=round(pose.smile, 2),
            )

    def showed(self, what: str) -> None:
        """Note that something was laid on the reader or held in front of a scanner."""
        if self.guests and what not in self.guests[-1].brings:
            self.guests[-1].brings.append(what)

    def chose(self, action: Action, arg: str) -> None:
        """Note that a button was pressed."""
        if action is Action.GIVE_REASON and self.guests:
            self.guests[-1].reason = arg
        self._do({Action.PICK_TAKE: f"pick_take_{arg}", Action.PICK_RECORD: "pick_school"}.get(action, action.value))

    def broke(self, what: str, now_s: float) -> None:
        """Note that a fault begins."""
        self._broken[what] = (self._screen, now_s - self._first_s.get(self._screen, 0.0), now_s)

    def repaired(self, what: str, now_s: float) -> None:
        """Note that a fault ends."""
        if what in self._broken:
            at, after_s, since_s = self._broken.pop(what)
            self.faults.append(_fault(what, at, after_s, now_s - since_s))

    def _do(self, deed: str) -> None:
        if self.guests and self.guests[-1].deeds.get(self._screen):
            self.guests[-1].deeds[self._screen][-1].append(deed)

    def scenario(self, record: Record, light: tuple[float, float]) -> str:
        """The scenario file, which expects what was observed. `light`: the light of the room, and the daylight from the
        picture's left."""
        still = [_fault(what, at, after_s, None) for what, (at, after_s, _) in self._broken.items()]
        lines = ['name = "from-the-workbench"', 'summary = "Recorded at the workbench."', "limit_s = 600.0"]
        lines += _table("booth", {"ambient": light[0], "window_left": light[1]})
        for guest in self.guests:
            lines += _graduate(guest)
        for fault in (*self.faults, *still):
            lines += _table("[fault]", fault.model_dump(exclude_none=True, mode="json"))
        return "\n".join([*lines, *_table("expect", _expected(record)), ""])


def _listed(visit: list[str]) -> list[str]:
    """What the graduate did at one visit of a screen: the deeds that did not change the screen, then the deed that
    ended the visit, or "wait"."""
    staying = [deed for deed in visit if deed.startswith(STAYING)]
    ending = [deed for deed in visit if not deed.startswith(STAYING)]
    return [*staying, ending[-1] if ending else "wait"]


def _fault(what: str, at: State, after_s: float, for_s: float | None) -> Fault:
    values = {"what": what, "at": at, "after_s": round(after_s, 1)}
    return Fault.model_validate(values if for_s is None else values | {"for_s": max(0.1, round(for_s, 1))})


def _graduate(guest: Guest) -> list[str]:
    own = guest.graduate.model_dump(
        mode="json", exclude_defaults=True, exclude={"pose", "pace", "does", "brings", "reason"}
    )
    values: dict[str, object] = {"seed": guest.graduate.seed, **own, "comes_after_s": guest.came_s}
    if guest.brings:
        values["brings"] = guest.brings
    if guest.reason:
        values["reason"] = guest.reason
    lines = _table("[graduate]", values)
    if pose := guest.pose.model_dump(exclude_defaults=True):
        lines += _table("graduate.pose", pose)
    if does := guest.does():
        lines += _table("graduate.does", does)
    return lines


def _expected(record: Record) -> dict[str, object]:
    last = record.received[-1].manifest if record.received else None
    expected: dict[str, object] = {
        "outcome": "no_photo" if last is None else "photo",
        "states": [state.value for state in record.states],
        "envelopes": len(record.received),
        "faults": sorted(record.faults),
    }
    if record.help is not None:
        expected["help"] = record.help
    if last is not None:
        expected |= {"flags": sorted(last.flags), "opaque_codes": len(last.opaque_codes)}
        expected |= {"identified_by": last.identified_by} if last.identified_by else {}
    return expected


def _table(name: str, values: Mapping[str, object]) -> list[str]:
    """A TOML table. JSON writes strings, numbers, truth values and lists of them in the same way as TOML."""
    return ["", f"[{name}]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())]
