"""Two `center serve` on one PostgreSQL and one folder: what either takes is there once, whatever the other takes."""

import contextlib
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from center.platform.configuration import CenterConfig
from center.platform.photos import photo_name
from center.shots.model.staff_decision import Approve
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.office import Office
from tests.center.conftest import make_config, sent
from tests.center.factories import shot_id
from wire.digest import content_digest

SHOTS, LINES = 300, 8
LONGEST_S = 120


@pytest.fixture
def config(request: pytest.FixtureRequest, tmp_path: Path) -> CenterConfig:
    return make_config(request, tmp_path, "postgresql")


@contextlib.contextmanager
def worker(config: CenterConfig, name: str) -> Iterator[str]:
    """A `center serve` of its own; its address."""
    settings = config.folder / f"{name}.toml"
    settings.write_text(
        f'folder = "{config.folder}"\n[server]\nport = 0\n[database]\nurl = "{config.database_url}"\nconnections = 6\n'
        "[limits]\nbooth_per_s = 100000.0\nbooth_burst = 100000\n"
    )
    command = [sys.executable, "-m", "center", "serve", "--json", "--config", str(settings)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["address"]
    finally:
        server.terminate()
        server.communicate(timeout=LONGEST_S)


@pytest.mark.xdist_group("postgresql")
def test_two_workers_file_every_envelope_once_while_staff_decide(office: Office, config: CenterConfig) -> None:
    token = office.booths.exchange("booth-1", office.booths.enrol("test", "booth-1"))
    bodies = {shot_id(number): sent(number) for number in range(1, SHOTS + 1)}
    answers: list[int] = []
    brought = threading.Event()

    def bring(line: int, addresses: list[str]) -> None:
        """Each shot comes over two lines at about the same moment, one to either worker."""
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            for name, data in list(bodies.items())[line // 2 :: LINES // 2]:
                headers = {"Content-Digest": content_digest(data)}
                url = f"{addresses[line % 2]}/v2/shots/{name}"
                answer = session.put(url, data, headers=headers, timeout=LONGEST_S)
                assert answer.status_code in (200, 201), answer.text
                assert answer.json()["status"] == "verified"
                answers.append(answer.status_code)

    def decide() -> int:
        decided = 0
        while True:
            last = brought.is_set()
            shots = office.queue.claim_next("anna", count=5)
            for shot in shots:
                office.queue.decide("anna", shot.shot_id, shot.version, Approve())
                decided += 1
            if last and not shots:
                return decided

    with worker(config, "one") as one, worker(config, "two") as two, ThreadPoolExecutor(LINES + 1) as pool:
        deciding = pool.submit(decide)
        try:
            for bringing in [pool.submit(bring, line, [one, two]) for line in range(LINES)]:
                bringing.result(LONGEST_S)
        finally:
            brought.set()
        assert deciding.result(LONGEST_S) == SHOTS
    assert Counter(answers) == {201: SHOTS, 200: SHOTS}, "each shot was new once, to one of the two"
    with office.database.read() as session:
        digests = dict(session.execute(select(ShotRow.shot_id, ShotRow.sha256)).all())
        assert sorted(session.scalars(select(DecisionRow.shot_id))) == sorted(bodies)
    assert digests.keys() == bodies.keys()
    assert all(office.photos.get(photo_name(name, digests[name])) == data for name, data in bodies.items())
