"""Messages to schools: stored in the same transaction as the event they report, and sent in the background."""

import contextlib
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.jobs.service import Jobs
from center.jobs.work import JobResult, JobRun
from center.mail.model import MailState, Message, Messenger, NotTaken, Occasion, OutOfReach, TryAgain, next_try
from center.mail.tables import MailRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere, Unavailable
from center.platform.sentence import Sentence
from center.schools.model import Contact
from center.schools.service import Schools

log = logging.getLogger(__name__)

MAIL = "mail"
"""The kind of job that sends the messages that are due."""
_AT_ONCE = 100
# When a job has run for this long, it begins no other message, because other jobs, such as packs and letters, may wait.
_LONGEST = timedelta(minutes=1)
_MOST_FAULT = 300


@dataclass(frozen=True, slots=True)
class Mail:
    """A message and its state. `about`: the number of the delivery, correction case or letter of which it tells;
    `fault`: why the last try failed; empty if it did not fail."""

    mail_id: int
    occasion: Occasion
    about: str
    school: str
    year: str
    made_at: datetime
    state: MailState
    tries: int
    next_try_at: datetime | None
    ended_at: datetime | None
    fault: Sentence


Compose = Callable[[Mail, Contact], Message]
"""A function that writes the message of a mail to a school's contact person."""


