"""The page of one shot as other tasks use it: they open a dialog on it and send their answer through it.

Review owns the page and registers it here (`center.wiring.console`). Recrop and identity are below review and may not
import it, so they reach the page through this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from center.platform.faults import OfficeFault
from center.shots.model.leased import LeasedShot
from center.shots.model.shot import Shot
from center.shots.model.staff_decision import RecroppedPhoto, StaffDecision
from center.web.page_request import PageRequest
from wire.manifest import Person


class ShotOnPage(Protocol):
    """What a dialog needs to know about the shot on the page."""

    @property
    def shot(self) -> Shot:
        """The part of the shot that changes."""

    @property
    def flags(self) -> Sequence[str]:
        """The shot's flags, including answered ones."""

    @property
    def answered(self) -> frozenset[str]:
        """The flags with an answer."""

    @property
    def person(self) -> Person | None:
        """The person on the shot."""


Dialog = Callable[[PageRequest, ShotOnPage], dict[str, Any]]
"""A function that builds the content of a dialog that is open on the page; empty if there is nothing to ask."""


@dataclass(frozen=True, slots=True)
class ShotPage:
    """The page of one shot."""

    here: Callable[[PageRequest], LeasedShot]  # the shot on the page; raises `WrongRequest` if the form names another
    sheet: Callable[[PageRequest, str], ShotOnPage]  # the data of one shot as staff see it
    show: Callable[[PageRequest, str, Dialog], Response]  # the page again, with the dialog open on it
    conflict: Callable[[PageRequest, OfficeFault], Response]  # the page again, with a message that says what happened
    decide: Callable[[PageRequest, StaffDecision, RecroppedPhoto | None], Response]  # decide and show the next shot
