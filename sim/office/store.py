"""The store of the stand-in office: envelopes by shot id, checked as the real office checks them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from common.disk import Disk, write_durably
from rules.filecheck import check_file
from rules.original import original_faults
from rules.profile import ProfileError, load_profile
from wire.digest import content_digest
from wire.envelope import open_envelope
from wire.faults import WireError
from wire.manifest import Manifest
from wire.receipt import Receipt, ShotStatus
from wire.seal import is_sealed, open_sealed


class OtherDigest(ValueError):
    """The shot id is taken by other bytes."""


class BadEnvelope(ValueError):
    """The bytes are not an envelope of this shot with a legal photo."""


@dataclass(frozen=True, slots=True)
class ReceivedShot:
    """One shot at the office. `photo` and `manifest` are there once it is verified."""

    receipt: Receipt
    envelope: Path
    photo: Path | None = None
    manifest: Manifest | None = None


class OfficeStore:
    """A folder of envelopes, photos and receipts; what was there at the start is known again. Any thread.

    `identities`: the keys that open what booths seal.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime], identities: Sequence[str] = ()) -> None:
        self._folder = folder
        self._identities = tuple(identities)
        self._now = now
        self._lock = threading.Lock()
        self._disk = Disk()
        self._shots: dict[str, ReceivedShot] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob("*.receipt.json")):
            receipt = Receipt.decode(path.read_bytes())
            received = receipt.model_copy(update={"status": ShotStatus.RECEIVED, "verified_at": None})
            self._shots[receipt.shot_id] = ReceivedShot(received, self._path(receipt.shot_id, "envelope"))

    def shots(self) -> tuple[ReceivedShot, ...]:
        """Everything received, in the order of coming."""
        with self._lock:
            return tuple(self._shots.values())

    def put(self, shot_id: str, data: bytes) -> tuple[ReceivedShot, bool]:
        """Store the bytes durably; returns whether they are new. Raises `OtherDigest`."""
        with self._lock:
            known = self._shots.get(shot_id)
            if known is not None:
                if known.receipt.digest != content_digest(data):
                    raise OtherDigest("this shot id was received with other bytes")
                return known, False
            envelope = self._path(shot_id, "envelope")
            self._write(envelope, data)
            digest = content_digest(envelope.read_bytes())
            receipt = Receipt(shot_id=shot_id, digest=digest, status=ShotStatus.RECEIVED, received_at=self._now())
            return self._enter(ReceivedShot(receipt, envelope)), True

    def verify(self, shot_id: str) -> ReceivedShot | None:
        """Open and check a shot that was received; None when it is not known. Raises `BadEnvelope`."""
        with self._lock:
            shot = self._shots.get(shot_id)
            if shot is None or shot.receipt.status is ShotStatus.VERIFIED:
                return shot
            manifest, jpeg = self._checked(shot)
            photo = self._path(shot_id, "jpg")
            self._write(photo, jpeg)
            verified = {"status": ShotStatus.VERIFIED, "verified_at": self._now()}
            receipt = shot.receipt.model_copy(update=verified)
            return self._enter(ReceivedShot(receipt, shot.envelope, photo, manifest))

    def forget(self, shot_id: str) -> None:
        """Lose a shot, like an office that was restored from yesterday's backup."""
        with self._lock:
            self._shots.pop(shot_id)

    def _checked(self, shot: ReceivedShot) -> tuple[Manifest, bytes]:
        data = shot.envelope.read_bytes()
        if content_digest(data) != shot.receipt.digest:
            raise BadEnvelope("the stored bytes changed")
        try:
            envelope = open_envelope(open_sealed(data, self._identities) if is_sealed(data) else data)
            profile = load_profile(envelope.manifest.profile)
        except (WireError, ProfileError) as error:
            raise BadEnvelope(str(error)) from error
        if envelope.manifest.shot_id != shot.receipt.shot_id:
            raise BadEnvelope("the manifest is of another shot")
        faults = check_file(envelope.photo, profile.photo)
        if faults:
            raise BadEnvelope("; ".join(map(str, faults)))
        told = envelope.manifest.finish.get("original")
        if envelope.original is not None:
            width, height = (told.get("width"), told.get("height")) if isinstance(told, dict) else (None, None)
            if not isinstance(width, int) or not isinstance(height, int):
                raise BadEnvelope("the manifest does not say what original.jpg is")
            wrong = original_faults(envelope.original, (width, height))
            if wrong:
                raise BadEnvelope("; ".join(wrong))
        return envelope.manifest, envelope.photo

    def _enter(self, shot: ReceivedShot) -> ReceivedShot:
        self._write(self._path(shot.receipt.shot_id, "receipt.json"), shot.receipt.encode())
        self._shots[shot.receipt.shot_id] = shot
        return shot

    def _write(self, path: Path, data: bytes) -> None:
        temporary = path.with_suffix(".part")
        temporary.unlink(missing_ok=True)
        write_durably(self._disk, path, data, temporary)

    def _path(self, shot_id: str, kind: str) -> Path:
        return self._folder / f"{shot_id}.{kind}"
