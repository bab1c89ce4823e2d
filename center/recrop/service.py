"""Makes recropped photos, checks them, stores them next to the booths' photos, and delivers them instead of the
booths'.

The booth's photo is never overwritten: a recropped photo is another file in the photo store. The table of recropped
photos says to which decision it belongs. The file is sealed to the office's newest key if there is one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from center.platform.database import Database
from center.platform.faults import NotThere, Unavailable, WrongRequest
from center.platform.photos import PhotoDamaged, PhotoDeleted, PhotoStore, photo_name, read_photo
from center.platform.seal_keys import Envelopes, SealKeys
from center.recrop.model import Original, recrop_faults, recropped_photo
from center.recrop.sizes import SizedPhoto, sized_photo
from center.recrop.tables import RecroppedRow
from center.shots.model.staff_decision import Recrop, RecroppedPhoto
from center.shots.tables import DecisionRow, ShotRow
from rules.finish_report import RecropSource
from rules.profile import Profile
from wire.envelope import Envelope
from wire.manifest import Person
from wire.seal import NoKey, SealError, seal


@dataclass(frozen=True, slots=True)
class RecropInput:
    """A shot that can be recropped. `face` and `crop` are in pixels of the original, from its edges."""

    recrop_source: RecropSource
    original: Original
    profile: Profile

    def faults(self, recrop: Recrop) -> tuple[str, ...]:
        """The faults of a crop; empty if it is legal."""
        plain = self.original.plain_sides()
        return recrop_faults(recrop, self.recrop_source.face, self.original.size, self.profile.photo, plain)


class Recropping:
    """Makes and reads recropped photos. Threads may share it."""

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        envelopes: Envelopes,
        keys: SealKeys,
        profiles: Mapping[str, Profile],
    ) -> None:
        self._database = database
        self._photos = photos
        self._envelopes = envelopes
        self._keys = keys
        self._profiles = profiles

    def recroppable(self, shot_id: str) -> RecropInput:
        """The original and crop of a shot. Raises `NotThere`, `Unavailable`; `WrongRequest` if no original was sent."""
        envelope = self._envelope(shot_id)
        source = RecropSource.read(envelope.manifest.finish)
        if envelope.original is None or source is None:
            raise WrongRequest("no original came with this photo: it can't be recropped here, reject it instead")
        profile = self._profiles[envelope.manifest.profile]
        return RecropInput(source, Original(envelope.original, profile.background), profile)

    def original(self, shot_id: str) -> bytes:
        """The original's file. Raises `NotThere` (also if the booth sent no original), `Unavailable`."""
        original = self._envelope(shot_id).original
        if original is None:
            raise NotThere("no original came with shot {shot_id!r}", shot_id=shot_id[:40])
        return original

    def make(self, shot_id: str, recrop: Recrop) -> RecroppedPhoto:
        """Cut the photo again and store it durably; it takes effect only when a decision names it.

        Raises the same errors as `recroppable`, and `WrongRequest` also for a crop or a file that is not legal.
        """
        source = self.recroppable(shot_id)
        faults = source.faults(recrop)
        if faults:
            raise WrongRequest("the crop is not legal: {faults}", faults="; ".join(faults))
        jpeg = recropped_photo(source.original, recrop, source.profile)
        recipients = self._keys.recipients[:1]
        data = seal(jpeg, recipients) if recipients else jpeg
        sha256 = hashlib.sha256(data).digest()
        self._photos.put(photo_name(shot_id, sha256), data, sha256)
        return RecroppedPhoto(sha256, len(data))

    def finished(self, shot_id: str) -> bytes:
        """The photo to be delivered: recropped by the newest valid decision, else as the booth sent it.

        Raises `NotThere`, `Unavailable`.
        """
        sha256 = self._recropped(shot_id)
        if sha256 is None:
            return self._envelope(shot_id).photo
        try:
            return self._keys.unseal(read_photo(self._photos, shot_id, sha256))
        except NoKey as fault:
            raise Unavailable(
                "the recropped photo of shot {shot_id} can't be opened: bring its key back", shot_id=shot_id
            ) from fault
        except SealError as fault:
            raise PhotoDamaged(shot_id) from fault

    def with_codes(self, shot_id: str) -> tuple[bytes, tuple[str, ...]]:
        """Like `finished`, with the shot's image-collection codes, which the office does not interpret."""
        envelope, sha256 = self._envelope(shot_id), self._recropped(shot_id)
        photo = envelope.photo if sha256 is None else self.finished(shot_id)
        return photo, envelope.manifest.opaque_codes

    def with_person(self, shot_id: str) -> tuple[bytes, Person]:
        """Like `finished`, with the person that the booth sealed with the shot, whatever the office
        has changed since."""
        return self.finished(shot_id), self._envelope(shot_id).manifest.person

    def sized(self, shot_id: str) -> tuple[SizedPhoto, ...]:
        """The photo in each further size that its profile names. Raises the same errors as `finished`."""
        envelope, sha256 = self._envelope(shot_id), self._recropped(shot_id)
        profile = self._profiles[envelope.manifest.profile]
        if not profile.more_sizes:
            return ()
        photo = envelope.photo if sha256 is None else self.finished(shot_id)
        source, cut_from = RecropSource.read(envelope.manifest.finish), None
        if sha256 is None and source is not None and envelope.original is not None:
            cut_from = Original(envelope.original, profile.background), source.crop
        return tuple(sized_photo(photo, cut_from, profile.photo, size) for size in profile.more_sizes)

    def _recropped(self, shot_id: str) -> bytes | None:
        newest = select(func.max(DecisionRow.decision_id)).where(DecisionRow.shot_id == shot_id).scalar_subquery()
        query = (
            select(RecroppedRow.sha256)
            .join(DecisionRow, DecisionRow.decision_id == RecroppedRow.decision_id)
            .where(RecroppedRow.decision_id == newest, DecisionRow.undone_at.is_(None))
        )
        with self._database.read() as session:
            found: bytes | None = session.execute(query).scalar_one_or_none()
        return found

    def _envelope(self, shot_id: str) -> Envelope:
        columns = ShotRow.sha256, ShotRow.verified_at, ShotRow.profile, ShotRow.photo_purged_at
        with self._database.read() as session:
            row = session.execute(select(*columns).where(ShotRow.shot_id == shot_id)).one_or_none()
        if row is None or row.verified_at is None or row.profile not in self._profiles:
            raise NotThere("there is no shot {shot_id!r} to look at", shot_id=shot_id[:40])
        if row.photo_purged_at is not None:
            raise PhotoDeleted(shot_id)
        return self._envelopes.open(shot_id, row.sha256)


def store_recropped(session: Session, decision_id: int, shot_id: str, photo: RecroppedPhoto) -> None:
    """Store that this decision approved the recropped photo, whose bytes the photo store has."""
    columns = {"decision_id": decision_id, "shot_id": shot_id, "sha256": photo.sha256, "size": photo.size}
    session.execute(insert(RecroppedRow).values(**columns))
