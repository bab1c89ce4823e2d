"""Options of the whole test run."""

import os

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import settings

from tests import logs
from tests.browser import chromium  # noqa: F401 - a fixture
from tests.memory import (  # noqa: F401 - hooks
    pytest_collection,
    pytest_collection_finish,
    pytest_runtest_teardown,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

# No deadline, because a test must not depend on how busy the machine is. A run of the tests repeats the same examples,
# so that it fails because of a change and not by chance. `make faults` searches with new examples, and so does
# `--hypothesis-profile explore` for somebody who writes a property test.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("explore" if os.environ.get("FAULTS") == "long" else "repeatable")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(logs)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the tests of one `xdist_group` share a worker. pytest-xdist 3.8 notes the group in a place that pytest 9.2 no
    longer reads.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = coerce_node_id(f"{item.nodeid}@{group.args[0]}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="draw the golden pictures anew, then look at them")
    parser.addoption(
        "--camera", default=None, choices=("VC4", "PISP"), help="run the camera's contract on the real picamera2"
    )
    parser.addoption(
        "--faces", default=None, help="a labelled folder of portraits, for tests that measure on real faces"
    )
