"""Times claims while two processes `center serve`, which share one PostgreSQL and one folder, receive 10 000 envelopes
at half their highest rate. First the highest rate is measured, with senders that send envelopes as fast as they can.
Then a separate process sends the envelopes at half this rate, while a reviewer claims and decides at a steady pace. The
claims are compared with claims at the same pace without envelopes.
"""

import http.client
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import func, select

from bench.cluster import NoPostgres, cluster, new_database
from bench.office_receiving import SIZE, bring, served
from bench.office_stock import fill, make_office, photo, sent
from bench.row import Row, spread
from center.shots.model.staff_decision import Approve
from center.shots.tables import ShotRow
from center.wiring.office import Office
from wire.digest import content_digest

# how many envelopes are sent at half the highest rate, how many are sent to measure the highest rate, and how many
# shots wait at the start
ENVELOPES, MEASURED, WAITING = 10_000, 800, 4_000
LIMIT = 3.0
LINES = 8
PACE_S, QUIET = 0.05, 400  # the seconds from one claim to the next, and how many claims there are without envelopes
FIRST = 1_000  # the number of the first new shot; the shots of the stock have lower numbers


def run() -> list[Row]:
    """Measure the one row; none if there is no PostgreSQL."""
    try:
        with cluster(durable=True) as address, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            new_database(address, "office")
            return [_row(Path(folder), f"postgresql://{address}/office")]
    except NoPostgres as fault:
        sys.stderr.write(f"NOT RUN: two workers on PostgreSQL: {fault}\n")
        return []


def _row(folder: Path, url: str) -> Row:
    config = make_office(folder, url)
    fill(config, WAITING)
    with served(folder, url) as (_, first, _), served(folder, url) as (_, second, token), Office.open(config) as office:
        rate = _rate((first, second), token)
        quiet = _claims(office, QUIET // 2)
        offering = multiprocessing.get_context("spawn").Process(
            target=_offer, args=((first, second), token, FIRST + MEASURED, ENVELOPES, rate / 2)
        )
        offering.start()
        busy: list[float] = []
        while offering.is_alive():
            busy += _claims(office, 20)
        offering.join()
        assert offering.exitcode == 0, "not every envelope got its receipt"
        # measured before and after, so that a change of the machine's speed affects both sides
        quiet += _claims(office, QUIET // 2)
        with office.database.read() as session:
            brought = session.execute(select(func.count()).where(ShotRow.booth_id == "booth-1")).scalar_one()
    assert brought >= MEASURED + ENVELOPES, f"{brought} shots are filed"
    (median, p99), (quiet_median, quiet_p99) = spread(busy), spread(quiet)
    note = (
        f"quiet {quiet_median:.1f}, p99 {quiet_p99:.1f}; {ENVELOPES} envelopes at {rate / 2:.0f}/s of {rate:.0f}/s; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    return Row("claim and decide beside two workers, p99", median, p99, p99 / quiet_p99, LIMIT, note)


def _rate(ports: tuple[int, int], token: str) -> float:
    """How many envelopes a second both servers together receive if the envelopes come as fast as possible."""
    jpeg = photo()
    shots = [sent(FIRST + number, "booth-1", jpeg, SIZE) for number in range(MEASURED)]
    halves = [shots[0::2], shots[1::2]]
    threads = [threading.Thread(target=bring, args=(port, token, lot)) for port, lot in zip(ports, halves, strict=True)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return MEASURED / (time.perf_counter() - began)


def _claims(office: Office, count: int) -> list[float]:
    """Claim the head of the queue and approve it, once every `PACE_S`; returns the ms of each time."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        (shot,) = office.queue.claim_next("reviewer")
        office.queue.decide("reviewer", shot.shot_id, shot.version, Approve())
        took_s = time.perf_counter() - began
        times.append(took_s * 1e3)
        time.sleep(max(0.0, PACE_S - took_s))
    return times


def _offer(ports: tuple[int, int], token: str, first: int, count: int, rate: float) -> None:
    """Send `count` new shots, one every `1 / rate` seconds, in turn to both servers; each must get its receipt."""
    jpeg, began, lock = photo(), time.perf_counter(), threading.Lock()
    numbers = iter(range(count))
    done: list[int] = []

    def line(port: int) -> None:
        office = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            shot_id, data = sent(first + number, "booth-1", jpeg, SIZE)
            time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            headers = {"Authorization": f"Bearer {token}", "Content-Digest": content_digest(data)}
            office.request("PUT", f"/v2/shots/{shot_id}", data, headers)
            answer = office.getresponse()
            if json.loads(answer.read()).get("status") == "verified" and answer.status == 201:
                done.append(number)

    threads = [threading.Thread(target=line, args=(ports[number % 2],)) for number in range(2 * LINES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(0 if len(done) == count else 1)
