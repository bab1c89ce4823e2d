"""When an approval, or the replacement of a photo, is final: nobody can undo it any more, or its booth was told."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from center.shots.tables import ShotRow


def replaced_for_good(now: datetime) -> ColumnElement[bool]:
    """A condition for statements: another photo has taken the place of a shot, and the approval of this other photo is
    final. Until then the replaced shot stays approved: else the office would tell the school to delete its photo, and
    if the new approval is undone, the school would have no photo.
    """
    successor = aliased(ShotRow)
    final = or_(successor.told, successor.final_at <= now)
    there = select(successor.shot_id).where(successor.shot_id == ShotRow.replaced_by, final).exists()
    return and_(ShotRow.replaced_by.is_not(None), there)
