"""Settlement letters that were made: staff read, download and cancel them, and note payments and reminders.

The text and the amounts of a letter never change.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.billing.model import MOST_WORDS, ClassLine, FeeLine, LetterState, letter_state
from center.billing.money import MOST_FEN
from center.billing.payee import Payee
from center.billing.tables import LetterItemRow, LetterRow, PaymentRow
from center.mail.model import Occasion
from center.mail.service import Mails
from center.platform.clock import Clock
from center.platform.database import Database, batched
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.platform.tables import CounterRow
from center.roster.service import Roster
from rules.profile import Billed
from rules.season import day_in_china
from wire.roster_change import RosterRow

LETTER = "letter"
"""The kind under which a letter's text is sealed."""
_COUNTER = "billing"
_REASON = "letter cancelled"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was made, and its state. `charged` and `credited`: for how many people; `fen`: the amount;
    `paid_fen`: what was paid so far."""

    letter_id: int
    school: str
    year: str
    number: int
    made_by: str
    made_at: datetime
    cut_off: date
    due: date
    charged: int
    credited: int
    fen: int
    paid_fen: int
    reminders: int
    reminded_at: datetime | None
    state: LetterState

    @property
    def open_fen(self) -> int:
        """The amount that is still to be paid; a negative amount is to be paid back to the school."""
        return 0 if self.state is LetterState.CANCELLED else self.fen - self.paid_fen

    @property
    def code(self) -> str:
        """The letter's number on paper and on the bank transfer: `2026-00012`."""
        return f"{self.year}-{self.letter_id:05d}"


