"""Measures how much strangers slow booths down: 200 logins at once and 1 100 half requests, compared with the same
office at rest.

A booth asks for its decisions and sends shots, one after the other. The strangers come from 200 addresses of this
machine, so that no limit by address helps. Their process has the lowest priority, because in reality strangers are on
other machines. Until the end, each login that was answered is followed by another, and each half request that was
dropped is made again.
"""

import asyncio
import contextlib
import http.client
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

from bench.cluster import NoPostgres, cluster, new_database
from bench.office_receiving import SIZE, served
from bench.office_stock import make_office, photo, sent
from bench.row import Row, spread
from wire.digest import content_digest

LOGINS, HALVES = 200, 1_100
LIMIT = 3.0
REPEATS, ROUNDS, EACH = 3, 4, 60
"""Each repeat has `ROUNDS` rounds: in each of them the booth asks and sends `EACH` times without strangers and `EACH`
times beside them. The median of the repeats' ratios counts, so that a single disturbance changes nothing."""
_FORM = b"name=nobody&password=xxxxxxxxxxxxxxxxxxxx&code=000000"
_LOGIN = (
    b"POST /login HTTP/1.1\r\nHost: office\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(_FORM)
) + _FORM
_HALF = b"GET /login HTTP/1.1\r\nHost: office\r\nX-Slow: "


def run() -> list[Row]:
    """Measure all rows: on PostgreSQL, or on SQLite if there is no PostgreSQL."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))  # the server inherits this limit
    try:
        with _database() as url, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            make_office(Path(folder), url)
            with served(Path(folder), url) as (_, port, token):
                return _rows(port, token)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def _database() -> Iterator[str | None]:
    try:
        with cluster(durable=True) as address:
            new_database(address, "office")
            yield f"postgresql://{address}/office"
    except NoPostgres:
        yield None


def _rows(port: int, token: str) -> list[Row]:
    booth = _Booth(port, token)
    booth.ask(EACH // 2)
    repeats, logins = list[tuple[_Times, _Times]](), 0
    for _ in range(REPEATS):
        quiet, loud = _Times(), _Times()
        for _ in range(ROUNDS):
            quiet.add(booth.ask(EACH))
            with _strangers(port) as answered:
                loud.add(booth.ask(EACH))
                logins += answered.value
        repeats.append((quiet, loud))
    note = f"{logins} logins answered; load {os.getloadavg()[0]:.1f}"
    return [
        _row("/v2/decisions", [(quiet.asked, loud.asked) for quiet, loud in repeats], note),
        _row("a PUT of 100 KB", [(quiet.brought, loud.brought) for quiet, loud in repeats], note),
    ]


def _row(name: str, repeats: Sequence[tuple[list[float], list[float]]], note: str) -> Row:
    ratios = sorted(spread(loud)[1] / spread(quiet)[1] for quiet, loud in repeats)
    quiet_median, quiet_p99 = spread([one for quiet, _ in repeats for one in quiet])
    median, p99 = spread([one for _, loud in repeats for one in loud])
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    words = f"quiet {quiet_median:.1f}, p99 {quiet_p99:.1f}; ratios {each}; {note}"
    return Row(f"{name} beside strangers, p99", median, p99, statistics.median(ratios), LIMIT, words)


class _Times:
    """The ms of requests for decisions, and the ms of shots that were sent."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.brought: list[float] = []

    def add(self, other: "_Times") -> None:
        self.asked += other.asked
        self.brought += other.brought


class _Booth:
    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._credential = {"Authorization": f"Bearer {token}"}
        self._number = 0
        self._jpeg = photo()

    def ask(self, count: int) -> _Times:
        """Ask for decisions and send a shot, `count` times."""
        times = _Times()
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for _ in range(count):
            self._number += 1
            shot_id, data = sent(self._number, "booth-1", self._jpeg, SIZE)
            times.asked.append(self._timed(line, "GET", "/v2/decisions?after=0", None, 200))
            times.brought.append(self._timed(line, "PUT", f"/v2/shots/{shot_id}", data, 201))
        line.close()
        return times

    def _timed(
        self, line: http.client.HTTPConnection, method: str, path: str, body: bytes | None, wanted: int
    ) -> float:
        headers = self._credential | ({} if body is None else {"Content-Digest": content_digest(body)})
        began = time.perf_counter()  # the first measured time includes connecting
        line.request(method, path, body, headers)
        answer = line.getresponse()
        said = answer.read()
        took_ms = (time.perf_counter() - began) * 1e3
        assert answer.status == wanted, said
        return took_ms


@contextlib.contextmanager
def _strangers(port: int) -> Iterator["multiprocessing.sharedctypes.Synchronized[int]"]:
    """Let the strangers work as long as the context lasts; yields how many logins were answered."""
    context = multiprocessing.get_context("spawn")
    there, end, answered = context.Event(), context.Event(), context.Value("i", 0)
    process = context.Process(target=_crowd, args=(port, there, end, answered))
    process.start()
    try:
        assert there.wait(60), "the strangers did not come"
        yield answered
    finally:
        end.set()
        process.join(60)


def _crowd(port: int, there: Event, end: Event, answered: "multiprocessing.sharedctypes.Synchronized[int]") -> None:
    os.nice(19)
    asyncio.run(_come(port, there, end, answered))


async def _come(
    port: int, there: Event, end: Event, answered: "multiprocessing.sharedctypes.Synchronized[int]"
) -> None:
    async def half() -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(_HALF)
                await reader.read()
                writer.close()

    async def login(address: str) -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
                writer.write(_LOGIN)
                said = await reader.read()
                writer.close()
                answered.value += bool(said)

    halves = [asyncio.create_task(half()) for _ in range(HALVES)]
    await asyncio.sleep(1)
    logins = [asyncio.create_task(login(f"127.0.1.{number + 1}")) for number in range(LOGINS)]
    await asyncio.sleep(0.5)
    there.set()
    while not end.is_set():
        await asyncio.sleep(0.1)
    for task in (*halves, *logins):
        task.cancel()
