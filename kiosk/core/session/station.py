"""Rules about the booth itself: its season, its devices, the key of staff, and a clean start for the next person."""

from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Event, SeasonState
from kiosk.core.session import effects as fx
from kiosk.core.session.draft import Draft
from kiosk.core.session.state import Session, SessionPolicy

SERVED = frozenset({SeasonState.OPEN, SeasonState.YEAR_UNCONFIRMED, SeasonState.CLOCK_UNSYNCED})


def serving(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    season = event.season if isinstance(event, ev.SeasonTold) else session.season
    return season in SERVED


def not_serving(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return not serving(session, event, policy)


def by_appointment(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The booth is out of season, but a pass of the office is in force."""
    return session.appointments and not serving(session, event, policy)


def wipe(draft: Draft) -> None:
    """Delete everything about the person, and keep only the booth's own state."""
    old = draft.session
    draft.session = Session(
        state=old.state,
        since_ns=old.since_ns,
        active_ns=old.active_ns,
        next_id=old.next_id,
        language=draft.policy.languages[0],
        large=draft.policy.large,
        season=old.season,
        appointments=old.appointments,
        failed=old.failed,
        service=old.service,
        service_by_pin=old.service_by_pin,
        card_lies=old.card_lies,
        former_card=old.former_card or old.card_lies,
    )
    draft.ask(fx.Forget)


def rest(draft: Draft) -> None:
    """Put the devices to rest: readers off, vision off, lamps dark."""
    draft.ask(lambda number: fx.Listen(number, on=False))
    draft.ask(lambda number: fx.Watch(number, on=False))
    draft.ask(lambda number: fx.Light(number, on=False))
    if draft.session.lighting is not None:
        draft.set(lighting=replace(draft.session.lighting, on=False))


def ask_season(draft: Draft) -> None:
    draft.ask(fx.AskSeason)


def note_season(draft: Draft) -> None:
    assert isinstance(draft.event, ev.SeasonTold)
    draft.set(season=draft.event.season, appointments=draft.event.appointments)


def note_failure(draft: Draft) -> None:
    assert isinstance(draft.event, ev.DeviceFailed)
    draft.set(failed=(*draft.session.failed, (draft.event.device, draft.event.fault)))
    if draft.event.device is ev.Device.CARD_READER:
        draft.set(card_lies=False)  # the booth can't tell any more whether a card lies there


def note_recovery(draft: Draft) -> None:
    assert isinstance(draft.event, ev.DeviceRecovered)
    left, gone = list(draft.session.failed), (draft.event.device, draft.event.fault)
    if gone in left:
        left.remove(gone)  # remove one entry only: another reporter may have reported the same cause, too
    draft.set(failed=tuple(left))


def note_key(draft: Draft) -> None:
    assert isinstance(draft.event, ev.KeyTurned)
    draft.set(**{"service_by_pin" if draft.event.by_pin else "service": draft.event.service})
