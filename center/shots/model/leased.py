"""A shot and the version that the page showed, as forms contain it (`id.version`)."""

import re
from dataclasses import dataclass

from center.platform.faults import WrongRequest
from center.shots.model.shot import Shot
from wire.model import HEX_ID

_HELD = re.compile(rf"({HEX_ID})\.([0-9]{{1,9}})")


@dataclass(frozen=True, slots=True)
class LeasedShot:
    """A shot and the version that the page showed."""

    shot_id: str
    version: int

    @classmethod
    def of(cls, shot: Shot) -> "LeasedShot":
        """The present version of a shot."""
        return cls(shot.shot_id, shot.version)

    def __str__(self) -> str:
        """The text for a form's field."""
        return f"{self.shot_id}.{self.version}"


def read_leased(text: str) -> LeasedShot:
    """Parse the form's value. Raises `WrongRequest`."""
    found = _HELD.fullmatch(text)
    if found is None:
        raise WrongRequest("the form does not name a shot and its version: load the page again")
    return LeasedShot(found[1], int(found[2]))
