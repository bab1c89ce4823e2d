"""Receiving: the same answer for the same bytes, nothing by halves, refused bytes are kept."""

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from center.intake import service as intake
from center.intake.service import Filed, ForeignShot, Intake, OtherDigest, WrongDigest, _Sent
from center.platform.faults import Unavailable
from center.platform.photos import ToPut, photo_name
from center.platform.seal_keys import SealKeys
from center.shots.model.shot import Stage
from center.shots.tables import FindingRow, IdentityRow, PersonRow, ReportRow, ShotRow
from center.wiring.office import Office
from rules.profile import load_profile
from tests.center.conftest import manifest, sent
from tests.center.factories import PASSING, HandClock, photo, shot_id, somebody
from wire import envelope


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def receive(office: Office, number: int, data: bytes, booth_id: str = "booth-1") -> Filed:
    return office.intake.receive(booth_id, shot_id(number), digest(data), data)


def row(office: Office, number: int) -> ShotRow:
    with office.database.read() as session:
        return session.scalars(select(ShotRow).where(ShotRow.shot_id == shot_id(number))).one()


def rows(office: Office) -> int:
    with office.database.read() as session:
        return session.execute(select(func.count()).select_from(ShotRow)).scalar_one()


def test_a_legal_shot_is_stored_opened_and_queued(office: Office) -> None:
    data = sent(1)
    filed = receive(office, 1, data)
    assert filed.new
    assert filed.verified_at == office.clock()
    assert office.photos.get(photo_name(shot_id(1), digest(data))) == data
    stored = row(office, 1)
    assert (stored.stage, stored.school, stored.profile, stored.all_passed) == (
        Stage.QUEUED.value,
        "示范大学",
        "jiangsu-2019",
        True,
    )
    with office.database.read() as session:
        assert len(session.scalars(select(ReportRow)).one().checks) == len(PASSING)
        assert not session.scalars(select(FindingRow)).all()


def test_the_same_bytes_again_give_the_same_answer(office: Office, clock: HandClock) -> None:
    data = sent(1)
    first = receive(office, 1, data)
    clock.move(hours=1)
    assert receive(office, 1, data) == replace(first, new=False)
    assert rows(office) == 1


def test_two_batches_with_the_same_shot_are_under_way_side_by_side_and_file_it_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, put_all = threading.Barrier(2, timeout=60), office.photos.put_all

    def put_with_the_other(photos: Sequence[ToPut]) -> list[Unavailable | None]:
        both.wait()
        return put_all(photos)

    monkeypatch.setattr(office.photos, "put_all", put_with_the_other)
    data = sent(1)
    with ThreadPoolExecutor(2) as booths:
        filed = [
            *booths.map(lambda _: office.intake._receive([_Sent("booth-1", shot_id(1), digest(data), data)]), (1, 2))
        ]
    first, second = (one for (one,) in filed)
    assert isinstance(first, Filed)
    assert isinstance(second, Filed)
    assert {first.new, second.new} == {True, False}
    assert rows(office) == 1
    assert office.photos.get(photo_name(shot_id(1), digest(data))) == data


def test_other_bytes_under_a_known_id_change_nothing(office: Office) -> None:
    data = sent(1)
    receive(office, 1, data)
    with pytest.raises(OtherDigest):
        receive(office, 1, sent(1, receipt="ANOTHER-ONE"))
    assert row(office, 1).sha256 == digest(data)


def test_the_id_of_another_booths_shot_is_refused_to_ask_and_to_send(office: Office) -> None:
    office.booths.enrol("test", "booth-2")
    receive(office, 1, sent(1))
    with pytest.raises(ForeignShot):
        receive(office, 1, sent(1, "booth-2"), "booth-2")
    with pytest.raises(ForeignShot):
        office.intake.status("booth-2", shot_id(1))


def test_bytes_that_do_not_fit_their_digest_leave_nothing(office: Office) -> None:
    with pytest.raises(WrongDigest):
        office.intake.receive("booth-1", shot_id(1), bytes(32), sent(1))
    assert office.intake.status("booth-1", shot_id(1)) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no envelope at all", "not an envelope"),
        (sent(2), "another shot"),
        (sent(1, "booth-9"), "another booth"),
        (sent(1, profile="mars-2030"), "profile"),
        (envelope.build(manifest(1), b"\xff\xd8\xff no photo"), "jpeg"),
        (envelope.build(manifest(1), photo()[:-2000]), "jpeg"),
    ],
    ids=["not-an-envelope", "other-shot", "other-booth", "unknown-profile", "not-a-photo", "cut-photo"],
)
def test_what_is_no_legal_shot_is_refused_with_its_reason_and_kept(
    plain_office: Office, data: bytes, reason: str
) -> None:
    filed = receive(plain_office, 1, data)
    assert reason in " ".join(filed.refusal)
    assert filed.verified_at is None
    assert row(plain_office, 1).stage == Stage.REFUSED.value
    assert plain_office.photos.get(photo_name(shot_id(1), digest(data))) == data
    assert plain_office.queue.claim_next("anna") == []


