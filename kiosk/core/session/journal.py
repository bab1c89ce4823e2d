"""The journal: it has a line of JSON for every event of a session except ticks that changed nothing, and the session
can be rebuilt exactly from it.

The first line is the header: the journal's version and the policy's fingerprint, because under another policy the same
events lead to another session. Every further line is one event, `{"event": "Touched", "at_ns": 12, ...}`; the first of
them is the tick that started the session. A journal that continues an earlier file has no such tick. Instead, its
header contains the `Session` at the moment when the new file began; a new file begins only while nobody uses the booth.

Events contain only tokens, enums and numbers, so there is nothing personal to leave out: a token means nothing once
the vault has deleted its value. A power cut can leave the last line incomplete: the replay drops that line. Any
other unreadable line is a `JournalError` that names it, because a replay that skips an event would end in another
session.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from pydantic import TypeAdapter, ValidationError

from kiosk.core import events as ev
from kiosk.core.session.machine import Step, start, step
from kiosk.core.session.state import Session, SessionPolicy

VERSION = 7
"""The version of journals. It is increased whenever the same events give other effect ids than before. Version 2 added
Recall and Follow; version 3 the checks of what the graduate wears; version 4 watching the seat; version 5 the call for
help after two attempts in vain. Since version 6 staff can take a closed booth out of service, too; since version 7 the
booth asks who sits there when somebody comes back to the choice of a take, keeps usable takes while it asks, and no
longer puts the devices to rest again when it shows that a card was left behind."""
REMEDY = "replay it with the version, profile and configuration that wrote it"

_KINDS: tuple[type[ev.Event], ...] = (
    ev.Tick,
    ev.Touched,
    ev.FocusMoved,
    ev.EarphoneChanged,
    ev.CardFound,
    ev.CardRead,
    ev.CardFailed,
    ev.CardRemoved,
    ev.CodeRead,
    ev.RosterAnswered,
    ev.Measured,
    ev.LooksSeen,
    ev.SeatSeen,
    ev.BurstTaken,
    ev.BurstFailed,
    ev.TakeFinished,
    ev.TakeRefused,
    ev.Saved,
    ev.SaveFailed,
    ev.PhotoLost,
    ev.ShotStands,
    ev.Recalled,
    ev.CallStands,
    ev.HelpDirected,
    ev.HelpLost,
    ev.DeviceFailed,
    ev.DeviceRecovered,
    ev.LampsTested,
    ev.SeasonTold,
    ev.KeyTurned,
    ev.StaffDid,
)
_ADAPTERS: dict[str, TypeAdapter[ev.Event]] = {kind.__name__: TypeAdapter(kind) for kind in _KINDS}
_SESSION = TypeAdapter(Session)
_FIELDS = {kind.__name__: {"event", *(field.name for field in fields(kind))} for kind in _KINDS}


class JournalError(ValueError):
    """A journal or one of its lines cannot be read. The message says which line and what to do."""


class UnfinishedLine(JournalError):
    """A line that ends too early, like the last line after a power cut."""


def header(policy: SessionPolicy, session: Session | None = None) -> str:
    """The first line of a journal written under `policy`, without a line end. `session`: the session that the journal
    continues."""
    head: dict[str, object] = {"journal": VERSION, "policy": fingerprint(policy)}
    return _line(head if session is None else head | {"session": _plain(session)})


def fingerprint(policy: SessionPolicy) -> str:
    """16 hexadecimal digits, which differ if any value of the policy differs."""
    return hashlib.sha256(_line(_plain(policy)).encode()).hexdigest()[:16]


def encode(event: ev.Event) -> str:
    """`event` as one line of ASCII without a line end; floats lose nothing."""
    plain = _plain(event)
    assert isinstance(plain, dict)
    return _line({"event": type(event).__name__, **plain})


def decode(line: str) -> ev.Event:
    """The event of one line, equal to the one that was encoded.

    Raises `UnfinishedLine` if the line is no JSON object, and `JournalError` if this version does not know the object:
    another event, a field too many or too few, a value of the wrong kind.
    """
    name = _object(line).get("event")
    adapter = _ADAPTERS.get(name) if isinstance(name, str) else None
    if adapter is None:
        raise JournalError(f"event {name!r} is not known here; {REMEDY}")
    try:
        event = adapter.validate_json(line, strict=True)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise JournalError(f"event {name} has a wrong {where}: {error.errors()[0]['msg']}; {REMEDY}") from error
    if unknown := sorted(set(_object(line)) - _FIELDS[str(name)]):
        raise JournalError(f"event {name} has unknown fields {', '.join(unknown)}; {REMEDY}")
    return event


def worth_recording(event: ev.Event, before: Session, after: Step) -> bool:
    """Whether a replay needs `event`: every event except ticks (sixty a second) that changed nothing and requested no
    effect."""
    return not isinstance(event, ev.Tick) or after.session != before or bool(after.effects)


def replay(lines: Iterable[str], policy: SessionPolicy) -> Session:
    """The session at the end of the journal `lines`; `policy` must be the policy under which they were written."""
    session = None
    for _, session in replayed(lines, policy):  # noqa: B007 - the last one counts
        pass
    if session is None:
        raise JournalError("the journal ends after its header: there is no session in it to replay")
    return session


def replayed(lines: Iterable[str], policy: SessionPolicy) -> Iterator[tuple[ev.Event | None, Session]]:
    """Each event of the journal `lines`, with the session after it. If the header contains a session, the first pair is
    None and that session. Raises `JournalError` for a line that can't be read. `policy` must be the policy under which
    the lines were written."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip("\0 \r\n"))
    session = _begun(next(numbered, (1, ""))[1], policy)
    if session is not None:
        yield None, session
    for event in _events(numbered):
        if session is None:
            session = start(policy, event.at_ns).session
        session = step(session, event, policy).session
        yield event, session


