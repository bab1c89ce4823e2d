"""Makes the manifest of an envelope from a person and a photo at the desk. At the booth, `runtime.submission` does
this."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kiosk.core.identity import Identification
from kiosk.core.session.flags import flags_of
from kiosk.core.session.state import Flag, Reason, Session, Take
from kiosk.desk.identify import Typed
from kiosk.desk.studio import DeskPhoto
from kiosk.ports.clock import WallTime
from kiosk.ports.roster import RosterMatch
from kiosk.runtime.submission import new_receipt
from rules.documents import DocumentKind
from rules.profile import Profile
from rules.season import SeasonState
from wire.manifest import Manifest, Person, Times


@dataclass(frozen=True, slots=True)
class DeskPerson:
    """The person who is photographed. `row`: None if the person is on no roster. `number`: the ID number of the shot;
    None: it is the ID number of the row."""

    typed: Typed
    row: RosterMatch | None = field(repr=False)
    by: Identification
    consented: datetime
    number: str | None = field(default=None, repr=False)


def manifest_of(
    booth_id: str,
    profile: Profile,
    person: DeskPerson,
    made: DeskPhoto,
    flags: tuple[Flag, ...],
    shot_at: datetime,
    now: WallTime,
    versions: Mapping[str, str],
) -> Manifest:
    """The manifest of one shot, with a new shot id and receipt. So call it only once for each shot."""
    return Manifest(
        shot_id=secrets.token_hex(16),
        booth_id=booth_id,
        receipt=new_receipt(),
        profile=profile.name,
        consent_version=profile.consent.version,
        person=_who(person),
        identified_by=person.by.value,
        flags=tuple(flag.value for flag in flags),
        times=Times(consented=person.consented, shot=shot_at, accepted=now.moment, clock_synced=now.synced),
        checks=tuple(dict(check) for check in made.photo.checks),
        finish=dict(made.photo.report),
        versions=dict(versions),
    )


def desk_flags(
    person: DeskPerson, made: DeskPhoto, season: SeasonState, reason: Reason | None, *, data_wrong: bool
) -> tuple[Flag, ...]:
    """The flags of a shot: the same flags that a booth sets, and the flag that the shot was taken at the desk."""
    document = person.typed.document
    own = {
        Flag.STAFF_DESK: True,
        Flag.OTHER_DOCUMENT: document is not None and document.kind is not DocumentKind.ID_CARD,
        Flag.CODE_ONLY: person.by is Identification.CODE,
        Flag.PROVISIONAL_ROW: person.row is None,
        Flag.DATA_WRONG: data_wrong,
        Flag.PICTURE_DOUBTED: bool(made.picture_doubts),
    }
    session = Session(
        season=season,
        allowed=True,  # staff at the desk allow it
        photographed=person.row is not None and person.row.photographed,
        reason=reason,
        flags=tuple(flag for flag, holds in own.items() if holds),
    )
    failed = tuple(one.check.value for one in made.judgement.failing())
    return flags_of(session, Take(1, doubts=made.doubts, failures=failed))


def _who(person: DeskPerson) -> Person:
    if person.row is not None:
        return Person.of_row(person.row.row, person.number)
    return Person.without_row(person.typed.name, person.number, person.typed.code or None)