def test_reasons_hold_nothing_of_the_envelope(plain_office: Office) -> None:
    data = envelope.build(manifest(1, profile="110105194912310021"), photo())
    assert "110105194912310021" not in " ".join(receive(plain_office, 1, data).refusal)


def test_a_refused_shot_is_opened_again_when_it_is_sent_again(plain_office: Office) -> None:
    """What was in its way may be mended: here the office learns the profile."""
    data = sent(1, profile="nowhere-1")
    assert receive(plain_office, 1, data).refusal
    office = plain_office
    profiles = {"nowhere-1": load_profile("jiangsu-2019")}
    wiser = Intake(office.database, office.photos, SealKeys(()), office.office_keys, profiles, office.clock)
    assert wiser.receive("booth-1", shot_id(1), digest(data), data).verified_at is not None
    assert len(office.queue.claim_next("anna")) == 1


def test_a_fault_in_opening_loses_no_bytes_and_is_made_up_for(
    plain_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(intake, "open_shot", _broken)
        filed = receive(plain_office, 1, sent(1))
        assert (filed.verified_at, filed.refusal) == (None, ())
        assert plain_office.intake.status("booth-1", shot_id(1)) == replace(filed, new=False)
    assert "RuntimeError" in caplog.text
    assert "王小明" not in caplog.text
    assert plain_office.intake.catch_up() == 1
    assert row(plain_office, 1).stage == Stage.QUEUED.value


def _broken(*_: object) -> None:
    raise RuntimeError(somebody(1).name)


def test_flags_and_doubts_put_a_shot_first(plain_office: Office) -> None:
    receive(plain_office, 1, sent(1))
    receive(plain_office, 2, sent(2, flags=("provisional_row",)))
    unknown = tuple(
        check | ({"verdict": "unknown", "value": None} if check["id"] == "yaw" else {}) for check in PASSING
    )
    receive(plain_office, 3, sent(3, checks=unknown))
    order = [shot.shot_id for shot in plain_office.queue.claim_next("anna", count=3)]
    assert order == [shot_id(2), shot_id(3), shot_id(1)]
    assert row(plain_office, 2).flags == ["provisional_row"]
    assert row(plain_office, 3).flags == ["not_judged"]


def test_a_value_outside_the_offices_own_limits_is_a_finding_whatever_the_booth_says(plain_office: Office) -> None:
    lying = tuple(check | {"value": 89.0} if check["id"] == "yaw" else check for check in PASSING)
    receive(plain_office, 1, sent(1, checks=lying))
    assert not row(plain_office, 1).all_passed
    with plain_office.database.read() as session:
        found = session.scalars(select(FindingRow)).one()
    assert (found.check_id, found.verdict, found.value) == ("yaw", "fail", 89.0)


def test_hostile_text_in_a_manifest_goes_in_and_out_unharmed(office: Office) -> None:
    nasty = "x' OR 1=1; DROP TABLE shots; -- {{7*7}} \x00\u202e"
    receive(
        office,
        1,
        sent(
            1,
            person=somebody(1, school=nasty, name=nasty, student_no=nasty, year=nasty, id_number=None),
            flags=(nasty,),
            receipt=nasty,
            checks=({"id": nasty, "verdict": nasty, "value": nasty},),
            versions={nasty: nasty},
        ),
    )
    stored = row(office, 1)
    assert stored.stage == Stage.QUEUED.value
    assert stored.flags == ["unnamed_flag", "not_judged"]
    assert stored.school == "x' OR 1=1; DROP TABLE shots; -- {{7*7}}"


def test_one_person_is_one_person_by_number_and_nobody_by_nothing(office: Office) -> None:
    receive(office, 1, sent(1, person=somebody(1)))
    receive(office, 2, sent(2, person=somebody(1, name="王五", student_no="7")))
    nobody = somebody(3, id_number=None, student_no=None)
    receive(office, 3, sent(3, person=nobody))
    receive(office, 4, sent(4, person=nobody))
    assert row(office, 1).person_id == row(office, 2).person_id
    with office.database.read() as session:
        assert session.execute(select(func.count()).select_from(PersonRow)).scalar_one() == 3


def test_the_database_holds_names_and_numbers_sealed_only(plain_office: Office) -> None:
    receive(plain_office, 1, sent(1))
    raw = (plain_office.config.folder / "office.sqlite").read_bytes()
    person = somebody(1)
    for secret in (person.name, person.id_number, person.student_no, manifest(1).receipt):
        assert secret is not None
        assert secret.encode() not in raw
    with plain_office.database.read() as session:
        sealed = session.scalars(select(IdentityRow)).one().sealed
    assert person.name.encode() in plain_office.office_keys.open("identity", shot_id(1), sealed)
