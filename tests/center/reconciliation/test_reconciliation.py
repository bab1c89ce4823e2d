"""Half days on both databases: counted, explained, signed by two, frozen; nothing changes them after that."""

import hashlib
import io
import json
import threading
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from center.__main__ import main
from center.accounts.model.roles import Role
from center.audit.tables import AuditRow
from center.dashboard.model import LateKind
from center.platform.faults import NotThere, WrongRequest
from center.reconciliation.model import (
    ArrivedShotState,
    DifferenceKind,
    HalfDay,
    NotSigned,
    Reconciliation,
    Signature,
    SignFault,
    half_day_of,
    over_at,
    read_half_day,
    read_list,
    sign,
)
from center.shots.model.staff_decision import Reject
from center.wiring.office import Office
from rules.half_day import Half
from rules.season import CHINA, load_season
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import approve, decide
from tests.center.factories import START, HandClock, shot_id
from wire.manifest import Times

DAY = date(2026, 9, 1)
MORNING = HalfDay("booth-1", DAY, Half.MORNING)
AFTERNOON = HalfDay("booth-1", DAY, Half.AFTERNOON)
NOON = START + timedelta(hours=3)  # twelve in Beijing


def after_work(clock: HandClock) -> None:
    clock.now = max(clock.now, NOON - timedelta(minutes=15))


def sheet(office: Office, half_day: HalfDay = MORNING) -> Reconciliation:
    return office.reconciliations.of(half_day)


def signed(office: Office, who: str, half_day: HalfDay = MORNING) -> bool:
    return office.reconciliations.sign(who, half_day, sheet(office, half_day).digest)


def taken_at(at: datetime, synced: bool = True) -> Times:
    return Times(consented=at, shot=at, accepted=at, clock_synced=synced)


