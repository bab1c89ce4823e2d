"""Collects what the office has about one person, for the copy that the person gets."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from center.attendance.service import Attendances
from center.billing.tables import LetterItemRow, LetterRow
from center.campus.service import CampusList
from center.corrections.stored import StoredCorrections
from center.corrections.tables import CorrectionCaseRow
from center.delivery.items import DeliveryItems
from center.delivery.tables import DeliveryItemRow, DeliveryRow
from center.graduates.owners import DataSubject
from center.identity.service import IdentityAnswers
from center.passes.tables import PassRow
from center.platform.office_keys import OfficeKeys
from center.retention.kept import is_about
from center.retention.tables import DataRequestRow
from center.review.tables import SecondReviewRow
from center.roster.service import Roster
from center.shots.counts import numbered_day
from center.shots.identities import person_on
from center.shots.tables import DecisionRow, ReportRow, ShotRow

Part = list[dict[str, JsonValue]]


class OwnData:
    """Everything that names the person or says something about the person, except the audit and the holds: those are
    about the office's work. Threads may share it.
    """

    def __init__(
        self,
        office_keys: OfficeKeys,
        roster: Roster,
        campus: CampusList,
        attendances: Attendances,
        items: DeliveryItems,
        answers: IdentityAnswers,
    ) -> None:
        self._office_keys = office_keys
        self._roster = roster
        self._campus = campus
        self._attendances = attendances
        self._items = items
        self._answers = answers
        self._cases = StoredCorrections(office_keys)

    def collected(self, session: Session, subject: DataSubject) -> dict[str, Part]:
        """The graduate's data by topic (photos, roster rows, deliveries, ...), ready for JSON. Raises
        `OfficeKeysFault`, `Unavailable`.
        """
        shot_ids, rows = subject.shots, subject.rows
        shots = session.scalars(
            select(ShotRow).where(ShotRow.shot_id.in_(shot_ids)).order_by(ShotRow.received_at)
        ).all()
        return {
            "photos": [self._photo(session, shot) for shot in shots],
            "roster": self._roster_rows(session, rows),
            "campus": self._campus_rows(session, subject),
            "absences": self._absences(session, rows),
            "passes": _passes(session, rows, shot_ids),
            "corrections": self._corrections(session, rows, shot_ids),
            "deliveries": self._deliveries(session, subject),
            "letters": _letters(session, subject),
            "requests": _requests(session, subject),
        }

    def _photo(self, session: Session, shot: ShotRow) -> dict[str, JsonValue]:
        person = person_on(session, self._office_keys, shot.shot_id)
        checks = session.execute(select(ReportRow.checks).where(ReportRow.shot_id == shot.shot_id)).scalar_one_or_none()
        decisions = session.scalars(
            select(DecisionRow).where(DecisionRow.shot_id == shot.shot_id).order_by(DecisionRow.decision_id)
        )
        second = SecondReviewRow.shot_id == shot.shot_id, SecondReviewRow.decided_at.is_not(None)
        return {
            "photo": shot.shot_id,
            "taken": None if shot.taken_at is None else shot.taken_at.isoformat(),
            "booth": shot.booth_id,
            "flags": list(shot.flags or ()),
            "person": None if person is None else person.model_dump(mode="json"),
            "checks": checks,
            "decisions": [
                [one.decided_at.isoformat(), one.decision, list(one.reasons), one.note or ""] for one in decisions
            ],
            "second_reviews": [
                [str(one.decided_at), one.decision, list(one.reasons or ()), one.note or ""]
                for one in session.scalars(select(SecondReviewRow).where(*second))
            ],
            "answers": [
                [one.at.isoformat(), one.way.value, "" if one.ground is None else one.ground.value, one.words]
                for one in self._answers.of_shot_in(session, shot.shot_id)
            ],
        }

    def _roster_rows(self, session: Session, rows: Sequence[str]) -> Part:
        return [row.model_dump() for row in self._roster.opened(session, rows).values()]

    def _campus_rows(self, session: Session, subject: DataSubject) -> Part:
        rows = self._roster.opened(session, subject.rows).values()
        return [
            {"year": one.year, "school": one.school, "student_no": one.student_no, "id_number": one.id_number,
             "name": one.name}
            for one in self._campus.of_person(session, subject.owner.key, rows)
        ]  # fmt: skip

    def _absences(self, session: Session, rows: Sequence[str]) -> Part:
        noted = self._attendances.noted(session, rows).values()
        return [{"noted": one.at.isoformat(), "reason": one.reason.value, "words": one.words} for one in noted]

    def _corrections(self, session: Session, rows: Sequence[str], shot_ids: Sequence[str]) -> Part:
        mine = or_(CorrectionCaseRow.row_id.in_(rows), CorrectionCaseRow.shot_id.in_(shot_ids))
        found: Part = []
        for row in session.scalars(select(CorrectionCaseRow).where(mine).order_by(CorrectionCaseRow.case_id)):
            case = self._cases.case(row, None, None)
            found.append(
                {"opened": case.opened_at.isoformat(), "kind": case.kind.value, "state": case.state.value,
                 "done": case.done, **self._cases.statement(row)}
            )  # fmt: skip
        return found

    def _deliveries(self, session: Session, subject: DataSubject) -> Part:
        query = (
            select(DeliveryItemRow, DeliveryRow)
            .join(DeliveryRow, DeliveryRow.delivery_id == DeliveryItemRow.delivery_id)
            .where(subject.named_by(DeliveryItemRow.person_id, DeliveryItemRow.shot_id))
            .order_by(DeliveryItemRow.delivery_id)
        )
        found: Part = []
        for line, delivery in session.execute(query):
            item = self._items.opened(line)
            found.append(
                {"school": delivery.school, "year": delivery.year, "number": delivery.number,
                 "made": delivery.made_at.isoformat(), "change": item.change.value, "photo": item.shot_id,
                 "path": item.path, "row": None if item.row is None else item.row.model_dump()}
            )  # fmt: skip
        return found


def _passes(session: Session, rows: Sequence[str], shot_ids: Sequence[str]) -> Part:
    mine = select(PassRow).where(or_(PassRow.row_id.in_(rows), PassRow.shot_id.in_(shot_ids)))
    return [
        {"reason": one.reason, "first": numbered_day(one.first_day).isoformat(),
         "last": numbered_day(one.last_day).isoformat(), "withdrawn": one.withdrawn_at is not None}
        for one in session.scalars(mine.order_by(PassRow.issued_at))
    ]  # fmt: skip


def _letters(session: Session, subject: DataSubject) -> Part:
    query = (
        select(LetterRow.letter_id, LetterRow.school, LetterRow.year, LetterRow.made_at, LetterItemRow.fen)
        .join(LetterItemRow, LetterItemRow.letter_id == LetterRow.letter_id)
        .where(subject.named_by(LetterItemRow.person_id, LetterItemRow.shot_id))
    )
    return [
        {"letter": row.letter_id, "school": row.school, "year": row.year, "made": row.made_at.isoformat(),
         "fen": row.fen}
        for row in session.execute(query.order_by(LetterRow.letter_id))
    ]  # fmt: skip


def _requests(session: Session, subject: DataSubject) -> Part:
    requests = session.scalars(select(DataRequestRow).order_by(DataRequestRow.request_id))
    return [
        {"opened": one.opened_at.isoformat(), "kind": one.kind, "state": one.state}
        for one in requests
        if is_about(one, subject)
    ]
