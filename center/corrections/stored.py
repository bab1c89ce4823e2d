"""Stores correction forms and cases: what they say about people is sealed."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from center.corrections.model import (
    CaseKind,
    CaseState,
    CorrectionForm,
    FormRow,
    Satisfaction,
    head_count,
    satisfaction,
)
from center.corrections.tables import CorrectionCaseRow, CorrectionFormRow
from center.platform.keeping import note_kept
from center.platform.office_keys import OfficeKeys
from wire.roster_change import RosterRow

_CASE, _DONE, _FORM = "correction case", "correction done", "correction form"


@dataclass(frozen=True, slots=True)
class FormHead:
    """Who sent a form, and the school's opinion."""

    contact: str
    phone: str
    mail: str
    opinion: str
    received_on: str
    stamped: str


@dataclass(frozen=True, slots=True)
class ReturnedForm:
    """A form that a school returned. `head_count`: how many images it says it received; None if it gave no number."""

    form_id: int
    entered_at: datetime
    head_count: int | None
    images: Satisfaction | None
    organisation: Satisfaction | None
    head: FormHead = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A case with the person it is about."""

    case_id: int
    school: str
    year: str
    kind: CaseKind
    state: CaseState
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    row_id: str
    row: RosterRow | None = field(repr=False)
    right_id: str = field(default="", repr=False)
    remark: str = field(default="", repr=False)
    done: str = field(default="", repr=False)
    shot_id: str = ""  # the photo from which staff, or a graduate at the booth, opened the case; "": not from a photo
    form: FormHead | None = field(default=None, repr=False)  # the head of the school's form that reported it


class StoredCorrections:
    """Seals and opens forms and cases under the office's keys. Reading raises `OfficeKeysFault`."""

    def __init__(self, office_keys: OfficeKeys) -> None:
        self._office_keys = office_keys

    def insert_form(
        self, session: Session, who: str, now: datetime, form: CorrectionForm, school: str, year: str
    ) -> int:
        """Insert a form; returns its id."""
        head = form.head
        images, organisation = (satisfaction(head.get(name, "")) for name in ("images", "organisation"))
        kept = {name: head.get(name, "") for name in ("received_on", "contact", "phone", "mail", "stamped", "opinion")}
        name = _form_name(school, year, now)
        form_id: int = session.execute(
            insert(CorrectionFormRow)
            .values(
                school=school,
                year=year,
                entered_by=who,
                entered_at=now,
                head_count=head_count(head.get("head_count", "")),
                images=None if images is None else images.value,
                organisation=None if organisation is None else organisation.value,
                sealed=self._office_keys.seal(_FORM, name, json.dumps(kept, ensure_ascii=False).encode()),
            )
            .returning(CorrectionFormRow.form_id)
        ).scalar_one()
        return form_id

    def insert_case(
        self,
        session: Session,
        who: str,
        now: datetime,
        form_id: int | None,
        of: tuple[str, str],
        row_id: str,
        one: FormRow,
        shot_id: str | None = None,
    ) -> int:
        """Insert an open case of the school and year `of`; returns its number. The caller must have called
        `begin_keeping` in this transaction."""
        case_id: int = session.execute(
            insert(CorrectionCaseRow)
            .values(
                form_id=form_id,
                school=of[0],
                year=of[1],
                kind=one.kind.value,
                row_id=row_id,
                shot_id=shot_id,
                state=CaseState.OPEN.value,
                opened_by=who,
                opened_at=now,
                sealed=self.seal_statement(row_id, one),
            )
            .returning(CorrectionCaseRow.case_id)
        ).scalar_one()
        note_kept(session)
        return case_id

    def seal_statement(self, row_id: str, one: FormRow) -> bytes:
        """What a case says about the person, sealed."""
        said = {"id_number": one.id_number, "right_id": one.right_id, "remark": one.remark}
        return self._office_keys.seal(_CASE, row_id, json.dumps(said, ensure_ascii=False).encode())

    def seal_done(self, case_id: int, done: str) -> bytes:
        """What was done about a case, sealed."""
        return self._office_keys.seal(_DONE, str(case_id), done.encode())

    def head(self, form: CorrectionFormRow) -> FormHead:
        """Who sent a form; all fields are empty once they were purged."""
        if not form.sealed:
            return FormHead(*("" for _ in FormHead.__slots__))
        said = json.loads(
            self._office_keys.open(_FORM, _form_name(form.school, form.year, form.entered_at), form.sealed)
        )
        return FormHead(*(said[name] for name in FormHead.__slots__))

    def returned(self, form: CorrectionFormRow) -> ReturnedForm:
        """A form with its head."""
        images, organisation = (
            None if word is None else Satisfaction(word) for word in (form.images, form.organisation)
        )
        return ReturnedForm(form.form_id, form.entered_at, form.head_count, images, organisation, self.head(form))

    def statement(self, row: CorrectionCaseRow) -> dict[str, str]:
        """What a form or staff said about the person; all values are empty once they were purged."""
        if not row.sealed:
            return {"id_number": "", "right_id": "", "remark": ""}
        said: dict[str, str] = json.loads(self._office_keys.open(_CASE, row.row_id, row.sealed))
        return said

    def case(self, row: CorrectionCaseRow, person: RosterRow | None, form: FormHead | None) -> Case:
        """A case with its person and the head of its form."""
        said = self.statement(row)
        sealed = row.done_sealed
        done = "" if sealed is None else self._office_keys.open(_DONE, str(row.case_id), sealed).decode()
        return Case(
            row.case_id,
            row.school,
            row.year,
            CaseKind(row.kind),
            CaseState(row.state),
            row.opened_at,
            row.opened_by,
            row.closed_at,
            row.row_id,
            person,
            said["right_id"],
            said["remark"],
            done,
            row.shot_id or "",
            form,
        )


def _form_name(school: str, year: str, at: datetime) -> str:
    return f"{school}\0{year}\0{at.astimezone(UTC).isoformat()}"
