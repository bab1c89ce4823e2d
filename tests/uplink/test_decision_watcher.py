"""What staff say reaches the booth: of the shot whose graduate waits, and of a person who comes again."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from center.shots.model.staff_decision import Approve, Reject
from kiosk.core.events import DecisionState, Recalled, ShotStands
from kiosk.ports.config import OfficeConfig
from kiosk.ports.roster import record_of
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.roster.roster_lock import Kind
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.outbox_rows import Deletion
from sim.office.fault_proxy import OfficeFault
from tests.uplink.worlds import S, World

NUMBER = "11010519491231002X"  # of everybody the world's manifests are about
DAY_S = 86_400


def news(world: World) -> list[ShotStands | Recalled]:
    """What the saver tells now, and nothing it told before."""
    world.clock.advance(S)
    world.saver.poll(0)
    told = [event for event in world.events if isinstance(event, ShotStands | Recalled)]
    world.events[:] = [event for event in world.events if event not in told]
    return told


def recall(
    world: World, number: str | None = NUMBER, request: int = 9, record: str | None = None
) -> tuple[DecisionState | None, tuple[str, ...]]:
    world.saver.recall(request, number, record)
    (event,) = news(world)
    assert isinstance(event, Recalled)
    assert event.request == request
    return event.standing, event.reasons


def asked_decisions(world: World, seconds: int) -> int:
    """How often the office was asked for decisions in this many seconds."""
    before = len(world.network.requests)
    world.run(seconds)
    return sum(one.startswith("GET /v2/decisions") for one in world.network.requests[before:])


def often(world: World) -> None:
    real = OfficeConfig()
    changes = {"feeds_every_ms": real.feeds_every_ms, "heartbeat_every_ms": real.heartbeat_every_ms}
    world.config = world.config.model_copy(update={"office": world.config.office.model_copy(update=changes)})
    world.restart()


# the shot whose graduate waits


def test_a_followed_shot_tells_each_news_once(world: World) -> None:
    world.keep(1)
    world.saver.follow(5, f"{1:032x}")
    assert news(world) == [], "the office does not have it yet"
    world.run(60)
    (first,) = news(world)
    assert isinstance(first, ShotStands)
    assert (first.request, first.standing, first.reasons) == (5, DecisionState.WITH_STAFF, ())
    assert news(world) == []
    world.decide(
        1,
        Reject(
            (
                "glasses",
                "hair_brows",
            )
        ),
    )
    world.run(4000)
    (second,) = news(world)
    assert isinstance(second, ShotStands)
    assert (second.standing, second.reasons) == (DecisionState.REJECTED, ("glasses", "hair_brows"))
    assert news(world) == []


def test_reasons_this_booth_has_no_words_for_are_other_reasons(world: World) -> None:
    world.keep(1)
    world.saver.follow(5, f"{1:032x}")
    world.network.rewrite = lambda _, answer: answer.replace(b'"glasses"', b'"glasses","invented_in_2031"')
    world.decide(1, Reject(("glasses", "other"), "in staff's own words"))
    world.run(4000)
    (event,) = news(world)
    assert isinstance(event, ShotStands)
    assert event.reasons == ("glasses", "other")


def test_a_shot_that_is_no_longer_followed_tells_nothing(world: World) -> None:
    world.keep(1, 2)
    world.saver.follow(5, f"{1:032x}")
    world.saver.follow(6, f"{2:032x}")
    world.run(60)
    assert [event.request for event in news(world) if isinstance(event, ShotStands)] == [6]
    world.saver.follow(7, f"{1:032x}")
    world.saver.recall(8, NUMBER)
    world.saver.forget()
    assert news(world) == []


def test_decisions_are_asked_for_often_only_while_somebody_may_wait(world: World) -> None:
    often(world)
    world.run(600)
    assert asked_decisions(world, 120) <= 1, "nobody waits"
    world.keep(1)
    assert 30 <= asked_decisions(world, 120) <= 60
    world.run(60)
    assert asked_decisions(world, 120) <= 1, "who waited has left"


def test_a_decision_that_came_ends_the_asking(world: World) -> None:
    often(world)
    world.keep(1)
    world.saver.follow(5, f"{1:032x}")
    world.run(10)
    world.decide(1, Approve())
    world.run(5)
    assert [event.standing for event in news(world) if isinstance(event, ShotStands)] == [DecisionState.APPROVED]
    assert asked_decisions(world, 120) <= 1


def test_nobody_waits_for_photos_of_hours_ago(world: World) -> None:
    often(world)
    world.network.break_with(OfficeFault.DOWN)
    world.keep(1, 2, 3)
    world.run(7200)
    world.network.heal()
    assert asked_decisions(world, 600) <= 4
    assert len(world.arrived()) == 3


# who comes again


def test_a_person_is_recalled_by_the_newest_shot(world: World) -> None:
    assert recall(world) == (None, ())
    world.keep(1)
    world.run(60)
    assert recall(world) == (None, ()), "staff have it"
    world.decide(1, Reject(("glasses",)))
    world.run(4000)
    assert recall(world) == (DecisionState.REJECTED, ("glasses",))
    assert recall(world, NUMBER.lower()) == (DecisionState.REJECTED, ("glasses",))
    assert recall(world, "110105194912310011") == (None, ())
    assert recall(world, None) == (None, ())
    world.keep(2)
    assert recall(world) == (None, ()), "the newer one is not decided"
    world.decide(2, Approve())
    world.run(4000)
    assert recall(world) == (DecisionState.APPROVED, ())
    world.keep(3)
    world.decide(3, Reject(("ears",)))
    world.run(4000)
    assert recall(world) == (DecisionState.APPROVED, ()), "what is approved stands"


def test_a_decision_on_one_record_of_a_person_never_shows_for_another(world: World) -> None:
    first, second = (record_of(world.make(number).person) for number in (1, 2))
    assert first != second
    world.keep(1)
    world.decide(1, Approve())
    world.run(4000)
    assert recall(world, record=first) == (DecisionState.APPROVED, ())
    assert recall(world, record=second) == (None, ()), "this record needs a photo of its own"
    world.keep(2)
    world.decide(2, Reject(("glasses",)))
    world.run(4000)
    assert recall(world, record=second) == (DecisionState.REJECTED, ("glasses",))
    assert recall(world, record=first) == (DecisionState.APPROVED, ())
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as ledger:
        ledger.execute("UPDATE shots SET record = NULL")  # saved by the version before
    ledger.close()
    assert recall(world, record=second) == (DecisionState.APPROVED, ())


def test_a_person_is_forgotten_after_the_season_and_the_shot_is_not(world: World) -> None:
    world.keep(1)
    world.decide(1, Reject(("glasses",)))
    world.run(4000)
    world.clock.advance(119 * DAY_S * S)
    world.run(1)
    assert recall(world)[0] is DecisionState.REJECTED
    world.clock.advance(2 * DAY_S * S)
    world.run(1)
    assert recall(world) == (None, ())
    with Outbox(world.config.storage.folder / "outbox.sqlite3") as ledger:
        assert ledger.decided()["rejected"] == 1
        assert [(line.what, line.count) for line in ledger.deletions() if line.what != "copies"] == [
            ("persons of shots", 1)
        ]
        assert all(isinstance(line, Deletion) for line in ledger.deletions())


def test_the_ledger_names_nobody_and_says_nothing_to_another_device(world: World, tmp_path: Path) -> None:
    world.keep(1, 2)
    folder = world.config.storage.folder
    with sqlite3.connect(folder / "outbox.sqlite3") as ledger:
        names = {person for (person,) in ledger.execute("SELECT person FROM shots")}
    ledger.close()
    (name,) = names
    assert len(name) == 32
    cache = RosterCache(world.config.storage)
    lock = cache._locked_by()
    assert name == lock.person(NUMBER)
    assert name != lock.tag(Kind.ID_NUMBER, NUMBER), "ledger and roster can't be joined"
    world.decide(1, Reject(("glasses",)))
    world.decide(2, Reject(("glasses",)))
    world.run(4000)
    world.saver.close()
    (folder / "device.secret").write_bytes(bytes(32))
    other = ShotSaverWorker(world.config.storage, world.events.append, world.clock)
    other.open()
    world.saver = other
    assert recall(world) == (None, ())


def test_a_device_without_its_secret_keeps_photos_and_knows_nobody(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.saver.close()
    storage = world.config.storage.model_copy(update={"secret_file": tmp_path / "missing"})
    world.saver = ShotSaverWorker(storage, world.events.append, world.clock)
    world.saver.open()
    world.keep(1)
    world.decide(1, Reject(("glasses",)))
    world.run(4000)
    assert recall(world) == (None, ())
    assert "no returning person is recognised" in caplog.text


def test_a_ledger_that_can_not_be_read_answers_all_the_same(world: World) -> None:
    world.keep(1)
    world.decide(1, Reject(("glasses",)))
    world.run(4000)
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as ledger:
        ledger.execute("ALTER TABLE shots RENAME TO gone")
    ledger.close()
    assert recall(world) == (None, ())
    world.clock.advance(round(timedelta(seconds=1).total_seconds() * S))
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as ledger:
        ledger.execute("ALTER TABLE gone RENAME TO shots")
    ledger.close()
    assert recall(world) == (DecisionState.REJECTED, ("glasses",))


def test_a_ledger_that_could_not_be_read_once_is_read_again_without_another_photo(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.keep(1)
    world.decide(1, Reject(("glasses",)))
    world.run(4000)
    world.saver.follow(5, f"{1:032x}")
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as ledger:
        ledger.execute("ALTER TABLE shots RENAME TO gone")
    ledger.close()
    for _ in range(9):
        assert news(world) == []
    assert caplog.text.count("no news of kept shots") == 1
    with sqlite3.connect(world.config.storage.folder / "outbox.sqlite3") as ledger:
        ledger.execute("ALTER TABLE gone RENAME TO shots")
    ledger.close()
    told = [*news(world), *news(world), *news(world)]
    assert [(type(one), one.standing) for one in told] == [(ShotStands, DecisionState.REJECTED)]
    assert recall(world) == (DecisionState.REJECTED, ("glasses",))


def test_a_secret_that_could_not_be_read_once_is_read_again(world: World) -> None:
    secret = world.config.storage.folder / "device.secret"
    aside = secret.rename(secret.with_name("away"))
    secret.mkdir()
    world.saver.close()
    world.saver = ShotSaverWorker(world.config.storage, world.events.append, world.clock)
    world.saver.open()
    secret.rmdir()
    aside.rename(secret)
    world.keep(1)
    world.decide(1, Reject(("glasses",)))
    world.run(4000)
    assert recall(world) == (DecisionState.REJECTED, ("glasses",))
