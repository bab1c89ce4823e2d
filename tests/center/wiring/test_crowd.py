"""Ten reviewers and fifty booths at once, each over HTTP with its own line, in an office on either database."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
import requests
from argon2 import PasswordHasher
from sqlalchemy import select

from center.audit.tables import AuditRow
from center.commands.site import Site
from center.platform.photos import photo_name
from center.shots.tables import DecisionRow, ShotRow
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from tests.center.conftest import Served, sent, serving
from tests.center.factories import HandClock, shot_id
from tests.center.office_server import Client, OfficeServer
from wire.digest import content_digest

BOOTHS, EACH, REVIEWERS = 50, 2, 10
LONGEST_S = 120


@pytest.fixture
def crowd(office: Office, clock: HandClock) -> Iterator[tuple[Served, OfficeServer]]:
    """The office with booths' and staff's pages under one address, as `center serve` does it."""
    office.accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # another test's matter
    with serving(office, app=Site(create_app(office), make_console(office))) as served:
        yield served, OfficeServer(office, clock, served.url)  # a clock of the same form


def at_once(works: Sequence[Callable[[], None]]) -> None:
    """Run all of them from the same moment on; the first one's fault is the test's."""
    faults: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait(LONGEST_S)
            work()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_S)
    assert not any(thread.is_alive() for thread in threads)
    if faults:
        raise faults[0]


def test_ten_reviewers_and_fifty_booths_at_once_lose_nothing_and_share_nothing(
    crowd: tuple[Served, OfficeServer], office: Office, clock: HandClock
) -> None:
    served, office_server = crowd
    tokens = {f"hall-{number}": served.enrol(f"hall-{number}") for number in range(BOOTHS)}
    clients = [office_server.client(f"reviewer-{number}") for number in range(REVIEWERS)]
    bodies: dict[str, tuple[str, bytes]] = {}
    for place, booth_id in enumerate(tokens):
        for number in range(place * EACH + 1, (place + 1) * EACH + 1):
            bodies[shot_id(number)] = (booth_id, sent(number, booth_id))
    receipts: dict[str, str] = {}
    claimed: list[str] = []
    decided: list[str] = []

    def booth(booth_id: str) -> None:
        mine = [(name, data) for name, (of, data) in bodies.items() if of == booth_id]
        with requests.Session() as line:
            line.headers["Authorization"] = f"Bearer {tokens[booth_id]}"
            for name, data in [*mine, *mine]:  # each again, as after an answer that was lost
                headers = {"Content-Digest": content_digest(data)}
                answer = line.put(f"{served.url}/v2/shots/{name}", data, headers=headers, timeout=LONGEST_S)
                assert answer.status_code == (200 if name in receipts else 201), answer.text
                receipts[name] = answer.json()["status"]

    def reviewer(client: Client) -> None:
        while True:
            page = client.post("/review")
            while (found := re.search(r'name="here" value="([0-9a-f]{32})\.(\d+)"', page.text)) is not None:
                name, version = found[1], found[2]
                claimed.append(name)
                reject = int(name, 16) % 5 == 0
                form = {"here": f"{name}.{version}", "ahead": "", **({"reasons": "glasses"} if reject else {})}
                page = client.post(f"/review/{name}/{'reject' if reject else 'approve'}", form)
                assert page.status_code == 200, page.text
                decided.append(name)
            if len(receipts) == len(bodies) and office.queue.waiting().waiting == 0:
                return

    at_once([*(lambda name=name: booth(name) for name in tokens), *(lambda one=one: reviewer(one) for one in clients)])

    assert set(receipts.values()) == {"verified"}
    assert Counter(claimed) == dict.fromkeys(bodies, 1)
    assert Counter(decided) == dict.fromkeys(bodies, 1)
    with office.database.read() as session:
        assert sorted(session.scalars(select(ShotRow.shot_id))) == sorted(bodies)
        assert sorted(session.scalars(select(DecisionRow.shot_id))) == sorted(bodies)
        shown = session.scalars(select(AuditRow.subject).where(AuditRow.action == "shot.shown"))
        assert Counter(shown) == dict.fromkeys(bodies, 1)
        digests = dict(session.execute(select(ShotRow.shot_id, ShotRow.sha256)).all())
    assert all(office.photos.get(photo_name(name, digests[name])) == data for name, (_, data) in bodies.items())
    assert office.audit.verify(office.database)[2] == []

    clock.move(seconds=11)
    told = Counter(
        decision["shot_id"]
        for token in tokens.values()
        for decision in requests.get(
            f"{served.url}/v2/decisions?after=0", headers={"Authorization": f"Bearer {token}"}, timeout=LONGEST_S
        ).json()["decisions"]
    )
    assert told == dict.fromkeys(bodies, 1)
