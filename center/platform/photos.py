"""Where the envelopes are stored: a folder of files or an S3 bucket, with the same guarantees.

`put` and `put_all` report success only when the bytes are durable **and were read back** with the right digest: object
stores acknowledge without syncing by default, and a disk may have written less than it reported. A name consists of the
shot's random id and the digest of the bytes, so two different contents of one shot never share a name, and storing the
same bytes again is harmless.

A failed sync is never retried here, because after it Linux may treat pages as written although they were not. The booth
still has the bytes and sends them again, which makes a new file.
"""

import contextlib
import errno
import hashlib
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from center.platform.faults import NotNow, NotThere, Unavailable
from common.disk import Disk, write_batch, write_durably
from common.file_systems import syncs_as_one
from wire.model import HEX_ID

if TYPE_CHECKING:
    from obstore.store import S3Config

log = logging.getLogger(__name__)

_NAME = re.compile(HEX_ID + "-[0-9a-f]{64}")
_SHELF = re.compile(r"[0-9a-f]{2}")
_LEFT_OVER_S = 3_600
_LINES = 16  # how many requests one `PhotoBucket` sends at once
_GONE = (
    "the photo store has no file {name}: its booth sends it again before it deletes its copy; if the booth has none "
    "any more, bring the file back from a backup and restart the office"
)


class PhotoGone(Unavailable):
    """The store answers, and has nothing under this name: trying again will not help. Other shots are not affected."""


class PhotoDamaged(PhotoGone):
    """The file exists, but its content is not what was stored, or the disk can't read it. Other shots are not
    affected."""

    def __init__(self, shot_id: str) -> None:
        super().__init__(
            "the stored file of shot {shot_id} is damaged: if it waits for review, its booth sends it again as long as "
            "it has its copy; else bring the file back from a backup and restart the office",
            shot_id=shot_id,
        )


class PhotoDeleted(NotThere):
    """The office deleted the photo, by the retention table or on request: it must not come back."""

    def __init__(self, shot_id: str) -> None:
        super().__init__(
            "the photo of shot {shot_id} was deleted, on request or by the retention table: nothing is left to look at",
            shot_id=shot_id,
        )


PROBE_ID = "0" * 32
"""The id under which `center init` tries the store; no shot has it."""


def photo_name(shot_id: str, sha256: bytes) -> str:
    """The name for the bytes with this digest as the envelope of this shot."""
    name = f"{shot_id}-{sha256.hex()}"
    assert _NAME.fullmatch(name), "shot ids are 32 hex digits, checked where they come in"
    return name


def digest_in(name: str) -> bytes:
    """The SHA-256 of the bytes stored under a name that `photo_name` made."""
    return bytes.fromhex(name.partition("-")[2])


def is_photo_name(text: str) -> bool:
    """Whether `text` is a name that `photo_name` gives."""
    return _NAME.fullmatch(text) is not None


class ToPut(NamedTuple):
    """A photo to be stored: the arguments of `PhotoStore.put`."""

    name: str
    data: bytes
    sha256: bytes


class PhotoStore(Protocol):
    """SHALL store bytes under names of `photo_name`. Every method raises `Unavailable` when it can't do its work."""

    batches: int
    """How many `put_all` calls are worth running at the same time."""

    def put(self, name: str, data: bytes, sha256: bytes) -> None:
        """SHALL return only when `data` is durable and reading it back gave `sha256`.
        Repeating it SHALL be harmless."""

    def put_all(self, photos: Sequence[ToPut]) -> list[Unavailable | None]:
        """SHALL do what `put` does for each photo, and return for each one the fault, or None if it is stored.
        SHALL NOT raise."""

    def get(self, name: str) -> bytes:
        """SHALL return the bytes, or raise `Unavailable`: `PhotoGone` if the store answers that it has no such name."""

    def has(self, name: str) -> bool:
        """SHALL tell whether something is stored under the name."""

    def old(self, age_s: float) -> Iterator[str]:
        """SHALL give the names stored at least `age_s` ago, in no order, and only names of `photo_name`."""

    def drop(self, name: str, age_s: float) -> bool:
        """SHALL delete the photo `name` if it was stored at least `age_s` ago, and return whether it did; SHALL NOT
        delete a photo stored since.
        """

    def close(self) -> None: ...


def read_photo(photos: PhotoStore, shot_id: str, sha256: bytes) -> bytes:
    """The stored bytes of a shot with this digest. Raises `PhotoGone`, `PhotoDamaged`, `Unavailable`."""
    try:
        data = photos.get(photo_name(shot_id, sha256))
    except PhotoGone:
        raise
    except Unavailable as fault:
        if isinstance(fault.__cause__, OSError) and fault.__cause__.errno == errno.EIO:
            raise PhotoDamaged(shot_id) from fault
        raise
    if hashlib.sha256(data).digest() != sha256:
        raise PhotoDamaged(shot_id)
    return data


