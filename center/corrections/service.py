"""Imports the correction forms that schools return, stores their cases, corrects ID numbers. A returned form unlocks
the school's prints."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.corrections.model import (
    CaseKind,
    CaseState,
    CorrectionForm,
    FormFinding,
    FormRow,
    Satisfaction,
    Wrong,
    is_number,
    read_form,
    same_person,
    unread_answers,
    year_of,
)
from center.corrections.number import NumberCorrection
from center.corrections.stored import Case as Case
from center.corrections.stored import ReturnedForm as ReturnedForm
from center.corrections.stored import StoredCorrections
from center.corrections.tables import CorrectionCaseRow, CorrectionFormRow
from center.delivery.items import DeliveryItems
from center.mail.model import Occasion
from center.mail.service import Mails
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, WrongRequest
from center.platform.foreign_tables.values import Sheet
from center.platform.keeping import begin_keeping
from center.platform.office_keys import OfficeKeys
from center.print_sheets.service import Ground, PrintLocks
from center.roster.model.matching import Numbers
from center.roster.service import Roster
from center.shots.identities import person_on
from center.shots.model.person import school_of
from center.shots.model.person import year_of as filed_year
from rules.idnumber import mask_id_number
from rules.names import clean_code, fold_code
from wire.roster_change import RosterRow

_BOOTH = "booth:"  # how the audit's actor begins if a booth caused an action
_MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """The result of importing a form. `written` False: nothing was changed."""

    form: CorrectionForm
    findings: tuple[FormFinding, ...]
    cases: int
    written: bool

    @property
    def unread(self) -> Mapping[str, str]:
        """Answers in the form's head that are not among the form's choices, in the school's own words; they are not
        stored.
        """
        return unread_answers(self.form.head)


@dataclass(frozen=True, slots=True)
class OfShot:
    """The person of a photo, as the roster has it, and the case that was opened from the photo, if there is one.
    `case_id`: this case; None if there is none, or if it is `reported_case_id`: a case that was opened because the
    graduate reported a mistake at the booth, and for which nobody has yet entered what is wrong.
    """

    row_id: str
    row: RosterRow = field(repr=False)
    case_id: int | None
    reported_case_id: int | None = None


class OpenCase(NamedTuple):
    """An open case: which roster row it is about, what is wrong, and who reported it."""

    case_id: int
    row_id: str
    kind: CaseKind
    opened_by: str


class Corrections:
    """Corrections of all schools. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        roster: Roster,
        items: DeliveryItems,
        locks: PrintLocks,
        mails: Mails,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._stored = StoredCorrections(office_keys)
        self._number = NumberCorrection(database, office_keys, audit, roster, clock)
        self.on_moved = self._number.on_moved
        self._audit = audit
        self._roster = roster
        self._items = items
        self._locks = locks
        self._mails = mails
        self._clock = clock

    def import_form(self, who: str, sheets: Sequence[Sheet], school: str, year: str, *, dry_run: bool) -> FormOutcome:
        """Import a school's correction form and open a case for each row; if a row is refused, change nothing and
        return the reasons. `dry_run`: change nothing in any case.

        Raises `WrongRequest` if the file has no correction form, or if the form is of another school or year.
        """
        form = read_form(sheets)
        if not form.found:
            raise WrongRequest(
                "no sheet has the form's table (序号, 姓名, 原身份证号, 错误类型): choose the right file"
            )
        said, of_year = form.head.get("school", ""), year_of(form.head.get("year", ""))
        if said and clean_code(said) != clean_code(school):
            raise WrongRequest(
                "this is the form of {found}, not of {school}: choose the right file or school",
                found=said[:60],
                school=school,
            )
        if of_year and of_year != year:
            raise WrongRequest(
                "this form is of {found}, not of {year}: choose the right file", found=of_year[:10], year=year
            )
        now = self._clock()
        with self._database.write() as session:
            begin_keeping(session)
            placed, findings = self._place(session, form.rows, school, year)
            wrong = tuple(sorted((*form.findings, *findings), key=lambda one: one.row))
            if wrong or dry_run:
                return FormOutcome(form, wrong, len(placed), written=False)
            form_id = self._stored.insert_form(session, who, now, form, school, year)
            for row_id, one in placed:
                self._stored.insert_case(session, who, now, form_id, (school, year), row_id, one)
            self._locks.unlock_in(session, who, school, year, Ground.FORM)
            counts: dict[str, str | int] = {"year": year, "cases": len(placed)}
            self._audit.append(session, now, who, "correction.form", school, counts)
        return FormOutcome(form, (), len(placed), written=True)

    def open_case(self, who: str, row_id: str, kind: CaseKind, right_id: str = "", remark: str = "") -> int:
        """Open a case of a mistake that staff found or a graduate reported, about the person of a roster row; returns
        the case's number. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            begin_keeping(session)
            row = self._roster.row(session, row_id)
            if row is None:
                raise NotThere("this roster row is gone: look for the person again")
            one = FormRow(0, row.name, row.id_number, kind, fold_code(right_id), remark.strip()[:_MOST_WORDS])
            case = self._stored.insert_case(session, who, now, None, (row.school, row.year), row_id, one)
            self._audit.append(session, now, who, "correction.opened", str(case), {"kind": kind.value})
        return case

    def of_shot(self, who: str, shot_id: str) -> OfShot:
        """The person of a photo, to open a case. The audit records that `who` looked. Raises `NotThere` (no photo, or
        the roster does not tell whose it is)."""
        with self._database.write() as session:
            found = self._of_shot(session, shot_id)
            self._audit.append(session, self._clock(), who, "correction.looked", shot_id)
        return found

    def open_of_shot(self, who: str, shot_id: str, kind: CaseKind, right_id: str, remark: str) -> int:
        """Open a case of a mistake that staff found on a photo; returns the case's number. If the graduate's report at
        the booth already opened a case, enter in that case what is wrong: a photo has only one case.

        Raises `NotThere`, `WrongRequest` (a wrong number without the right one), `Conflict` (the photo has a case).
        """
        right_id = fold_code(right_id)
        if kind is CaseKind.WRONG_ID and not is_number(right_id):
            raise WrongRequest("the right ID number has 18 characters and a check digit: type it as on the card")
        now = self._clock()
        with self._database.write() as session:
            begin_keeping(session)
            found = self._of_shot(session, shot_id)
            row = found.row
            one = FormRow(0, row.name, row.id_number, kind, right_id, remark.strip()[:_MOST_WORDS])
            case = found.reported_case_id
            if case is not None:
                said = {"kind": kind.value, "opened_by": who, "sealed": self._stored.seal_statement(found.row_id, one)}
                session.execute(update(CorrectionCaseRow).where(CorrectionCaseRow.case_id == case).values(**said))
            elif found.case_id is None:
                case = self._stored.insert_case(
                    session, who, now, None, (row.school, row.year), found.row_id, one, shot_id
                )
            else:
                raise Conflict("case {case_id} was opened from this photo before", case_id=found.case_id)
            self._audit.append(session, now, who, "correction.opened", str(case), {"kind": kind.value, "shot": shot_id})
        return case

    def open_reported_case(self, session: Session, booth_id: str, shot_id: str) -> None:
        """Open a case for a photo whose graduate said at the booth, or at the staff desk, that the data are wrong.

        No case is opened if the roster does not tell whose photo it is (reviewers are first asked whose it is). Nor is
        a case opened if the person's roster row has an open case of this kind: a second photo says nothing new.

        The caller must have called `begin_keeping` in this transaction.
        """
        try:
            found = self._of_shot(session, shot_id)
        except NotThere:
            return
        same = select(CorrectionCaseRow.case_id).where(
            CorrectionCaseRow.row_id == found.row_id,
            CorrectionCaseRow.kind == CaseKind.DATA.value,
            CorrectionCaseRow.state == CaseState.OPEN.value,
        )
        if (found.case_id or found.reported_case_id) is not None or session.execute(same).first() is not None:
            return
        row, now, who = found.row, self._clock(), f"{_BOOTH}{booth_id}"
        one = FormRow(0, row.name, row.id_number, CaseKind.DATA, "", "")
        case = self._stored.insert_case(session, who, now, None, (row.school, row.year), found.row_id, one, shot_id)
        said = {"kind": CaseKind.DATA.value, "shot": shot_id}
        self._audit.append(session, now, who, "correction.opened", str(case), said)

    def _of_shot(self, session: Session, shot_id: str) -> OfShot:
        person = person_on(session, self._office_keys, shot_id)
        if person is None:
            raise NotThere("there is no such photo, or its identity is gone")
        numbers = Numbers.of(person, filed_year(person))
        found = self._roster.row_of(session, school_of(person), numbers)
        if found is None:
            raise NotThere(
                "the roster does not tell whose photo this is: attach its row first, or compare number and name with "
                "the roster"
            )
        case = session.scalars(select(CorrectionCaseRow).where(CorrectionCaseRow.shot_id == shot_id)).one_or_none()
        by_booth = case is not None and case.state == CaseState.OPEN.value and case.opened_by.startswith(_BOOTH)
        return OfShot(
            found.row_id,
            found.row,
            None if case is None or by_booth else case.case_id,
            case.case_id if case is not None and by_booth else None,
        )

    def cases(
        self, who: str, school: str, year: str, *, limit: int = 500, holds: Callable[[Case], bool] = lambda _: True
    ) -> list[Case]:
        """Of the newest `limit` cases of a school and year, those for which `holds` is true: first the open ones, then
        the others, the newest first in both groups. The audit records this if there are any.

        Raises `OfficeKeysFault`.
        """
        query = select(CorrectionCaseRow).where(CorrectionCaseRow.school == school, CorrectionCaseRow.year == year)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(CorrectionCaseRow.case_id.desc()).limit(limit)).all()
            people = self._roster.opened(session, [row.row_id for row in rows])
            ids = {row.form_id for row in rows if row.form_id is not None}
            forms = session.scalars(select(CorrectionFormRow).where(CorrectionFormRow.form_id.in_(ids))).all()
            heads = {form.form_id: self._stored.head(form) for form in forms}
            read = (self._stored.case(row, people.get(row.row_id), heads.get(row.form_id or 0)) for row in rows)
            found = [one for one in read if holds(one)]
        if found:
            detail: dict[str, str | int] = {"school": school, "year": year, "rows": len(found)}
            with self._database.write() as session:
                self._audit.append(session, self._clock(), who, "correction.cases_shown", school, detail)
        return sorted(found, key=lambda one: one.state is not CaseState.OPEN)

    def open_kinds(self, school: str, year: str) -> list[OpenCase]:
        """The open cases of a school and year, newest first, without names and numbers of people."""
        columns = (getattr(CorrectionCaseRow, name) for name in OpenCase._fields)
        query = select(*columns).where(
            CorrectionCaseRow.school == school,
            CorrectionCaseRow.year == year,
            CorrectionCaseRow.state == CaseState.OPEN.value,
        )
        with self._database.read() as session:
            rows = session.execute(query.order_by(CorrectionCaseRow.case_id.desc())).all()
        return [OpenCase(row.case_id, row.row_id, CaseKind(row.kind), row.opened_by) for row in rows]

    def forms(self, school: str, year: str) -> list[ReturnedForm]:
        """The forms that a school sent back, the newest first. Raises `OfficeKeysFault`."""
        of_school = CorrectionFormRow.school == school, CorrectionFormRow.year == year
        with self._database.read() as session:
            rows = session.scalars(
                select(CorrectionFormRow).where(*of_school).order_by(CorrectionFormRow.form_id.desc())
            )
            return [self._stored.returned(row) for row in rows]

    def delivered(self, forms: Sequence[ReturnedForm], school: str, year: str) -> dict[int, int | None]:
        """Form -> how many images the school held when the form came; None if this is not known any more. Staff compare
        this with the number of images that the school says it received.
        """
        with self._database.read() as session:
            return {one.form_id: self._items.held_at(session, school, year, one.entered_at) for one in forms}

    def case(self, case_id: int) -> Case | None:
        """One case; None if there is none of this number. Raises `OfficeKeysFault`."""
        with self._database.read() as session:
            row = session.get(CorrectionCaseRow, case_id)
            people = {} if row is None else self._roster.opened(session, [row.row_id])
            form = None if row is None or row.form_id is None else session.get(CorrectionFormRow, row.form_id)
            head = None if form is None else self._stored.head(form)
        return None if row is None else self._stored.case(row, people.get(row.row_id), head)

    def finish(
        self,
        who: str,
        school: str,
        year: str,
        images: Satisfaction,
        organisation: Satisfaction,
        head_count: int,
        opinion: str,
    ) -> None:
        """Store the answers of a school that gives them on its own page, without a file. The cases that the school
        marked there stay as they are, and its prints are unlocked. Raises `WrongRequest`.

        `head_count`: how many images the school received.
        """
        if len(opinion) > _MOST_WORDS or not 0 <= head_count < 10_000_000:
            raise WrongRequest(
                "an opinion has at most {most} characters, a head count at most seven digits", most=_MOST_WORDS
            )
        head = {"head_count": str(head_count), "opinion": opinion.strip()}
        head |= {"images": images.value, "organisation": organisation.value}
        form, now = CorrectionForm(found=True, head=head, rows=(), findings=()), self._clock()
        with self._database.write() as session:
            self._stored.insert_form(session, who, now, form, school, year)
            self._locks.unlock_in(session, who, school, year, Ground.FORM)
            self._audit.append(session, now, who, "correction.form", school, {"year": year, "cases": 0})

    def close(self, who: str, case_id: int, state: CaseState, done: str, *, tell: bool = True) -> None:
        """Close a case and store what was done. If a case of a wrong ID number is closed as done, the number is first
        corrected in the roster and on the shots.

        `tell`: mail the school if none of its cases is open any more.

        Raises `NotThere`, `Conflict` (already closed, or another person has the number), `WrongRequest` (no words).
        """
        done = done.strip()
        if state is CaseState.OPEN or not 0 < len(done) <= _MOST_WORDS:
            raise WrongRequest("say what was done, in at most {most} characters", most=_MOST_WORDS)
        with self._database.read() as session:
            row = session.get(CorrectionCaseRow, case_id)
            if row is None:
                raise NotThere("there is no case {case_id}", case_id=case_id)
            said = self._stored.statement(row)
        number = row.kind == CaseKind.WRONG_ID.value
        if row.state == CaseState.OPEN.value and state is CaseState.DONE and number and said["right_id"]:
            self._number.correct(who, row.row_id, said["id_number"], said["right_id"])
        now = self._clock()
        with self._database.write() as session:
            closed = session.execute(
                update(CorrectionCaseRow)
                .where(CorrectionCaseRow.case_id == case_id, CorrectionCaseRow.state == CaseState.OPEN.value)
                .values(
                    state=state.value,
                    closed_by=who,
                    closed_at=now,
                    done_sealed=self._stored.seal_done(case_id, done),
                )
                .returning(CorrectionCaseRow.case_id)
            ).first()
            if closed is None:
                raise Conflict("case {case_id} was closed before: load the page again", case_id=case_id)
            if tell and not self._any_open(session, row.school, row.year):
                self._mails.tell(session, Occasion.CORRECTION, case_id, row.school, row.year)
            self._audit.append(session, now, who, "correction.closed", str(case_id), {"state": state.value})

    def _any_open(self, session: Session, school: str, year: str) -> bool:
        of_school = CorrectionCaseRow.school == school, CorrectionCaseRow.year == year
        query = select(CorrectionCaseRow.case_id).where(*of_school, CorrectionCaseRow.state == CaseState.OPEN.value)
        return session.execute(query.limit(1)).first() is not None

    def _place(
        self, session: Session, rows: Sequence[FormRow], school: str, year: str
    ) -> tuple[list[tuple[str, FormRow]], list[FormFinding]]:
        """For each row of the form for which the roster has a row with the same ID number and name: the roster row's id
        and the form's row. And a finding for each other row of the form.
        """
        placed, findings = [], []
        for one in rows:
            found = [
                match
                for match in self._roster.find(session, [one.id_number], 20)
                if match.row.school == school
                and match.row.year == year
                and fold_code(match.row.id_number) == one.id_number
            ]
            shown = mask_id_number(one.id_number)
            if not found:
                findings.append(FormFinding(one.row, Wrong.NOT_ON_ROSTER, shown))
            elif not (named := [match for match in found if same_person(one.name, match.row.name)]):
                findings.append(FormFinding(one.row, Wrong.OTHER_NAME, shown))
            else:
                placed.append((named[0].row_id, one))
        return placed, findings
