"""The payee: the bank account to which schools pay. Two people are needed to change it; write access to the database
alone is not enough.

One person proposes the payee, and another person reads exactly the same text and confirms it. The payee is sealed under
the office's key together with the user ids of these two people: if somebody changes the row in the database, the office
refuses the row and does not print it on a letter.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.billing.tables import PayeeRow
from center.platform.clock import Clock, epoch_ms
from center.platform.database import Database
from center.platform.faults import Conflict, NotAllowed, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys, OfficeKeysFault

_PROPOSED, _CONFIRMED = "payee proposed", "payee confirmed"
_MOST_WORDS = 120
_MOST_NUMBER = 40
_BANK_DIGITS = 12  # length of a bank's number in the payment system (CNAPS)
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Payee:
    """The bank account to which schools pay. `name`: whose account it is; `number`: the account's number; `contact`: a
    person whom schools can ask, with a telephone number."""

    name: str
    bank: str
    number: str
    contact: str
    bank_number: str = ""  # the bank's number in interbank payments (行号); empty: not given

    @property
    def digest(self) -> str:
        """The digest that the second person confirms: it stands for exactly this text."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=True, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PayeeVersion:
    """A bank account as it was proposed, and by whom; it is confirmed if `confirmed_by` is set."""

    payee_id: int
    payee: Payee
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


def read_payee(name: str, bank: str, number: str, contact: str, bank_number: str = "") -> Payee:
    """The bank account in a form's fields. Raises `WrongRequest`."""
    words = {"name": name, "bank": bank, "contact": contact}
    words = {field: " ".join(value.split()) for field, value in words.items()}
    for field, value in words.items():
        if not 0 < len(value) <= _MOST_WORDS:
            raise WrongRequest("the account's {field} has 1 to {most} characters", field=field, most=_MOST_WORDS)
    plain = "".join(number.split()).replace("-", "")
    if not (plain.isascii() and plain.isalnum() and 6 <= len(plain) <= _MOST_NUMBER):
        raise WrongRequest("an account's number has 6 to {most} digits", most=_MOST_NUMBER)
    of_bank = "".join(bank_number.split())
    if of_bank and not (of_bank.isascii() and of_bank.isdecimal() and len(of_bank) == _BANK_DIGITS):
        raise WrongRequest("a bank's number (行号) has {digits} digits", digits=_BANK_DIGITS)
    return Payee(words["name"], words["bank"], plain, words["contact"], of_bank)


