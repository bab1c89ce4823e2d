"""A database server that hangs is not waited for; one that is merely slow is."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bench.cluster import NoPostgres, cluster, new_database
from center.platform.database import Database
from center.platform.faults import Unavailable
from center.platform.hung_server import SLOW_S

ANSWERED_WITHIN_S = 10


@pytest.fixture
def server() -> Iterator[str]:
    """A server of this test's own: it is stopped in the middle."""
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(cluster(durable=False))
        except NoPostgres as fault:
            pytest.skip(f"NOT RUN: {fault}")


def processes(address: str) -> list[int]:
    """The server and its children."""
    with psycopg.connect(f"postgresql://{address}/postgres") as connection:
        found = connection.execute("select setting from pg_settings where name = 'data_directory'").fetchone()
    assert found is not None
    first = int((Path(found[0]) / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


def test_a_server_that_hangs_is_given_up_within_ten_seconds_and_used_again_when_it_answers(server: str) -> None:
    new_database(server, "office")
    with contextlib.closing(Database(f"postgresql://{server}/office", connections=2)) as database:
        with database.read() as session:
            assert session.execute(text("select 1")).scalar_one() == 1
        stopped = processes(server)
        for process in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(Unavailable), database.read() as session:
                session.execute(text("select 1"))
            # Of its own clock, which nobody can move: the driver waits in the kernel.
            assert time.monotonic() - began < ANSWERED_WITHIN_S
            with pytest.raises(Unavailable), database.write() as session:
                session.execute(text("select 1"))
        finally:
            # What started the server stops with it and must be woken, too.
            (parent,) = re.findall(r"^PPid:\s+(\d+)", Path(f"/proc/{stopped[0]}/status").read_text(), re.MULTILINE)
            for process in [*stopped, *([int(parent)] if int(parent) != os.getpid() else [])]:
                with contextlib.suppress(ProcessLookupError):  # a connection's own process ends with it
                    os.kill(process, signal.SIGCONT)
        with database.read() as session:
            assert session.execute(text("select 1")).scalar_one() == 1


def test_a_slow_statement_is_waited_for_while_the_server_answers(server: str) -> None:
    new_database(server, "office")
    with (
        contextlib.closing(Database(f"postgresql://{server}/office", connections=2)) as database,
        database.read() as one,
    ):
        assert one.execute(text(f"select 1 from pg_sleep({SLOW_S + 1.5})")).scalar_one() == 1
