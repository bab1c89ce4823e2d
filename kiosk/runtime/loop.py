"""The main loop. It takes events from the queue, passes them to the session, starts the session's effects, draws what
has changed, and notifies the watchdog."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from common.latest_slot import LatestSlot
from kiosk.core.events import Action, Event, Tick, Touched
from kiosk.core.session import machine as core
from kiosk.core.session.journal import worth_recording
from kiosk.core.session.state import Session, SessionPolicy
from kiosk.ports.clock import Clock
from kiosk.ports.display import Cursor, Display
from kiosk.ports.eye import Eye
from kiosk.ports.frames import Frame, Rgb
from kiosk.runtime.device_health import Failed
from kiosk.runtime.effects import EffectRunner
from kiosk.runtime.event_queue import EventQueue
from kiosk.runtime.identity_resolver import IdentityResolver
from kiosk.ui.viewmodel import Facts, NumberQueue, View, view

log = logging.getLogger(__name__)

MOST_EVENTS = 64
ALIVE_EVERY_NS = 1_000_000_000  # systemd expects a notification within 10 s (systemd/booth.service)


class StaffMenu(Protocol):
    """The service menu, which can cover the session's screen."""

    def takes(self, event: Event) -> bool:
        """Handle `event` if it is for the menu. Returns True if the session must not get the event."""
        ...

    def follow(self, event: Event, session: Session) -> None:
        """Handle one event that the session has handled. `session`: the session after the event."""
        ...

    def view(self, base: View) -> View | None:
        """The menu's screen in place of `base`; None while the menu is closed."""
        ...


@dataclass(frozen=True, slots=True)
class LoopDependencies:
    """The parts that the loop uses."""

    queue: EventQueue
    runner: EffectRunner
    display: Display[View]
    resolver: IdentityResolver
    eye: Eye
    live: LatestSlot[Frame]
    clock: Clock
    record: Callable[[Event, Session], None]  # writes an event, and the session after it, to the journal
    alive: Callable[[], None]  # notifies the watchdog
    known: Callable[[], bool]  # returns whether every device was opened or has failed
    ready: Callable[[], None]  # is called once, when the session begins
    health: Callable[[Failed], None]  # is called with the causes why devices fail, after each change
    # lets the voice speak; gets the screen, the button pressed since the last call, and where the audio guide is
    speak: Callable[[View, Action | None, Cursor | None], None]
    speaks: Callable[[str], bool]  # returns whether the voice can speak this language now
    staff: StaffMenu
    unsaved: Callable[[], int]  # returns how many accepted photos are only in memory


class Loop:
    """Runs the session. `tick` does one turn of the loop, and never waits.

    The session begins when every device was opened or has failed. If it began earlier, a graduate could wait until the
    eye has loaded its networks or the lens has focused, and no screen would say why.
    """

    def __init__(self, policy: SessionPolicy, facts: Facts, deps: LoopDependencies) -> None:
        self._policy = policy
        self._facts = facts
        self._deps = deps
        self._preview = deps.live.reader()
        self.session = Session()
        self.view: View | None = None
        self._alive_due_ns = 0
        self.begun = False  # whether the session has begun
        self._chosen: Action | None = None

    def follow(self, facts: Facts) -> None:
        """Show these facts from now on, because the office has changed the season. The queue of numbers stays the
        same."""
        self._facts = replace(facts, queue=self._facts.queue)

    def follow_queue(self, queue: NumberQueue | None) -> None:
        """From now on show this state of the queue of numbers; None: the state is not known."""
        self._facts = replace(self._facts, queue=queue)

    def _begin(self) -> None:
        """Begin the session. It is closed until the season is known."""
        self.begun = True
        now_ns = self._deps.clock.now_ns()
        step = core.start(self._policy, now_ns)
        self._deps.record(Tick(now_ns), step.session)  # a replay of the journal starts from this tick
        self._apply(step, None)
        self._deps.ready()

    def tick(self) -> bool:
        """Do one turn. Returns False if the window was closed."""
        deps = self._deps
        wanted = deps.display.pump()
        if not self.begun and deps.known():
            self._begin()
        if self.begun:
            for event in deps.queue.drain(MOST_EVENTS):
                self.take(event)
            self.take(Tick(deps.clock.now_ns()))
        self._show()
        self._tell_alive()
        return wanted

    def _tell_alive(self) -> None:
        now_ns = self._deps.clock.now_ns()
        if now_ns >= self._alive_due_ns:
            self._alive_due_ns = now_ns + ALIVE_EVERY_NS
            self._deps.alive()

    def take(self, event: Event) -> None:
        """Apply one event and start the effects it requests. Touches of the service menu go only to the menu."""
        if self._deps.staff.takes(event):
            return
        if isinstance(event, Touched):
            self._chosen = event.action
        step = core.step(self.session, event, self._policy)
        if worth_recording(event, self.session, step):
            self._deps.record(event, step.session)
        self._apply(step, event)
        self._deps.staff.follow(event, self.session)

    def _apply(self, step: core.Step, event: Event | None) -> None:
        if not step.foreseen:
            # A touch of a button that the screen no longer has comes from a double tap. Any other event that changes
            # nothing is a programming error.
            level = logging.INFO if isinstance(event, Touched) else logging.ERROR
            log.log(level, "%s in %s changed nothing", type(event).__name__, self.session.state.value)
        if step.session.state is not self.session.state:
            log.info("%s -> %s", self.session.state.value, step.session.state.value)
        if step.session.failed != self.session.failed:
            self._deps.health(step.session.failed)
        self.session = step.session
        for effect in step.effects:
            self._deps.runner.run(effect)

    def _show(self) -> None:
        deps = self._deps
        facts = replace(self._facts, voice=deps.speaks(self.session.language), unsaved=deps.unsaved())
        session_view = view(self.session, self._policy, facts, deps.resolver, deps.clock.now_ns())
        staff_view = deps.staff.view(session_view)
        self.view = session_view if staff_view is None else staff_view
        preview: Rgb | None = None
        if self.view.framing is not None:
            frame = self._preview.next()
            preview = frame.rgb if frame is not None else None
        photos = {
            take.number: photo.rgb
            for take in self.view.takes
            if take.ready and (photo := deps.eye.photo(take.number)) is not None
        }
        deps.display.show(self.view, preview, photos)
        chosen, self._chosen = self._chosen, None
        if staff_view is None:
            deps.speak(session_view, chosen, deps.display.cursor)