def test_a_half_day_has_what_its_booth_took_by_its_own_clock(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    file_shot(office, 2)
    decide(office, clock, 2, Reject(("glasses",)))
    file_shot(office, 3, times=taken_at(NOON))
    file_shot(office, 4, times=taken_at(NOON - timedelta(seconds=1)))
    clock.now = NOON + timedelta(hours=2)
    file_shot(office, 5, times=taken_at(START, synced=False))
    assert sheet(office).shots == {
        shot_id(1): ArrivedShotState.APPROVED,
        shot_id(2): ArrivedShotState.REJECTED,
        shot_id(4): ArrivedShotState.WAITING,
    }
    assert set(sheet(office, AFTERNOON).shots) == {shot_id(3), shot_id(5)}
    assert [one.half_day for one in office.reconciliations.of_day(DAY)] == [MORNING, AFTERNOON]
    assert office.reconciliations.of_day(DAY - timedelta(days=1)) == []


def test_each_difference_is_named_and_explained_before_anybody_signs(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    file_shot(office, 2)
    after_work(clock)
    assert [one.kind for one in sheet(office).differences] == [DifferenceKind.NOT_COUNTED, DifferenceKind.WAITING]
    with pytest.raises(NotSigned, match="not explained"):
        signed(office, "anna")
    office.reconciliations.count("anna", MORNING, 3)
    count, waiting = sheet(office).differences
    assert (count.kind, waiting.shot_id) == (DifferenceKind.COUNT, shot_id(2))
    office.reconciliations.explain("anna", MORNING, count.key, "一人未保存")
    with pytest.raises(NotSigned, match="not explained"):
        signed(office, "anna")
    office.reconciliations.explain("anna", MORNING, waiting.key, "  明日  审核 ")
    assert sheet(office).notes == {"count": "一人未保存", f"waiting {shot_id(2)}": "明日 审核"}
    assert not signed(office, "anna")
    assert signed(office, "bob")
    assert sheet(office).frozen


def test_the_second_signature_is_another_accounts(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    after_work(clock)
    office.reconciliations.count("anna", MORNING, 1)
    signed(office, "anna")
    with pytest.raises(NotSigned) as refused:
        signed(office, "anna")
    assert refused.value.fault is SignFault.SAME_ACCOUNT
    signed(office, "bob")
    with pytest.raises(NotSigned) as refused:
        signed(office, "carol")
    assert refused.value.fault is SignFault.FROZEN


def test_two_who_sign_at_once_sign_once_each_or_are_told_why_not(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    after_work(clock)
    office.reconciliations.count("anna", MORNING, 1)
    seen = sheet(office).digest
    said: list[tuple[str, bool | SignFault]] = []
    start = threading.Barrier(6)

    def work(who: str) -> None:
        start.wait()
        try:
            said.append((who, office.reconciliations.sign(who, MORNING, seen)))
        except NotSigned as fault:
            said.append((who, fault.fault))

    threads = [threading.Thread(target=work, args=(who,)) for who in ("anna", "bob", "anna", "bob", "carol", "carol")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = {who: answer for who, answer in said if isinstance(answer, bool)}
    assert sorted(taken.values()) == [False, True], "one first and one second signature"
    refused = {answer for _, answer in said if not isinstance(answer, bool)}
    assert refused <= {SignFault.SAME_ACCOUNT, SignFault.FROZEN}
    found = sheet(office)
    assert found.first is not None
    assert found.second is not None
    assert {found.first.by, found.second.by} == set(taken)


def test_a_first_signature_counts_no_more_once_the_sheet_has_changed(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    after_work(clock)
    office.reconciliations.count("anna", MORNING, 1)
    seen = sheet(office).digest
    signed(office, "anna")
    office.reconciliations.count("bob", MORNING, 2)
    office.reconciliations.explain("bob", MORNING, "count", "一人重拍")
    with pytest.raises(NotSigned, match="changed since it was shown"):
        office.reconciliations.sign("bob", MORNING, seen)
    assert not signed(office, "bob"), "it is the first signature of the new sheet"
    assert signed(office, "anna")


def test_what_comes_later_stands_beside_a_frozen_half_day_and_changes_nothing(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    file_shot(office, 2)
    after_work(clock)
    office.reconciliations.count("anna", MORNING, 2)
    office.reconciliations.explain("anna", MORNING, f"waiting {shot_id(2)}", "下午审核")
    signed(office, "anna")
    signed(office, "bob")
    before = sheet(office)
    clock.move(hours=5)
    file_shot(office, 3, times=taken_at(START))
    decide(office, clock, 2)
    found = sheet(office)
    assert (found.late, found.moved) == ((shot_id(3),), {shot_id(2): ArrivedShotState.APPROVED})
    assert (found.shots, found.digest, found.notes) == (before.shots, before.digest, before.notes)
    with pytest.raises(NotSigned, match="frozen"):
        office.reconciliations.count("anna", MORNING, 3)
    with pytest.raises(NotSigned, match="frozen"):
        office.reconciliations.explain("anna", MORNING, f"waiting {shot_id(2)}", "x")


def test_nobody_signs_while_the_booth_still_serves(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    office.reconciliations.count("anna", MORNING, 1)
    with pytest.raises(NotSigned, match="still going on"):
        signed(office, "anna")
    after_work(clock)
    signed(office, "anna")


def test_every_step_is_in_the_audit_without_the_words(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    after_work(clock)
    office.reconciliations.count("anna", MORNING, 2)
    office.reconciliations.explain("anna", MORNING, "count", "王小明未保存")
    signed(office, "anna")
    signed(office, "bob")
    with office.database.read() as session:
        rows = session.execute(
            select(AuditRow.action, AuditRow.actor, AuditRow.detail).where(AuditRow.subject == MORNING.subject)
        ).all()
    assert [(row.action, row.actor) for row in rows] == [
        ("half_day.counted", "anna"),
        ("half_day.explained", "anna"),
        ("half_day.signed", "anna"),
        ("half_day.frozen", "bob"),
    ]
    assert "王小明" not in json.dumps([row.detail for row in rows], ensure_ascii=False)


def test_what_makes_no_sense_is_refused(office: Office) -> None:
    with pytest.raises(NotThere, match="no booth"):
        sheet(office, HalfDay("nowhere", DAY, Half.MORNING))
    with pytest.raises(WrongRequest, match="between 0 and"):
        office.reconciliations.count("anna", MORNING, -1)
    with pytest.raises(WrongRequest, match="no such difference"):
        office.reconciliations.explain("anna", MORNING, "count", "x")
    with pytest.raises(WrongRequest, match="1 to 300"):
        office.reconciliations.explain("anna", MORNING, "count", " ")
    for name in ("2026-13-01-am", "2026-09-01", "2026-09-01-xx", "x"):
        with pytest.raises(WrongRequest, match="named like"):
            read_half_day("booth-1", name)


def test_the_dashboard_counts_half_days_that_nobody_signed(office: Office, clock: HandClock) -> None:
    approve(office, clock, 1)
    assert not [one for one in office.dashboards.of().late if one.kind is LateKind.HALF_DAYS], "today is not late"
    clock.move(days=1)
    (late,) = [one for one in office.dashboards.of().late if one.kind is LateKind.HALF_DAYS]
    assert late.count == 1
    office.reconciliations.count("anna", MORNING, 1)
    signed(office, "anna")
    signed(office, "bob")
    assert not [one for one in office.dashboards.of().late if one.kind is LateKind.HALF_DAYS]


@given(st.dates(date(2000, 1, 1), date(2200, 12, 31)), st.times())
def test_every_moment_is_in_exactly_one_half_day(day: date, at: time) -> None:
    moment = datetime.combine(day, at, CHINA)
    one = half_day_of("b", moment)
    assert one.begin <= moment < one.end
    assert read_half_day("b", one.name) == one


def test_work_ends_with_the_halfs_last_closing() -> None:
    hours = load_season("jiangsu").rules.hours
    assert over_at(MORNING, hours) == datetime(2026, 9, 1, 11, 30, tzinfo=CHINA)
    assert over_at(AFTERNOON, hours) == datetime(2026, 9, 1, 17, tzinfo=CHINA)
    assert over_at(AFTERNOON, hours[:1]) == AFTERNOON.begin


def test_with_the_booths_list_each_difference_is_named_by_its_shot(office: Office, clock: HandClock) -> None:
    for number in (1, 2):
        approve(office, clock, number)
    service = office.reconciliations
    service.take_list("anna", MORNING, read_list(f"{shot_id(1)}\n{shot_id(9)}\r\n"))
    found = sheet(office)
    assert found.counted == 2
    assert [(one.kind, one.shot_id) for one in found.differences] == [
        (DifferenceKind.NOT_RECEIVED, shot_id(9)),
        (DifferenceKind.NOT_LISTED, shot_id(2)),
    ], "two that cancel each other out in the counts"
    after_work(clock)
    with pytest.raises(NotSigned) as refused:
        signed(office, "anna")
    assert refused.value.fault is SignFault.UNEXPLAINED
    for one in found.differences:
        service.explain("anna", MORNING, one.key, "终端换过存储卡")
    signed(office, "anna")
    assert signed(office, "ben")
    before = sheet(office)
    file_shot(office, 9)
    frozen = sheet(office)
    assert (frozen.late, frozen.digest, frozen.listed) == ((shot_id(9),), before.digest, before.listed)
    with pytest.raises(NotSigned):
        service.take_list("anna", MORNING, read_list(shot_id(1)))
    office.reconciliations.take_list("anna", AFTERNOON, read_list(shot_id(3)))
    office.reconciliations.count("anna", AFTERNOON, 0)
    assert sheet(office, AFTERNOON).listed is None, "a count alone takes the list's place"


def test_an_explanation_is_for_one_kind_of_difference_only(office: Office, clock: HandClock) -> None:
    service = office.reconciliations
    service.take_list("anna", MORNING, read_list(shot_id(1)))
    for one in sheet(office).differences:
        service.explain("anna", MORNING, one.key, "网络中断，尚未收到")
    assert not sheet(office).unexplained
    file_shot(office, 1)
    file_shot(office, 2)
    service.explain("anna", MORNING, "count", "一人在列表之后")
    service.explain("anna", MORNING, f"not_listed {shot_id(2)}", "列表之后拍摄")
    after_work(clock)
    with pytest.raises(NotSigned, match="not explained"):
        signed(office, "anna")
    waiting = sheet(office).unexplained
    assert [(one.kind, one.shot_id) for one in waiting] == [(DifferenceKind.WAITING, shot_id(n)) for n in (1, 2)]
    for one in waiting:
        service.explain("anna", MORNING, one.key, "下午审核")
    signed(office, "anna")
    assert signed(office, "ben")
    words = [found.notes.get(found.note_key(one) or "") for found in (sheet(office),) for one in found.differences]
    assert words == ["一人在列表之后", "列表之后拍摄", "下午审核", "下午审核"]


def test_a_note_that_names_no_kind_counts_where_two_signed_it_and_nowhere_else() -> None:
    old, new = Signature("anna", NOON, "x"), {"count": "一人未保存"}
    shots = {shot_id(1): ArrivedShotState.WAITING}
    kept = {**new, shot_id(1): "网络中断"}
    frozen = Reconciliation(MORNING, 2, shots, kept, old, old)
    assert not frozen.unexplained
    # The digest that was signed before the key had a kind.
    said = {"half_day": MORNING.subject, "counted": 2, "shots": {shot_id(1): "waiting"}, "notes": kept}
    assert frozen.digest == hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    opened = Reconciliation(MORNING, 2, shots, kept)
    assert [one.kind for one in opened.unexplained] == [DifferenceKind.WAITING]
    answered = replace(opened, notes={**kept, f"waiting {shot_id(1)}": "下午审核"})
    assert answered.digest == replace(answered, first=old, second=old).digest, "as it was signed, so it stays"


@pytest.mark.parametrize("text", ["", " ", "x", "0" * 31, f"{'0' * 32} zwei"])
def test_what_is_no_booths_list_is_refused(text: str) -> None:
    with pytest.raises(WrongRequest):
        read_list(text)


def test_explanations_of_what_no_longer_differs_do_not_count() -> None:
    shots = {"a": ArrivedShotState.APPROVED}
    with_note = Reconciliation(MORNING, 1, shots, {"b": "was waiting"})
    assert with_note.digest == Reconciliation(MORNING, 1, shots).digest
    assert sign(with_note, "anna", with_note.digest, NOON, NOON)[1] is False


def test_the_command_does_what_the_page_does(
    plain_office: Office,
    clock: HandClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file_shot(plain_office, 1)
    decide(plain_office, clock, 1)
    config = tmp_path / "center.toml"
    config.write_text(f'folder = "{plain_office.config.folder}"\n')
    codes = {
        name: pyotp.parse_uri(plain_office.accounts.add("test", name, Role.STAFF, "correct-horse-battery", None))
        for name in ("anna", "bob")
    }

    def run(*words: str, code: int = 0) -> str:
        assert main(["reconciliation", *words, "--config", str(config)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    def sign_as(name: str, code: int = 0) -> str:
        totp = codes[name]
        assert isinstance(totp, pyotp.TOTP)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"correct-horse-battery\n{totp.now()}\n"))
        return run("sign", "booth-1", MORNING.name, "--account", name, code=code)

    assert "counted None, received 1" in run("day", "2026-09-01")
    run("count", "booth-1", MORNING.name, "2")
    run("explain", "booth-1", MORNING.name, "count", "一人未保存")
    assert "first       anna" in sign_as("anna")
    assert "second      bob" in sign_as("bob")
    line = json.loads(run("show", "booth-1", MORNING.name, "--json"))
    assert (line["frozen"], line["received"], line["counted"]) == (True, 1, 2)
    assert "frozen" in run("count", "booth-1", MORNING.name, "3", code=1)
    assert "like 2026-09-01" in run("day", "yesterday", code=1)


@pytest.mark.parametrize("name", ["9999-12-31-pm", "0001-01-01-am", "1999-12-31-pm", "2201-01-01-am"])
def test_a_half_day_of_no_season_is_refused(name: str) -> None:
    """The end of the last day there is cannot even be computed."""
    with pytest.raises(WrongRequest, match="2000 to 2200"):
        read_half_day("booth-1", name)
