"""The writer does each job once, the newest of its name, and no job prevents another."""

import logging

import pytest

from kiosk.runtime.file_writer import FileWriter


def test_the_newest_job_of_a_name_is_done_in_the_order_of_the_names() -> None:
    writer, done = FileWriter(), list[str]()
    for name, what in (("health", "old"), ("call", "call"), ("health", "new")):
        writer.later(name, lambda what=what: done.append(what))  # type: ignore[misc]
    assert done == []
    writer.poll(0)
    writer.poll(0)
    assert done == ["new", "call"]


def test_a_job_that_fails_prevents_no_other(caplog: pytest.LogCaptureFixture) -> None:
    writer, done = FileWriter(), list[str]()

    def failing() -> None:
        raise RuntimeError("unforeseen")

    with caplog.at_level(logging.ERROR):
        writer.later("health", failing)
        writer.later("call", lambda: done.append("call"))
        writer.poll(0)
    assert done == ["call"]
    assert "health" in caplog.text


def test_it_does_what_waits_before_it_is_closed() -> None:
    writer, done = FileWriter(), list[str]()
    writer.at_end = lambda: done.append("end")
    writer.later("call", lambda: done.append("call"))
    writer.close()
    assert done == ["call", "end"]
