"""Two who make the same thing at the same moment make it once, on both databases: neither of them fails."""

from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from center.audit.tables import AuditRow
from center.corrections.number import NumberCorrection
from center.intake import filing
from center.platform.faults import Conflict
from center.platform.person_keys import id_key
from center.shots.people import known_record, record_of
from center.shots.tables import ShotRow
from center.wiring.office import Office
from tests.center.calls.test_help_calls import ring
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import enter, person_of
from tests.center.factories import HandClock, shot_id, somebody
from tests.center.releases.signing import key_set, release_file
from tests.center.retention.test_meanwhile import Meanwhile, begun, once_before
from tests.center.retention.test_retention import kept
from wire.help_call import HelpState


def test_a_call_and_its_repetition_are_one_call(
    office: Office, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.booths.remember("booth-1")
    ring(office, clock, number=1)
    again = Meanwhile(lambda office: ring(office, clock, number=2), office)
    once_before(monkeypatch, office.help_calls, "_end_others", begun(again))
    assert ring(office, clock, number=2).state is HelpState.WAITING
    again.join()
    assert again.fault is None
    assert [one.call_id for one in office.help_calls.open()] == [f"{2:032x}"], "the call before is ended"


def test_a_booth_that_two_enrol_is_one_booth_with_the_newer_code(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[str] = []
    second = Meanwhile(lambda office: codes.append(office.booths.enrol("bert", "hall-1")), office)
    once_before(monkeypatch, office.audit, "append", begun(second))
    first = office.booths.enrol("anna", "hall-1")
    second.join()
    assert second.fault is None
    assert office.booths.exchange("hall-1", first) is None
    assert office.booths.exchange("hall-1", codes[0]) is not None


def test_a_release_that_two_add_is_added_once(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    office.releases.trust("anna", key_set().encode())
    path = release_file(tmp_path / "a")
    second = Meanwhile(lambda office: office.releases.add("bert", path), office)
    once_before(monkeypatch, office.audit, "append", begun(second))
    office.releases.add("anna", path)
    second.join()
    assert second.fault is None
    with office.database.read() as session:
        added = session.scalars(select(AuditRow.actor).where(AuditRow.action == "release.added")).all()
    assert added == ["anna"]


def test_of_two_files_of_one_release_the_recorded_one_is_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    office.releases.trust("anna", key_set().encode())
    other = release_file(tmp_path / "b", archive=b"another archive")
    second = Meanwhile(lambda office: office.releases.add("bert", other), office)
    once_before(monkeypatch, office.audit, "append", begun(second))
    added = office.releases.add("anna", release_file(tmp_path / "a"))
    second.join()
    assert isinstance(second.fault, Conflict)
    office.booths.enrol("anna", "hall-1")
    office.releases.give("anna", added.version, ["hall-1"])
    assert office.releases.piece("hall-1", added.version, 0) == (tmp_path / "a").read_bytes()


def test_a_photo_that_is_being_filed_under_the_right_number_keeps_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number has a record without photos, for example because of a hold."""
    enter(office, 1)
    file_shot(office, 1, person=person_of(1))
    numbers = [str(somebody(number).id_number) for number in (1, 2)]
    key = id_key(office.office_keys, numbers[1])
    with office.database.write() as session:
        record = record_of(session, key)
        (found,) = office.roster.find(session, numbers[:1], 2)
    correction = NumberCorrection(office.database, office.office_keys, office.audit, office.roster, office.clock)
    correcting = Meanwhile(lambda _: correction.correct("sue", found.row_id, *numbers), office)
    once_before(monkeypatch, filing, "file_details", begun(correcting))
    file_shot(office, 2, person=person_of(2))
    correcting.join()
    assert isinstance(correcting.fault, Conflict)
    with office.database.read() as session:
        assert known_record(session, key) == record
        assert session.get_one(ShotRow, shot_id(2)).person_id == record


def test_a_number_under_which_a_photo_is_filed_while_it_is_corrected_is_taken_or_the_photos_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(office, 1)
    file_shot(office, 1, person=person_of(1))
    with office.database.read() as session:
        (found,) = office.roster.find(session, [str(somebody(1).id_number)], 2)
    again = Meanwhile(lambda office: file_shot(office, 2, person=person_of(2)), office)
    once_before(monkeypatch, NumberCorrection, "_rename", begun(again))
    correction = NumberCorrection(office.database, office.office_keys, office.audit, office.roster, office.clock)
    with suppress(Conflict):
        correction.correct("sue", found.row_id, str(somebody(1).id_number), str(somebody(2).id_number))
    again.join()
    assert again.fault is None
    assert kept(office) == {shot_id(1), shot_id(2)}
