"""Runs a PostgreSQL server in a folder, on a free port, and at the end deletes it with its files."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from sim.office.real import free_port

_LONGEST_START_S = 30


class NoPostgres(Exception):
    """There is no PostgreSQL to start; the message says what to install."""


@contextlib.contextmanager
def cluster(*, durable: bool, **settings: object) -> Iterator[str]:
    """Run a server as long as the context lasts; yields its address, `office@127.0.0.1:port`. `durable`: every commit
    is on the disk before it is answered, as in an office; without this, tests are quicker. `settings`: settings for
    postgresql.conf. Raises `NoPostgres`.
    """
    programs = _programs()
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="office-postgres-"))
    as_owner: list[str] = []
    if owner is not None:
        as_owner = ["runuser", "-u", owner.pw_name, "--"]
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    port = free_port()
    try:
        _make(as_owner, programs, folder / "data")
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "fsync": "on" if durable else "off",
            **settings,
        }
        words = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        command = [*as_owner, str(programs / "postgres"), "-D", str(folder / "data"), *words]
        with _running(command, folder):
            address = f"office@127.0.0.1:{port}"
            _wait(address, folder)
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str, name: str, template: str | None = None) -> None:
    """Make the database `name`, empty or as a copy of `template`."""
    with psycopg.connect(f"postgresql://{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))


def _programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    known = shutil.which("initdb")
    if found:
        return found[-1].parent
    if known is None:
        raise NoPostgres("no PostgreSQL on this machine; `apt-get install postgresql`, then again")
    return Path(known).resolve().parent


def _owner() -> pwd.struct_passwd | None:
    """The user under whom the server runs, because PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgres("root can't run PostgreSQL and there is no user postgres") from None


def _make(as_owner: Sequence[str], programs: Path, data: Path) -> None:
    subprocess.run(
        [*as_owner, str(programs / "initdb"), "-D", str(data), "-U", "office", "-A", "trust", "-E", "UTF8", "-N"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        check=True,
        cwd=data.parent,
    )


@contextlib.contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            yield
        finally:
            pid_file = folder / "data" / "postmaster.pid"
            if pid_file.exists():  # `server` may be the program runuser, which does not pass on signals
                os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)  # SIGINT asks for a fast shutdown
            server.wait(_LONGEST_START_S)


def _wait(address: str, folder: Path) -> None:
    end = time.monotonic() + _LONGEST_START_S
    while True:
        try:
            psycopg.connect(f"postgresql://{address}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise NoPostgres(f"PostgreSQL did not start: {(folder / 'server.log').read_text()[-400:]}") from None
            time.sleep(0.05)  # a real pause: we wait for another program, which does not use our clock
        else:
            return
