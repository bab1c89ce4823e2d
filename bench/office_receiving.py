"""Times how fast `center serve` receives shots of 100 KB, compared with what the machine itself can do.

The rate is measured with as many booths at once as fit into one batch (ADR 105): this is what an office can receive
when all booths are busy. How long a booth waits is measured with eight booths at once. With eight booths the office is
idle between their shots, so their rate says little.

Office and machine write the same bytes to the same file system: a temporary file, write, fsync, rename, fsync of the
folder, then one committed row. The office does more: HTTP, digests, reading back, opening the seal and the envelope,
checking the photo's rules, and five rows. The office's processor time is the time of the office's own process, without
the database server and the booths.

An ext4 without a journal skips inodes that were freed in the last five minutes. A new file then takes 0.8 ms instead of
0.02 ms, and only the office's time includes this. The note says how long a new file took; `TMPDIR` can name another
folder.
"""

import contextlib
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.cluster import NoPostgres, cluster, new_database
from bench.office_stock import make_office, photo, sent
from bench.row import Row, spread
from center.platform.seal_keys import add_seal_key
from center.wiring.office import Office
from wire.digest import content_digest
from wire.seal import new_identity, recipient_of, seal

SIZE = 100_000
LIMIT = 0.5
PROCESSOR_LIMIT_MS = 2.0
BUSY, QUIET = (64, 640), (8, 160)
"""For each of the two measurements: how many booths send at once, and how many shots each round has."""

ROUNDS = 4


