"""While a replacement can still be undone, the photo that it replaces stands: in packs, counts and letters."""

import pytest

from center.delivery.model import Change
from center.platform.faults import Conflict
from center.shots.model.staff_decision import Approve
from center.wiring.office import Office
from tests.center.billing.test_billing import payable
from tests.center.conftest import file_shot
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter, person_of
from tests.center.factories import HandClock, shot_id


def test_between_two_decisions_no_school_is_told_to_delete_the_photo_that_stands(
    office: Office, clock: HandClock
) -> None:
    enter(office, 1)
    payable(office)
    approve(office, clock, 1)
    office.deliveries.make("sue", SCHOOL, YEAR)
    office.billing.issue("sue", SCHOOL, YEAR, None)
    file_shot(office, 2, person=person_of(1))
    second, versions = shot_id(2), [office.queue.claim("anna", shot_id(2)).version]

    def decided() -> None:
        shot = office.queue.decide("anna", second, versions[-1], Approve(replaces=shot_id(1)))
        versions.append(shot.version)

    def undone() -> None:
        versions.append(office.queue.undo("anna", second, versions[-1]).version)

    def waited() -> None:
        clock.move(seconds=9)

    for step in (waited, decided, undone, decided, waited):
        step()
        with pytest.raises(Conflict, match="nothing to deliver"):
            office.deliveries.make("sue", SCHOOL, YEAR)
        bill = office.billing.check(SCHOOL, YEAR)
        assert (bill.approved, bill.delivered, bill.items) == (1, 1, ())
        assert office.deliveries.contents(1).present == {shot_id(1)}
    clock.move(seconds=2)
    made, _ = office.deliveries.make("sue", SCHOOL, YEAR)
    assert made.counts == {Change.REPLACED: 1}
    assert office.billing.check(SCHOOL, YEAR).agree == (True, True, True)
    assert office.attendances.counts(SCHOOL, YEAR).counts == office.attendances.of("sue", SCHOOL, YEAR).counts