@dataclass(frozen=True, slots=True)
class LetterText:
    """The content of a letter's paper, as it was sealed when the letter was made."""

    payee: Payee
    rule: Billed  # which people the fee is for
    document: str
    notice: str
    fees: tuple[FeeLine, ...]
    classes: tuple[ClassLine, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that was received for a letter, or paid back."""

    payment_id: int
    letter_id: int
    fen: int
    paid_on: date
    entered_by: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class BilledPerson:
    """Somebody whom a letter bills. `row` is None if the roster does not have the person any more; `fen` is negative if
    the letter credits the fee."""

    row: RosterRow | None = field(repr=False)
    fen: int


class Letters:
    """The letters of all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        mails: Mails,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._mails = mails
        self._clock = clock

    def all(self, school: str | None = None, year: str | None = None) -> list[Letter]:
        """Letters, the newest first: of a school, of a year, or all."""
        with self._database.read() as session:
            return self.all_in(session, school, year)

    def all_in(self, session: Session, school: str | None = None, year: str | None = None) -> list[Letter]:
        """Like `all`, in the caller's transaction."""
        query = select(LetterRow).order_by(LetterRow.letter_id.desc())
        if school is not None:
            query = query.where(LetterRow.school == school)
        if year is not None:
            query = query.where(LetterRow.year == year)
        rows = session.scalars(query).all()
        paid = self._paid(session, [row.letter_id for row in rows])
        return [self._letter(row, paid.get(row.letter_id, 0)) for row in rows]

    def of_job(self, job_id: int) -> list[Letter]:
        """The letters that a job has made so far, in order."""
        with self._database.read() as session:
            rows = session.scalars(select(LetterRow).where(LetterRow.job_id == job_id).order_by(LetterRow.letter_id))
            return [self._letter(row, 0) for row in rows]

    def of_jobs(self, year: str, after: int, until: int) -> list[Letter]:
        """The letters of a year made by the jobs whose number is greater than `after` and at most `until`, in order,
        without those that were cancelled.
        """
        query = select(LetterRow).where(
            LetterRow.year == year,
            LetterRow.job_id > after,
            LetterRow.job_id <= until,
            LetterRow.cancelled_at.is_(None),
        )
        with self._database.read() as session:
            return [self._letter(row, 0) for row in session.scalars(query.order_by(LetterRow.letter_id))]

    def letter(self, letter_id: int) -> tuple[Letter, LetterText]:
        """A letter and the content of its paper.

        Raises `NotThere`, `OfficeKeysFault`, `Conflict` (the total in the database differs from the total on the
        paper).
        """
        with self._database.read() as session:
            row = _row(session, letter_id)
            paid = self._paid(session, [letter_id]).get(letter_id, 0)
        said = json.loads(self._office_keys.open(LETTER, sealed_as(row.school, row.year, row.number), row.sealed))
        text = LetterText(
            Payee(**said["payee"]),
            Billed(said["rule"]),
            said["document"],
            said["notice"],
            tuple(FeeLine(**one) for one in said["fees"]),
            tuple(ClassLine(**one) for one in said["classes"]),
        )
        if sum(one.fen * one.heads for one in text.fees) != row.fen or sum(one.fen for one in text.classes) != row.fen:
            raise Conflict(
                "letter {letter_id} was changed in the database: its total is not that of its paper",
                letter_id=letter_id,
            )
        return self._letter(row, paid), text

    def people(self, who: str, letter_id: int) -> list[BilledPerson]:
        """The people whom a letter bills, by name, in the order of their classes. The audit records that they were
        shown. Raises `NotThere`, `OfficeKeysFault`."""
        with self._database.write() as session:
            row = _row(session, letter_id)
            items = session.execute(
                select(LetterItemRow.row_id, LetterItemRow.fen).where(LetterItemRow.letter_id == letter_id)
            ).all()
            opened = self._roster.opened(session, [item.row_id for item in items])
            self._audit.append(session, self._clock(), who, "letter.people", str(letter_id), {"school": row.school})
        people = [BilledPerson(opened.get(item.row_id), item.fen) for item in items]
        return sorted(people, key=_class_order)

    def taken(self, who: str, letter_id: int) -> None:
        """Record in the audit that somebody downloaded a letter. Raises `NotThere`."""
        with self._database.write() as session:
            _row(session, letter_id)
            self._audit.append(session, self._clock(), who, "letter.taken", str(letter_id))

    def pay(self, who: str, letter_id: int, fen: int, paid_on: date) -> int:
        """Note money that was received on a day, or paid back (as a negative `fen`); returns the payment's number.

        Raises `NotThere`, `Conflict` (the letter is cancelled), `WrongRequest` (the amount is 0, or the day is in the
        future).
        """
        now = self._clock()
        if not 0 < abs(fen) < MOST_FEN:
            raise WrongRequest("a payment is an amount other than 0, of less than 10 000 000 000 yuan")
        if paid_on > day_in_china(now):
            raise WrongRequest("{day} is still to come: enter the day on which the money came", day=paid_on)
        with self._database.write() as session:
            row = _row(session, letter_id, lock=True)
            if row.cancelled_at is not None:
                raise Conflict(
                    "letter {letter_id} is cancelled: note the payment at the one that took its place",
                    letter_id=letter_id,
                )
            values = {"letter_id": letter_id, "fen": fen, "paid_on": paid_on, "entered_by": who, "entered_at": now}
            payment: int = session.execute(
                insert(PaymentRow).values(**values).returning(PaymentRow.payment_id)
            ).scalar_one()
            detail: dict[str, str | int] = {"payment": payment, "fen": fen, "paid_on": paid_on.isoformat()}
            self._audit.append(session, now, who, "letter.paid", str(letter_id), detail)
        return payment

    def take_back(self, who: str, payment_id: int) -> None:
        """Cancel a payment that was entered by mistake; the payment stays on record. Raises `NotThere`, `Conflict` (the
        payment is already cancelled).
        """
        now = self._clock()
        with self._database.write() as session:
            row = session.scalars(select(PaymentRow).where(PaymentRow.payment_id == payment_id)).one_or_none()
            if row is None:
                raise NotThere("there is no payment {payment_id}", payment_id=payment_id)
            mine = PaymentRow.payment_id == payment_id, PaymentRow.taken_back_at.is_(None)
            gone = update(PaymentRow).where(*mine).values(taken_back_by=who, taken_back_at=now)
            if session.execute(gone.returning(PaymentRow.payment_id)).first() is None:
                raise Conflict("payment {payment_id} was taken back before", payment_id=payment_id)
            detail: dict[str, str | int] = {"payment": payment_id, "fen": row.fen}
            self._audit.append(session, now, who, "letter.payment_taken_back", str(row.letter_id), detail)

    def moved(self, session: Session, shot_ids: Collection[str], before: str, after: str) -> None:
        """Move what was charged for these shots from the person `before` to the person `after`, whose they are."""
        mine = LetterItemRow.shot_id.in_(shot_ids), LetterItemRow.person_id == before
        session.execute(update(LetterItemRow).where(*mine).values(person_id=after))

    def payments(self, letter_ids: Sequence[int]) -> list[Payment]:
        """The payments for these letters, the newest first, including cancelled ones."""
        with self._database.read() as session:
            rows = session.scalars(
                select(PaymentRow).where(PaymentRow.letter_id.in_(letter_ids)).order_by(PaymentRow.payment_id.desc())
            ).all()
        return [
            Payment(row.payment_id, row.letter_id, row.fen, row.paid_on, row.entered_by, row.taken_back_at is not None)
            for row in rows
        ]

    def remind(self, who: str, letter_id: int) -> int:
        """Note that the school was reminded of a letter; returns how many reminders the letter has now.

        Raises `NotThere`, `Conflict` (nothing is to be paid).
        """
        now = self._clock()
        with self._database.write() as session:
            row = _row(session, letter_id, lock=True)
            letter = self._letter(row, self._paid(session, [letter_id]).get(letter_id, 0))
            if letter.open_fen <= 0:
                raise Conflict(
                    "letter {letter_id} is paid or cancelled: there is nothing to remind of", letter_id=letter_id
                )
            number = row.reminders + 1
            values = {"reminders": number, "reminded_at": now}
            session.execute(update(LetterRow).where(LetterRow.letter_id == letter_id).values(**values))
            self._audit.append(session, now, who, "letter.reminded", str(letter_id), {"reminder": number})
        return number

    def cancel(self, who: str, letter_id: int, reason: str) -> None:
        """Cancel the newest letter of a school and year; the next letter bills the same people again.

        Raises `NotThere`, `WrongRequest` (no reason), `Conflict` (the letter is already cancelled, something was paid
        for it, or the school and year have a later letter, which builds on it).
        """
        reason, now = " ".join(reason.split()), self._clock()
        if not 0 < len(reason) <= MOST_WORDS:
            raise WrongRequest("say why the letter is cancelled, in at most {most} characters", most=MOST_WORDS)
        with self._database.write() as session:
            lock_billing(session)
            row = _row(session, letter_id, lock=True)
            newest = session.execute(
                select(func.max(LetterRow.letter_id)).where(
                    LetterRow.school == row.school, LetterRow.year == row.year, LetterRow.cancelled_at.is_(None)
                )
            ).scalar_one()
            if row.cancelled_at is not None:
                raise Conflict("letter {letter_id} was cancelled before", letter_id=letter_id)
            if self._paid(session, [letter_id]).get(letter_id, 0):
                raise Conflict(
                    "something was paid for letter {letter_id}: take the payment back first", letter_id=letter_id
                )
            if newest != letter_id:
                raise Conflict(
                    "a later letter of this school builds on letter {letter_id}: cancel that one first",
                    letter_id=letter_id,
                )
            sealed = self._office_keys.seal(_REASON, str(letter_id), reason.encode())
            values = {"cancelled_by": who, "cancelled_at": now, "cancel_reason_sealed": sealed}
            session.execute(update(LetterRow).where(LetterRow.letter_id == letter_id).values(**values))
            self._mails.withdraw_unsent(session, Occasion.LETTER, letter_id)
            self._audit.append(session, now, who, "letter.cancelled", str(letter_id))

    def late(self, today: date) -> int:
        """How many letters were due before today and are not paid in full. Raises `Unavailable`."""
        query = select(LetterRow).where(LetterRow.due < today, LetterRow.cancelled_at.is_(None), LetterRow.fen > 0)
        with self._database.read() as session:
            rows = session.scalars(query).all()
            paid = self._paid(session, [row.letter_id for row in rows])
        return sum(paid.get(row.letter_id, 0) < row.fen for row in rows)

    def _paid(self, session: Session, letter_ids: Sequence[int]) -> dict[int, int]:
        paid: dict[int, int] = {}
        for some in batched(letter_ids):
            query = (
                select(PaymentRow.letter_id, func.sum(PaymentRow.fen))
                .where(PaymentRow.letter_id.in_(some), PaymentRow.taken_back_at.is_(None))
                .group_by(PaymentRow.letter_id)
            )
            paid |= {letter: int(fen) for letter, fen in session.execute(query)}
        return paid

    def _letter(self, row: LetterRow, paid: int) -> Letter:
        return letter_of(row, paid, day_in_china(self._clock()))


def _class_order(one: BilledPerson) -> tuple[str, str, str]:
    return ("", "", "") if one.row is None else (one.row.major, one.row.class_name, one.row.student_no)


def letter_of(row: LetterRow, paid: int, today: date) -> Letter:
    """The letter that is stored in a row. `paid`: what was paid for it, in fen."""
    state = letter_state(row.fen, paid, row.due, today, cancelled=row.cancelled_at is not None)
    return Letter(
        row.letter_id,
        row.school,
        row.year,
        row.number,
        row.made_by,
        row.made_at,
        row.cut_off,
        row.due,
        row.charged,
        row.credited,
        row.fen,
        paid,
        row.reminders,
        row.reminded_at,
        state,
    )


def lock_billing(session: Session) -> None:
    """Let only one transaction at a time make or cancel letters; the others wait. Else two letters could bill the same
    people."""
    session.execute(select(CounterRow.value).where(CounterRow.name == _COUNTER).with_for_update()).one()


def sealed_as(school: str, year: str, number: int) -> str:
    """The name under which a letter's text is sealed."""
    return f"{school}\0{year}\0{number}"


def _row(session: Session, letter_id: int, *, lock: bool = False) -> LetterRow:
    query = select(LetterRow).where(LetterRow.letter_id == letter_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotThere("there is no letter {letter_id}", letter_id=letter_id)
    return row
