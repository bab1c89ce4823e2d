"""What the set-up pages do with answers, and with what changes on the machine while they are shown."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.core.events import Action, CodeKind, CodeRead, Event, Tick, Touched
from kiosk.core.service.state import Page
from kiosk.core.session.state import Session, State
from kiosk.ports.config import VoiceConfig
from kiosk.runtime.service.service_menu import MenuDependencies, ServiceMenu
from kiosk.runtime.service.setup_answers import SetupAnswers
from kiosk.runtime.vault import SessionVault
from kiosk.ui.viewmodel import view
from sim.gallery import FACTS, POLICY, Known
from sim.service_gallery import NEW
from wire.enrolment import Invitation
from wire.seal import new_identity, recipient_of

KEYS = tuple(recipient_of(new_identity()) for _ in range(2))
INVITATION = Invitation(office="https://office.example.edu.cn", booth_id="hall-2", code="AAAAA", seal_to=KEYS)
SCANNER, PORTS = "/dev/input/by-id/scanner-event-kbd", ("/dev/serial/by-id/a", "/dev/serial/by-id/b")


class Answers(SetupAnswers):
    """Answers that nobody takes, until the test says what root said."""

    def __init__(self) -> None:
        super().__init__(None)
        self.given: list[dict[str, str]] = []
        self.outcomes: list[tuple[str, str]] = []

    def give(self, settings: Any, *, pin: str = "", code: str = "") -> None:
        self.given.append(dict(settings))

    def outcome(self) -> tuple[str, str] | None:
        return self.outcomes.pop() if self.outcomes else None


class Panel:
    """The service menu of a booth that is not set up."""

    def __init__(self) -> None:
        self.now_ns = 10**9
        self.facts = replace(NEW, scanners=(SCANNER,), ports=PORTS)
        self.answers, self.vault = Answers(), SessionVault()
        reader = SimpleNamespace(listen=lambda _: None)
        nothing: Any = SimpleNamespace(identity_readers=(reader,), now=SimpleNamespace(wrong_pins=0, volume=None))
        station: Any = SimpleNamespace(facts=lambda _: self.facts)
        clock: Any = SimpleNamespace(now_ns=lambda: self.now_ns)
        voice = VoiceConfig()
        self.menu = ServiceMenu(
            MenuDependencies(
                *(nothing, None, nothing, nothing, station, nothing, lambda _: None, clock, nothing, voice, lambda: 0),
                *(self.answers, self.vault),
                needs_setup=True,
            )
        )
        self.session = Session(State.OUT_OF_SERVICE, service_by_pin=True)
        self.turn()

    def turn(self) -> None:
        """One turn of the loop: time passes, then the screen is drawn."""
        self.now_ns += 10**9
        self.menu.follow(Tick(self.now_ns), self.session)
        self.menu.view(view(self.session, POLICY, FACTS, Known(), self.now_ns))

    def take(self, event: Event) -> None:
        assert self.menu.takes(event)

    def touch(self, *presses: str) -> None:
        for press in presses:
            self.take(Touched(self.now_ns, Action.STAFF, press))
            self.menu.view(view(self.session, POLICY, FACTS, Known(), self.now_ns))

    def wants_renewal(self) -> bool:
        return self.menu.renewal_wanted

    def show(self, code: bytes) -> None:
        self.take(CodeRead(self.now_ns, self.vault.token(code), CodeKind.OPAQUE))


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.mark.parametrize(("page", "key"), [(Page.READER, "card.port"), (Page.SCANNER, "scanner.serial_port")])
@pytest.mark.parametrize("left", [(), PORTS[1:]])
def test_a_touch_means_the_port_that_the_screen_offers(panel: Panel, page: Page, key: str, left: Sequence[str]) -> None:
    """The device before it, or this one, is unplugged between the drawing and the touch."""
    panel.touch(page)
    panel.facts = replace(panel.facts, ports=tuple(left), scanners=())
    number = 1 if page is Page.SCANNER else 0
    panel.take(Touched(panel.now_ns, Action.STAFF, str(number)))
    assert panel.answers.given[-1][key] == PORTS[0]


@pytest.mark.parametrize("page", [Page.READER, Page.SCANNER])
def test_a_number_that_the_screen_does_not_offer_ends_nothing(panel: Panel, page: Page) -> None:
    panel.touch(page)
    panel.take(Touched(panel.now_ns, Action.STAFF, "9"))
    assert panel.answers.given == []


def test_a_booth_that_gets_its_credential_some_other_way_begins_anew(panel: Panel) -> None:
    """By kiosk enrol on a terminal, which says that no restart is needed."""
    assert not panel.wants_renewal()
    panel.facts = replace(panel.facts, enrolled=True)
    panel.turn()
    assert panel.wants_renewal()
    assert panel.menu.in_setup, "the other steps are not done"


def test_a_booth_begins_anew_only_when_root_has_finished(panel: Panel) -> None:
    """The credential is there before root says that all was taken."""
    panel.touch(Page.OFFICE)
    panel.show(INVITATION.encode())
    assert panel.answers.given[-1]["office.url"] == INVITATION.office
    panel.facts = replace(panel.facts, enrolled=True)
    panel.turn()
    assert not panel.wants_renewal()
    panel.answers.outcomes.append(("done", ""))
    panel.turn()
    assert panel.wants_renewal()


def test_an_enrolled_booth_gives_root_no_invitation(panel: Panel) -> None:
    """Root would refuse it; until root said so, the page could not be left."""
    panel.facts = replace(panel.facts, enrolled=True)
    panel.touch(Page.OFFICE)
    panel.show(INVITATION.encode())
    assert panel.answers.given == []
    panel.touch("back")
    assert panel.menu.in_setup
