"""The record of a run, its comparison with what the scenario expects, and how the scenario ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.core.session.state import State
from rules.filecheck import check_file
from rules.idnumber import mask_id_number
from rules.spec import PhotoSpec
from sim.office.served import Received
from sim.play.scenario import Expect


@dataclass(slots=True)
class Record:
    """What was observed from outside: the screens, instructions and faults, and what reached the office."""

    states: list[State] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)  # the prompts that began to be spoken
    spoken: list[str] = field(default_factory=list)  # the languages of the voice, one entry for each change
    faults: set[str] = field(default_factory=set)
    help: str | None = None
    received: list[Received] = field(default_factory=list)
    staff: list[str] = field(default_factory=list)  # the decisions that staff made
    looked: int = 0  # how often staff looked at a graduate who had agreed to it
    answered: list[str] = field(default_factory=list)  # what staff answered, as the screen showed it
    numbers: list[str] = field(default_factory=list)  # the called numbers, as the start screen showed them
    taken: list[str] = field(default_factory=list)  # the numbers that graduates took with their phones
    staff_did: list[str] = field(default_factory=list)  # what staff did at the booth, according to its journal
    test_shots: int = 0
    receipts: list[str] = field(default_factory=list)  # what the receipt's page showed, each time it was opened
    # the screens that were photographed while they showed nothing but a line of words
    dark: set[State] = field(default_factory=set)
    # the screens that were photographed while they showed more than a line of words
    lit: set[State] = field(default_factory=set)
    # the screens that showed the data of a person who was not in the seat and had no papers there
    strangers: set[State] = field(default_factory=set)
    # the masked ID numbers of the people who sat there when a picture was taken
    posed: set[str] = field(default_factory=set)
    left_behind: int = 0  # how many identities, codes and rows are still in the vault at the end
    virtual_s: float = 0.0
    real_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """One expectation, with the value that was observed."""

    what: str
    expected: object
    seen: object
    held: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario ended."""

    record: Record
    held: list[ExpectationResult]
    photo: Path | None
    sheet: Path

    @property
    def passed(self) -> bool:
        """Whether every expectation held."""
        return all(expectation.held for expectation in self.held)

    def report(self, scenario: str) -> dict[str, object]:
        """The outcome as JSON values; `docs/scenarios.md` lists them."""
        record = self.record
        return {
            "scenario": scenario,
            "outcome": "photo" if record.received else "no_photo",
            "states": [state.value for state in record.states],
            "photo": None if self.photo is None else str(self.photo.resolve()),
            "envelopes": [str(received.path.resolve()) for received in record.received],
            "screens": str(self.sheet.resolve()),
            "virtual_s": round(record.virtual_s, 2),
            "real_s": round(record.real_s, 2),
            "heard": list(record.prompts),
            "faults": sorted(record.faults),
            "instructions": [told for told in record.instructions if told],
            "flags": sorted(record.received[-1].manifest.flags) if record.received else [],
            "expectations": [
                {"what": one.what, "expected": one.expected, "seen": one.seen, "held": one.held} for one in self.held
            ],
        }


def judge(expect: Expect, record: Record, spec: PhotoSpec) -> list[ExpectationResult]:
    """Compare a run with the expectations of a scenario, one by one."""
    last = record.received[-1] if record.received else None
    outcome = "photo" if last is not None else "no_photo"
    held = [
        _same("outcome", expect.outcome, outcome),
        ExpectationResult(
            "states", _names(expect.states), _names(record.states), in_order(expect.states, record.states)
        ),
        ExpectationResult("end", expect.end.value, record.states[-1].value, record.states[-1] is expect.end),
        _same("envelopes", expect.envelopes, len(record.received)),
        _same("staff", list(expect.staff), record.staff),
        _same("receipts", list(expect.receipts), record.receipts),
        _same("faults", sorted(expect.faults), sorted(record.faults)),
        _same("help", expect.help, record.help),
        _same("looked", expect.looked, record.looked),
        _same("answered", list(expect.answered), record.answered),
        _same("numbers", list(expect.numbers), record.numbers),
        _same("taken", list(expect.taken), record.taken),
        _same("staff_did", list(expect.staff_did), record.staff_did),
        _same("test_shots", expect.test_shots, record.test_shots),
        _same("people left in memory", 0, record.left_behind),
        _same("screens with somebody else's name", _names(expect.asks_who_sits), sorted(map(str, record.strangers))),
        _same("photos under somebody else's name", 0, sum(not _posed(one, record) for one in record.received)),
    ]
    if expect.never:
        met = [state.value for state in record.states if state in expect.never]
        held.append(ExpectationResult("never", _names(expect.never), met, not met))
    if expect.instructions:
        order = in_order(expect.instructions, record.instructions)
        held.append(ExpectationResult("instructions", list(expect.instructions), list(record.instructions), order))
    if expect.heard:
        held.append(
            ExpectationResult("heard", list(expect.heard), list(record.prompts), in_order(expect.heard, record.prompts))
        )
    if expect.spoken:
        held.append(_same("spoken", list(expect.spoken), record.spoken))
    if expect.not_heard:
        held.append(_same("not heard", [], [prompt for prompt in record.prompts if prompt in expect.not_heard]))
    if expect.dark:
        dark = {state for state in expect.dark if state in record.dark and state not in record.lit}
        held.append(_same("dark", sorted(_names(expect.dark)), sorted(_names(tuple(dark)))))
    if last is not None:
        manifest = last.manifest
        held += [
            _same("photo obeys the specification", [], [str(fault) for fault in check_file(last.photo, spec)]),
            _same("identified_by", expect.identified_by, manifest.identified_by),
            _same("flags", sorted(expect.flags), sorted(manifest.flags)),
            _same("opaque_codes", expect.opaque_codes, len(manifest.opaque_codes)),
        ]
    return held


def _posed(received: Received, record: Record) -> bool:
    """Whether the person named in the envelope sat there when a picture was taken."""
    number = received.manifest.person.id_number
    return number is None or mask_id_number(number) in record.posed


def in_order(wanted: Sequence[object], seen: Iterable[object]) -> bool:
    """Whether the values `wanted` occur in `seen` in this order; other values may lie between them."""
    rest = iter(seen)
    return all(any(item == other for other in rest) for item in wanted)


def _same(what: str, expected: object, seen: object) -> ExpectationResult:
    return ExpectationResult(what, expected, seen, expected == seen)


def _names(states: Iterable[State]) -> list[str]:
    return [state.value for state in states]
