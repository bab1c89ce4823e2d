"""Photos cut anew from their originals: made, checked, kept beside those that came, and given on in their place.

What came is never written over: a mended photo is another file in the photo store, named by the decision that made it.
It is sealed to the office's newest key, where there is one, as booths seal theirs.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from center.platform.database import Database
from center.platform.faults import NotThere, Unavailable, WrongRequest
from center.platform.photos import PhotoStore, photo_name
from center.platform.seal_keys import Envelopes, SealKeys
from center.recrop.model import Original, recropped_photo
from center.recrop.tables import RecroppedRow
from center.shots.model.recrop_source import RecropSource, recrop_source
from center.shots.model.staff_decision import Recrop, RecroppedPhoto, recrop_faults
from center.shots.tables import DecisionRow, ShotRow
from rules.profile import Profile
from wire.envelope import Envelope
from wire.seal import SealError, seal


@dataclass(frozen=True, slots=True)
class RecropInput:
    """A shot whose crop can be mended. `face` and `crop` are in pixels of the original, from its edges."""

    recrop_source: RecropSource
    original: Original
    profile: Profile

    def faults(self, recrop: Recrop) -> tuple[str, ...]:
        """What is wrong with a crop; none: it is legal."""
        plain = self.original.plain_sides()
        return recrop_faults(recrop, self.recrop_source.face, self.original.size, self.profile.photo, plain)


class Recropping:
    """Mended photos. Threads may share it."""

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
        """What a shot can be cut from. Raises `NotThere`, `Unavailable`; `WrongRequest` when no original came."""
        envelope = self._envelope(shot_id)
        source = recrop_source(envelope.manifest.finish)
        if envelope.original is None or source is None:
            raise WrongRequest("no original came with this photo: it can't be mended here, reject it instead")
        profile = self._profiles[envelope.manifest.profile]
        return RecropInput(source, Original(envelope.original, profile.background), profile)

    def original(self, shot_id: str) -> bytes:
        """The original's file. Raises as `recroppable`."""
        original = self._envelope(shot_id).original
        if original is None:
            raise NotThere(f"no original came with shot {shot_id[:40]!r}")
        return original

    def make(self, shot_id: str, recrop: Recrop) -> RecroppedPhoto:
        """Cut the photo anew and keep it durably; nothing counts before a decision names it.

        Raises as `recroppable`; `WrongRequest` also for a crop or a file that is not legal.
        """
        source = self.recroppable(shot_id)
        faults = source.faults(recrop)
        if faults:
            raise WrongRequest("the crop is not legal: " + "; ".join(faults))
        jpeg = recropped_photo(source.original, recrop, source.profile)
        recipients = self._keys.recipients[:1]
        data = seal(jpeg, recipients) if recipients else jpeg
        sha256 = hashlib.sha256(data).digest()
        self._photos.put(photo_name(shot_id, sha256), data, sha256)
        return RecroppedPhoto(sha256, len(data))

    def finished(self, shot_id: str) -> bytes:
        """The photo as it goes on to the register: cut anew by the newest decision that stands, else as it came.

        Raises `NotThere`, `Unavailable`.
        """
        kept = self._kept(shot_id)
        if kept is None:
            return self._envelope(shot_id).photo
        try:
            return self._keys.unseal(self._photos.get(photo_name(shot_id, kept)))
        except SealError as fault:
            raise Unavailable(f"the mended photo of shot {shot_id} can't be opened: bring its key back") from fault

    def _kept(self, shot_id: str) -> bytes | None:
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
        with self._database.read() as session:
            row = session.execute(
                select(ShotRow.sha256, ShotRow.verified_at, ShotRow.profile).where(ShotRow.shot_id == shot_id)
            ).one_or_none()
        if row is None or row.verified_at is None or row.profile not in self._profiles:
            raise NotThere(f"there is no shot {shot_id[:40]!r} to look at")
        return self._envelopes.open(shot_id, row.sha256)
