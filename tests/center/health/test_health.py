"""The office's own health: every part by itself, the same figures for page, monitor and load balancer, no secret."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import update

from center.accounts.model.roles import Role
from center.accounts.monitor import MonitorToken
from center.accounts.review import REVIEW_EVERY
from center.commands.site import Site
from center.health import service
from center.health.model import FIGURES, UNFILED_S, Finding, Item, Level, disk_level, metric_lines, worst
from center.health.service import OfficeHealth
from center.platform.configuration import CenterConfig
from center.platform.faults import Unavailable
from center.platform.seal_keys import add_seal_key
from center.shots.tables import ShotRow
from center.wiring.booth_api import create_app
from center.wiring.console import make_console
from center.wiring.office import Office
from sim.twins.disk import DiskTwin
from tests.center.backup.conftest import Safe, restored
from tests.center.backup.offices import flip, photo_of
from tests.center.conftest import Served, file_shot, serving
from tests.center.factories import START, HandClock
from tests.center.office_server import PASSWORD

ANSWER = ["database", "store", "keys", "disk", "unfiled", "backup", "lacking", "filing", "accounts"]


def levels(office: Office, **changes: object) -> dict[Item, Level]:
    """As a look now would find it."""
    health = OfficeHealth(
        office.config,
        office.database,
        office.photos,
        office.office_keys,
        office.backups,
        office.account_reviews,
        office.clock,
        **changes,  # type: ignore[arg-type]
    )
    return {one.item: one.level for one in health.look()}


def test_every_part_is_well_in_an_office_that_is_backed_up(office: Office, tmp_path: Path) -> None:
    add_seal_key(office.config.seal_keys, START)
    found = levels(office)
    assert found.pop(Item.BACKUP) is Level.WARN  # there is none yet
    assert set(found.values()) == {Level.OK}
    assert list(levels(office)) == list(Item) == list(FIGURES)


def test_a_part_that_hangs_fails_and_hides_no_other_and_is_not_asked_again_meanwhile(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, asked, seconds = threading.Event(), list[str](), [0.0]

    def put(*_: object) -> None:
        asked.append("store")
        assert hangs.wait(600)

    monkeypatch.setattr(service, "ANSWER_S", 3.0)  # the others answer within this, however busy the machine is
    monkeypatch.setattr(plain_office.photos, "put", put)
    health = OfficeHealth(
        plain_office.config,
        plain_office.database,
        plain_office.photos,
        plain_office.office_keys,
        plain_office.backups,
        plain_office.account_reviews,
        plain_office.clock,
        lambda: seconds[0],
    )
    looks = []
    with ThreadPoolExecutor(1) as pool:
        try:
            for _ in range(2):
                looks.append({one.item: one.level for one in pool.submit(health.look).result(60)})
                seconds[0] += service.KEPT_S + 1
        finally:
            hangs.set()
    for found in looks:
        assert found[Item.STORE] is Level.FAIL
        assert {found[item] for item in (Item.DATABASE, Item.DISK, Item.UNFILED, Item.ACCOUNTS)} == {Level.OK}
    assert asked == ["store"]


def test_a_tested_backup_makes_it_whole_until_it_is_too_old(
    plain: Office,
    clock: HandClock,
    tmp_path: Path,
) -> None:
    made, _ = plain.backups.make("test", tmp_path / "backups")
    plain.backups.verify("test", made)
    assert set(levels(plain).values()) == {Level.OK}
    clock.now += timedelta(days=3.6)
    assert levels(plain)[Item.BACKUP] is Level.WARN


def test_a_damaged_photo_is_told_until_a_backup_has_it(plain: Office, clock: HandClock, tmp_path: Path) -> None:
    name = photo_of(plain, file_shot(plain, 1))
    path = plain.config.folder / "photos" / name[:2] / name
    whole = path.read_bytes()
    flip(path)
    made, _ = plain.backups.make("test", tmp_path / "backups")
    plain.backups.verify("test", made)
    found = levels(plain)
    assert (found[Item.BACKUP], found[Item.LACKING]) == (Level.OK, Level.WARN)
    path.write_bytes(whole)
    clock.move(seconds=60)
    plain.backups.make("test", tmp_path / "backups")
    assert levels(plain)[Item.LACKING] is Level.OK


def test_a_restored_office_asks_for_its_filing(
    plain: Office,
    clock: HandClock,
    tmp_path: Path,
    safe: Safe,
) -> None:
    plain.backups.make("test", tmp_path / "backups")
    plain.close()
    restored(plain.config, tmp_path / "backups", safe, clock, replace=True)
    with Office.open(plain.config, clock) as again:
        assert levels(again)[Item.FILING] is Level.WARN
        again.backups.file_again("test", again.filing_again)
        assert levels(again)[Item.FILING] is Level.OK


def gone(office: Office) -> None:
    (office.config.folder / "photos").rename(office.config.folder / "not mounted")


def other_key(office: Office) -> None:
    office.config.keys.write_text("0" * 64 + "\n")


BREAKS: dict[str, tuple[Callable[[Office], object], Item]] = {
    "store": (gone, Item.STORE),
    "key lost": (lambda office: office.config.keys.unlink(), Item.KEYS),
    "key of another office": (other_key, Item.KEYS),
    "key open to others": (lambda office: os.chmod(office.config.keys, 0o644), Item.KEYS),
    "seal keys damaged": (lambda office: office.config.seal_keys.write_text("no key"), Item.KEYS),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_part_that_fails_is_named_and_hides_no_other(plain: Office, what: str) -> None:
    break_it, item = BREAKS[what]
    break_it(plain)
    found = levels(plain)
    assert [one for one, level in found.items() if level is Level.FAIL] == [item]
    assert found[Item.DATABASE] is Level.OK


def test_without_a_database_the_rest_is_still_told(
    plain: Office,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def down(_: object) -> bool:
        raise Unavailable("the office's database can't be used now")

    monkeypatch.setattr(service, "is_current", down)
    found = levels(plain)
    assert found[Item.DATABASE] is Level.FAIL
    asked_of_it = (Item.UNFILED, Item.BACKUP, Item.LACKING, Item.FILING, Item.ACCOUNTS)
    assert [found[item] for item in asked_of_it] == [Level.UNKNOWN] * len(asked_of_it)
    assert found[Item.STORE] is found[Item.KEYS] is found[Item.DISK] is Level.OK


def test_little_room_warns_and_none_fails(plain: Office) -> None:
    assert levels(plain, disk=DiskTwin(lambda _: 1 << 30))[Item.DISK] is Level.WARN
    assert levels(plain, disk=DiskTwin(lambda _: 1 << 20))[Item.DISK] is Level.FAIL
    assert disk_level(1 << 40) is Level.OK


def test_a_shot_that_could_not_be_opened_for_an_hour_is_reported(
    plain: Office,
    clock: HandClock,
) -> None:
    shot_id = file_shot(plain, 1)
    with plain.database.write() as session:
        session.execute(update(ShotRow).where(ShotRow.shot_id == shot_id).values(stage="received"))
    clock.move(seconds=3_600)
    assert levels(plain)[Item.UNFILED] is Level.OK
    clock.move(seconds=1)
    assert levels(plain)[Item.UNFILED] is Level.WARN


def test_accounts_that_are_to_be_reviewed_are_told_until_each_is_confirmed(plain: Office, clock: HandClock) -> None:
    plain.accounts.add("test", "anna", Role.STAFF, PASSWORD)
    assert levels(plain)[Item.ACCOUNTS] is Level.OK
    clock.move(days=REVIEW_EVERY.days)
    assert levels(plain)[Item.ACCOUNTS] is Level.WARN
    plain.account_reviews.confirm("root", "anna")
    assert levels(plain)[Item.ACCOUNTS] is Level.OK


def test_many_who_ask_cost_one_look(plain: Office) -> None:
    now = 0.0
    health = OfficeHealth(
        plain.config,
        plain.database,
        plain.photos,
        plain.office_keys,
        plain.backups,
        plain.account_reviews,
        plain.clock,
        lambda: now,
    )
    first = health.look()
    gone(plain)
    assert health.look() is first
    now = service.KEPT_S + 1
    assert health.look() is not first


def test_what_fails_weighs_more_than_what_warns() -> None:
    well = Finding(Item.DISK, Level.OK)
    assert worst([well]) is Level.OK
    assert worst([well, Finding(Item.BACKUP, Level.UNKNOWN)]) is Level.OK
    assert worst([well, Finding(Item.BACKUP, Level.WARN)]) is Level.WARN
    assert worst([Finding(Item.KEYS, Level.FAIL), Finding(Item.BACKUP, Level.WARN)]) is Level.FAIL


def token_of(office: Office) -> str:
    return MonitorToken(office.database, office.audit, office.clock).make("test")


def asked(served: Served, token: str, path: str = "/v2/health/deep") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(served.url + path, headers=headers, timeout=30)


def test_the_deep_form_is_for_the_monitors_token_only_and_says_no_secret(plain: Office) -> None:
    site = Site(create_app(plain), make_console(plain))
    with serving(plain, app=site) as served:
        token, booth = token_of(plain), served.enrol()
        for stranger in ("", "wrong", booth, "x" * 10_000):
            refused = asked(served, stranger)
            assert (refused.status_code, "parts" in refused.text) == (401, False)
        answer = asked(served, token)
        assert answer.status_code == 200
        report = answer.json()
        assert [part["part"] for part in report["parts"]] == ANSWER
        assert report["level"] == "warn"
        assert answer.headers["cache-control"] == "no-store"
        secrets = (str(plain.config.folder), token, plain.config.keys.read_text().strip(), "office.sqlite")
        assert not any(secret in answer.text for secret in secrets)
        metrics = asked(served, token, "/metrics").text
        assert 'center_health{part="database"} 1' in metrics
        assert 'center_health{part="backup"} 0' in metrics
        assert "center_backup_overdue 1" in metrics
        assert metrics.endswith("# EOF\n")
        # The short form stays what booths ask: a word and the time.
        assert asked(served, "", "/v2/health").json().keys() == {"schema_version", "office_time"}


def test_a_load_balancer_is_reported_by_the_status(plain: Office) -> None:
    gone(plain)
    with serving(plain) as served:
        answer = asked(served, token_of(plain))
    assert answer.status_code == 503
    assert answer.json()["level"] == "fail"


def test_page_and_metrics_have_the_same_figures(office: Office, config: CenterConfig) -> None:
    findings = office.health.look()
    lines = list(metric_lines(findings))
    for finding in findings:
        name, _ = FIGURES[finding.item]
        assert (f"# TYPE {name} gauge" in lines) == (finding.value is not None)
    assert len([line for line in lines if line.startswith("# TYPE")]) == len({line for line in lines if "TYPE" in line})


def test_a_look_holds_one_connection_of_the_pool_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    threads, read = list[str](), office.database.read

    def noted() -> object:
        threads.append(threading.current_thread().name)
        return read()

    monkeypatch.setattr(office.database, "read", noted)
    assert levels(office)[Item.ACCOUNTS] is Level.OK
    assert len(threads) >= 5
    assert set(threads) == {"unfiled"}, "all that reads the database is asked in turn, by one thread"


def test_what_was_answered_before_a_question_that_hangs_is_unknown_once_it_is_old(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, seconds = threading.Event(), [0.0]
    monkeypatch.setattr(service, "ANSWER_S", 3.0)
    monkeypatch.setattr(plain_office.backups, "state", lambda: hangs.wait(600))
    health = OfficeHealth(
        plain_office.config,
        plain_office.database,
        plain_office.photos,
        plain_office.office_keys,
        plain_office.backups,
        plain_office.account_reviews,
        plain_office.clock,
        lambda: seconds[0],
    )
    try:
        looks = [{one.item: one.level for one in health.look()}]
        file_shot(plain_office, 1)
        with plain_office.database.write() as session:
            old = plain_office.clock() - timedelta(seconds=UNFILED_S + 1)
            session.execute(update(ShotRow).values(stage="received", received_at=old))
        for _ in range(2):
            seconds[0] += service.KEPT_S + 1
            looks.append({one.item: one.level for one in health.look()})
    finally:
        hangs.set()
    assert [found[Item.UNFILED] for found in looks] == [Level.OK, Level.OK, Level.UNKNOWN], "12 s are too old"
    assert {found[Item.BACKUP] for found in looks} == {Level.FAIL}


def test_what_waits_behind_a_question_that_hangs_is_unknown(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(service, "ANSWER_S", 3.0)
    monkeypatch.setattr(plain_office.backups, "state", lambda: hangs.wait(600))
    try:
        found = levels(plain_office)
    finally:
        hangs.set()
    assert {item: found[item] for item in (Item.DISK, Item.UNFILED, Item.BACKUP, Item.LACKING, Item.ACCOUNTS)} == {
        Item.DISK: Level.OK,
        Item.UNFILED: Level.OK,
        Item.BACKUP: Level.FAIL,
        Item.LACKING: Level.UNKNOWN,
        Item.ACCOUNTS: Level.UNKNOWN,
    }
