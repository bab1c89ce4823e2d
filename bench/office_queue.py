"""Times the queue on PostgreSQL with a million waiting shots: claiming and deciding, and loading the list for staff.

A claim does what a key press on the page does: two transactions, both durable. One reviewer works in turn in an office
with 10 000 waiting shots and in an office with 1 000 000. Two bare commits are timed between these, so that other
programs on the machine disturb all three alike. The list is requested from `center serve` over HTTP with a login; for
each list the office decrypts 24 names and writes the view to the audit.
"""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyotp

from bench.cluster import NoPostgres, cluster, new_database
from bench.office_stock import fill, make_office
from bench.row import Row, spread
from center.accounts.model.roles import Role
from center.platform.configuration import CenterConfig
from center.shots.model.staff_decision import Approve, Reject
from center.wiring.office import Office

FEW, MANY = 10_000, 1_000_000
GROWTH_LIMIT, PAGE_LIMIT_MS = 1.5, 100.0
COMMITS_LIMIT = 10.0
"""The limit for the p99 of a claim with its decision, as a multiple of the p99 of two bare commits in the same run."""
# how many rounds there are, how many claims each office has in a round and before the first one, and how often the list
# is requested
ROUNDS, EACH, WARM, PAGES = 20, 40, 100, 40
PASSWORD = "correct-horse-battery-staple"


def run() -> list[Row]:
    """Measure all rows; none if there is no PostgreSQL."""
    try:
        with (
            cluster(durable=True, shared_buffers="512MB", max_wal_size="4GB") as address,
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ):
            configs = [_stocked(address, Path(folder), count) for count in (FEW, MANY)]
            return [_page(configs[1]), *_claims(*configs)]
    except NoPostgres as fault:
        sys.stderr.write(f"NOT RUN: the queue on PostgreSQL: {fault}\n")
        return []


def _stocked(address: str, folder: Path, count: int) -> CenterConfig:
    name = f"office_{count}"
    new_database(address, name)
    (folder / name).mkdir()
    config = make_office(folder / name, f"postgresql://{address}/{name}")
    fill(config, count)
    return config


def _claims(few: CenterConfig, many: CenterConfig) -> list[Row]:
    with Office.open(few) as small, Office.open(many) as large:
        for office in (small, large):
            _decide(office, WARM)
        times: tuple[list[float], list[float]] = ([], [])
        commits: list[float] = []
        for _ in range(ROUNDS):
            commits += _two_commits(many, EACH)
            for office, into in ((small, times[0]), (large, times[1])):
                into += _decide(office, EACH)
    bare = spread(commits)
    (median_few, p99_few), (median, p99) = spread(times[0]), spread(times[1])
    load = f"two bare commits {bare[0]:.1f}, p99 {bare[1]:.1f}; load {os.getloadavg()[0]:.1f}"
    return [
        Row(
            "claim and decide, 1 000 000 waiting, p99",
            p99,
            p99,
            p99 / bare[1],
            COMMITS_LIMIT,
            f"median {median:.1f}, of medians {median / bare[0]:.1f}; {load}",
        ),
        Row(
            "the same against 10 000 waiting, p99",
            p99_few,
            p99_few,
            p99 / p99_few,
            GROWTH_LIMIT,
            f"median {median_few:.1f}, of medians {median / median_few:.2f}",
        ),
    ]


def _decide(office: Office, count: int) -> list[float]:
    """Claim the head of the queue and decide on it, `count` times; returns the ms of each time."""
    times = []
    for number in range(count):
        began = time.perf_counter()
        (shot,) = office.queue.claim_next("reviewer")
        ruling = Reject(("shadow",)) if number % 8 == 0 else Approve()
        office.queue.decide("reviewer", shot.shot_id, shot.version, ruling)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _two_commits(config: CenterConfig, count: int) -> list[float]:
    """Time two durable commits alone on the same disk, `count` times; returns the ms of each pair."""
    times = []
    with psycopg.connect(config.database_url, autocommit=True) as server:
        server.execute("CREATE TABLE IF NOT EXISTS bare (n BIGINT)")
        for number in range(count):
            began = time.perf_counter()
            for _ in range(2):
                server.execute("INSERT INTO bare VALUES (%s)", (number,))
            times.append((time.perf_counter() - began) * 1e3)
    return times


def _page(config: CenterConfig) -> Row:
    median, p99 = spread(page_times(config, Role.STAFF, "/queue", b"<img src=", 24))
    note = f"24 photos, over HTTP; load {os.getloadavg()[0]:.1f}"
    return Row("queue page, 1 000 000 waiting", median, p99, None, PAGE_LIMIT_MS, note)


def page_times(config: CenterConfig, role: Role, path: str, mark: bytes, marks: int) -> list[float]:
    """Request a page `PAGES` times with an account of `role`; returns the ms of each request. The page must contain
    `mark` as many times as `marks` says.
    """
    with Office.open(config) as office:
        totp = pyotp.parse_uri(office.accounts.add("bench", "anna", role, PASSWORD, None))
        assert isinstance(totp, pyotp.TOTP), "the office's accounts are time-based"
        login = office.accounts.login("anna", PASSWORD, totp.now())
    assert login is not None, "the password and code are right"
    times: list[float] = []
    with served(config) as port:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(PAGES + 5):
            began = time.perf_counter()
            line.request("GET", path, headers={"Cookie": f"__Host-session={login.token}"})
            answer = line.getresponse()
            page = answer.read()
            if number >= 5:
                times.append((time.perf_counter() - began) * 1e3)
            assert answer.status == 200, answer.status
            assert page.count(mark) == marks, f"{page.count(mark)} times {mark!r}"
        line.close()
    return times


@contextlib.contextmanager
def served(config: CenterConfig) -> Iterator[int]:
    """Run `center serve` on this office; yields its port."""
    settings = config.folder / "center.toml"
    settings.write_text(f'folder = "{config.folder}"\n[server]\nport = 0\n[database]\nurl = "{config.database_url}"\n')
    command = [sys.executable, "-m", "center", "serve", "--json", "--config", str(settings)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None, "asked for"
        yield int(json.loads(server.stdout.readline())["address"].rsplit(":", 1)[1])
    finally:
        server.terminate()
        server.communicate(timeout=30)
