"""Holds, and graduates' requests to see or delete their own data.
A person is looked up by number and stored as an id."""

import io
import json
import secrets
import zipfile
from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, func, insert, or_, select, update
from sqlalchemy.orm import Session

from center.audit.service import Audit
from center.platform.clock import Clock
from center.platform.database import Database
from center.platform.faults import Conflict, NotThere, OfficeFault, WrongRequest
from center.platform.office_keys import OfficeKeys
from center.recrop.service import Recropping
from center.retention.model import DataRequest, FoundBy, Hold, RequestKind, RequestState
from center.retention.own_data import OwnData
from center.retention.purge import Purge
from center.retention.tables import DataRequestRow, HoldRow
from center.roster.tables import RosterEntry
from center.shots.model.person import lookup_text, receipt_text
from center.shots.tables import PersonRow, ShotRow
from rules.names import clean_code
from wire.manifest import Person

_KIND = "hold"
_MOST_WORDS = 300
_MOST_LISTED = 100


class DataCases:
    """All holds and requests. Threads may share it; `who` is an account's id or a command's user."""

    def __init__(
        self,
        database: Database,
        office_keys: OfficeKeys,
        audit: Audit,
        recropping: Recropping,
        purge: Purge,
        own_data: OwnData,
        clock: Clock,
    ) -> None:
        self._database = database
        self._office_keys = office_keys
        self._audit = audit
        self._recropping = recropping
        self._purge = purge
        self._own_data = own_data
        self._clock = clock

    def hold(self, who: str, number: str, reason: str, school: str = "") -> int:
        """Keep a person's data although they are due; returns the hold's number. Raises `NotThere`, `WrongRequest`."""
        reason, now, seal_id = " ".join(reason.split()), self._clock(), secrets.token_hex(16)
        if not 0 < len(reason) <= _MOST_WORDS:
            raise WrongRequest("a hold has a reason of 1 to {most} characters", most=_MOST_WORDS)
        with self._database.write() as session:
            person_id, way = self._person(session, number, school)
            sealed = self._office_keys.seal(_KIND, seal_id, reason.encode())
            values = {"person_id": person_id, "by": who, "at": now, "seal_id": seal_id, "reason_sealed": sealed}
            hold_id: int = session.execute(insert(HoldRow).values(**values).returning(HoldRow.hold_id)).scalar_one()
            self._audit.append(session, now, who, "data.held", person_id, {"hold": hold_id, "found_by": way.value})
        return hold_id

    def lift(self, who: str, hold_id: int) -> None:
        """End a hold. Raises `NotThere`."""
        now = self._clock()
        with self._database.write() as session:
            found = session.execute(
                update(HoldRow)
                .where(HoldRow.hold_id == hold_id, HoldRow.lifted_at.is_(None))
                .values(lifted_by=who, lifted_at=now)
                .returning(HoldRow.person_id)
            ).scalar_one_or_none()
            if found is None:
                raise NotThere("there is no hold {hold_id}, or it was lifted before", hold_id=hold_id)
            self._audit.append(session, now, who, "data.released", found, {"hold": hold_id})

    def holds(self) -> list[Hold]:
        """The holds that are not lifted, the newest first. Raises `OfficeKeysFault`."""
        query = select(HoldRow).where(HoldRow.lifted_at.is_(None)).order_by(HoldRow.hold_id.desc())
        with self._database.read() as session:
            rows = session.scalars(query.limit(_MOST_LISTED)).all()
        return [
            Hold(
                row.hold_id,
                row.person_id,
                row.by,
                row.at,
                self._office_keys.open(_KIND, row.seal_id, row.reason_sealed).decode(),
            )
            for row in rows
        ]

    def open(self, who: str, kind: RequestKind, number: str, school: str = "") -> int:
        """Open a request of the graduate with this ID number, this student number of `school`, or this receipt's code;
        returns the request's number.

        If a request of the same kind is open, returns the number of that one. Raises `NotThere`, `WrongRequest`.
        """
        now = self._clock()
        with self._database.write() as session:
            person_id, way = self._person(session, number, school)
            same = (DataRequestRow.person_id == person_id, DataRequestRow.kind == kind.value)
            known = select(DataRequestRow.request_id).where(*same, DataRequestRow.state == RequestState.OPEN.value)
            found = session.execute(known).scalar_one_or_none()
            if found is not None:
                return found
            values = {"kind": kind.value, "person_id": person_id, "opened_by": who, "opened_at": now, "state": "open"}
            request_id: int = session.execute(
                insert(DataRequestRow).values(**values).returning(DataRequestRow.request_id)
            ).scalar_one()
            self._audit.append(
                session, now, who, "data.requested", person_id, {"kind": kind.value, "found_by": way.value}
            )
        return request_id

    def requests(self) -> list[DataRequest]:
        """The newest requests, open ones first. Raises `Unavailable`."""
        photos = select(func.count()).where(ShotRow.person_id == DataRequestRow.person_id).scalar_subquery()
        query = select(DataRequestRow, photos).order_by(
            DataRequestRow.state != "open", DataRequestRow.request_id.desc()
        )
        with self._database.read() as session:
            return [_request(row, count) for row, count in session.execute(query.limit(_MOST_LISTED))]

    def export(self, who: str, request_id: int) -> bytes:
        """What the office has about the person (`OwnData`), and the photos, as a ZIP to be handed over; this ends a
        request to see one's own data.

        Raises `NotThere`, `Conflict` (already answered, or the request is of another kind), `Unavailable`.
        """
        with self._database.read() as session:
            request = self._open_request(session, request_id, RequestKind.SEE)
            said, shots = self._own_data.collected(session, request.person_id)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(said, ensure_ascii=False, indent=1))
            for shot_id in shots:
                for name, read in (("photo", self._recropping.finished), ("original", self._recropping.original)):
                    try:
                        archive.writestr(f"{shot_id}-{name}.jpg", read(shot_id))
                    except OfficeFault:
                        continue  # purged, or sent without an original: the list of photos says which exist
        self._end(who, request_id, RequestState.DONE)
        return out.getvalue()

    def delete(self, who: str, request_id: int) -> int:
        """Delete the person's photos and identities now, which ends a request to delete; returns how many photos.

        Raises `NotThere`; `Conflict` if it is answered already, or if a hold keeps the data (lift it, or refuse the
        request).
        """
        with self._database.read() as session:
            request = self._open_request(session, request_id, RequestKind.DELETE)
            held = select(HoldRow.hold_id).where(HoldRow.person_id == request.person_id, HoldRow.lifted_at.is_(None))
            if session.execute(held).first() is not None:
                raise Conflict("a hold keeps this graduate's data: lift it, or refuse the request")
        count = self._purge.forget(request.person_id)
        self._end(who, request_id, RequestState.DONE, photos=count)
        return count

    def refuse(self, who: str, request_id: int) -> None:
        """Refuse a request, for example when somebody else made it. Raises `NotThere`, `Conflict`."""
        with self._database.read() as session:
            self._open_request(session, request_id)
        self._end(who, request_id, RequestState.REFUSED)

    def _open_request(self, session: Session, request_id: int, kind: RequestKind | None = None) -> DataRequestRow:
        row = session.get(DataRequestRow, request_id)
        if row is None:
            raise NotThere("there is no request {request_id}", request_id=request_id)
        if row.state != RequestState.OPEN.value:
            raise Conflict("request {request_id} was answered before", request_id=request_id)
        if kind is not None and row.kind != kind.value:
            raise Conflict("request {request_id} is one to {kind} the data", request_id=request_id, kind=row.kind)
        return row

    def _end(self, who: str, request_id: int, state: RequestState, **detail: int) -> None:
        now = self._clock()
        with self._database.write() as session:
            person_id = session.execute(
                update(DataRequestRow)
                .where(DataRequestRow.request_id == request_id, DataRequestRow.state == RequestState.OPEN.value)
                .values(state=state.value, ended_by=who, ended_at=now)
                .returning(DataRequestRow.person_id)
            ).scalar_one_or_none()
            if person_id is None:
                raise Conflict("request {request_id} was answered before", request_id=request_id)
            action = "data.answered" if state is RequestState.DONE else "data.refused"
            self._audit.append(session, now, who, action, person_id, {"request": request_id, **detail})

    def _person(self, session: Session, number: str, school: str) -> tuple[str, FoundBy]:
        """The person, and by what they were found (for the audit). Raises `NotThere`, `WrongRequest`."""
        nobody: dict[str, Any] = {**dict.fromkeys(Person.model_fields), "name": "–"}
        by_id, by_student = {"id_number": number}, {"student_no": number, "school": school}
        known_by = Person(**nobody | by_id), Person(**nobody | by_student)
        texts = [lookup_text(one) for one in known_by] if clean_code(number) else []
        lookups = [self._office_keys.lookup("person", text) for text in texts if text is not None]
        ways = {
            FoundBy.NUMBER: PersonRow.lookup.in_(lookups),
            FoundBy.ROSTER: PersonRow.lookup.in_(_on_same_row(lookups)),
        }
        receipt = receipt_text(number)
        if receipt:
            shots = select(ShotRow.person_id).where(
                ShotRow.receipt_lookup == self._office_keys.lookup("receipt", receipt)
            )
            ways[FoundBy.RECEIPT] = PersonRow.person_id.in_(shots)
        for way, fits in ways.items():
            found = session.scalars(select(PersonRow.person_id).where(fits).limit(2)).all()
            if len(found) > 1:
                raise WrongRequest("several records have this number: give the receipt's code of one of the photos")
            if found:
                return found[0], way
        raise NotThere(
            "no photo is of somebody with this number: give the ID number, student number and school, or the code of "
            "the receipt"
        )


def _on_same_row(lookups: Sequence[bytes]) -> CompoundSelect[bytes | None]:
    """The other identifiers of the roster rows that have one of these: a card gives only the ID number, and people who
    do not know this number know their student number.
    """
    row = or_(RosterEntry.id_lookup.in_(lookups), RosterEntry.person_key.in_(lookups))
    return select(RosterEntry.id_lookup).where(row).union(select(RosterEntry.person_key).where(row))


def _request(row: DataRequestRow, photos: int) -> DataRequest:
    kind, state = RequestKind(row.kind), RequestState(row.state)
    return DataRequest(row.request_id, kind, row.person_id, row.opened_by, row.opened_at, state, photos)
