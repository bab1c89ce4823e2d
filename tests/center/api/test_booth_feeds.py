"""What booths read and tell beside shots: decisions, roster, heartbeat, calls for help."""

import pytest

from center.shots.model.staff_decision import Approve, Reject, StaffDecision
from tests.center.api.booth_client import BoothClient, problem
from tests.center.conftest import Served, sent
from tests.center.factories import HandClock, shot_id
from tests.roster_rows import roster_row
from wire.decision import Decision, DecisionPage
from wire.heartbeat import Heartbeat
from wire.help_call import HelpAnswer, HelpCall, HelpState
from wire.live_help import HelpDirection, HelpView
from wire.number_queue import NumberQueue
from wire.problem import Problem, ProblemType
from wire.roster_change import RosterPage, RosterRow, RowRemoved, RowSet


def test_decisions_come_when_they_are_final_and_only_to_their_booth(
    served: Served, line: BoothClient, clock: HandClock
) -> None:
    for number in (1, 2):
        line.put(number, sent(number))
    queue = served.office.queue
    first, second = queue.claim_next("anna", count=2)
    queue.decide("anna", first.shot_id, first.version, Reject(("glasses", "ears")))
    queue.decide("anna", second.shot_id, second.version, Approve())
    assert DecisionPage.decode(line.get("/v2/decisions").content).decisions == ()
    clock.move(seconds=10)
    page = DecisionPage.decode(line.get("/v2/decisions").content)
    assert [(one.sequence, one.shot_id, one.decision, one.reasons) for one in page.decisions] == [
        (1, shot_id(1), Decision.REJECTED, ("glasses", "ears")),
        (2, shot_id(2), Decision.APPROVED, ()),
    ]
    assert (page.next, page.more) == (2, False)
    assert DecisionPage.decode(line.get("/v2/decisions?after=2").content).decisions == ()
    other = BoothClient(served, served.enrol("booth-2"))
    assert DecisionPage.decode(other.get("/v2/decisions").content).decisions == ()


def test_a_reopened_decision_is_followed_by_a_later_one(served: Served, line: BoothClient, clock: HandClock) -> None:
    line.put(1, sent(1))
    queue = served.office.queue
    rulings: tuple[StaffDecision, ...] = (Approve(), Reject(("sharp",)))
    for staff_decision in rulings:
        (shot,) = queue.claim_next("anna")
        decided = queue.decide("anna", shot.shot_id, shot.version, staff_decision)
        clock.move(minutes=1)
        page = DecisionPage.decode(line.get("/v2/decisions").content)
        assert page.decisions[-1].decision is staff_decision.decision
        if isinstance(staff_decision, Approve):
            queue.reopen("sue", decided.shot_id, decided.version)
    assert [one.sequence for one in page.decisions] == [1, 2]


