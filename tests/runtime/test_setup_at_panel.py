"""The whole set-up of a new booth by touches on its own screen, with a stand-in for root; it ends enrolled at the real
office."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.core.events import Action
from kiosk.core.service.state import Page, Press
from kiosk.core.session.state import State
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import dump_config, load_config
from kiosk.runtime.service.station import Station
from kiosk.ui.press import QUIET_NS
from kiosk.uplink.office.client import OfficeClient
from sim.play.register import documents
from sim.play.scenario import load
from sim.play.world import World
from sim.twins.touch import Finger
from wire.enrolment import Invitation
from wire.roster_change import RosterPage

TURN_NS = 35_000_000
PIN = "204938"
BOOTH = "hall-9"


class NewBooth:
    """A booth that was never set up, and a technician before it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder, self.finger = world, folder, Finger()

    @property
    def now_s(self) -> float:
        return self.world.clock.now_ns() / 1e9

    def turns(self, count: int = 1) -> None:
        for _ in range(count):
            self.finger.lift_when_due(self.now_s)
            self.world.turn(TURN_NS)
            self._be_root()
            if self.world.booth.must_renew:
                self._begin_anew()

    def until(self, what: Callable[[], bool], seconds: float = 8.0) -> None:
        for _ in range(round(seconds * 1e9 / TURN_NS)):
            if what():
                return
            self.turns()
        raise AssertionError(f"it did not come; the page is {self.page}")

    def touch(self, *presses: str) -> None:
        for press in presses:
            shell = self.world.booth.shell
            box = next(area.box for area in shell.areas if (area.action, area.arg) == (Action.STAFF, press))
            place, (width, height) = shell._painter.place, shell._surface.get_size()
            at = box.centre
            self.finger.press(place.x(at.x) / width, place.y(at.y) / height, self.now_s)
            self.turns(6)
            self.world.clock.advance(QUIET_NS)  # type: ignore[union-attr]
            self.turns(2)

    @property
    def page(self) -> Page | None:
        view = self.world.booth.loop.view
        assert view is not None
        return None if view.staff is None else view.staff.page

    def done(self, page: Page) -> bool | None:
        """The state of a step, as the page of the set-up shows it."""
        view = self.world.booth.loop.view
        assert view is not None
        assert view.staff is not None
        return next(row.good for row in view.staff.rows if row.label.id == f"service.{page}")

    @property
    def config(self) -> BoothConfig:
        return load_config(self.folder / "booth.toml")

    def _be_root(self) -> None:
        """Do what `booth-answers.service` does."""
        file = self.folder / "run" / "answers"
        if file.exists():
            with pytest.MonkeyPatch.context() as of_root:
                of_root.setenv("RUNTIME_DIRECTORY", str(self.folder / "run-answers"))
                main(["setup", "--answers", str(file), "--config", str(self.folder / "booth.toml")])

    def _begin_anew(self) -> None:
        """Do what `kiosk run` does."""
        in_setup = self.world.booth.in_setup
        self.world.config = self.config
        self.world.restart()
        if in_setup:
            self.world.booth.open_for_setup()
        self.until(lambda: self.world.booth.loop.begun)


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewBooth]:
    def configured(world: World, folder: Path) -> BoothConfig:
        path = folder / "booth.toml"
        assert main(["setup", "--at-panel", "--config", str(path)]) == 0
        config = load_config(path)
        display = config.display.model_copy(update={"fullscreen": False})
        storage = config.storage.model_copy(update={"folder": folder / "booth"})
        config = config.model_copy(update={"display": display, "storage": storage})
        path.write_text(dump_config(config), "utf-8")
        ports = {"ports": lambda: [world.reader.port], "scanners": lambda: [str(world.scanner.path)]}
        defaults = Station.__init__.__kwdefaults__
        assert defaults is not None
        for name, offered in ports.items():
            monkeypatch.setitem(defaults, name, offered)
        return config

    for name in ("run", "run-answers"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.setattr(World, "_configured", configured)
    monkeypatch.setattr("sim.play.world.enrol", lambda *_: "")
    monkeypatch.setattr(World, "fetch_roster", lambda _: True)
    monkeypatch.setattr("kiosk.runtime.service.pin.COST", 10)
    world = World(load("card-happy"), tmp_path)
    yield NewBooth(world, tmp_path)
    world.close()


def test_a_technician_sets_a_new_booth_up_by_touch_alone(new: NewBooth) -> None:
    world = new.world
    new.until(lambda: world.booth.loop.begun and new.page is Page.SETUP)
    new.turns(3)
    assert world.booth.loop.session.state is State.OUT_OF_SERVICE
    assert [new.done(page) for page in (Page.OFFICE, Page.READER, Page.NEW_PIN)] == [False, False, False]

    new.touch(Page.READER, "0")
    new.until(lambda: new.page is Page.SETUP and new.done(Page.READER) is True)
    new.touch(Page.READER)
    world.reader.lay(documents(load("card-happy").graduate[0]).card)
    new.until(lambda: seen(world))
    new.touch(Press.BACK)
    new.touch(Page.SCANNER, "0")
    new.until(lambda: new.page is Page.SETUP and new.done(Page.SCANNER) is True)

    new.touch(Page.LIGHT, Press.LEFT)
    new.until(lambda: world.pins.left > 0.3 and world.pins.right == 0)
    new.touch(Press.RIGHT)
    new.until(lambda: world.pins.right > 0.3 and world.pins.left == 0)
    new.touch(Press.BACK)
    new.until(lambda: world.pins.right == 0)

    new.touch(Page.NEW_PIN, *PIN, Press.ENTER, *PIN, Press.ENTER)
    new.until(lambda: new.page is Page.SETUP and new.done(Page.NEW_PIN) is True)

    office = world.office
    code = office.code_for_booth(BOOTH)
    invitation = Invitation(office=world.network.url, booth_id=BOOTH, code=code, seal_to=office.seal_to)
    new.touch(Page.OFFICE)
    world.show_code(b"https://example.edu.cn/some/other/code")
    new.until(lambda: says(world, "service.setup_other_code"))
    world.show_code(invitation.encode())
    new.until(lambda: new.page is Page.SETUP and new.done(Page.OFFICE) is True)
    world.show_code(None)

    assert [booth.enrolled for booth in office.office.booths.all() if booth.booth_id == BOOTH] == [True]
    with contextlib.closing(OfficeClient(new.config.office)) as client:
        assert isinstance(client.roster(0), RosterPage)
    assert new.config.storage.seal_to == office.seal_to
    assert len(world.booth.vault) == 0, "nothing of the card and the codes is kept"

    new.touch(Page.CALIBRATE, Press.BEGIN)
    new.until(lambda: world.booth.must_calibrate)
    assert world.booth.in_setup
    world.restart()
    new.until(lambda: world.booth.loop.session.state is State.ATTRACT)
    assert new.page is None, "the booth serves; its set-up is behind the PIN"
    world.booth._workers["FileWriter"].poll(0)
    files = (path for path in new.folder.rglob("*") if path.is_file() and path.is_relative_to(new.folder / "booth"))
    assert not any(code.encode() in path.read_bytes() for path in files)


def says(world: World, text: str) -> bool:
    view = world.booth.loop.view
    return view is not None and view.note is not None and view.note.id == text


def seen(world: World) -> bool:
    return world.booth._staff._menu.setup.seen
