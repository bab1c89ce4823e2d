"""A small model of a booth's programs: the folder that the package installs, releases whose `bin/kiosk` is a script,
and the (public) test keys that sign these releases."""

import hashlib
import io
import platform
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from common.disk import Disk
from kiosk.update.programs import Programs, chosen_program
from kiosk.update.state import UpdateState
from kiosk.update.updater import Offer, Updater
from wire.digest import content_digest
from wire.release import KeySet, NamedKey, ReleaseHeader, Signed, Statement, header_line, public_of, sign, signed

ANNA, BERT, CARL, DORA = (Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in range(1, 5))
TODAY = date(2026, 9, 20)
MACHINE = {"aarch64": "arm64", "x86_64": "amd64"}[platform.machine()]
PACKAGE = "0.2.0"


def key_set(version: int, holders: Iterable[Ed25519PrivateKey], by: Iterable[Ed25519PrivateKey]) -> Signed:
    """A set of keys, of which two must sign a release. The keys `by` sign the set itself."""
    named = tuple(NamedKey(holder=f"holder {number}", public=public_of(key)) for number, key in enumerate(holders))
    paper = signed(KeySet(version=version, threshold=2, keys=named))
    for key in by:
        paper = sign(KeySet, paper, key)
    return paper


FIRST = key_set(1, (ANNA, BERT, CARL), (ANNA, BERT))


def archive(files: dict[str, bytes] | None = None, links: dict[str, str] | None = None) -> bytes:
    """A tar file in the form of a release's archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:xz") as tar:
        for name, data in (files or {"bin/kiosk": b"#!/bin/sh\necho new\n", "lib/module.py": b"x = 1\n" * 900}).items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(entry, io.BytesIO(data))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    return file.getvalue()


ARCHIVE = archive()


def release(
    version: str = "0.3.0",
    packed: bytes = ARCHIVE,
    *,
    by: Iterable[Ed25519PrivateKey] = (ANNA, CARL),
    sets: tuple[Signed, ...] = (FIRST,),
    **changes: object,
) -> bytes:
    """The bytes of a release file."""
    values: dict[str, object] = {
        "version": version,
        "architecture": MACHINE,
        "minimum_version": "0.2.0",
        "not_after": date(2027, 3, 31),
        "archive": content_digest(packed),
        "archive_bytes": len(packed),
        "installed_bytes": 1_000,
    }
    paper = signed(Statement(**(values | changes)))  # type: ignore[arg-type]
    for key in by:
        paper = sign(Statement, paper, key)
    return header_line(ReleaseHeader(key_sets=sets, statement=paper)) + packed


@dataclass
class Machine:
    """The parts of a booth's machine that updates use. `failures`: the failures that devices report at present."""

    folder: Path
    disk: Disk = field(default_factory=Disk)
    package: str = PACKAGE
    broken: str | None = None  # the error that importing an unpacked release gives; None: no error
    failures: set[str] = field(default_factory=set)
    now_s: float = 1_790_000_000.0  # the time of the wall clock

    def __post_init__(self) -> None:
        if not self.programs.exists():
            (self.programs / "bin").mkdir(parents=True)
            (self.programs / "bin" / "kiosk").write_text("#!/bin/sh\necho package\n")
            (self.programs / "bin" / "kiosk").chmod(0o755)
            self.incoming.mkdir()
            self.keys.write_bytes(FIRST.encode())

    @property
    def programs(self) -> Path:
        """The folder of the programs."""
        return self.folder / "programs"

    @property
    def incoming(self) -> Path:
        """The folder for releases that the uplink fetched."""
        return self.folder / "incoming"

    @property
    def keys(self) -> Path:
        """The file of the first set of keys, which is installed by hand."""
        return self.folder / "release-keys.json"

    @property
    def updater(self) -> Updater:
        """An updater for one run."""
        return Updater(
            self.programs,
            self.incoming,
            self.keys,
            self.package,
            disk=self.disk,
            probe=lambda _release: self.broken,
            now=lambda: self.now_s,
        )

    def fetched(self, data: bytes, version: str = "0.3.0", today: date = TODAY) -> str:
        """Put a release where the uplink puts the releases it has fetched; returns the digest of the release."""
        digest = hashlib.sha256(data).hexdigest()
        (self.incoming / f"{digest}.release").write_bytes(data)
        offer = Offer(digest=digest, version=version, today=today)
        (self.incoming / "offer.json").write_text(offer.model_dump_json())
        return digest

    def step(self, minutes: int = 1) -> UpdateState:
        """Run the updater each minute, for `minutes` minutes."""
        for _ in range(minutes):
            self.now_s += 60
            state = self.updater.step(self.failures)
        return state

    def start(self, service: str = "booth") -> str:
        """Start a service as systemd does; returns the version that then runs."""
        self.updater.starting(service)  # type: ignore[arg-type]
        return self.runs()

    def crash(self, service: str = "booth") -> None:
        """Tell the updater that a service ended unexpectedly."""
        self.updater.ended(service, clean=False)  # type: ignore[arg-type]

    def stop(self, service: str = "booth") -> None:
        """Tell the updater that a service ended cleanly."""
        self.updater.ended(service, clean=True)  # type: ignore[arg-type]

    def saved_a_photo(self) -> None:
        """Report that a photo was saved, as the booth does."""
        (self.incoming / "served").write_text(self.runs())

    def runs(self) -> str:
        """The version that `run-release` would start now."""
        chosen = chosen_program(self.programs)
        return self.package if chosen == self.programs else chosen.name

    @property
    def state(self) -> UpdateState:
        """The state that the updater has saved."""
        return Programs(self.programs).state()
