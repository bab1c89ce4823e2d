"""Settlement in the database: the three-way check, fees, and making letters."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from center.attendance.service import Attendances
from center.audit.service import Audit
from center.billing.letters import LETTER, Letter, LetterText, letter_of, lock_billing, sealed_as
from center.billing.model import (
    Charged,
    Check,
    ClassLine,
    Counted,
    Item,
    Price,
    check,
    check_fee,
    due_on,
    fee_lines,
)
from center.billing.payee import Payee, Payees
from center.billing.tables import LetterItemRow, LetterRow, SchoolFeeRow
from center.delivery.items import DeliveryItems, profiles_of
from center.delivery.service import Deliveries
from center.mail.model import Occasion
from center.mail.service import Mails
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict
from center.platform.office_keys import OfficeKeys
from center.roster.service import Roster
from center.season.service import Seasons
from center.shots.tables import DecisionRow, ShotRow
from rules.profile import Billed, Profile
from rules.season import CHINA, day_in_china
from rules.workdays import UnconfirmedYear
from wire.decision import Decision

_TERM_DAYS = 10
"""The term, in working days, of a letter that can't be due on the season's last day, because that day comes sooner, has
passed, or belongs to the next season. The notice gives no term for such letters.
"""


class Billing:
    """Settlement of all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        attendances: Attendances,
        deliveries: Deliveries,
        items: DeliveryItems,
        seasons: Seasons,
        payees: Payees,
        profiles: Mapping[str, Profile],
        mails: Mails,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._attendances = attendances
        self._deliveries = deliveries
        self._items = items
        self._seasons = seasons
        self._payees = payees
        self._profiles = profiles
        self._mails = mails
        self._clock = clock

    def schools(self) -> list[tuple[str, str]]:
        """Each pair of school and year that has photos, in order."""
        query = select(ShotRow.school, ShotRow.year).distinct().order_by(ShotRow.school, ShotRow.year)
        with self._database.read() as session:
            return [(row.school, row.year) for row in session.execute(query) if row.school and row.year]

    def check(self, school: str, year: str, cut_off: date | None = None) -> Check:
        """The three-way check, with the items of a letter if it were made now. `cut_off`: the last day that is billed.

        Raises `NotThere` (no roster of that year), `OfficeKeysFault`.
        """
        with self._database.read() as session:
            return self.check_in(session, school, year, cut_off)

    def payable(self) -> bool:
        """Whether there is a confirmed account to which schools can pay. Raises `OfficeKeysFault`."""
        return self._payees.current() is not None

    def fee(self, school: str, year: str) -> int | None:
        """The school's own fee in fen; None: the profile's fee applies."""
        with self._database.read() as session:
            row = session.get(SchoolFeeRow, (school, year))
            return None if row is None else row.fen

    def set_fee(self, who: str, school: str, year: str, fen: int | None) -> None:
        """Give a school its own fee, in fen; None: the profile's fee applies again. Existing letters don't change.
        Raises `WrongRequest`.
        """
        now = self._clock()
        with self._database.write() as session:
            known = session.get(SchoolFeeRow, (school, year))
            if fen is None:
                if known is not None:
                    session.delete(known)
                    session.flush()
            else:
                values = {"fen": check_fee(fen), "entered_by": who, "entered_at": now}
                adding = upsert(session, SchoolFeeRow).values(school=school, year=year, **values)
                session.execute(adding.on_conflict_do_update(index_elements=["school", "year"], set_=values))
            detail: dict[str, str | int] = {"year": year, "fen": -1 if fen is None else fen}
            self._audit.append(session, now, who, "billing.fee", school, detail)

    def issue(
        self, who: str, school: str, year: str, cut_off: date | None = None, *, job_id: int | None = None,
        session: Session | None = None,
    ) -> Letter:  # fmt: skip
        """Make a school's next letter. It bills everything not billed so far, up to the day `cut_off` (None: today).

        `session`: the caller's, if the letter shall be part of the caller's transaction. Raises `NotThere` (no roster
        of that year), `Conflict` (there is nothing to bill, or two people have not confirmed an account yet).
        """
        if session is not None:
            return self._issue(session, who, school, year, cut_off, job_id)
        with self._database.write() as own:
            return self._issue(own, who, school, year, cut_off, job_id)

    def _issue(
        self, session: Session, who: str, school: str, year: str, cut_off: date | None, job_id: int | None
    ) -> Letter:
        lock_billing(session)
        now = self._clock()
        today = day_in_china(now)
        cut_off = min(cut_off or today, today)
        payee = self._payees.in_force(session)
        if payee is None:
            raise Conflict("there is no account to pay to: one person proposes it, another one confirms it")
        found = self.check_in(session, school, year, cut_off)
        if not found.items:
            raise Conflict(
                "there is nothing to bill {school} of {year} for: its letters have it all", school=school, year=year
            )
        mine = LetterRow.school == school, LetterRow.year == year
        number = 1 + session.execute(select(func.coalesce(func.max(LetterRow.number), 0)).where(*mine)).scalar_one()
        text = self._text(session, payee.payee, found.items)
        values = {
            "school": school,
            "year": year,
            "number": number,
            "made_by": who,
            "made_at": now,
            "cut_off": cut_off,
            "due": self._due(session, today, year),
            "charged": sum(item.fen >= 0 for item in found.items),
            "credited": sum(item.fen < 0 for item in found.items),
            "fen": found.fen,
            "job_id": job_id,
            "reminders": 0,
            "sealed": self._office_keys.seal(
                LETTER, sealed_as(school, year, number), json.dumps(asdict(text), ensure_ascii=False).encode()
            ),
        }
        row = session.scalars(insert(LetterRow).values(**values).returning(LetterRow)).one()
        session.execute(insert(LetterItemRow), list(_item_rows(row.letter_id, found.items)))
        detail: dict[str, str | int] = {"year": year, "number": number, "heads": len(found.items), "fen": found.fen}
        self._mails.tell(session, Occasion.LETTER, row.letter_id, school, year)
        self._audit.append(session, now, who, "letter.made", str(row.letter_id), detail)
        return letter_of(row, 0, today)

    def _text(self, session: Session, payee: Payee, items: Sequence[Item]) -> LetterText:
        """The content of the paper of a letter with these items, class by class."""
        classes: dict[bytes, list[Item]] = {}
        for item in items:
            classes.setdefault(item.class_key, []).append(item)
        named = self._roster.opened(session, [some[0].row_id for some in classes.values()])
        lines = []
        for some in classes.values():
            row = named.get(some[0].row_id)
            charged = sum(item.fen >= 0 for item in some)
            major, name = ("", "") if row is None else (row.major, row.class_name)
            lines.append(ClassLine(major, name, charged, len(some) - charged, sum(item.fen for item in some)))
        names = sorted(profiles_of(session, [item.shot_id for item in items]))
        profiles = [self._profiles[name] for name in names if name in self._profiles]
        bills = [one.billing for one in profiles if one.billing is not None]
        documents = dict.fromkeys(one.document for one in bills if one.document)
        notices = dict.fromkeys(one.source for one in profiles)
        rule = bills[0].counts if bills else Billed.PHOTOGRAPHED
        lines.sort(key=lambda one: (one.major, one.class_name))
        return LetterText(payee, rule, "、".join(documents), "、".join(notices), fee_lines(items), tuple(lines))

    def check_in(self, session: Session, school: str, year: str, cut_off: date | None = None) -> Check:
        """Like `check`, in the caller's transaction."""
        day = cut_off or day_in_china(self._clock())
        until = datetime.combine(day + timedelta(days=1), time(), CHINA)
        photographed = self._attendances.photographed_rows(session, school, year)
        delivered = {person: shot for person, (shot, _) in self._items.delivered(session, school, year).items()}
        planned = self._deliveries.planned(session, school, year)
        prices, taken = self._prices(session, school, year)
        charged = self._charged(session, school, year)
        ours = self.our_fault(session, school)
        return check(Counted(photographed, delivered, planned, prices, taken, charged, until, ours))

    def _prices(self, session: Session, school: str, year: str) -> tuple[dict[str, Price], dict[str, datetime]]:
        """What each photo of a school costs, and when it was taken."""
        own = session.get(SchoolFeeRow, (school, year))
        by_profile: dict[str | None, Price] = {None: Price(None, None)}
        for name, profile in self._profiles.items():
            rule = None if profile.billing is None else profile.billing.counts
            by_profile[name] = Price(rule, profile.fee_fen if own is None else own.fen)
        query = select(ShotRow.shot_id, ShotRow.profile, ShotRow.taken_at, ShotRow.received_at)
        prices, taken = {}, {}
        for shot in session.execute(query.where(ShotRow.school == school)):
            prices[shot.shot_id] = by_profile.get(shot.profile, Price(None, None))
            taken[shot.shot_id] = shot.taken_at or shot.received_at
        return prices, taken

    def our_fault(self, session: Session, school: str) -> frozenset[str]:
        """The photos of a school that were rejected only for reasons that the photo's profile lists as the booth's
        fault."""
        newest = (
            select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == ShotRow.shot_id).correlate(ShotRow)
        )
        query = (
            select(ShotRow.shot_id, ShotRow.profile, DecisionRow.reasons)
            .join(DecisionRow, DecisionRow.decision_id == newest.scalar_subquery())
            .where(ShotRow.school == school, ShotRow.decision == Decision.REJECTED.value)
        )
        ours = {
            name: {reason.value for reason in profile.billing.our_fault}
            for name, profile in self._profiles.items()
            if profile.billing is not None
        }
        return frozenset(
            shot.shot_id
            for shot in session.execute(query)
            if shot.reasons and ours.get(shot.profile, set()).issuperset(shot.reasons)
        )

    def _charged(self, session: Session, school: str, year: str) -> dict[str, Charged]:
        """For each row, what the letters in force have charged; rows that were credited are left out."""
        items = session.execute(
            select(LetterItemRow.row_id, LetterItemRow.person_id, LetterItemRow.shot_id, LetterItemRow.fen)
            .join(LetterRow, LetterRow.letter_id == LetterItemRow.letter_id)
            .where(LetterRow.school == school, LetterRow.year == year, LetterRow.cancelled_at.is_(None))
            .order_by(LetterItemRow.letter_id)
        )
        last: dict[str, Charged] = {}
        for item in items:
            # A row is alternately charged and credited: its last item decides.
            if item.fen < 0:
                last.pop(item.row_id, None)
            else:
                last[item.row_id] = Charged(item.person_id, item.shot_id, item.fen)
        return last

    def _due(self, session: Session, today: date, year: str) -> date:
        table = self._seasons.table_in(session)
        try:
            soonest = table.workdays.working_days_after(today, _TERM_DAYS)
        except UnconfirmedYear:
            soonest = today + timedelta(days=2 * _TERM_DAYS)
        # Between two seasons, a letter for the graduates of the past season must not wait for the end of the next
        # season.
        if not table.in_window(today) and year != str(today.year):
            return soonest
        return due_on(today, table.rules.last_day.of(today.year), soonest)


def _item_rows(letter_id: int, items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield {
            "letter_id": letter_id,
            "row_id": item.row_id,
            "person_id": item.person_id,
            "shot_id": item.shot_id,
            "fen": item.fen,
        }
