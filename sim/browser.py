"""Parts of the programs that make the documentation's pictures: their one argument, and a browser at the office."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sim.office.served import Login, ServedOffice

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chromium-headless-shell"))), None)


def make_pictures(program: str, make: Callable[[Path], int]) -> int:
    """Call `make` with the folder that the argument of `program` names. Returns its exit code; 1 if there is no
    browser, 2 for wrong use."""
    if len(sys.argv) != 2:
        sys.stderr.write(f"usage: python -m {program} DIR\n")
        return 2
    if CHROMIUM is None:
        sys.stderr.write("no chromium on this machine: apt-get install chromium-headless-shell\n")
        return 1
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    return make(out)


@contextmanager
def logged_in(office: ServedOffice, login: Login, first: str, locale: str | None = None) -> Iterator["Page"]:
    """A browser's page after `login`, at the address `first` to which the office leads then."""
    from playwright.sync_api import sync_playwright  # this library belongs to the tests, so it is imported only here

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale=locale)
        page.goto(f"{office.url}/login")
        for field, value in (("name", login.name), ("password", login.password), ("code", login.code(office.now()))):
            page.fill(f"[name={field}]", value)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{office.url}{first}")
        yield page
        browser.close()
