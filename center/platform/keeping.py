"""Lets notes that keep data, and deletions of data, happen one after the other, on both databases.

A transaction that notes a hold, a request or a correction case locks the same counter as a transaction that deletes
data. So a deletion sees everything that was noted before, and nobody can note anything about data while they are being
deleted.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from center.platform.database import upsert
from center.platform.tables import CounterRow

_COUNTER = "kept"


def begin_keeping(session: Session) -> None:
    """Wait until no other transaction is deleting data. None can begin to delete before this transaction ends. Call it
    before the transaction reads or locks anything else. If the transaction then notes something, it must call
    `note_kept`.
    """
    _lock(session, 0)


def note_kept(session: Session) -> None:
    """Count that this transaction, which has called `begin_keeping`, noted something that keeps data: a deletion that
    chose its data before must choose anew."""
    _lock(session, 1)


def begin_deleting(session: Session) -> int:
    """Wait until no other transaction is noting something that keeps data. None can note anything before this
    transaction ends. Returns how often something was noted so far (`noted`). Call it before the transaction reads or
    locks anything else.
    """
    return _lock(session, 0)


def noted(session: Session) -> int:
    """How often something that keeps data was noted so far. If the number is still the same as when a deletion chose
    its data, the choice is still right."""
    found = session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER)).scalar_one_or_none()
    return found or 0


def _lock(session: Session, more: int) -> int:
    adding = upsert(session, CounterRow).values(name=_COUNTER, value=more)
    locked = adding.on_conflict_do_update(
        index_elements=[CounterRow.name], set_={"value": CounterRow.value + more}
    ).returning(CounterRow.value)
    value: int = session.execute(locked).scalar_one()
    return value