class PhotoFolder:
    """Stores each photo as the file `folder/ab/<name>`; `ab` are the first two characters of the name. The file is
    written in `folder/incoming` first: this is on the same file system, so that a single rename brings the file to its
    place."""

    batches = 1  # one thread's processor time is the limit, and two batches cost more than one large batch (ADR 105)

    def __init__(self, folder: Path, disk: Disk | None = None, *, together: bool | None = None) -> None:
        """`together`: whether one sync may cover several files; None: decided by the type of the file system."""
        self._folder = folder
        self._incoming = folder / "incoming"
        self._leaving = folder / "leaving"
        self._disk = disk or Disk()
        self._together = syncs_as_one(folder) if together is None else together
        self._shelves: set[str] = set()  # the subfolders whose names this process knows to be durable

    def make(self) -> None:
        """Make missing folders, delete half-written files that a crash left an hour ago or more, and put back the files
        of an interrupted `drop`.
        """
        with _unavailable(self._folder):
            for place in (self._folder, self._incoming, self._leaving):
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._disk.sync_folder(self._folder)
            self._disk.sync_folder(self._folder.parent)
            for part in self._incoming.iterdir():
                with contextlib.suppress(FileNotFoundError):  # it was renamed at this moment: it is complete
                    if part.stat().st_mtime < time.time() - _LEFT_OVER_S:
                        self._disk.unlink(part)
            for taken in self._leaving.iterdir():
                self._put_back(taken)

    def put(self, name: str, data: bytes, sha256: bytes) -> None:
        """Write, sync, rename, sync the folder, read back."""
        path = self._path(name)
        with _unavailable(self._folder):
            self._make_shelf(path.parent)
            write_durably(self._disk, path, data, self._part(name))  # if a crash leaves a part, `make` deletes it later
        self._read_back(path, sha256)

    def put_all(self, photos: Sequence[ToPut]) -> list[Unavailable | None]:
        """Write and rename each photo, sync once for all of them, read each back."""
        if len(photos) == 1 or not self._together:
            return [_fault_of(partial(self.put, *photo)) for photo in photos]
        try:
            with _unavailable(self._folder):
                for shelf in {photo.name[:2] for photo in photos} - self._shelves:
                    # the sync of the files also makes the folder's name durable
                    self._disk.make_folder(self._folder / shelf)
        except Unavailable as fault:
            return [fault] * len(photos)
        files = [(self._path(photo.name), photo.data, self._part(photo.name)) for photo in photos]
        wrong = write_batch(self._disk, self._folder, files)
        return [
            _fault_of(partial(self._written, path, photo.sha256, fault))
            for (path, _, _), photo, fault in zip(files, photos, wrong, strict=True)
        ]

    def _written(self, path: Path, sha256: bytes, fault: OSError | None) -> None:
        with _unavailable(self._folder):
            if fault is not None:
                raise fault
        self._read_back(path, sha256)

    def _read_back(self, path: Path, sha256: bytes) -> None:
        with _unavailable(self._folder):
            found = self._disk.read(path)
        if hashlib.sha256(found).digest() != sha256:
            log.error("photo folder %s: a file read back differs from what was written", self._folder)
            raise NotNow("the office's photo store did not keep what it was given: try again later")

    def get(self, name: str) -> bytes:
        """Read the file."""
        try:
            with _unavailable(self._folder):
                return self._disk.read(self._path(name))
        except Unavailable as fault:
            # If `incoming` is missing, too, then the whole store is: its disk is not mounted.
            if isinstance(fault.__cause__, FileNotFoundError) and self._incoming.is_dir():
                raise PhotoGone(_GONE, name=name) from fault
            raise

    def has(self, name: str) -> bool:
        """Whether something is stored under the name."""
        with _unavailable(self._folder):
            return self._path(name).is_file()

    def old(self, age_s: float) -> Iterator[str]:
        """The names are read from one subfolder after the other."""
        before = time.time() - age_s
        with _unavailable(self._folder):
            shelves = [shelf for shelf in self._folder.iterdir() if _SHELF.fullmatch(shelf.name)]
            for shelf in shelves:
                # The whole subfolder is read at once, because the caller may take hours between two names.
                yield from [file.name for file in shelf.iterdir() if _is_old(file, before)]

    def drop(self, name: str, age_s: float) -> bool:
        """Move the file away first and check its age then: if a booth sends the same bytes again at this very moment,
        it makes a new file in the old place, which is not deleted.
        """
        path, taken = self._path(name), self._leaving / f"{name}.{secrets.token_hex(4)}"
        with _unavailable(self._folder):
            try:
                self._disk.rename(path, taken)
                old = taken.stat().st_mtime <= time.time() - age_s
                if old:
                    self._disk.unlink(taken)
            except FileNotFoundError:  # there is none, or another process has just put it back (`make`)
                return False
            if not old:
                self._put_back(taken)
            return old

    def close(self) -> None:
        """Do nothing, because nothing is held open."""

    def _put_back(self, taken: Path) -> None:
        with contextlib.suppress(FileNotFoundError):  # another process has put it back
            self._disk.rename(taken, self._path(taken.name.partition(".")[0]))

    def _path(self, name: str) -> Path:
        assert _NAME.fullmatch(name), "names come from photo_name"
        return self._folder / name[:2] / name

    def _part(self, name: str) -> Path:
        return self._incoming / f"{name}.{secrets.token_hex(4)}"

    def _make_shelf(self, shelf: Path) -> None:
        # Synced even if it exists: another thread may have made it a moment ago and not synced it yet.
        if shelf.name not in self._shelves:
            self._disk.make_folder(shelf)
            self._disk.sync_folder(self._folder)
            self._shelves.add(shelf.name)


