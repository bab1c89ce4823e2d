"""The real office (`center`) in a folder and a process of its own, so that a test can kill it or measure its time."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from center.__main__ import main as center
from center.commands.settings import load_config
from center.platform.configuration import CenterConfig
from center.wiring.office import Office
from wire.seal import new_identity, recipient_of

BOOTH = "booth-1"


@dataclass(frozen=True, slots=True)
class RealOffice:
    """An office that was made but not started, with one enrolled booth. `seal_to`: the public keys to which a booth
    seals envelopes, the office's key and an escrow key."""

    file: Path
    port: int
    seal_to: tuple[str, str]
    credential: Path

    @property
    def url(self) -> str:
        """The office's address once it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> CenterConfig:
        """The office's configuration."""
        return load_config(self.file)

    def serve(self) -> None:
        """Serve until this process ends. Call this in a process that was forked for it."""
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            center(["serve", "--config", str(self.file)])

    @contextlib.contextmanager
    def served(self) -> Iterator[int]:
        """Serve with a separate program, as an administrator would; yields the program's process id."""
        command = [sys.executable, "-m", "center", "serve", "--config", str(self.file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - ours
            assert server.stdout is not None
            try:
                if not server.stdout.readline():
                    raise RuntimeError(f"the office of {self.file} did not start: run `{' '.join(command)}` to see why")
                yield server.pid
            finally:
                server.terminate()


def make_real_office(
    folder: Path, limits: dict[str, float] | None = None, certificate: tuple[Path, Path] | None = None
) -> RealOffice:
    """Make an office in `folder` (new) with `center init`, an escrow key and an enrolled booth.

    `limits`: values for settings of the section `[limits]`, in place of the defaults. `certificate`: certificate and
    key, for an office over TLS.
    """
    folder.mkdir(parents=True)
    port = free_port()
    file = folder / "center.toml"
    lines = [f"folder = {json.dumps(str(folder / 'data'))}", "[server]", f"port = {port}"]
    if certificate is not None:
        names = ("certificate_file", "certificate_key_file")
        lines += [f"{name} = {json.dumps(str(path))}" for name, path in zip(names, certificate, strict=True)]
    lines += ["[limits]"]
    file.write_text("\n".join([*lines, *(f"{key} = {value}" for key, value in (limits or {}).items())]), "utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        center(["init", "--config", str(file), "--json"])
    credential = folder / "credential"
    with Office.open(load_config(file)) as office:
        token = office.booths.exchange(BOOTH, office.booths.enrol("sim", BOOTH))
    assert token is not None, "the code was made a moment ago"
    credential.write_text(token, "ascii")
    credential.chmod(0o600)
    return RealOffice(file, port, (json.loads(said.getvalue())["seal_to"], recipient_of(new_identity())), credential)


def free_port() -> int:
    """A port of 127.0.0.1 that is free at present."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
