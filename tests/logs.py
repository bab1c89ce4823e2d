"""No test leaves logging changed: a later test of the same process would then see no record, or too many."""

import logging
from collections.abc import Iterator

import pytest

_OURS = ("bench", "center", "common", "kiosk", "rules", "sim", "training", "wire")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    changed = _put_back()
    if changed:
        pytest.fail(f"this test left logging changed: {', '.join(changed)}", pytrace=False)


def _put_back() -> list[str]:
    """Set logging to Python's initial state; returns the names of what differed."""
    changed = []
    if logging.root.manager.disable:
        changed.append(f"logging.disable({logging.root.manager.disable})")
        logging.disable(logging.NOTSET)
    if logging.root.level != logging.WARNING:
        changed.append(f"root at {logging.root.level}")
        logging.root.setLevel(logging.WARNING)
    for name, logger in logging.root.manager.loggerDict.items():
        if not isinstance(logger, logging.Logger) or name.partition(".")[0] not in _OURS:
            continue
        if (logger.level, logger.disabled, logger.propagate) != (logging.NOTSET, False, True):
            changed.append(name)
            logger.setLevel(logging.NOTSET)
            logger.disabled, logger.propagate = False, True
    return changed