class Payees:
    """The bank account in force and the proposal that waits. Threads may share it; `who` is the id of somebody's
    account in the office, or a command's user.
    """

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def current(self) -> PayeeVersion | None:
        """The bank account in force; None if none was ever confirmed. Raises `OfficeKeysFault` if somebody changed its
        row in the database."""
        with self._database.read() as session:
            return self.in_force(session)

    def in_force(self, session: Session) -> PayeeVersion | None:
        """Like `current`, inside the caller's transaction."""
        newest = PayeeRow.confirmed_at.desc(), PayeeRow.payee_id.desc()
        query = select(PayeeRow).where(PayeeRow.confirmed_at.is_not(None)).order_by(*newest)
        row = session.scalars(query.limit(1)).first()
        return None if row is None else self._version(row)

    def waiting(self) -> PayeeVersion | None:
        """The proposal that waits for the second person; None if none waits."""
        with self._database.read() as session:
            row = session.scalars(_open().limit(1)).first()
            return None if row is None else self._version(row)

    def propose(self, who: str, payee: Payee) -> PayeeVersion:
        """Propose another bank account; this replaces a waiting proposal. Raises `Conflict` (this bank account is
        already in force).
        """
        now = self._clock()
        with self._database.write() as session:
            in_force = self.in_force(session)
            if in_force is not None and in_force.payee == payee:
                raise Conflict("this account is in force already")
            session.execute(update(PayeeRow).where(*_waits()).values(dismissed_at=now))
            values = {"proposed_by": who, "proposed_at": now}
            content = json.dumps(asdict(payee), ensure_ascii=False).encode()
            sealed = self._office_keys.seal(_PROPOSED, _name(who, now), content)
            made: int = session.execute(
                insert(PayeeRow).values(**values, proposal_sealed=sealed).returning(PayeeRow.payee_id)
            ).scalar_one()
            detail: dict[str, str | int] = {"ends_in": payee.number[-_SHOWN:], "digest": payee.digest}
            self._audit.append(session, now, who, "payee.proposed", str(made), detail)
        return PayeeVersion(made, payee, who, now)

    def confirm(self, who: str, payee_id: int, seen: str) -> PayeeVersion:
        """Put a proposed bank account in force. `who`: the second person; `seen`: the digest of the text that this
        person read.

        Raises `NotAllowed` (for the proposer), `Conflict` (the proposal does not wait any more, or its text is not what
        this person read).
        """
        now = self._clock()
        with self._database.write() as session:
            row = session.scalars(_open().where(PayeeRow.payee_id == payee_id).with_for_update()).one_or_none()
            if row is None:
                raise Conflict("this proposal does not wait any more: look at the account as it is now")
            version = self._version(row)
            if version.proposed_by == who:
                raise NotAllowed("the account was proposed by you: another person confirms it")
            if version.payee.digest != seen:
                raise Conflict("the proposal has changed since it was shown: look at it again")
            content = json.dumps(asdict(version.payee), ensure_ascii=False).encode()
            sealed = self._office_keys.seal(_CONFIRMED, _name(f"{version.proposed_by}\0{who}", now), content)
            done = {"confirmed_by": who, "confirmed_at": now, "confirmed_sealed": sealed}
            session.execute(update(PayeeRow).where(PayeeRow.payee_id == payee_id).values(**done))
            detail: dict[str, str | int] = {"ends_in": version.payee.number[-_SHOWN:], "digest": version.payee.digest}
            self._audit.append(session, now, who, "payee.confirmed", str(payee_id), detail)
        return PayeeVersion(payee_id, version.payee, version.proposed_by, version.proposed_at, who, now)

    def dismiss(self, who: str, payee_id: int) -> None:
        """Withdraw or refuse a proposal. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            gone = update(PayeeRow).where(PayeeRow.payee_id == payee_id, *_waits()).values(dismissed_at=now)
            if session.execute(gone.returning(PayeeRow.payee_id)).first() is None:
                raise NotThere("this proposal does not wait any more")
            self._audit.append(session, now, who, "payee.dismissed", str(payee_id))

    def _version(self, row: PayeeRow) -> PayeeVersion:
        payee = self._open(_PROPOSED, _name(row.proposed_by, row.proposed_at), row.proposal_sealed)
        if row.confirmed_at is None or row.confirmed_by is None:
            return PayeeVersion(row.payee_id, payee, row.proposed_by, row.proposed_at)
        name = _name(f"{row.proposed_by}\0{row.confirmed_by}", row.confirmed_at)
        if self._open(_CONFIRMED, name, row.confirmed_sealed or b"") != payee or row.confirmed_by == row.proposed_by:
            raise OfficeKeysFault("the account in force is not the one that two people confirmed: propose it again")
        return PayeeVersion(row.payee_id, payee, row.proposed_by, row.proposed_at, row.confirmed_by, row.confirmed_at)

    def _open(self, kind: str, name: str, sealed: bytes) -> Payee:
        return Payee(**json.loads(self._office_keys.open(kind, name, sealed)))


def _waits() -> tuple[ColumnElement[bool], ...]:
    return PayeeRow.confirmed_at.is_(None), PayeeRow.dismissed_at.is_(None)


def _open() -> Select[PayeeRow]:
    return select(PayeeRow).where(*_waits()).order_by(PayeeRow.payee_id.desc())


def _name(who: str, at: datetime) -> str:
    return f"{who}\0{epoch_ms(at)}"
