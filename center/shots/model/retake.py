"""The photos of one person: the graduate can retake a rejected one; only staff replace an approved one."""

from collections.abc import Iterable
from dataclasses import dataclass

from center.platform.faults import ApprovedAlready
from center.shots.model.shot import Stage
from wire.decision import Decision


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another shot of the same person. `year`: the year of graduation, None if the booth did not know it."""

    shot_id: str
    stage: Stage
    decision: Decision | None
    replaced: bool
    year: str | None


def approved_photo(others: Iterable[Earlier], year: str | None) -> str | None:
    """The shot id of the person's approved photo for `year`, provisional or final; None if there is none.

    Somebody who graduates twice has two; an unknown year counts as the same year.
    """
    for other in others:
        same_year = year is None or other.year is None or other.year == year
        if same_year and other.decision is Decision.APPROVED and not other.replaced:
            return other.shot_id
    return None


def check_approval(shot_id: str, approved_id: str | None, replaces: str | None) -> None:
    """Raise `ApprovedAlready` with the approved photo unless `shot_id` may be approved.

    `replaces` must name exactly the photo with which staff compared it: the approved one may have changed since.
    """
    if approved_id is not None and approved_id != replaces:
        raise ApprovedAlready(shot_id, approved_id)
