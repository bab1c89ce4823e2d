"""Writes the rows of shots that came in, all rows of a batch at once.

It uses statements on tables, not on mapped classes: no row is needed as an object afterwards, and this takes a third of
the time. Rows are inserted in the order of their ids, so that two offices that file at the same time never deadlock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from center.campus.service import photographed_on_campus
from center.intake.model import Opened, Refusal
from center.platform.office_keys import OfficeKeys
from center.platform.tables import table_of
from center.shots.identities import seal_person
from center.shots.model.person import receipt_text
from center.shots.model.rank import OfficeFlag, rank
from center.shots.model.retake import approved_photo
from center.shots.model.shot import Stage
from center.shots.people import earlier_shots, people_of
from center.shots.tables import FindingRow, IdentityRow, ReportRow, ShotRow

_SHOTS = insert(table_of(ShotRow))
_IDENTITIES = insert(table_of(IdentityRow))
_REPORTS = insert(table_of(ReportRow))
_FINDINGS = insert(table_of(FindingRow))

OpeningResult = Opened | Refusal | None
"""The result of opening an envelope; None: it could not be opened now."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An envelope that is stored and was opened (or refused), ready to be filed."""

    shot_id: str
    booth_id: str
    sha256: bytes
    size: int
    found: OpeningResult


Row = dict[str, Any]


def file_arrivals(session: Session, office_keys: OfficeKeys, now: datetime, arrivals: Sequence[Arrival]) -> list[Row]:
    """Write everything known about `arrivals`; returns the rows of `shots`, in the same order.

    Raises `IntegrityError` when one of them is filed already, or is among them twice.
    """
    filled = found_values(session, office_keys, now, [(arrival.shot_id, arrival.found) for arrival in arrivals])
    rows = [_received(arrival, now) | values for arrival, values in zip(arrivals, filled, strict=True)]
    connection = session.connection()  # a session would search each statement for mapped classes; there are none
    alike = {row["stage"]: [one for one in rows if one["stage"] == row["stage"]] for row in rows}
    for some in alike.values():  # shots of the same stage fill the same columns
        connection.execute(_SHOTS, sorted(some, key=lambda row: str(row["shot_id"])))
    file_details(session, office_keys, [(arrival.shot_id, arrival.found) for arrival in arrivals])
    return rows


def found_values(
    session: Session, office_keys: OfficeKeys, now: datetime, shots: Sequence[tuple[str, OpeningResult]]
) -> list[Row]:
    """For each shot id, the columns of `shots` that opening fills."""
    opened = [(shot_id, found) for shot_id, found in shots if isinstance(found, Opened)]
    people = people_of(session, office_keys, [found.manifest.person for _, found in opened])
    on_campus = photographed_on_campus(session, office_keys, [found.manifest.person for _, found in opened])
    queued = {
        shot_id: _queued(session, office_keys, now, shot_id, found, person, campus)
        for (shot_id, found), person, campus in zip(opened, people, on_campus, strict=True)
    }
    return [queued.get(shot_id) or _not_queued(found) for shot_id, found in shots]


def file_details(session: Session, office_keys: OfficeKeys, shots: Sequence[tuple[str, OpeningResult]]) -> None:
    """Write identities, reports and findings, which have tables of their own."""
    opened = [(shot_id, found) for shot_id, found in shots if isinstance(found, Opened)]
    if not opened:
        return
    connection = session.connection()
    connection.execute(_IDENTITIES, [_identity(office_keys, shot_id, found) for shot_id, found in opened])
    connection.execute(_REPORTS, [_report(shot_id, found) for shot_id, found in opened])
    findings = [row for shot_id, found in opened for row in _findings(shot_id, found)]
    if findings:
        connection.execute(_FINDINGS, findings)


def _received(arrival: Arrival, now: datetime) -> Row:
    return {
        "shot_id": arrival.shot_id,
        "booth_id": arrival.booth_id,
        "sha256": arrival.sha256,
        "size": arrival.size,
        "received_at": now,
        "taken_at": now,
        "stage": Stage.RECEIVED.value,
        "version": 1,
        "told": False,
        "all_passed": False,
    }


def _not_queued(found: OpeningResult) -> Row:
    if isinstance(found, Refusal):
        return {"stage": Stage.REFUSED.value, "refusal": list(found.reasons)}
    return {}


def _queued(
    session: Session,
    office_keys: OfficeKeys,
    now: datetime,
    shot_id: str,
    opened: Opened,
    person: tuple[str, bool],
    on_campus: bool,
) -> Row:
    manifest = opened.manifest
    person_id, new = person
    flags = opened.flags
    if not new and approved_photo(earlier_shots(session, person_id, shot_id), opened.year) is not None:
        flags = (*flags, OfficeFlag.APPROVED_ALREADY.value)
    if on_campus:
        flags = (*flags, OfficeFlag.ON_CAMPUS.value)
    return {
        "stage": Stage.QUEUED.value,
        "refusal": None,
        "verified_at": now,
        "queued_at": now,
        "rank": int(rank(flags)),
        "profile": manifest.profile,
        "school": opened.school,
        "year": opened.year,
        "identified_by": manifest.identified_by,
        "person_id": person_id,
        "receipt_lookup": office_keys.lookup("receipt", receipt_text(manifest.receipt)),
        "flags": list(flags),
        "all_passed": opened.all_passed and not flags,
        "shot_at": manifest.times.shot,
        "clock_synced": manifest.times.clock_synced,
        "taken_at": manifest.times.shot if manifest.times.clock_synced else now,
    }


def _identity(office_keys: OfficeKeys, shot_id: str, opened: Opened) -> Row:
    return {"shot_id": shot_id, "sealed": seal_person(office_keys, shot_id, opened.manifest.person)}


def _report(shot_id: str, opened: Opened) -> Row:
    checks = [[str(result.check), str(result.verdict), result.value] for result in opened.results]
    return {"shot_id": shot_id, "checks": checks}


def _findings(shot_id: str, opened: Opened) -> list[Row]:
    return [
        {
            "shot_id": shot_id,
            "check_id": finding.check.value,
            "verdict": finding.verdict.value,
            "value": finding.value,
        }
        for finding in opened.findings
    ]