def as_written_under(lines: Iterable[str], policy: SessionPolicy) -> Iterator[str]:
    """The journal `lines` with `policy` in their header, so that its events can be replayed under other limits than
    those of the booth. The screens may differ from those that the graduate saw."""
    for number, line in enumerate(lines):
        if number == 0:
            # If there is no header, `replay` reports this when it reads the line.
            with contextlib.suppress(UnfinishedLine):
                line = _line(_object(line) | {"policy": fingerprint(policy)})
        yield line


def _begun(line: str, policy: SessionPolicy) -> Session | None:
    """The session in the header `line`, which the journal continues; None if the journal begins with the start of the
    booth."""
    try:
        head = _object(line)
    except UnfinishedLine as error:
        raise JournalError("line 1 is no header of a journal: the file is empty, cut off or something else") from error
    if head.get("journal") != VERSION:
        raise JournalError(f"line 1: journal version {head.get('journal')!r}, but {VERSION} is read here; {REMEDY}")
    if head.get("policy") != fingerprint(policy):
        raise JournalError(f"line 1: written under policy {head.get('policy')!r}, not {fingerprint(policy)}; {REMEDY}")
    try:
        return _SESSION.validate_json(_line(head["session"]), strict=True) if "session" in head else None
    except ValidationError as error:
        raise JournalError(f"line 1: has a session that this version does not know; {REMEDY}") from error


def _events(numbered: Iterator[tuple[int, str]]) -> Iterator[ev.Event]:
    unfinished: JournalError | None = None
    for number, line in numbered:
        if unfinished is not None:
            raise unfinished
        try:
            yield decode(line)
        except UnfinishedLine as error:
            unfinished = JournalError(f"line {number}: {error}; lines follow it, so the journal was damaged later")
        except JournalError as error:
            raise JournalError(f"line {number}: {error}") from error


def _object(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise UnfinishedLine("not a whole JSON object") from error
    if not isinstance(value, dict):
        raise UnfinishedLine("not a whole JSON object")
    return value


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
