"""What a receipt's code tells."""

from center.receipts.service import ReceiptAnswer, ReceiptState, receipt_state
from center.shots.model.staff_decision import Approve, Reject
from center.wiring.office import Office
from tests.center.conftest import file_shot
from tests.center.factories import START, HandClock


def test_a_receipt_tells_waiting_approved_or_retake_and_nothing_else(office: Office, clock: HandClock) -> None:
    def ask(code: str) -> ReceiptAnswer | None:
        return receipt_state(office.database, office.office_keys, office.clock, code)

    for number in (1, 2):
        file_shot(office, number)
    assert ask("rece 000001") == ReceiptAnswer(ReceiptState.WAITING, taken_at=START)
    first, second = office.queue.claim_next("anna", count=2)
    office.queue.decide("anna", first.shot_id, first.version, Approve())
    office.queue.decide("anna", second.shot_id, second.version, Reject(("glasses",)))
    assert ask("RECE-000001") == ReceiptAnswer(ReceiptState.WAITING, taken_at=START)
    clock.move(minutes=1)
    assert ask("RECE-000001") == ReceiptAnswer(ReceiptState.APPROVED, taken_at=START)
    assert ask("RECE-000002") == ReceiptAnswer(ReceiptState.RETAKE, ("glasses",), START)
    assert ask("RECE-000003") is None
