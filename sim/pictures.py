"""`python -m sim.pictures DIR`: make the README's pictures with the simulator.

The pictures are the booth's pose screen, a finished photo, and the office's page for review in both languages. For the
page a chromium is needed; the tests' set-up installs one.
"""

import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from PIL import Image

from center.accounts.model.roles import Role
from kiosk.core.session.state import State
from kiosk.ports.frames import Rgb
from sim.browser import logged_in, make_pictures
from sim.play.scenario import Graduate, Scenario, load
from sim.play.stage import Stage
from sim.play.world import World

SEED = 17
LANGUAGES = {"zh": "review.zh", "en": "review"}
"""For each language, by the code that the office's pages use, the name of the picture."""


def main() -> int:
    """Make the pictures. Returns 0 when done, 1 if no photo came or there is no browser, 2 for wrong use."""
    return make_pictures("sim.pictures", _make)


def _make(out: Path) -> int:
    graduate = (Graduate(seed=SEED),)
    booth = load("card-happy").model_copy(update={"graduate": graduate})
    real = load("staff-want-another")
    office = real.model_copy(update={"graduate": graduate, "office": real.office.model_copy(update={"decides": ()})})
    return 0 if _played(booth, partial(_booth, out)) and _played(office, partial(_review, out)) else 1


def _played(scenario: Scenario, show: Callable[[World, Rgb], None]) -> bool:
    """Play until the office has the photo, and call `show` with the world and its last pose screen. Returns whether
    there is a photo."""
    # The world is closed whatever happens: otherwise the office's thread would keep a failed program alive.
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, closing(World(scenario, Path(folder))) as world:
        stage = Stage(scenario, world, Path(folder))
        world.start()
        screen = world.booth.shell.grab()
        while not world.office.received():
            if world.clock.now_ns() >= scenario.limit_s * 1e9:
                sys.stderr.write(f"{scenario.name} gave no photo in {scenario.limit_s:g} s: play it and see why\n")
                return False
            if world.booth.loop.session.state is State.POSE:
                screen = world.booth.shell.grab()
            stage.turn()
        show(world, screen)
    return True


def _booth(out: Path, world: World, screen: Rgb) -> None:
    """Write the last pose screen and the photo."""
    Image.fromarray(screen).save(out / "pose.jpg", quality=92)
    (out / "photo.jpg").write_bytes(world.office.received()[0].photo)


def _review(out: Path, world: World, _screen: Rgb) -> None:
    """Write the page on which staff review the photo."""
    office = world.office
    with logged_in(office, office.hire("staff", Role.STAFF), "/queue") as page:
        page.keyboard.press("Enter")
        page.wait_for_selector("#stage.is-ready")
        # The address is https, because only then can this cookie be set by hand; for a cookie the port does not matter.
        host = office.url.replace("http:", "https:")
        for language, name in LANGUAGES.items():
            page.context.add_cookies([{"name": "__Host-language", "value": language, "url": host, "secure": True}])
            page.reload()
            page.wait_for_selector("#stage.is-ready")
            page.screenshot(path=str(out / f"{name}.jpg"), type="jpeg", quality=85)


if __name__ == "__main__":
    sys.exit(main())