class PhotoBucket:
    """Stores each photo as the object `<prefix>ab/<name>` in an S3 bucket; `ab` are the first two characters of the
    name.
    """

    batches = 4  # several, because each batch spends most of its time waiting for its slowest request

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str | None,
        region: str,
        prefix: str,
        key_id: str,
        key: str,
        timeout_s: int,
    ) -> None:
        self._prefix = prefix
        self._bucket = bucket
        self._lines = ThreadPoolExecutor(_LINES, thread_name_prefix="bucket")
        config: S3Config = {"region": region, "access_key_id": key_id, "secret_access_key": key}
        if endpoint is not None:
            config["endpoint"] = endpoint
        self._store = S3Store(
            bucket,
            config=config,
            client_options={
                "timeout": timedelta(seconds=timeout_s),
                "connect_timeout": timedelta(seconds=min(5, timeout_s)),
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=timeout_s)},
        )

    def put(self, name: str, data: bytes, sha256: bytes) -> None:
        """Store the object by one PUT, and read it back by one GET. Overwriting is harmless: a name has one content."""
        try:
            obstore.put(self._store, self._path(name), data, use_multipart=False)
        except (BaseError, OSError) as fault:
            raise self._down("put", fault) from fault
        if hashlib.sha256(self.get(name)).digest() != sha256:
            log.error("bucket %s: an object read back differs from what was put", self._bucket)
            raise NotNow("the office's photo store did not keep what it was given: try again later")

    def put_all(self, photos: Sequence[ToPut]) -> list[Unavailable | None]:
        """Store the objects, several at the same time."""
        return list(self._lines.map(lambda photo: _fault_of(partial(self.put, *photo)), photos))

    def get(self, name: str) -> bytes:
        """Read the object."""
        try:
            return bytes(obstore.get(self._store, self._path(name)).bytes())
        except (NotFoundError, FileNotFoundError) as fault:
            raise PhotoGone(_GONE, name=name) from fault
        except (BaseError, OSError) as fault:
            raise self._down("get", fault) from fault

    def has(self, name: str) -> bool:
        """Whether the object exists, by one HEAD."""
        try:
            obstore.head(self._store, self._path(name))
        except (NotFoundError, FileNotFoundError):
            return False
        except (BaseError, OSError) as fault:
            raise self._down("head", fault) from fault
        return True

    def old(self, age_s: float) -> Iterator[str]:
        """The age of a name counts from the time that the bucket itself recorded."""
        before = datetime.now(UTC) - timedelta(seconds=age_s)
        try:
            for page in obstore.list(self._store, prefix=self._prefix or None):
                for entry in page:
                    name = entry["path"].rsplit("/", 1)[-1]
                    if entry["last_modified"] <= before and _NAME.fullmatch(name):
                        yield name
        except (BaseError, OSError) as fault:
            raise self._down("list", fault) from fault

    def drop(self, name: str, age_s: float) -> bool:
        """A bucket can't delete on a condition, so another request can store the photo between the check and the
        deletion. If the bucket keeps versions, as an office's bucket should, it keeps that photo as a version.
        """
        path = self._path(name)
        try:
            if obstore.head(self._store, path)["last_modified"] > datetime.now(UTC) - timedelta(seconds=age_s):
                return False
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as fault:
            raise self._down("delete", fault) from fault
        return True

    def close(self) -> None:
        """End the threads that send requests. The library closes idle connections itself."""
        self._lines.shutdown()

    def _path(self, name: str) -> str:
        assert _NAME.fullmatch(name), "names come from photo_name"
        return f"{self._prefix}{name[:2]}/{name}"

    def _down(self, verb: str, fault: Exception) -> NotNow:
        # The library's message may be logged: it contains the request's address, which has no personal data, only the
        # shot's random id and a digest.
        log.error("bucket %s: %s failed (%s): %s", self._bucket, verb, type(fault).__name__, str(fault)[:300])
        return NotNow("the office's photo store can't be used now: try again later")


def _fault_of(put: Callable[[], None]) -> Unavailable | None:
    try:
        put()
    except Unavailable as fault:
        return fault
    return None


def _is_old(file: Path, before: float) -> bool:
    """Whether this is a photo that was stored at `before` or earlier; False if it is being deleted now."""
    if not _NAME.fullmatch(file.name):
        return False
    try:
        return file.stat().st_mtime <= before
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _unavailable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        log.error("photo folder %s: %s", folder, fault.strerror or type(fault).__name__)
        raise NotNow("the office's photo store can't be used now: try again later") from fault
