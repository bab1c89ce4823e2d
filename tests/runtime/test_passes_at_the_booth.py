"""Passes as the booth knows them: valid between their moments, gone when the office withdraws them."""

from datetime import datetime, timedelta
from pathlib import Path

from kiosk.ports.clock import WallTime
from kiosk.runtime.office_season import OfficeSeason
from rules.season import load_season
from sim.office.feeds import OfficeFeeds

NOON = datetime.fromisoformat("2026-11-25T12:00:00+08:00")


def at(moment: datetime, *, synced: bool = True) -> WallTime:
    return WallTime(moment, synced=synced)


def test_a_pass_is_in_force_between_its_moments_and_until_it_is_withdrawn(tmp_path: Path) -> None:
    feeds, path = OfficeFeeds(), tmp_path / "instructions.json"
    season = OfficeSeason(path, load_season("jiangsu"))
    assert season.allowed(at(NOON)) == frozenset()
    feeds.open_for(["a" * 32], NOON)
    path.write_bytes(feeds.instructions.encode())
    assert season.allowed(at(NOON - timedelta(seconds=1))) == frozenset()
    assert season.allowed(at(NOON)) == {"a" * 32}
    assert season.allowed(at(NOON + timedelta(hours=23, minutes=59))) == {"a" * 32}
    assert season.allowed(at(NOON + timedelta(days=1))) == frozenset()
    feeds.open_for([], NOON)
    path.write_bytes(feeds.instructions.encode() + b" ")
    assert season.allowed(at(NOON)) == frozenset()


def test_a_clock_that_cannot_be_trusted_ends_no_pass(tmp_path: Path) -> None:
    feeds, path = OfficeFeeds(), tmp_path / "instructions.json"
    feeds.open_for(["a" * 32], NOON)
    path.write_bytes(feeds.instructions.encode())
    season = OfficeSeason(path, load_season("jiangsu"))
    assert season.allowed(at(datetime.fromisoformat("1970-01-01T00:00:00+00:00"), synced=False)) == {"a" * 32}
