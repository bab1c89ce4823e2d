"""What the office's tests share: real databases, real photo stores, a clock moved by hand, shots of nobody."""

import contextlib
import hashlib
import shutil
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import psycopg
import pytest
import uvicorn
from starlette.types import ASGIApp

from bench.cluster import NoPostgres, cluster, new_database
from center.commands.serve import server_config
from center.platform.configuration import CenterConfig, DatabaseConfig, PhotoConfig, ReviewConfig
from center.platform.database import Database
from center.platform.migrate import migrate
from center.platform.office_keys import make_keys
from center.review.queries import ReviewQueries
from center.wiring.booth_api import create_app
from center.wiring.office import Office
from rules.profile import load_profile
from tests.center.factories import PASSING, START, HandClock, photo, shot_id, somebody
from tests.center.page_fixtures import browser_window, office_server  # noqa: F401 - fixtures of every folder
from wire import envelope
from wire.manifest import Manifest, Times

_LONGEST_START_S = 30


def manifest(number: int, booth_id: str = "booth-1", **changes: object) -> Manifest:
    """The manifest of shot `number`; without changes each number is another person and every check passed."""
    person = changes.pop("person", None) or somebody(number)
    values: dict[str, object] = {
        "shot_id": shot_id(number),
        "booth_id": booth_id,
        "receipt": f"RECE-{number:06d}",
        "profile": "jiangsu-2019",
        "consent_version": "jiangsu-2019-1",
        "person": person,
        "identified_by": "card",
        "times": Times(consented=START, shot=START, accepted=START, clock_synced=True),
        "checks": PASSING,
    }
    return Manifest(**(values | changes))  # type: ignore[arg-type]


def sent(number: int, booth_id: str = "booth-1", **changes: object) -> bytes:
    """The envelope a booth sends for shot `number`."""
    return envelope.build(manifest(number, booth_id, **changes), photo())


@dataclass
class Postgres:
    """A cluster of the tests' own."""

    address: str
    numbers: Iterator[int] = field(default_factory=count)

    def new_database(self, template: str | None = None) -> str:
        """The name of a fresh database."""
        name = f"office_{next(self.numbers)}"
        new_database(self.address, name, template)
        return name

    def drop(self, name: str) -> None:
        """Delete a database: some hundred of them would take gigabytes."""
        with psycopg.connect(f"postgresql://{self.address}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{self.address}/{name}"

    def office_url(self, name: str) -> str:
        return f"postgresql://{self.address}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server on a free port, gone with its files at the end."""
    # The server lives for seconds, so it need not be durable. Its time zone differs from ours, because nothing may
    # depend on the time zone.
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(
                cluster(durable=False, max_connections=60, max_wal_size="128MB", timezone="Asia/Shanghai")
            )
        except NoPostgres as fault:
            pytest.skip(f"NOT RUN: {fault}")
        yield Postgres(address)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A database with the office's tables, to be copied."""
    name = postgres.new_database()
    database = Database(postgres.office_url(name))
    migrate(database)
    database.close()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "office.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@dataclass
class S3:
    """An S3 server of the tests' own."""

    endpoint: str


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """An S3 server in a process of its own, over real HTTP, with a bucket `photos`."""
    port = free_port()
    log = (tmp_path_factory.mktemp("s3") / "server.log").open("wb")
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _has_bucket(endpoint), server, "the S3 server")
        yield S3(endpoint)
    finally:
        server.terminate()
        server.wait(_LONGEST_START_S)
        log.close()


def _has_bucket(endpoint: str) -> bool:
    try:
        with urlopen(Request(f"{endpoint}/photos", method="PUT"), timeout=5):
            return True
    except (URLError, OSError):
        return False