class Mails:
    """All messages. Threads may share it. If `messenger` is None, schools get no messages and none is stored."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        schools: Schools,
        audit: Audit,
        messenger: Messenger | None,
        compose: Compose,
        clock: Clock,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._schools = schools
        self._audit = audit
        self._messenger = messenger
        self._compose = compose
        self._clock = clock

    @property
    def on(self) -> bool:
        """Whether schools get messages at all."""
        return self._messenger is not None

    def tell(self, session: Session, occasion: Occasion, about: int, school: str, year: str) -> None:
        """Store a message to a school, as part of the caller's transaction. An event that has a message gets no second
        one. `about`: the number of the delivery, correction case or letter."""
        if self._messenger is None:
            return
        now = self._clock()
        values: dict[str, object] = {"made_at": now, "tries": 0, "next_try_at": now, "fault": ""}
        values |= {"occasion": occasion.value, "about": str(about), "school": school, "year": year}
        values["state"] = MailState.WAITING.value
        session.execute(upsert(session, MailRow).values(**values).on_conflict_do_nothing())

    def withdraw_unsent(self, session: Session, occasion: Occasion, about: int) -> None:
        """Drop a message that was not sent yet, because its content is no longer true; part of the caller's
        transaction.
        """
        mine = MailRow.occasion == occasion.value, MailRow.about == str(about)
        session.execute(delete(MailRow).where(*mine, MailRow.state != MailState.SENT.value))

    def ask_due(self) -> None:
        """Request the job that sends, if a message is due. The process that does jobs calls this while it is idle."""
        if self._messenger is None:
            return
        with self._database.read() as session:
            due = session.execute(select(MailRow.mail_id).where(*_due(self._clock())).limit(1)).first()
        if due is not None:
            with contextlib.suppress(Conflict), self._database.write() as session:
                self._jobs.ask(session, MAIL, MAIL, MAIL)

    def work(self, run: JobRun) -> JobResult:
        """Send what is due. If one message fails, the others are sent all the same; if the server cannot be reached at
        all, this counts as a try of every message that is due.
        """
        due, begun = self._due(_AT_ONCE), self._clock()
        sent = tried = 0
        for mail in due:
            if self._clock() - begun >= _LONGEST:
                break  # the rest stays due, and other jobs that wait have their turn before it
            run.progress(tried, len(due))
            fault = self._sent(mail)
            concerned = self._due() if isinstance(fault, OutOfReach) else [mail]
            with self._database.write() as session:
                run.bind(session)
                for one in concerned:
                    values = self._after(one, fault)
                    session.execute(update(MailRow).where(MailRow.mail_id == one.mail_id).values(**values))
            tried += len(concerned)
            sent += fault is None
            if isinstance(fault, OutOfReach):
                break
        return JobResult({"sent": sent, "tried": tried})

    def newest(self, limit: int) -> list[Mail]:
        """The newest messages."""
        query = select(MailRow).order_by(MailRow.mail_id.desc()).limit(limit)
        with self._database.read() as session:
            return [_mail(row) for row in session.scalars(query)]

    def to_show(self, limit: int) -> list[Mail]:
        """Every failed message and, after them, the newest `limit` others; the newest first of each."""
        failed = MailRow.state == MailState.FAILED.value
        newest = select(MailRow).order_by(MailRow.mail_id.desc())
        with self._database.read() as session:
            rows = [*session.scalars(newest.where(failed)), *session.scalars(newest.where(~failed).limit(limit))]
            return [_mail(row) for row in rows]

    def failed(self) -> int:
        """How many messages have failed. Raises `Unavailable`."""
        query = select(func.count()).where(MailRow.state == MailState.FAILED.value)
        with self._database.read() as session:
            return session.execute(query).scalar_one()

    def send_again(self, who: str, mail_id: int) -> None:
        """Try a failed message again, for example with a corrected address. Raises `NotThere`, `Conflict`."""
        self._end(who, mail_id, "mail.again", {"state": MailState.WAITING.value, "tries": 0, "fault": ""})

    def drop(self, who: str, mail_id: int) -> None:
        """Note of a failed message that staff told the school in another way: it then counts as sent. Raises
        `NotThere`, `Conflict`."""
        self._end(who, mail_id, "mail.told_otherwise", {"state": MailState.SENT.value, "ended_at": self._clock()})

    def _end(self, who: str, mail_id: int, action: str, values: dict[str, object]) -> None:
        now = self._clock()
        if values["state"] == MailState.WAITING.value:
            # The message is new again: `GIVEN_UP_AFTER` counts from now.
            values |= {"next_try_at": now, "made_at": now, "ended_at": None}
        with self._database.write() as session:
            if session.get(MailRow, mail_id) is None:
                raise NotThere("there is no message {mail_id}", mail_id=mail_id)
            given_up = MailRow.mail_id == mail_id, MailRow.state == MailState.FAILED.value
            changed = update(MailRow).where(*given_up).values(**values).returning(MailRow.mail_id)
            if session.execute(changed.execution_options(synchronize_session=False)).first() is None:
                raise Conflict("message {mail_id} is not one that was given up: load the page again", mail_id=mail_id)
            self._audit.append(session, now, who, action, str(mail_id))

    def _due(self, limit: int | None = None) -> list[Mail]:
        query = select(MailRow).where(*_due(self._clock())).order_by(MailRow.next_try_at, MailRow.mail_id)
        with self._database.read() as session:
            return [_mail(row) for row in session.scalars(query.limit(limit))]

    def _sent(self, mail: Mail) -> NotTaken | None:
        """Send a message; returns why it was not accepted, None if it was. Raises `Unavailable`."""
        assert self._messenger is not None, "nothing is written down without it"
        try:
            self._messenger.send(self._compose(mail, self._contact(mail)))
        except NotTaken as fault:
            return fault
        except Unavailable:
            raise  # the office's own database can't be used now: the job will be started again
        except Exception as fault:
            # Without a note of this try the message would stay due, and be first in every job from now on. The fault's
            # message may quote the receiver, so the log gets only its type and its place in the code.
            where = "".join(traceback.format_tb(fault.__traceback__))
            log.error("message %d failed (%s)\n%s", mail.mail_id, type(fault).__name__, where)
            return TryAgain("a fault of the program ({kind}): its log says where", kind=type(fault).__name__)
        return None

    def _after(self, mail: Mail, fault: NotTaken | None) -> dict[str, object]:
        """What is stored about a message after a try that ended with `fault`."""
        now, tries = self._clock(), mail.tries + 1
        values: dict[str, object] = {"tries": tries, "fault": "" if fault is None else _kept(fault)}
        again = next_try(tries, mail.made_at, now) if isinstance(fault, TryAgain) else None
        if again is not None:
            return values | {"next_try_at": again}
        state = MailState.SENT if fault is None else MailState.FAILED
        return values | {"state": state.value, "next_try_at": None, "ended_at": now}

    def _contact(self, mail: Mail) -> Contact:
        try:
            return self._schools.contact(mail.school, mail.year)
        except NotThere:
            return Contact()


def _kept(fault: NotTaken) -> str:
    kept = fault.sentence.kept()
    return kept if len(kept) <= _MOST_FAULT else str(fault)[:_MOST_FAULT]


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return MailRow.state == MailState.WAITING.value, MailRow.next_try_at <= now


def _mail(row: MailRow) -> Mail:
    return Mail(
        row.mail_id,
        Occasion(row.occasion),
        row.about,
        row.school,
        row.year,
        row.made_at,
        MailState(row.state),
        row.tries,
        row.next_try_at,
        row.ended_at,
        Sentence.of_kept(row.fault),
    )
