"""A booth that becomes another booth, or whose folder another one used: what was told to the former one is no answer to
this one, and the last copy of a shot stays until the office says that it has these bytes."""

import sqlite3
from pathlib import Path

import pytest

from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import ShotState
from tests.roster_rows import roster_row
from tests.uplink.worlds import World

SCHOOLS = ("第一大学", "第二大学")


def become(world: World, booth_id: str, *schools: str) -> None:
    """Enrol this machine at the office under a name, for these schools."""
    booths = world.office.office.booths
    token = booths.exchange(booth_id, booths.enrol("test", booth_id, schools))
    assert token is not None
    credential = world.config.storage.folder.with_name(f"{booth_id}.credential")
    credential.write_text(token)
    credential.chmod(0o600)
    world.configure(booth_id=booth_id, credential_file=credential)


def found(world: World) -> list[int]:
    """Of which schools the roster has a row."""
    roster = RosterCache(world.config.storage)
    rows = [number for number, _ in enumerate(SCHOOLS) if roster.by_code(f"2026000{number}")]
    roster.close()
    return rows


def move_to(world: World, folder: Path) -> None:
    storage = world.config.storage.model_copy(update={"folder": folder})
    world.config = world.config.model_copy(update={"storage": storage})
    world.restart()


@pytest.mark.parametrize(("former", "now"), [((0,), (1,)), ((0, 1), (1,)), ((1,), (0, 1))], ids=str)
def test_a_booth_that_takes_another_name_has_the_roster_of_a_fresh_one(
    world: World, tmp_path: Path, former: tuple[int, ...], now: tuple[int, ...]
) -> None:
    world.office.give_roster(
        [roster_row(school=school, student_no=f"2026000{number}") for number, school in enumerate(SCHOOLS)]
    )
    become(world, "spare-1", *(SCHOOLS[number] for number in former))
    world.run(60)
    assert found(world) == list(former)
    become(world, "hall-1", *(SCHOOLS[number] for number in now))
    world.run(60)
    known = found(world)
    move_to(world, tmp_path / "fresh")
    world.run(60)
    assert known == found(world) == list(now)


def skip(world: World, days: int) -> None:
    """The machine sleeps, and does what is due in the two hours after it wakes."""
    world.clock.advance(days * 86_400 * 1_000_000_000)
    world.run(7_200)


def of_the_version_before(world: World) -> None:
    """The outbox as version 0.2.0 left it: it did not note who took a shot."""
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as written:
        written.execute("UPDATE shots SET taken_by = NULL")
        written.execute("UPDATE verdict_feed SET office = ?", (world.config.office.url,))
    written.close()


def parked(world: World) -> list[str | None]:
    with Outbox(world.config.storage.folder / "outbox.sqlite3") as outbox:
        return [row.parked for row in outbox.parked()]


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "of-0.2.0"])
def test_shots_verified_under_the_former_name_go_by_age_and_are_not_left_for_staff(world: World, noted: bool) -> None:
    world.keep(1)
    world.run(60)
    if not noted:
        of_the_version_before(world)
    become(world, "hall-1")
    skip(world, 6)
    assert world.envelope(1).exists()
    skip(world, 3)
    assert world.row(1).state is ShotState.COPY_DELETED
    assert not world.envelope(1).exists()
    assert parked(world) == []


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "of-0.2.0"])
def test_a_file_that_the_office_lost_comes_back_also_from_a_booth_with_a_new_name(world: World, noted: bool) -> None:
    world.keep(1)
    world.run(60)
    if not noted:
        of_the_version_before(world)
    become(world, "hall-1")
    (stored,) = (world.office.config.folder / "photos").rglob(f"{1:032x}*")
    stored.unlink()
    skip(world, 9)
    assert stored.read_bytes() == world.envelope(1).read_bytes()
    assert (world.row(1).state, world.arrived()) == (ShotState.VERIFIED, [1])
    skip(world, 9)
    assert world.row(1).state is ShotState.COPY_DELETED
    assert parked(world) == []
    assert stored.exists()


def test_the_last_copy_stays_where_the_office_does_not_say_that_it_has_the_shot(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An office of version 0.2.0 does not read the digest."""
    intake = world.office.office.intake
    of_today = intake.status
    world.keep(1)
    world.run(60)
    become(world, "hall-1")
    (stored,) = (world.office.config.folder / "photos").rglob(f"{1:032x}*")
    stored.unlink()
    intake.status = lambda booth_id, shot_id, sha256=None: of_today(booth_id, shot_id)  # type: ignore[method-assign]
    before = len(world.network.requests)
    for _ in range(3):
        skip(world, 10)
    assert (world.row(1).state, world.envelope(1).exists(), parked(world)) == (ShotState.VERIFIED, True, [])
    assert len([one for one in world.network.requests[before:] if "/v2/shots" in one]) == 3, "at most twice a day"
    (said,) = [one for one in caplog.messages if "stays on this booth" in one]
    assert "update the office" in said
    with Outbox(world.config.storage.folder / "outbox.sqlite3") as outbox:
        assert [(one.count, one.size) for one in outbox.kept_copies()] == [(1, world.row(1).size)]
    del intake.status  # the office is updated
    skip(world, 1)
    assert stored.exists()
    with Outbox(world.config.storage.folder / "outbox.sqlite3") as outbox:
        assert outbox.kept_copies() == []


def test_the_last_copy_of_a_shot_that_a_restored_office_lacks_is_left_for_staff(world: World, tmp_path: Path) -> None:
    """The office can't take the envelope, because it names the booth by its former name."""
    made = world.office.back_up(tmp_path / "backups")
    world.keep(1)
    world.run(60)
    become(world, "hall-1")
    world.run(60)
    world.office.restore(made)
    become(world, "hall-1")  # enrolled anew there
    skip(world, 1)
    assert (world.row(1).state, parked(world)) == (ShotState.VERIFIED, [])
    skip(world, 30)
    assert world.envelope(1).exists()
    assert parked(world) == ["422 bad-envelope"]


def test_a_copy_that_another_office_verified_goes_by_age(world: World) -> None:
    world.keep(1)
    world.run(60)
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as written:
        written.execute("UPDATE shots SET taken_by = 'https://former.example hall-1'")
    written.close()
    before = len(world.network.requests)
    skip(world, 9)
    assert world.row(1).state is ShotState.COPY_DELETED
    assert [one for one in world.network.requests[before:] if "/v2/shots" in one] == []


def test_a_booth_that_is_updated_goes_on_with_the_roster_and_the_decisions_it_has(world: World) -> None:
    world.office.give_roster([roster_row(school=SCHOOLS[0], student_no="20260000")])
    become(world, "hall-1", *SCHOOLS)
    world.run(60)
    identity, storage = world.config.office.identity, world.config.storage
    places = []
    for of_before in (False, True):
        if of_before:  # the version before noted the office's address alone
            for file, feed in (("roster-2.sqlite3", "feed"), ("outbox.sqlite3", "verdict_feed")):
                with sqlite3.connect(storage.folder / file) as written:
                    written.execute(f"UPDATE {feed} SET office = ?", (world.config.office.url,))
                written.close()
        roster = RosterCache(storage, office=identity)
        with Outbox(storage.folder / "outbox.sqlite3") as outbox:
            places.append((roster.place(), outbox.decision_place(identity)))
        roster.close()
    assert places[0] == places[1]
    assert places[0][0] > 0
    asked = len(world.network.requests)
    world.run(4_000)
    assert found(world) == [0]
    assert not [one for one in world.network.requests[asked:] if "/v2/roster?after=0" in one]
