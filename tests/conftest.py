"""Options of the whole test run."""

import pytest
from hypothesis import settings

from tests.memory import (  # noqa: F401 - hooks
    pytest_runtest_protocol,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

# What a test measures is not how busy the machine is.
settings.register_profile("booth", deadline=None)
settings.load_profile("booth")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="draw the golden pictures anew, then look at them")
    parser.addoption(
        "--camera", default=None, choices=("VC4", "PISP"), help="run the camera's contract on the real picamera2"
    )
    parser.addoption(
        "--faces", default=None, help="a labelled folder of portraits, for tests that measure on real faces"
    )