def run() -> list[Row]:
    """Measure the rows of SQLite, then those of PostgreSQL if there is one."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = _rows("SQLite", Path(folder), None)
    try:
        with cluster(durable=True) as address, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            new_database(address, "office")
            rows += _rows("PostgreSQL", Path(folder), f"postgresql://{address}/office")
    except NoPostgres as fault:
        sys.stderr.write(f"NOT RUN: receiving on PostgreSQL: {fault}\n")
    return rows


def _rows(name: str, folder: Path, url: str | None) -> list[Row]:
    make_office(folder, url)
    new_ms = _new_file_ms(folder)
    seal_to = [add_seal_key(folder / "seal.keys", datetime.now(UTC)), recipient_of(new_identity())]
    jpeg, numbers = photo(), iter(range(1, 10**9))
    with served(folder, url) as (server, port, token), _committing(folder, url) as commit:

        def turn(booths: int, shots: int) -> _Turn:
            """Measure a round of the machine alone, then one of the office."""
            bodies = [sent(next(numbers), "booth-1", jpeg, SIZE) for _ in range(shots)]
            bodies = [(shot_id, seal(data, seal_to)) for shot_id, data in bodies]
            own_s = _machine(folder, [data for _, data in bodies[: QUIET[1]]], commit)
            before = processor_ms(server)
            ours_s, times = bring(port, token, bodies, booths)
            spent = (processor_ms(server) - before) / shots
            return _Turn(min(shots, QUIET[1]) / own_s, shots / ours_s, spent, times)

        turn(*QUIET)  # not counted: it only warms up
        busy = [turn(*BUSY) for _ in range(ROUNDS)]
        quiet = [turn(*QUIET) for _ in range(ROUNDS)]
    ours, own = (sum(getattr(one, rate) for one in busy) / ROUNDS for rate in ("ours", "own"))
    note = (
        f"{ours:.0f}/s on one worker; the machine's own write, fsync, rename, commit: {own:.0f}/s; "
        f"a new file takes {new_ms:.2f} ms; load {os.getloadavg()[0]:.1f}"
    )
    alone = f"{sum(one.ours for one in quiet) / ROUNDS:.0f}/s"
    return [
        Row(f"receiving, {BUSY[0]} at once, {name}", *_spread(busy), ours / own, LIMIT, note, more_is_better=True),
        Row(f"receiving, {QUIET[0]} at once, {name}", *_spread(quiet), None, None, alone),
        Row(
            f"processor a shot received, {name}",
            *spread([one.spent_ms for one in busy + quiet]),
            None,
            PROCESSOR_LIMIT_MS,
            "with opening",
        ),
    ]


class _Turn(NamedTuple):
    """Shots per second of the machine alone and of the office; the office's processor time for each shot; the ms of
    each shot.
    """

    own: float
    ours: float
    spent_ms: float
    times: list[float]


def _spread(turns: Sequence[_Turn]) -> tuple[float, float]:
    return spread([ms for turn in turns for ms in turn.times])


def _new_file_ms(folder: Path) -> float:
    """How long the file system needs for a new, empty file in a folder of its own: the median of 50 files."""
    place = folder / "new"
    place.mkdir()
    times = []
    for number in range(50):
        began = time.perf_counter()
        (place / str(number)).touch()
        times.append((time.perf_counter() - began) * 1e3)
    return spread(times)[0]


def processor_ms(server: subprocess.Popen[str]) -> float:
    """The processor time that a process has used until now, user and system (proc(5), stat)."""
    fields = Path(f"/proc/{server.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(folder: Path, url: str | None) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """Run `center serve`; yields its process, its port and the credential of `booth-1`."""
    settings = f'folder = "{folder}"\n[server]\nport = 0\n[limits]\nbooth_per_s = 100000.0\nbooth_burst = 100000\n'
    if url is not None:
        settings += f'[database]\nurl = "{url}"\n'
    (folder / "center.toml").write_text(settings)
    with Office.open(make_office(folder, url)) as office:
        token = office.booths.exchange("booth-1", office.booths.enrol("bench", "booth-1"))
    assert token is not None, "the code is new"
    command = [sys.executable, "-m", "center", "serve", "--json", "--config", str(folder / "center.toml")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None, "asked for"
        yield server, int(json.loads(server.stdout.readline())["address"].rsplit(":", 1)[1]), token
    finally:
        server.terminate()
        server.communicate(timeout=30)


@contextlib.contextmanager
def _committing(folder: Path, url: str | None) -> Iterator[Callable[[int], object]]:
    """Yields a function that commits one durable row in a database of the same kind, and does nothing else."""
    statement = "INSERT INTO bare (n, words) VALUES ({}, 'a row of a hundred letters or so, as a shot has')"
    if url is None:
        with contextlib.closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)) as bare:
            bare.execute("PRAGMA journal_mode = DELETE")
            bare.execute("PRAGMA synchronous = EXTRA")
            bare.execute("CREATE TABLE bare (n INTEGER PRIMARY KEY, words TEXT)")
            yield lambda n: bare.execute(statement.format(n))
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE TABLE bare (n BIGINT PRIMARY KEY, words TEXT)")
        yield lambda n: server.execute(statement.format(n))


def _machine(folder: Path, bodies: Sequence[bytes], commit: Callable[[int], object]) -> float:
    """The seconds that the machine alone needs to write a file and a row for each shot, one shot after the other."""
    place = folder / "bare"
    place.mkdir(exist_ok=True)
    began = time.perf_counter()
    for data in bodies:
        number = time.perf_counter_ns()
        part = place / f"{number}.part"
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(place / f"{number}")
        descriptor = os.open(place, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        commit(number)
    return time.perf_counter() - began


def bring(
    port: int, token: str, shots: Sequence[tuple[str, bytes]], booths: int = QUIET[0]
) -> tuple[float, list[float]]:
    """Send shots from `booths` booths, each over one connection that stays open. Returns the seconds until all shots
    have their receipt, and the ms of each shot.
    """
    lots = [shots[line::booths] for line in range(booths)]
    times: list[float] = []
    faults: list[BaseException] = []
    start = threading.Barrier(booths + 1)

    def along(lot: Sequence[tuple[str, bytes]]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.connect()
        bodies = [(shot_id, data, content_digest(data)) for shot_id, data in lot]
        start.wait(60)
        try:
            for shot_id, data, digest in bodies:
                began = time.perf_counter()
                headers = {"Authorization": f"Bearer {token}", "Content-Digest": digest}
                line.request("PUT", f"/v2/shots/{shot_id}", data, headers)
                answer = line.getresponse()
                said = json.loads(answer.read())
                assert (answer.status, said["status"]) == (201, "verified"), said
                times.append((time.perf_counter() - began) * 1e3)
        except BaseException as fault:
            faults.append(fault)
        finally:
            line.close()

    threads = [threading.Thread(target=along, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    start.wait(60)
    began = time.perf_counter()
    for thread in threads:
        thread.join(120)
    if faults:
        raise faults[0]
    return time.perf_counter() - began, times
