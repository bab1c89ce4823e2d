"""`python -m sim.pictures DIR`: make the README's pictures with the simulator.

The pictures are the booth's pose screen, a finished photo, and the office's page for review in both languages. For the
page a chromium is needed; the tests' set-up installs one.
"""

import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image

from center.accounts.model.roles import Role
from kiosk.core.session.state import State
from sim.office.served import Login, ServedOffice
from sim.play.scenario import Graduate, Scenario, load
from sim.play.stage import Stage
from sim.play.world import World

SEED = 17
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chromium-headless-shell"))), None)
LANGUAGES = {"zh": "review.zh", "en": "review"}
"""For each language, by the code that the office's pages use, the name of the picture."""


def main() -> int:
    """Make the pictures. Returns 0 when done, 1 if no photo came or there is no browser, 2 for wrong use."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m sim.pictures DIR\n")
        return 2
    if CHROMIUM is None:
        sys.stderr.write("no chromium on this machine: apt-get install chromium-headless-shell\n")
        return 1
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    graduate = (Graduate(seed=SEED),)
    booth = load("card-happy").model_copy(update={"graduate": graduate})
    real = load("staff-want-another")
    office = real.model_copy(update={"graduate": graduate, "office": real.office.model_copy(update={"decides": ()})})
    return 0 if _booth(booth, out) and _office(office, out) else 1


def _booth(scenario: Scenario, out: Path) -> bool:
    """Play until the photo is there; write the last pose screen and the photo. Returns whether there is a photo."""
    # The world is closed whatever happens: otherwise the office's thread would keep a failed program alive.
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, closing(World(scenario, Path(folder))) as world:
        stage = Stage(scenario, world, Path(folder))
        world.start()
        screen = world.booth.shell.grab()
        while not (received := world.office.received()):
            if _too_long(world, scenario):
                return False
            if world.booth.loop.session.state is State.POSE:
                screen = world.booth.shell.grab()
            stage.turn()
    Image.fromarray(screen).save(out / "pose.jpg", quality=92)
    (out / "photo.jpg").write_bytes(received[0].photo)
    return True


def _office(scenario: Scenario, out: Path) -> bool:
    """Play until the real office has the photo, then write the page on which staff review it. Returns whether the photo
    came."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder, closing(World(scenario, Path(folder))) as world:
        stage = Stage(scenario, world, Path(folder))
        world.start()
        while not world.office.received():
            if _too_long(world, scenario):
                return False
            stage.turn()
        _review(world.office, world.office.hire("staff", Role.STAFF), out)
    return True


def _review(office: ServedOffice, login: Login, out: Path) -> None:
    from playwright.sync_api import sync_playwright  # this library belongs to the tests, so it is imported only here

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{office.url}/login")
        for field, value in (("name", login.name), ("password", login.password), ("code", login.code(office.now()))):
            page.fill(f"[name={field}]", value)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{office.url}/queue")
        page.keyboard.press("Enter")
        page.wait_for_selector("#stage.is-ready")
        # The address is https, because only then can this cookie be set by hand; for a cookie the port does not matter.
        host = office.url.replace("http:", "https:")
        for language, name in LANGUAGES.items():
            page.context.add_cookies([{"name": "__Host-language", "value": language, "url": host, "secure": True}])
            page.reload()
            page.wait_for_selector("#stage.is-ready")
            page.screenshot(path=str(out / f"{name}.jpg"), type="jpeg", quality=85)
        browser.close()


def _too_long(world: World, scenario: Scenario) -> bool:
    if world.clock.now_ns() < scenario.limit_s * 1e9:
        return False
    sys.stderr.write(f"{scenario.name} gave no photo in {scenario.limit_s:g} s: play it and see why\n")
    return True


if __name__ == "__main__":
    sys.exit(main())
