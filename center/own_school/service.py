"""What a school sees and reports of its own graduates. Every view of names is audited."""

from sqlalchemy import select

from center.accounts.service import Accounts
from center.attendance.model import AttendanceState
from center.attendance.service import Attendances
from center.audit.service import Audit
from center.corrections.model import CaseKind, CaseState, Satisfaction, is_number
from center.corrections.service import Case, Corrections
from center.delivery.items import DeliveryItems
from center.delivery.model import Delivery
from center.delivery.service import Deliveries
from center.own_school.model import (
    Checked,
    CheckLine,
    ClassChanged,
    Mark,
    NotOwn,
    RowState,
    SchoolClass,
    Scope,
    fingerprint,
)
from center.own_school.tables import ClassCheckRow
from center.platform.clock import Clock
from center.platform.database import Database, upsert
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.print_sheets.sheets import thumb
from center.recrop.service import Recropping
from center.roster.service import Roster
from center.shots.identities import open_person
from center.shots.tables import IdentityRow, ShotRow
from rules.names import fold_code

_MOST_REMARK = 200
_TAKEN_BACK = "学校撤回"


class OwnSchool:
    """The schools' own data, limited by each account's scope. Threads may share it; `who` is an account's id."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        attendances: Attendances,
        deliveries: Deliveries,
        items: DeliveryItems,
        corrections: Corrections,
        recrops: Recropping,
        accounts: Accounts,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._roster = roster
        self._attendances = attendances
        self._deliveries = deliveries
        self._items = items
        self._corrections = corrections
        self._recrops = recrops
        self._accounts = accounts
        self._clock = clock

    def years(self, scope: Scope) -> list[str]:
        """The years of the school's roster, the newest first."""
        return self._attendances.years(scope.school)

    def majors(self, scope: Scope, year: str) -> list[str]:
        """The majors within the scope, in order."""
        return sorted({one.major for one in self.classes(scope, year)})

    def classes(self, scope: Scope, year: str) -> list[SchoolClass]:
        """The classes of a year within the scope, in the order of major and class name. For these two names, one row of
        each class is decrypted, and no other. Raises `OfficeKeysFault`."""
        with self._database.read() as session:
            groups = self._attendances.placed(session, scope.school, year)
            firsts = {key: placed[0][0] for key, placed in groups.items()}
            opened = self._roster.opened(session, list(firsts.values()))
            checks = {
                row.class_key: row
                for row in session.scalars(select(ClassCheckRow).where(ClassCheckRow.school == scope.school))
            }
        found = []
        for key, placed in groups.items():
            row = opened.get(firsts[key])
            if row is None or not scope.has_major(row.major):
                continue
            lines = tuple(RowState(*one) for one in placed)
            check = checks.get(key.hex())
            state = Checked.NOT_YET
            if check is not None:
                as_now = fingerprint(lines), fingerprint(lines, with_rows=False)
                state = Checked.DONE if check.fingerprint in as_now else Checked.CHANGED
            at, by = (None, "") if check is None else (check.checked_at, check.checked_by)
            found.append(SchoolClass(key.hex(), row.major, row.class_name, lines, state, at, by))
        return sorted(found, key=lambda one: (one.major, one.class_name))

    def school_class(self, scope: Scope, year: str, key: str) -> SchoolClass:
        """One class. Raises `NotThere` if the scope has no such class."""
        found = next((one for one in self.classes(scope, year) if one.key == key), None)
        if found is None:
            raise NotThere("there is no such class: look at the list of classes again")
        return found

    def lines(self, who: str, scope: Scope, year: str, of: SchoolClass) -> list[CheckLine]:
        """The graduates of a class in the order of their student numbers, to be checked. The audit records that they
        were shown. Raises `OfficeKeysFault`."""
        marks, own = dict[str, list[Mark]](), self._own(scope)
        for case in self._corrections.open_kinds(scope.school, year):
            marks.setdefault(case.row_id, []).append(Mark(case.case_id, case.kind, case.opened_by in own))
        with self._database.read() as session:
            opened = self._roster.opened(session, [one.row_id for one in of.rows])
        detail: dict[str, str | int | list[str]] = {
            "school": scope.school,
            "rows": len(opened),
            "shots": [one.shot_id for one in of.rows if one.shot_id],
        }
        with self._database.write() as session:
            self._audit.append(session, self._clock(), who, "class.shown", scope.school, detail)
        lines = [
            CheckLine(one, opened[one.row_id], tuple(marks.get(one.row_id, ())))
            for one in of.rows
            if one.row_id in opened and scope.covers(opened[one.row_id])
        ]
        return sorted(lines, key=lambda one: one.row.student_no)

    def photo(self, scope: Scope, shot_id: str) -> bytes:
        """A small copy of an approved photo within the scope. Raises `NotThere`."""
        with self._database.read() as session:
            query = select(ShotRow.school, IdentityRow.sealed).join(IdentityRow, IdentityRow.shot_id == ShotRow.shot_id)
            row = session.execute(query.where(ShotRow.shot_id == shot_id)).first()
            if row is None or row.school != scope.school or not self._items.is_approved(session, shot_id):
                raise NotThere("there is no such photo")
            if scope.majors is not None:
                person = open_person(self._office_keys, shot_id, row.sealed)
                numbers = [person.id_number or person.student_no or ""]
                if not any(scope.covers(match.row) for match in self._roster.find(session, numbers, 20)):
                    raise NotThere("there is no such photo")
        return thumb(self._recrops.finished(shot_id))

    def mark(self, who: str, scope: Scope, row_id: str, kind: CaseKind, right_id: str = "", remark: str = "") -> int:
        """Mark what is wrong with a graduate's photo or data. This opens a correction case; returns its number.

        Raises `NotThere` (no such row within the scope), `WrongRequest` (the right number is not valid), `Conflict`
        (the same is already marked).
        """
        with self._database.read() as session:
            row = self._roster.row(session, row_id)
        if row is None or not scope.covers(row):
            raise NotThere("there is no such graduate: load the page again")
        number = fold_code(right_id)
        if kind is CaseKind.WRONG_ID and (not is_number(number) or number == row.id_number):
            raise WrongRequest("the right ID number is none, or the one that the roster has")
        open_cases = self._corrections.open_kinds(scope.school, row.year)
        if any(case.row_id == row_id and case.kind is kind for case in open_cases):
            raise Conflict("this is marked already, and the office has it before it")
        right = number if kind is CaseKind.WRONG_ID else ""
        return self._corrections.open_case(who, row_id, kind, right, remark[:_MOST_REMARK])

    def take_back(self, who: str, scope: Scope, case_id: int) -> None:
        """Withdraw a mark of the school's own that the office has not dealt with yet.

        Raises `NotThere`, `NotOwn` (a graduate, the office or the school's form reported it), `Conflict`.
        """
        case = self._corrections.case(case_id)
        if case is None or case.row is None or not scope.covers(case.row):
            raise NotThere("there is no such mark: load the page again")
        if case.opened_by not in self._own(scope):
            raise NotOwn("somebody else reported this: the office settles it, tell the office what you know of it")
        self._corrections.close(who, case_id, CaseState.REFUSED, _TAKEN_BACK, tell=False)

    def _own(self, scope: Scope) -> set[str]:
        """The ids of the accounts whose marks the scope may withdraw."""
        return {one.user_id for one in self._accounts.all() if scope.is_of(one)}

    def cases(self, who: str, scope: Scope, year: str) -> list[Case]:
        """The cases within the scope, open ones first. The audit records this."""
        return self._corrections.cases(
            who, scope.school, year, holds=lambda case: case.row is not None and scope.covers(case.row)
        )

    def confirm_class(self, who: str, scope: Scope, year: str, key: str, seen: str) -> SchoolClass:
        """Note that a class was checked as it was shown. `seen`: the fingerprint of what was shown.

        Raises `NotThere`, `ClassChanged`, `Conflict` (no photo of the class is approved yet).
        """
        of = self.school_class(scope, year, key)
        if fingerprint(of.rows) != seen:
            raise ClassChanged("the class has changed since it was shown: look at it again, then confirm it")
        if not of.counts[AttendanceState.APPROVED]:
            raise Conflict("no photo of this class is approved yet: there is nothing to check")
        now = self._clock()
        values = {"checked_by": who, "checked_at": now, "fingerprint": fingerprint(of.rows)}
        with self._database.write() as session:
            adding = upsert(session, ClassCheckRow).values(school=scope.school, class_key=key, **values)
            session.execute(adding.on_conflict_do_update(index_elements=["school", "class_key"], set_=values))
            detail: dict[str, str | int] = {"school": scope.school, "year": year, "rows": len(of.rows)}
            self._audit.append(session, now, who, "class.checked", scope.school, detail)
        return of

    def packs(self, scope: Scope) -> list[Delivery]:
        """The school's deliveries, the newest first."""
        self._whole(scope)
        return self._deliveries.all(scope.school)

    def pack(self, scope: Scope, delivery_id: int) -> Delivery:
        """One of the school's deliveries. Raises `NotThere`, also if it is another school's."""
        found = next((one for one in self.packs(scope) if one.delivery_id == delivery_id), None)
        if found is None:
            raise NotThere("there is no such delivery")
        return found

    def finish(
        self,
        who: str,
        scope: Scope,
        year: str,
        images: Satisfaction,
        organisation: Satisfaction,
        head_count: int,
        opinion: str,
    ) -> None:
        """Store the school's answer, given online, that it has marked every mistake.

        Raises `Conflict` (the school has received nothing of this year), `WrongRequest`.
        """
        self._whole(scope)
        if not any(one.year == year and one.handed_over_at for one in self.packs(scope)):
            raise Conflict("nothing of this year was received yet: take the pack and confirm it first")
        self._corrections.finish(who, scope.school, year, images, organisation, head_count, opinion)

    def _whole(self, scope: Scope) -> None:
        if scope.majors is not None:
            raise NotThere("this is the whole school's")
