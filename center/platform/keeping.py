"""Lets what keeps data and what deletes them happen one after the other, on both databases.

A transaction that notes a hold, a request or a correction case, and one that deletes data, each lock the same counter.
So a deletion sees everything that was noted before, and nothing is noted of data that are being deleted.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.platform.database import upsert
from center.platform.tables import CounterRow

_COUNTER = "kept"


def begin_keeping(session: Session) -> None:
    """Wait until nothing is being deleted; until this transaction ends, nothing is. Call it before the transaction
    reads or locks anything else.
    """
    _lock(session, 1)


def begin_deleting(session: Session) -> int:
    """Wait until nothing is being noted that keeps data; until this transaction ends, nothing is. Returns how often
    something was noted (`noted`). Call it before the transaction reads or locks anything else.
    """
    return _lock(session, 0)


def noted(session: Session) -> int:
    """How often something was noted that keeps data: a deletion that chose its data at the same number is right."""
    found = session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER)).scalar_one_or_none()
    return found or 0


def _lock(session: Session, more: int) -> int:
    adding = upsert(session, CounterRow).values(name=_COUNTER, value=more)
    locked = adding.on_conflict_do_update(
        index_elements=[CounterRow.name], set_={"value": CounterRow.value + more}
    ).returning(CounterRow.value)
    value: int = session.execute(locked).scalar_one()
    return value
