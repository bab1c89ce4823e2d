"""Runs the service menu: applies its rules (`core/service`) and carries out its requests."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.core.events import (
    Action,
    BurstFailed,
    BurstTaken,
    CardFailed,
    CardRead,
    CodeRead,
    Deed,
    Event,
    KeyTurned,
    LampsTested,
    StaffDid,
    TakeFinished,
    TakeRefused,
    Tick,
    Touched,
)
from kiosk.core.service import menu as core
from kiosk.core.service.setup import answers_taken, card_read, invitation_read
from kiosk.core.service.state import READING, Menu, Modes, Page, Step, Wish
from kiosk.core.service.tries import Tries
from kiosk.core.session.lighting import Levels
from kiosk.core.session.state import AT_REST, Session, State
from kiosk.ports.clock import Clock
from kiosk.ports.config import VoiceConfig
from kiosk.ports.worker import Emit
from kiosk.runtime.effects import Adapters
from kiosk.runtime.service.machine_orders import MachineOrders
from kiosk.runtime.service.pin import PinChecker
from kiosk.runtime.service.setup_answers import SetupAnswers
from kiosk.runtime.service.staff_settings import SettingsFile
from kiosk.runtime.service.station import Station
from kiosk.runtime.speaking import Speaking
from kiosk.runtime.vault import SessionVault
from kiosk.ui.viewmodel import View
from kiosk.ui.viewmodel.service import service_view
from wire.enrolment import Invitation
from wire.faults import MessageError

DOORS = AT_REST | {State.CARD_LEFT}
"""Screens without a session, on which staff may enter the PIN."""
UNDER = State.OUT_OF_SERVICE
"""The screen under the menu. While nobody uses the booth, the session enters this state when staff have turned the key,
and stays in it without any change. Over the first screen or the closed screen, the menu's tests of lamps and pictures
would be interrupted: the session enters such a state again each minute, which switches the lamps off and deletes every
picture."""
AT_LAST = frozenset({Wish.CALIBRATE, Wish.ORDER})
"""Requests that may end this program. They are carried out only after the journal has got what staff did, because
everything that the journal has got is still written when the program ends."""
TEST_REQUEST, TEST_TAKE = -1, 0
"""Request number and take number of the test shot. No session uses these numbers."""
VOLUME_STEP = 0.1
LEAST_VOLUME = 0.1
PLAYED = ("sound.done", "attract.title")


@dataclass(frozen=True, slots=True)
class MenuDependencies:
    """The parts that the menu uses. `pin`: None if no PIN is configured; then only the key opens the menu."""

    adapters: Adapters
    pin: PinChecker | None
    settings: SettingsFile
    orders: MachineOrders
    station: Station
    speaking: Speaking
    emit: Emit
    clock: Clock
    lamps: Levels  # the levels with which a session begins
    voice: VoiceConfig
    unsaved: Callable[[], int]  # returns how many accepted photos are only in memory
    answers: SetupAnswers
    vault: SessionVault
    needs_setup: bool = False  # whether the booth is not set up


class ServiceMenu:
    """Runs at most one menu at a time. Only the main thread may use it; nothing in it waits."""

    def __init__(self, deps: MenuDependencies) -> None:
        self._deps = deps
        self._menu = Menu(tries=Tries.of_start(deps.settings.now.wrong_pins, deps.clock.now_ns()))
        self._session = Session()
        self._at_last: list[Wish] = []
        self._invitation: Invitation | None = None
        self._typing: tuple[str, ...] = ()  # the scanners that the screen offers
        self._ports: tuple[str, ...] = ()  # the serial ports that the screen offers
        self.calibration_wanted = False
        self.renewal_wanted = False  # the configuration was written anew during the set-up
        self.did: Callable[[Deed], None] = lambda _deed: None  # is called with each thing that staff did
        if deps.settings.now.volume is not None:
            deps.speaking.normal(deps.settings.now.volume)
        if deps.needs_setup:
            self._menu = replace(self._menu, page=Page.PIN if deps.pin is not None else Page.SETUP, by_pin=True)
            self._menu = replace(self._menu, unset=self._menu.page)
            self._grant(Wish.TAKE_OVER, self._menu)

    def open_for_setup(self) -> None:
        """Open the page of the set-up at once, because this program began anew during it."""
        self._apply(core.opened_for_setup(self._menu, self._deps.clock.now_ns()))

    @property
    def in_setup(self) -> bool:
        """Whether the present page is that of the set-up, or was opened from it."""
        return self._menu.home is Page.SETUP or self._menu.page is Page.SETUP

    @property
    def is_open(self) -> bool:
        """Whether the menu, or the question for the PIN, is on the screen."""
        return self._menu.page is not None

    @property
    def volume(self) -> float:
        """The normal loudness, as a share of full scale."""
        return self._deps.settings.now.volume or self._deps.voice.volume

    def takes(self, event: Event) -> bool:
        """Handle `event` if it is a touch of the menu, or something read for it. Returns whether it is; if it is,
        neither the session nor the journal gets the event."""
        if self._menu.page in READING and isinstance(event, CodeRead | CardRead | CardFailed):
            self._read(event)
            return True
        if not (isinstance(event, Touched) and event.action is Action.STAFF):
            return False
        door = self._deps.pin is not None or self.is_open
        at_rest = door and self._session.state in DOORS
        unsaved = self._deps.unsaved() > 0
        step = core.pressed(self._menu, event.arg, event.at_ns, at_rest=at_rest, modes=self._modes(), unsaved=unsaved)
        self._apply(step)
        return True

    def follow(self, event: Event, session: Session) -> None:
        """Handle one event that the session has handled. `session`: the session after the event."""
        self._session = session
        menu = self._menu
        match event:
            case KeyTurned(service=closed, by_pin=False):
                self._apply(core.key_turned(menu, closed=closed, modes=self._modes()))
            case LampsTested():
                self._apply(core.lamps_tested(menu))
            case BurstTaken(request=request) if request == TEST_REQUEST:
                self._apply(core.burst_ended(menu, None))
            case BurstFailed(request=request, fault=fault) if request == TEST_REQUEST:
                self._apply(core.burst_ended(menu, fault))
            case TakeFinished(take=take, warnings=warnings) if take == TEST_TAKE:
                self._apply(core.take_ended(menu, None, warnings))
            case TakeRefused(take=take, fault=fault) if take == TEST_TAKE:
                self._apply(core.take_ended(menu, fault))
            case StaffDid():
                waiting, self._at_last = self._at_last, []
                for wish in waiting:
                    self._grant(wish, menu)
            case Tick():
                self._look(event.at_ns)
            case _:
                pass

    def view(self, base: View) -> View | None:
        """The menu's screen in place of `base`, the session's screen; None while the menu is closed."""
        if not self.is_open:
            return None
        now_ns = self._deps.clock.now_ns()
        facts = replace(self._deps.station.facts(now_ns), volume=self.volume, key_turned=self._session.service)
        # what a touch means is what the screen offers, although a device may be unplugged before the touch
        self._typing, self._ports = facts.scanners, facts.ports
        return service_view(base, self._menu, facts, self._session.failed, now_ns)

    def _modes(self) -> Modes:
        """The accessibility settings of the menu, taken from the screen under it. Those of a running session do not
        count, because its graduate chose them."""
        session = self._session
        return Modes(session.contrast, session.low) if session.state in DOORS else Modes()

    def _read(self, event: CodeRead | CardRead | CardFailed) -> None:
        """Handle a card or code that was read on a page of the set-up. Only an invitation of an office is kept."""
        deps, now_ns = self._deps, self._deps.clock.now_ns()
        if isinstance(event, CodeRead):
            value = deps.vault.get(event.code, bytes)
            with contextlib.suppress(MessageError):
                self._invitation = None
                self._invitation = Invitation.decode(value or b"")
            if deps.station.facts(now_ns).enrolled:
                self._invitation = None  # this booth is enrolled, and root would refuse another office
            step = invitation_read(self._menu, now_ns, is_one=self._invitation is not None)
        else:
            step = card_read(self._menu, now_ns, well=isinstance(event, CardRead))
        deps.vault.forget()
        self._apply(step)
        if not self._menu.setup.waits and self._menu.page in READING:
            self._grant(Wish.READ, self._menu)

    def _answer(self, before: Menu) -> None:
        """Give the answer of the present step to root."""
        answers, chosen = self._deps.answers, self._menu.setup.chosen
        match self._menu.page:
            case Page.OFFICE if (one := self._invitation) is not None:
                settings = {"office.url": one.office, "office.booth_id": one.booth_id}
                answers.give({**settings, "storage.seal_to": " ".join(one.seal_to)}, code=one.code)
            case Page.NEW_PIN:
                answers.give({}, pin=before.digits)
            case Page.READER if chosen < len(self._ports):
                answers.give({"card.port": self._ports[chosen]})
            case Page.SCANNER if chosen < len((*self._typing, *self._ports)):
                port = (*self._typing, *self._ports)[chosen]
                typed = chosen < len(self._typing)
                answers.give(
                    {
                        "scanner.input_path": port if typed else "none",
                        "scanner.serial_port": "none" if typed else port,
                    }
                )
            case _:
                pass

    def _look(self, now_ns: int) -> None:
        if (outcome := self._deps.answers.outcome()) is not None:
            self._apply(answers_taken(self._menu, now_ns, *outcome))
        if self._menu.unset is not None and not self._menu.setup.waits and self._deps.station.facts(now_ns).enrolled:
            self.renewal_wanted = True  # enrolled on a terminal, or by root after the menu had stopped waiting
        pin = self._deps.pin
        if self._menu.checking and pin is not None and (right := pin.answer()) is not None:
            self._apply(core.pin_checked(self._menu, now_ns, right=right))
            self._deps.settings.change(wrong_pins=self._menu.tries.wrong)
        at_rest, unsaved = self._session.state is UNDER, self._deps.unsaved() > 0
        self._apply(core.time_passed(self._menu, now_ns, at_rest=at_rest, unsaved=unsaved))

    def _apply(self, step: Step) -> None:
        before, self._menu = self._menu, step.menu
        self._at_last += (wish for wish in step.wishes if wish in AT_LAST)
        for wish in step.wishes:
            if wish not in AT_LAST:
                self._grant(wish, before)
        if step.deed is not None:
            self._deps.emit(StaffDid(self._deps.clock.now_ns(), step.deed))
            self.did(step.deed)

    def _grant(self, wish: Wish, before: Menu) -> None:
        deps = self._deps
        match wish:
            case Wish.TAKE_OVER | Wish.GIVE_BACK:
                deps.emit(KeyTurned(deps.clock.now_ns(), wish is Wish.TAKE_OVER, by_pin=True))
            case Wish.CHECK_PIN if deps.pin is not None:
                deps.pin.check(before.digits)
            case Wish.EXAMINE | Wish.LIGHT:
                if wish is Wish.EXAMINE:
                    deps.adapters.saver.try_out()
                deps.adapters.lights.switch(on=True, left=deps.lamps.left, right=deps.lamps.right)
            case Wish.LEFT | Wish.RIGHT | Wish.READ | Wish.READ_NO_MORE | Wish.ANSWER | Wish.WITHDRAW | Wish.RENEW:
                self._set_up(wish, before)
            case Wish.EXAMINED:
                deps.adapters.lights.switch(on=False)
            case Wish.SHOOT | Wish.FINISH | Wish.DROP:
                self._drive(wish)
            case Wish.SOFTER | Wish.LOUDER | Wish.PLAY:
                self._sound(wish)
            case Wish.CALIBRATE:
                self.calibration_wanted = True
            case Wish.ORDER if self._menu.order is not None:
                deps.orders.give(self._menu.order)
            case _:
                pass

    def _set_up(self, wish: Wish, before: Menu) -> None:
        """Do what a page of the set-up requests."""
        adapters, lamps = self._deps.adapters, self._deps.lamps
        if wish is Wish.LEFT:
            adapters.lights.switch(on=True, left=lamps.left)
        elif wish is Wish.RIGHT:
            adapters.lights.switch(on=True, right=lamps.right)
        elif wish is Wish.ANSWER:
            self._answer(before)
        elif wish is Wish.WITHDRAW:
            self._deps.answers.withdraw()
        elif wish is Wish.RENEW:
            self.renewal_wanted = True
        else:
            for reader in adapters.identity_readers:
                reader.listen(wish is Wish.READ)

    def _drive(self, wish: Wish) -> None:
        """Take, finish or drop the test shot. It is taken whatever the checks say, is finished like any other shot, and
        is never saved."""
        adapters = self._deps.adapters
        if wish is Wish.SHOOT:
            self._drop_pictures()
            adapters.eye.forgive(TEST_TAKE)
            adapters.eye.expect(TEST_REQUEST)
            adapters.camera.shoot(TEST_REQUEST, TEST_TAKE, self._deps.clock.now_ns())
        elif wish is Wish.FINISH:
            adapters.eye.finish(TEST_TAKE)
        else:
            adapters.lights.switch(on=False)
            self._drop_pictures()
            adapters.live.clear()

    def _drop_pictures(self) -> None:
        self._deps.adapters.eye.forget()
        self._deps.adapters.wipe_screen()

    def _sound(self, wish: Wish) -> None:
        deps = self._deps
        if wish is Wish.PLAY:
            deps.speaking.play(PLAYED, self._session.language)
            return
        louder = self.volume + (VOLUME_STEP if wish is Wish.LOUDER else -VOLUME_STEP)
        deps.settings.change(volume=round(min(1.0, max(LEAST_VOLUME, louder)), 2))
        deps.speaking.normal(self.volume)
