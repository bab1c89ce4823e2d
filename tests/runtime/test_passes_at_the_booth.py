"""Passes as the booth knows them: valid between their moments, gone when the office withdraws them."""

from datetime import datetime, timedelta
from pathlib import Path

from kiosk.ports.clock import WallTime
from kiosk.runtime.office_season import OfficeSeason
from rules.season import load_season
from wire.instructions import Instructions, Opening, Pass, PassKind, Season

NOON = datetime.fromisoformat("2026-11-25T12:00:00+08:00")


SEASON = Season(
    version=0,
    source="as it came with the program",
    first_day="08-01",
    last_day="11-20",
    hours=(Opening(opens="09:00", closes="17:00"),),
    exceptions=(),
    years=(),
)


def instructions(*row_ids: str) -> bytes:
    """Instructions with passes for these rows, from noon on for a day."""
    until = NOON + timedelta(days=1)
    passes = tuple(
        Pass(pass_id=row_id[::-1], kind=PassKind.LATE, row_id=row_id, valid_from=NOON, valid_until=until)
        for row_id in row_ids
    )
    return Instructions(season=SEASON, passes=passes).encode()


def at(moment: datetime, *, synced: bool = True) -> WallTime:
    return WallTime(moment, synced=synced)


def test_a_pass_is_in_force_between_its_moments_and_until_it_is_withdrawn(tmp_path: Path) -> None:
    path = tmp_path / "instructions.json"
    season = OfficeSeason(path, load_season("jiangsu"))
    assert season.allowed(at(NOON)) == frozenset()
    path.write_bytes(instructions("a" * 32))
    assert season.allowed(at(NOON - timedelta(seconds=1))) == frozenset()
    assert season.allowed(at(NOON)) == {"a" * 32}
    assert season.allowed(at(NOON + timedelta(hours=23, minutes=59))) == {"a" * 32}
    assert season.allowed(at(NOON + timedelta(days=1))) == frozenset()
    path.write_bytes(instructions() + b" ")
    assert season.allowed(at(NOON)) == frozenset()


def test_a_clock_that_cannot_be_trusted_ends_no_pass(tmp_path: Path) -> None:
    path = tmp_path / "instructions.json"
    path.write_bytes(instructions("a" * 32))
    season = OfficeSeason(path, load_season("jiangsu"))
    assert season.allowed(at(datetime.fromisoformat("1970-01-01T00:00:00+00:00"), synced=False)) == {"a" * 32}