def test_an_unchanged_page_is_not_sent_twice(served: Served, line: BoothClient, clock: HandClock) -> None:
    line.put(1, sent(1))
    first = line.get("/v2/decisions")
    same = line.get("/v2/decisions", If_None_Match=first.headers["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    (shot,) = served.office.queue.claim_next("anna")
    served.office.queue.decide("anna", shot.shot_id, shot.version, Approve())
    clock.move(minutes=1)
    assert line.get("/v2/decisions", If_None_Match=first.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "1;DROP"])
def test_a_place_that_is_none_is_a_bad_request(line: BoothClient, after: str) -> None:
    for feed in ("decisions", "roster"):
        assert problem(line.get(f"/v2/{feed}?after={after}")) == (400, ProblemType.BAD_REQUEST)


def numbered(number: int, **changes: str) -> RosterRow:
    numbers = {"student_no": f"S{number}", "id_number": f"1101051949{number:08d}", "exam_no": f"E{number}"}
    return roster_row(**(numbers | changes))


def test_the_roster_comes_in_pages_and_once_for_each_row(narrow: tuple[Served, list[float]]) -> None:
    served, ticks = narrow
    roster, line = served.office.roster, BoothClient(served, served.enrol())
    done = roster.import_rows("admin", [numbered(number) for number in (1, 2, 3)])
    assert (done.new, done.changed, done.same) == (3, 0, 0)
    assert roster.import_rows("admin", [numbered(1), numbered(2, name="李四")]).changed == 1
    known: dict[str, str] = {}
    after, more, pages = 0, True, 0
    while more:
        ticks[0] += 10
        page = RosterPage.decode(line.get(f"/v2/roster?after={after}").content)
        for change in page.changes:
            assert isinstance(change, RowSet)
            known[change.row_id] = change.row.name
        after, more, pages = page.next, page.more, pages + 1
    assert (sorted(known.values()), pages) == (["张三", "张三", "李四"], 2)
    gone = next(iter(known))
    assert roster.remove("admin", [gone, gone, "f" * 32]) == 1
    last = RosterPage.decode(line.get(f"/v2/roster?after={after}").content)
    assert last.changes == (RowRemoved(sequence=after + 1, row_id=gone),)


def test_a_booth_of_one_school_reads_that_school_only(served: Served) -> None:
    served.office.roster.import_rows("admin", [numbered(1), numbered(2, school="另一大学")])
    code = served.office.booths.enrol("admin", "hall-2", ["另一大学"])
    token = served.office.booths.exchange("hall-2", code)
    page = RosterPage.decode(BoothClient(served, token).get("/v2/roster").content)
    assert [change.row.school for change in page.changes if isinstance(change, RowSet)] == ["另一大学"]


def test_a_place_the_office_never_gave_begins_anew(served: Served, line: BoothClient) -> None:
    served.office.roster.import_rows("admin", [numbered(1)])
    page = RosterPage.decode(line.get("/v2/roster?after=77").content)
    assert (page.reset, len(page.changes), page.next) == (True, 1, 1)


def test_a_heartbeat_is_kept_for_its_own_booth(served: Served, line: BoothClient, clock: HandClock) -> None:
    beat = Heartbeat(
        booth_id="booth-1",
        at=clock(),
        clock_synced=True,
        version="0.1.0",
        profile="jiangsu-2019",
        uptime_s=1,
        waiting_envelopes=2,
        free_bytes=3,
    )
    for _ in range(2):
        clock.move(minutes=1)
        answer = line.post("/v2/heartbeats", beat.encode())
        assert (answer.status_code, answer.json()["office_time"][:19]) == (200, clock().isoformat()[:19])
    wrong = beat.model_copy(update={"booth_id": "booth-2"})
    assert problem(line.post("/v2/heartbeats", wrong.encode())) == (403, ProblemType.FORBIDDEN)
    (booth,) = served.office.booths.all()
    assert (booth.heartbeat, booth.seen_at, booth.enrolled) == (beat, clock(), True)


def test_a_call_for_help_is_answered_to_the_booth_that_asked(served: Served, line: BoothClient) -> None:
    call = HelpCall(booth_id="booth-1", call_id="c" * 32, at=served.office.clock(), screen="pose")
    assert HelpAnswer.decode(line.post("/v2/help", call.encode()).content).state is HelpState.WAITING
    served.office.help_calls.answer("anna", call.call_id, "马上过来")
    told = HelpAnswer.decode(line.post("/v2/help", call.encode()).content)
    assert (told.state, told.line) == (HelpState.ANSWERED, "马上过来")
    other = BoothClient(served, served.enrol("booth-2"))
    refused = (
        line.post("/v2/help", call.model_copy(update={"booth_id": "booth-2"}).encode()),
        other.post("/v2/help", call.model_copy(update={"booth_id": "booth-2"}).encode()),
    )
    assert [Problem.decode(one.content).type for one in refused] == [ProblemType.FORBIDDEN] * 2
    assert line.post("/v2/help", b"{}").status_code == 400
    other.session.close()


def test_a_view_is_taken_from_the_booth_of_an_open_call_only(served: Served, line: BoothClient) -> None:
    call = HelpCall(booth_id="booth-1", call_id="c" * 32, at=served.office.clock(), screen="pose")
    view = HelpView(booth_id="booth-1", call_id=call.call_id, screen="pose", instruction="", checks=())
    live_help = served.office.live_help
    answer = HelpDirection.decode(line.post("/v2/help/view", view.encode()).content)
    assert (answer.release, live_help.of(call.call_id)) == (None, None), "the office does not know the call yet"
    line.post("/v2/help", call.encode())
    assert line.post("/v2/help/view", view.encode()).status_code == 200
    assert live_help.of(call.call_id) is not None
    other = BoothClient(served, served.enrol("booth-2"))
    foreign = view.model_copy(update={"booth_id": "booth-2", "screen": "choose"})
    refused = (line.post("/v2/help/view", foreign.encode()), other.post("/v2/help/view", foreign.encode()))
    assert [Problem.decode(one.content).type for one in refused] == [ProblemType.FORBIDDEN] * 2
    stranger = BoothClient(served, "no-credential")
    assert stranger.post("/v2/help/view", view.encode()).status_code == 401
    assert line.post("/v2/help/view", b"x" * 100_000).status_code == 413
    kept = live_help.of(call.call_id)
    assert kept is not None
    assert kept.view == view
    line.post("/v2/help", call.model_copy(update={"ended": True}).encode())
    assert live_help.of(call.call_id) is None
    line.post("/v2/help/view", view.encode())
    assert live_help.of(call.call_id) is None, "a late view opens nothing again"
    other.session.close()


def test_booths_read_which_numbers_are_called_and_only_enrolled_ones_may(served: Served, line: BoothClient) -> None:
    queue = served.office.waiting_numbers
    first = line.get("/v2/waiting")
    assert NumberQueue.decode(first.content) == NumberQueue(called=(), waiting=0, given=True)
    assert line.get("/v2/waiting", If_None_Match=first.headers["ETag"]).status_code == 304
    for _ in range(6):
        queue.take()
    for _ in range(5):
        queue.call_next()
    queue.close("anna")
    told = NumberQueue.decode(line.get("/v2/waiting", If_None_Match=first.headers["ETag"]).content)
    assert told == NumberQueue(called=(3, 4, 5), waiting=1, given=False)
    stranger = BoothClient(served, "not-a-credential")
    assert problem(stranger.get("/v2/waiting")) == (401, ProblemType.UNAUTHORISED)
    stranger.session.close()
