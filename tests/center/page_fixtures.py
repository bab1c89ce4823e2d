"""Fixtures of the tests of staff's pages: an office on a real port (`OfficeServer`), a browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page

from center.accounts.model.roles import Role
from center.platform.configuration import CenterConfig, ReviewConfig
from center.platform.office_keys import make_keys
from center.wiring.office import Office
from tests.center.factories import HandClock
from tests.center.office_server import OfficeServer, serving


@pytest.fixture
def office_server(tmp_path: Path, sqlite_template: Path) -> Iterator[OfficeServer]:
    """An office with its pages on a real port, two booths, and a clock moved by hand."""
    clock = HandClock()
    make_keys(tmp_path / "office.key")
    shutil.copy(sqlite_template, tmp_path / "office.sqlite")
    with Office.open(
        CenterConfig(folder=tmp_path, review=ReviewConfig(lease_s=90, undo_s=10, second_look_share=0)), clock
    ) as office:
        for booth in ("booth-1", "booth-2"):
            office.booths.enrol("test", booth)
        with serving(office) as address:
            # The strong hash of staff's passwords takes a tenth of a second; other tests test it.
            office.accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            yield OfficeServer(office, clock, address)


@pytest.fixture
def browser_window(office_server: OfficeServer, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser window with a colleague logged in: `browser_window("anna")`. A script that fails, or that the
    pages' policy had to stop, fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_window(
        name: str | None,
        role: Role = Role.STAFF,
        school: str | None = None,
        language: str = "en",
        width: int = 1440,
        height: int = 900,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            locale="zh-CN" if language == "zh" else "en-GB",
        )
        context.set_default_timeout(60_000)  # on a busy machine
        contexts.append(context)
        # The address is https, because only then can a cookie with the prefix be set by hand; cookies ignore ports.
        host = office_server.address.replace("http:", "https:")
        context.add_cookies([{"name": "__Host-language", "value": language, "url": host, "secure": True}])
        if name is not None:
            token = office_server.client(name, role, school).token
            context.add_cookies([{"name": "__Host-session", "value": token, "url": host, "secure": True}])
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not faults, faults
