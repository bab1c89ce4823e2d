"""The browser of all tests with pages: one for each process, because its library can't run two at a time."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SHELL = "chromium-headless-shell"
"""Chromium without window, menus and sync: it needs a third of the processor time, and its own texts are English
only.
"""
_WITH_WINDOW = ("chromium", "chromium-browser")
_KINDS = (*_WITH_WINDOW, _SHELL) if "MANUAL_PICTURES" in os.environ else (_SHELL, *_WITH_WINDOW)
CHROMIUM = next(filter(None, map(shutil.which, _KINDS)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Debian's browser. Without it these tests don't run, and say so."""
    if CHROMIUM is None:
        pytest.skip("NOT RUN: no chromium on this machine; `apt-get install chromium-headless-shell`, then again")
    from playwright.sync_api import expect, sync_playwright  # 7 MB, and this file belongs to every run

    # on a busy machine, a page waits for its server, and the server waits for a processor
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