def _wait(ready: Callable[[], bool], server: subprocess.Popen[bytes], name: str) -> None:
    """Wait for another program: the tests can't move its clock."""
    end = time.monotonic() + _LONGEST_START_S
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            pytest.fail(f"{name} did not start")
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _one_session_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check that no thread opens a session while it holds one. Such a thread would use two connections at once. If as
    many such requests as there are connections come together, all wait for each other; on SQLite, a writer between the
    two sessions stops both.
    """
    mine = threading.local()
    nested: list[str] = []

    def guarded(
        opened: Callable[[Database], contextlib.AbstractContextManager[object]],
    ) -> Callable[[Database], contextlib.AbstractContextManager[object]]:
        @contextlib.contextmanager
        def guard(database: Database) -> Iterator[object]:
            held: list[Database] = mine.__dict__.setdefault("held", [])
            if database in held:
                ours = [one for one in traceback.extract_stack() if "/center/" in one.filename]
                nested.append("".join(traceback.format_list(ours)))
            held.append(database)
            try:
                with opened(database) as session:
                    yield session
            finally:
                held.remove(database)

        return guard

    for name in ("read", "write", "look_up"):
        monkeypatch.setattr(Database, name, guarded(getattr(Database, name)))
    yield
    assert not nested, f"a second session was opened while one was held:\n{nested[0]}"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))],
)
def config(request: pytest.FixtureRequest, tmp_path: Path) -> CenterConfig:
    """An office's configuration: each test that uses it runs on SQLite and on PostgreSQL."""
    return make_config(request, tmp_path, request.param)


def make_config(request: pytest.FixtureRequest, folder: Path, kind: str, **sections: object) -> CenterConfig:
    make_keys(folder / "office.key")
    # no second reviews by chance, unless a test asks for them
    sections.setdefault("review", ReviewConfig(second_look_share=0))
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "office.sqlite")
        return CenterConfig(folder=folder, **sections)  # type: ignore[arg-type]
    cluster: Postgres = request.getfixturevalue("postgres")
    name = cluster.new_database(request.getfixturevalue("postgres_template"))
    request.addfinalizer(lambda: cluster.drop(name))
    database = DatabaseConfig(url=cluster.office_url(name), connections=12)
    return CenterConfig(folder=folder, database=database, **sections)  # type: ignore[arg-type]


@pytest.fixture
def office(config: CenterConfig, clock: HandClock) -> Iterator[Office]:
    """An office with the booth `booth-1`, on SQLite and on PostgreSQL."""
    with Office.open(config, clock) as office:
        office.booths.enrol("test", "booth-1")
        yield office


@pytest.fixture
def plain_office(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[Office]:
    """The same on SQLite only, for what does not depend on the database."""
    with Office.open(make_config(request, tmp_path, "sqlite"), clock) as office:
        office.booths.enrol("test", "booth-1")
        yield office


@pytest.fixture
def bucket(s3: S3, tmp_path: Path) -> PhotoConfig:
    """The configuration of a photo store in the bucket, under a prefix of the test's own."""
    for name in ("id", "key"):
        (tmp_path / f"s3-{name}").write_text("testing\n")
    return PhotoConfig(
        bucket="photos",
        endpoint=s3.endpoint,
        prefix=f"{tmp_path.name}/".replace("[", "_").replace("]", "_"),
        key_id_file=tmp_path / "s3-id",
        key_file=tmp_path / "s3-key",
        timeout_s=5,
    )


def file_shot(office: Office, number: int, booth_id: str = "booth-1", **changes: object) -> str:
    """Bring shot `number` into the office; its id."""
    data = sent(number, booth_id, **changes)
    filed = office.intake.receive(booth_id, shot_id(number), hashlib.sha256(data).digest(), data)
    assert not filed.refusal
    return filed.shot_id


@dataclass
class Served:
    """An office that listens on a real port."""

    office: Office
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def enrol(self, booth_id: str = "booth-1") -> str:
        """The credential of a booth."""
        token = self.office.booths.exchange(booth_id, self.office.booths.enrol("test", booth_id))
        assert token is not None
        return token


@contextlib.contextmanager
def serving(
    office: Office, monotonic: Callable[[], float] = time.monotonic, app: ASGIApp | None = None, port: int = 0
) -> Iterator[Served]:
    """Serve `office` (or another application on it) on a thread, by the same web server as `center serve`."""
    server = uvicorn.Server(server_config(app or create_app(office, monotonic), office.config.server))
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            end = time.monotonic() + _LONGEST_START_S
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < end
                time.sleep(0.01)  # another thread starts: the tests' clock does not rule it
            yield Served(office, listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(_LONGEST_START_S)


@pytest.fixture
def served(plain_office: Office) -> Iterator[Served]:
    """The office on SQLite, listening."""
    with serving(plain_office) as served:
        yield served


@pytest.fixture
def queries(office: Office) -> ReviewQueries:
    """The queries of staff's pages, on the test's office."""
    profiles = {"jiangsu-2019": load_profile("jiangsu-2019")}
    return ReviewQueries(
        office.database,
        office.envelopes,
        office.office_keys,
        office.audit,
        profiles,
        office.config.review,
        office.clock,
    )
