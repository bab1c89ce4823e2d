"""Notes which forms of a login were sent, so that a form is carried out at most once, however often it arrives."""

import contextlib
import hashlib

from sqlalchemy import delete, select, update

from center.accounts.model.login import SESSION_AT_MOST
from center.accounts.tables import SentFormRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import SentBefore, Unavailable

_LONGEST = 2_000  # the longest address that is stored


class SentForms:
    """The sent forms of all logins. Threads and processes may share it. `token`: the login's token; `number`: the
    number in the form.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, token: str, number: str) -> str | None:
        """Note that a form arrived, before anything is done. Returns None if it arrived for the first time, otherwise
        the address to which the first answer led.

        Raises `SentBefore` if the form arrived before and no address is known: it may still be running, it may have
        ended in a fault, or its answer led to no address. Raises `Unavailable`.
        """
        key, now = _key(token, number), self._clock()
        with self._database.write() as session:
            session.execute(delete(SentFormRow).where(SentFormRow.at < now - SESSION_AT_MOST))  # no login is that old
            adding = upsert(session, SentFormRow).values(form_hash=key, at=now).on_conflict_do_nothing()
            if session.execute(adding.returning(SentFormRow.form_hash)).first() is not None:
                return None
            mine = SentFormRow.form_hash == key
            # The address is None also if the first form was refused meanwhile: then its row is deleted.
            address = session.execute(select(SentFormRow.address).where(mine)).scalar_one_or_none()
        if address is None:
            raise SentBefore("this form was sent before: load the page again to see whether it was done")
        return address

    def done(self, token: str, number: str, address: str) -> None:
        """Note to which address the form's answer leads, so that the answer to the same form leads there, too, if it
        arrives again.
        """
        if len(address) > _LONGEST:
            return
        with contextlib.suppress(Unavailable), self._database.write() as session:
            mine = SentFormRow.form_hash == _key(token, number)
            session.execute(update(SentFormRow).where(mine).values(address=address))

    def forget(self, token: str, number: str) -> None:
        """Note that a form was refused and changed nothing, so that it may be sent again."""
        with contextlib.suppress(Unavailable), self._database.write() as session:
            session.execute(delete(SentFormRow).where(SentFormRow.form_hash == _key(token, number)))


def _key(token: str, number: str) -> bytes:
    return hashlib.sha256(f"{token}\0{number}".encode()).digest()
