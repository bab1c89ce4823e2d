"""Reads from the audit who saw personal data; reading this is audited itself."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from center.accounts.tables import UserRow
from center.audit.service import Audit
from center.audit.tables import AuditRow
from center.data_access.model import ACCESSES, OF_ONE_SHOT, DataAccess
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import WrongRequest
from center.platform.office_keys import OfficeKeys
from center.shots.identities import people_on
from rules.season import CHINA
from wire.manifest import Person

MOST_DAYS = 92
MOST_ACCESSES = 100_000


class DataAccesses:
    """All data accesses. Threads may share it; `who` is an account's id."""

    def __init__(self, database: Database, office_keys: OfficeKeys, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._clock = clock

    def of_days(self, who: str, first: date, last: date) -> list[DataAccess]:
        """Every access from `first` to `last`, in order. The audit records this before they are returned.

        Raises `WrongRequest` (too many days or accesses, or days that are in no calendar), `OfficeKeysFault`.
        """
        if not (timedelta() <= last - first < timedelta(days=MOST_DAYS) and date.min < first and last < date.max):
            raise WrongRequest("choose from 1 to {most} days, the first before the last", most=MOST_DAYS)
        begin = datetime.combine(first, time(), CHINA)
        end = datetime.combine(last + timedelta(days=1), time(), CHINA)
        query = (
            select(AuditRow)
            .where(AuditRow.at >= begin, AuditRow.at < end, AuditRow.action.in_(list(ACCESSES)))
            .order_by(AuditRow.place)
            .limit(MOST_ACCESSES + 1)
        )
        with self._database.read() as session:
            rows = session.scalars(query).all()
            seen = [(row, _shots(row)) for row in rows]
            if sum(max(1, len(shots)) for _, shots in seen) > MOST_ACCESSES:
                raise WrongRequest("these days hold more than {most} looks: choose fewer days", most=MOST_ACCESSES)
            people = people_on(session, self._office_keys, {shot for _, shots in seen for shot in shots})
            accounts = {row.user_id: row for row in session.scalars(select(UserRow))}
            found = [one for row, shots in seen for one in self._accesses(row, shots, people, accounts.get(row.actor))]
        detail: dict[str, str | int] = {"first": first.isoformat(), "last": last.isoformat(), "looks": len(found)}
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "audit.exported", "", detail)
        return found

    def _accesses(
        self, row: AuditRow, shots: list[str], people: dict[str, Person], account: UserRow | None
    ) -> Iterable[DataAccess]:
        name, role = (row.actor, "") if account is None else (account.name, account.role)
        why = ACCESSES[row.action]
        if not shots:
            of = str(row.detail.get("school") or row.subject)
            count = next((row.detail[key] for key in ("rows", "found") if isinstance(row.detail.get(key), int)), 0)
            yield DataAccess(row.place, row.at, name, role, row.action, why, of, people=count)
        for shot_id in shots:
            person = people.get(shot_id)
            of = "" if person is None else person.school or ""
            yield DataAccess(row.place, row.at, name, role, row.action, why, of, person, shot_id)


def _shots(row: AuditRow) -> list[str]:
    """The photos that an entry is about."""
    listed = row.detail.get("shots")
    if isinstance(listed, list):
        return [str(one) for one in listed]
    return [row.subject] if row.action in OF_ONE_SHOT else []
