"""The updater. systemd runs it as root and without network, before each start and after each end of a service, and once
a minute.

It trusts no file of the uplink. It copies the release file to a folder in which only root can write, and then checks,
unpacks and runs only the copy.
"""

import contextlib
import errno
import hashlib
import logging
import os
import stat
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from common.disk import Disk, alone_in, write_durably
from kiosk.update import decision
from kiosk.update.decision import NotNow, NotTaken
from kiosk.update.programs import Programs
from kiosk.update.retry import Retry
from kiosk.update.state import Digest, Refusal, Service, UpdateState
from kiosk.update.unpacking import Probe, imports_itself, unpack
from wire.digest import parse_digest
from wire.faults import WireError
from wire.model import Day
from wire.release import (
    MOST_ARCHIVE_BYTES,
    MOST_HEADER_BYTES,
    KeySet,
    ReleaseHeader,
    Statement,
    Version,
    open_header,
    read_header,
    read_key_set,
)

log = logging.getLogger(__name__)

ROOM_BYTES = 200_000_000
"""At least this much must stay free on the disk of the programs, however large a release is."""
_PIECE = 1 << 20
_COPY = ".incoming"


class Offer(BaseModel):
    """The statement of the uplink about a file that it has fetched completely (`offer.json`)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    digest: Digest
    version: str
    today: Day  # the office's date


class _NoRoom(Exception):
    """The disk has not enough room. Nothing was written, so the next minute may try again."""


class _OtherFile(Exception):
    """The file is not the one that was offered. This says nothing about the release, which may still be good."""


class Updater:
    """One run of the updater. `incoming`: the uplink's folder; `given_keys`: the set of keys given by hand."""

    def __init__(
        self,
        programs: Path,
        incoming: Path,
        given_keys: Path,
        package: str,
        *,
        disk: Disk | None = None,
        probe: Probe = imports_itself,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._disk = disk or Disk()
        self._programs = Programs(programs, self._disk)
        self._incoming = incoming
        self._given_keys = given_keys
        self._package = Version(package)
        self._probe = probe
        self._retry = Retry(programs / "held-back", now)

    def starting(self, service: Service) -> UpdateState:
        """Count the start of `service` that is about to happen. If the start of a version on trial can't be counted,
        the package's own version runs instead, because it needs no trial. Raises `OSError` if even the package's own
        version can't be chosen."""
        try:
            return self._change(lambda state: decision.starting(state, service))
        except OSError as fault:
            state = self._programs.state()
            if state.trial is not None:
                log.error("the start can't be noted (%s): the package's own version runs", fault.strerror)
                self._programs.choose_package()
            return state

    def ended(self, service: Service, *, clean: bool) -> UpdateState:
        """Note that `service` ended. Raises `OSError`."""
        return self._change(lambda state: decision.ended(state, service, clean=clean))

    def step(self, failures: Collection[str], *, again: bool = False) -> UpdateState:
        """Called once a minute: judge the version on trial, and install a release that has arrived. `failures`: the
        names of the present failures. `again`: try a release again at once even if the last attempt failed shortly
        before.

        Raises `OSError`, and `ReleaseError` for wrong keys given by hand.
        """
        keys, offer = self._programs.keys(self._given_keys), self._offer()

        def later(state: UpdateState) -> UpdateState:
            known = {"keys": None if keys is None else keys.version, "held": state.held if offer else None}
            served = self._served(state.chosen or str(self._package))
            return decision.minute(state.model_copy(update=known), failures, served=served)

        state = self._change(later)
        self._programs.tidy(decision.needed(state))
        if state.comparison is not None and not state.comparison.booth_runs:
            self._forget_served()  # from now on only photos of the former version count
        if keys is None or offer is None or (state.tried is not None and state.tried.digest == offer.digest):
            return state
        if again:
            self._retry.forget()
        return self._take(offer, keys, failures) if self._retry.due(offer.digest) else state

    def _take(self, offer: Offer, keys: KeySet, failures: Collection[str]) -> UpdateState:
        try:
            version = self._install(offer, keys)
        except NotTaken as fault:
            log.error("release %s is not taken: %s", offer.version, fault)
            refusal = Refusal(digest=offer.digest, version=offer.version[:40], went_back=False, why=str(fault)[:300])
            self._drop(offer)
            return self._change(lambda state: decision.refuse(state, refusal))
        except NotNow as fault:
            self._retry.failed(offer.digest)
            return self._hold(offer, str(fault))
        except _OtherFile as fault:
            self._drop(offer)  # the uplink then fetches the file again
            return self._hold(offer, str(fault))
        except _NoRoom as fault:
            return self._hold(offer, str(fault))
        except OSError as fault:
            self._retry.failed(offer.digest)  # each attempt writes a whole release to the memory card
            return self._hold(offer, fault.strerror or type(fault).__name__)
        finally:
            (self._programs.releases / _COPY).unlink(missing_ok=True)
        log.warning("release %s is installed; it runs on trial from the next start", version)
        state = self._change(lambda state: decision.begin(state, version, offer.digest, failures))
        self._drop(offer)
        self._retry.forget()
        return state

    def _hold(self, offer: Offer, cause: str) -> UpdateState:
        why = f"release {offer.version[:40]} can't be installed now: {cause}"
        log.error("%s", why)
        with contextlib.suppress(OSError):
            return self._change(lambda state: state.model_copy(update={"held": why[:300]}))
        return self._programs.state()

    def _install(self, offer: Offer, keys: KeySet) -> str:
        """Copy, check and unpack the offered file. Returns the version, which is not chosen yet. Raises `NotTaken`,
        `NotNow`, `_OtherFile`, `_NoRoom`, `OSError`."""
        self._programs.releases.mkdir(mode=0o755, exist_ok=True)
        try:
            missing = self._missing_room((self._incoming / f"{offer.digest}.release").lstat().st_size)
        except FileNotFoundError:
            raise _OtherFile("the file that was offered is gone") from None
        if missing is not None:
            raise _NoRoom(missing)
        copy = self._programs.releases / _COPY
        copy.unlink(missing_ok=True)
        write_durably(self._disk, copy, self._read_offered(offer), copy.with_name(f"{_COPY}.new"))
        with copy.open("rb") as file:
            try:
                header = read_header(file)
                statement, newest = open_header(header, keys)
            except WireError as fault:
                raise NotTaken(str(fault)) from fault
            decision.check_offer(self._programs.state(), self._package, statement, offer.today)
            self._check_archive(statement, copy, file.tell())
            missing = self._missing_room(statement.installed_bytes)
            if missing is not None:
                raise OSError(errno.ENOSPC, missing)
            self._keep_newest(header, keys, newest)
            unpack(self._disk, file, self._programs.releases / statement.version, self._probe)
        return statement.version

    def _read_offered(self, offer: Offer) -> Iterator[bytes]:
        """Read the uplink's file once. It must be a plain file, and not longer than the largest allowed release."""
        path = self._incoming / f"{offer.digest}.release"
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise NotTaken("what was offered is no file")
            left, digest = MOST_ARCHIVE_BYTES + MOST_HEADER_BYTES, hashlib.sha256()
            while piece := file.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise NotTaken("the file is longer than any release")
                digest.update(piece)
                yield piece
        if digest.hexdigest() != offer.digest:
            raise _OtherFile("its file was damaged on this disk")

    def _check_archive(self, statement: Statement, copy: Path, begin: int) -> None:
        digest = hashlib.sha256()
        with copy.open("rb") as file:
            file.seek(begin)
            while piece := file.read(_PIECE):
                digest.update(piece)
            size = file.tell() - begin
        if digest.digest() != parse_digest(statement.archive) or size != statement.archive_bytes:
            raise NotTaken("its archive is not the one that was signed: damaged, or cut short")

    def _missing_room(self, wanted: int) -> str | None:
        missing = wanted + ROOM_BYTES - self._disk.free_bytes(self._programs.releases)
        if missing <= 0:
            return None
        return f"{missing // 1_000_000 + 1} MB of room are missing on the disk of {self._programs.folder}"

    def _keep_newest(self, header: ReleaseHeader, keys: KeySet, newest: KeySet) -> None:
        if newest.version > keys.version:
            paper = next(one for one in header.key_sets if read_key_set(one.encode())[1] == newest)
            self._programs.keep_keys(paper)

    def _change(self, change: Callable[[UpdateState], UpdateState]) -> UpdateState:
        """Read, change and store the state under a lock, because a start of a service and the timer may run the updater
        at the same time."""
        with alone_in(self._programs.folder):
            state = decision.without_outdated_choice(self._programs.state(), self._package, self._programs.installed())
            state = change(state)
            self._programs.keep(state)
        return state

    def _served(self, version: str) -> bool:
        try:
            return (self._incoming / "served").read_text("ascii").strip() == version
        except (OSError, UnicodeDecodeError):
            return False

    def _forget_served(self) -> None:
        with contextlib.suppress(OSError):
            (self._incoming / "served").unlink(missing_ok=True)

    def _offer(self) -> Offer | None:
        try:
            with (self._incoming / "offer.json").open("rb") as file:
                return Offer.model_validate_json(file.read(4096))
        except (OSError, ValidationError):
            return None

    def _drop(self, offer: Offer) -> None:
        for name in ("offer.json", f"{offer.digest}.release"):
            with contextlib.suppress(OSError):
                (self._incoming / name).unlink(missing_ok=True)
