"""What a session does, as plain functions that raise AssertionError if the session does not do so.

Pytest runs each function as a test of that name; the mutation run calls them with changed tables.
"""

import inspect
from collections.abc import Callable
from types import ModuleType

from behaviours import (
    audio_guide,
    calling,
    card_left,
    cards,
    codes,
    decisions,
    doubting,
    dressing,
    identifying,
    interruptions,
    lighting,
    live_help,
    passing,
    posing,
    preparing,
    rest,
    saving,
    seat,
    settings,
    stills,
    tables,
    taking,
)

Behaviour = Callable[[], None]


def behaviours_of(module: ModuleType) -> dict[str, Behaviour]:
    """The behaviours that `module` states, by name: its public functions without arguments and results."""
    return {
        name: function
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and inspect.signature(function).return_annotation is None
        and not inspect.signature(function).parameters
    }


MODULES = (
    tables,
    rest,
    seat,
    *(cards, codes, identifying),
    calling,
    card_left,
    lighting,
    *(preparing, posing, taking, saving),
    live_help,
    stills,
    doubting,
    dressing,
    decisions,
    interruptions,
    *(settings, passing, audio_guide),
)
BEHAVIOURS: dict[str, Behaviour] = {
    name: behaviour for module in MODULES for name, behaviour in behaviours_of(module).items()
}
