"""How far long work has come."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""A function that is called with how many of the things are done and how many there are. It may raise an exception to
end the work."""


def no_progress(_done: int, _total: int) -> None:
    """The `Progress` of callers that do not show the progress; does nothing."""
