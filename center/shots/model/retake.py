"""Which photos of one person stand: a rejected one can be taken again, an approved one is replaced by staff only."""

from collections.abc import Iterable
from dataclasses import dataclass

from center.platform.faults import ApprovedAlready
from center.shots.model.shot import Stage
from wire.verdict import Decision


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another shot of the same person. `year`: of graduation, None when the booth did not know."""

    shot_id: str
    stage: Stage
    decision: Decision | None
    replaced: bool
    year: str | None


def approved_photo(others: Iterable[Earlier], year: str | None) -> str | None:
    """The shot id of the person's approved photo for `year`, provisional or final; None: there is none.

    Somebody who graduates twice has two; an unknown year may be either, so it counts as the same.
    """
    for other in others:
        same_year = year is None or other.year is None or other.year == year
        if same_year and other.decision is Decision.APPROVED and not other.replaced:
            return other.shot_id
    return None


def check_approval(shot_id: str, approved_id: str | None, replaces: str | None) -> None:
    """Whether approving `shot_id` may go on; `ApprovedAlready` names the photo that stands in its way.

    `replaces` must name exactly the photo staff compared it with: what stands now may be another one.
    """
    if approved_id is not None and approved_id != replaces:
        raise ApprovedAlready(shot_id, approved_id)
