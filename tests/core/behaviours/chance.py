"""Events and visits by chance, for Hypothesis."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from hypothesis import strategies as st

from behaviours.driver import BOTH, CARD, EITHER, FINE, LI, LI_AGAIN, LI_AT_B, LIT, TICK_MS, WU, Booth, booth_in
from kiosk.core import events as ev
from kiosk.core.events import Action
from kiosk.core.inputs import Measures
from kiosk.core.session import effects as fx
from kiosk.core.session.state import SessionPolicy, State
from rules.checks import CheckId

T = TypeVar("T")

NS = st.integers(0, 2**63 - 1)
TOKENS = st.text(max_size=20)
NUMBERS = st.integers(0, 2**31)
ROWS = st.lists(st.builds(ev.RowTokens, TOKENS, TOKENS), max_size=4).map(tuple)
WORDS = st.lists(TOKENS, max_size=3).map(tuple)
VALUES = st.dictionaries(st.sampled_from(CheckId), st.none() | st.floats(allow_nan=False)).map(MappingProxyType)

EVENTS: dict[type[ev.Event], st.SearchStrategy[ev.Event]] = {
    ev.Tick: st.builds(ev.Tick, NS),
    ev.Touched: st.builds(ev.Touched, NS, st.sampled_from(Action), TOKENS),
    ev.FocusMoved: st.builds(ev.FocusMoved, NS),
    ev.EarphoneChanged: st.builds(ev.EarphoneChanged, NS, st.booleans()),
    ev.CardFound: st.builds(ev.CardFound, NS),
    ev.CardRead: st.builds(ev.CardRead, NS, TOKENS, st.none() | st.booleans()),
    ev.CardFailed: st.builds(ev.CardFailed, NS, st.sampled_from(ev.CardTrouble)),
    ev.CardRemoved: st.builds(ev.CardRemoved, NS),
    ev.CodeRead: st.builds(ev.CodeRead, NS, TOKENS, st.sampled_from(ev.CodeKind)),
    ev.RosterAnswered: st.builds(ev.RosterAnswered, NS, NUMBERS, TOKENS, ROWS),
    ev.LooksSeen: st.builds(ev.LooksSeen, NS, st.builds(Measures, NS, st.integers(0, 2), VALUES)),
    ev.Measured: st.builds(ev.Measured, NS, st.builds(Measures, NS, st.integers(0, 2), VALUES)),
    ev.SeatSeen: st.builds(ev.SeatSeen, NS, st.integers(0, 2)),
    ev.BurstTaken: st.builds(ev.BurstTaken, NS, NUMBERS, NUMBERS),
    ev.BurstFailed: st.builds(ev.BurstFailed, NS, NUMBERS, st.sampled_from(ev.ShootFault)),
    ev.TakeFinished: st.builds(ev.TakeFinished, NS, NUMBERS, st.floats(0, 1), WORDS, WORDS),
    ev.TakeRefused: st.builds(ev.TakeRefused, NS, NUMBERS, st.sampled_from(ev.FinishFault)),
    ev.Saved: st.builds(ev.Saved, NS, NUMBERS, TOKENS),
    ev.SaveFailed: st.builds(ev.SaveFailed, NS, NUMBERS),
    ev.PhotoLost: st.builds(ev.PhotoLost, NS, NUMBERS),
    ev.ShotStands: st.builds(ev.ShotStands, NS, NUMBERS, st.sampled_from(ev.DecisionState), WORDS),
    ev.Recalled: st.builds(ev.Recalled, NS, NUMBERS, st.none() | st.sampled_from(ev.DecisionState), WORDS),
    ev.HelpDirected: st.builds(ev.HelpDirected, NS, NUMBERS, st.none() | st.sampled_from(CheckId)),
    ev.HelpLost: st.builds(ev.HelpLost, NS, NUMBERS),
    ev.CallStands: st.builds(ev.CallStands, NS, NUMBERS, st.sampled_from(ev.CallState), st.none() | TOKENS),
    ev.DeviceFailed: st.builds(ev.DeviceFailed, NS, st.sampled_from(ev.Device), TOKENS),
    ev.DeviceRecovered: st.builds(ev.DeviceRecovered, NS, st.sampled_from(ev.Device), TOKENS),
    ev.LampsTested: st.builds(ev.LampsTested, NS),
    ev.SeasonTold: st.builds(ev.SeasonTold, NS, st.sampled_from(ev.SeasonState), st.booleans()),
    ev.KeyTurned: st.builds(ev.KeyTurned, NS, st.booleans(), st.booleans()),
    ev.StaffDid: st.builds(ev.StaffDid, NS, st.sampled_from(ev.Deed)),
}
"""Any event of each class."""

ANY_EVENT = st.one_of(*EVENTS.values())

FORWARD = {
    State.ATTRACT: Action.START,
    State.CONSENT: Action.AGREE,
    State.CONFIRM: Action.CONFIRM,
    State.PREPARE: Action.READY,
    State.WRONG_TOP: Action.KEEP_TOP,
    State.REASON: Action.STILL_HERE,
    State.CHOOSE: Action.ACCEPT,
    State.REJECTED: Action.RETAKE,
    State.STILL_THERE: Action.STILL_HERE,
    State.STAFF_HELP: Action.STILL_HERE,
}


WORK: dict[State, Callable[[Booth], object]] = {
    State.POSE: lambda booth: booth.pose(1),
    State.CAPTURE: Booth.burst_taken,
    State.SAVING: Booth.saved,
    State.DONE: lambda booth: booth.stands(ev.DecisionState.REJECTED, "glasses"),
}


def go_on(booth: Booth) -> None:
    """Do the next thing that a willing graduate and working devices would do, because chance alone seldom gets far."""
    way = FORWARD.get(booth.state)
    session = booth.session
    if booth.state is State.CLOSED:
        booth.tell_season(ev.SeasonState.OPEN)
    elif booth.state is State.CHOOSE and session.picked is None:
        booth.finish(session.takes[-1].number)
    elif way is not None:
        booth.touch(way)
    elif booth.state is State.IDENTIFY and session.card is None:
        booth.lay_card()
    elif booth.state is State.IDENTIFY and session.card_rows is None:
        booth.answer_for(session.card or "", LI)
    elif booth.state is State.IDENTIFY and session.code is None:
        booth.scan()
    elif booth.state is State.IDENTIFY and session.code_rows is None:
        booth.answer_for(session.code or "", LI)
    elif booth.state is State.SCHOOL and session.schools:
        booth.touch(Action.PICK_SCHOOL, session.schools[0])
    elif booth.state is State.SCHOOL:
        booth.touch(Action.PICK_RECORD, session.records[0])
    elif booth.state in WORK:
        WORK[booth.state](booth)


Move = Callable[[Booth, int], object]
KEYS = ("card-li", "card-wu", "code-li", "code-wu")
ANSWERS = ((), (LI,), (WU,), (LI, WU), (LI, LI_AT_B), (LI, LI_AGAIN))
ARGS = ("", "1", "2", "school-a", "school-b", "eyes")
POSES: tuple[Mapping[CheckId, float | None], ...] = (
    {},
    {CheckId.ROLL: 9.0},
    {CheckId.EYES_OPEN: 0.0},
    {CheckId.ONE_FACE: None, CheckId.DISTANCE: None},
)


DRESSES: tuple[dict[str, float | None], ...] = ({}, {"top_colour": 20.0}, {"glasses": 40.0}, {"top_colour": None})


def one_of(choices: Sequence[T], which: int) -> T:
    return choices[which % len(choices)]


def touch_anything(booth: Booth, which: int) -> None:
    event = ev.Touched(booth.now_ns, one_of(tuple(Action), which), one_of(ARGS, which // len(Action)))
    booth.do(event, foreseen=None)


def answer_some_order(booth: Booth, which: int) -> None:
    orders = [effect for effect in booth.asked if isinstance(effect, fx.LookUp)] or [fx.LookUp(0, "card-li")]
    order = one_of(orders, which // len(ANSWERS))
    booth.do(ev.RosterAnswered(booth.now_ns, order.id, order.key, one_of(ANSWERS, which)))


def look_somehow(booth: Booth, which: int) -> None:
    values = MappingProxyType({**FINE, **one_of(POSES, which)})
    booth.do(ev.Measured(booth.now_ns, Measures(booth.now_ns, which // len(POSES) % 3, values)))


def orders(booth: Booth) -> list[int]:
    """Ids of recent requests, whether or not an answer to them is still due."""
    return [effect.id for effect in booth.asked[-12:]]


MOVES: tuple[Move, ...] = (
    lambda booth, _: booth.do(ev.Tick(booth.now_ns)),
    touch_anything,
    lambda booth, _: booth.card_found(),
    lambda booth, n: booth.lay_card(one_of(KEYS, n), one_of((True, False, None), n)),
    lambda booth, n: booth.card_fails(one_of(tuple(ev.CardTrouble), n)),
    lambda booth, _: booth.card_removed(),
    lambda booth, n: booth.scan(one_of(KEYS, n)),
    lambda booth, n: booth.show_qr(f"qr-{n % 2}"),
    answer_some_order,
    look_somehow,
    lambda booth, n: booth.see_seat(n % 3),
    lambda booth, n: booth.dress(n % 3, **one_of(DRESSES, n // 3)),
    lambda booth, n: booth.do(
        ev.BurstTaken(booth.now_ns, one_of(orders(booth), n), len(booth.session.takes) + 1),
    ),
    lambda booth, n: booth.do(
        ev.BurstFailed(booth.now_ns, one_of(orders(booth), n), one_of(tuple(ev.ShootFault), n)),
    ),
    lambda booth, n: booth.finish(n % 4, n / 100),
    lambda booth, n: booth.refuse(n % 4, one_of(tuple(ev.FinishFault), n)),
    lambda booth, n: booth.do(ev.Saved(booth.now_ns, one_of(orders(booth), n), "AB12")),
    lambda booth, n: booth.do(ev.SaveFailed(booth.now_ns, one_of(orders(booth), n))),
    lambda booth, n: booth.do(ev.PhotoLost(booth.now_ns, one_of(orders(booth), n))),
    lambda booth, n: booth.do(
        ev.ShotStands(booth.now_ns, one_of(orders(booth), n), one_of(tuple(ev.DecisionState), n))
    ),
    lambda booth, n: booth.do(
        ev.Recalled(booth.now_ns, one_of(orders(booth), n), one_of((None, *ev.DecisionState), n))
    ),
    lambda booth, n: booth.do(ev.HelpDirected(booth.now_ns, one_of(orders(booth), n), one_of(tuple(CheckId), n))),
    lambda booth, n: booth.do(ev.HelpLost(booth.now_ns, one_of(orders(booth), n))),
    lambda booth, n: booth.do(
        ev.CallStands(booth.now_ns, one_of(orders(booth), n), one_of(tuple(ev.CallState), n), "line")
    ),
    lambda booth, n: booth.do(ev.DeviceFailed(booth.now_ns, one_of(tuple(ev.Device), n), "fault.test")),
    lambda booth, n: booth.do(ev.DeviceRecovered(booth.now_ns, one_of(tuple(ev.Device), n), "fault.test")),
    lambda booth, _: booth.lamps_tested(),
    lambda booth, n: booth.tell_season(one_of(tuple(ev.SeasonState), n)),
    lambda booth, n: booth.do(ev.KeyTurned(booth.now_ns, n % 2 == 0, n % 3 == 0)),
    lambda booth, n: booth.do(ev.EarphoneChanged(booth.now_ns, n % 2 == 0)),
    lambda booth, _: booth.do(ev.FocusMoved(booth.now_ns)),
    lambda booth, n: booth.wait(n, tick_ms=2_000),
)
"""What may happen, at the right or at a wrong time; the number chooses the object to which it happens."""

WISHES = st.tuples(st.integers(0, 3 * TICK_MS), st.integers(0, 3 * len(MOVES)), st.integers(0, 99))


def act(booth: Booth, wish: tuple[int, int, int]) -> None:
    """One move after a wait in ms: one in three is an arbitrary one, the others are sensible."""
    wait_ms, move, which = wish
    booth.now_ns += wait_ms * 1_000_000
    if move < len(MOVES):
        MOVES[move](booth, which)
    else:
        go_on(booth)


def play(policy: SessionPolicy, state: State, wishes: list[tuple[int, int, int]]) -> Booth:
    booth = booth_in(state, policy)
    for wish in wishes:
        act(booth, wish)
    return booth


POLICIES = st.sampled_from([EITHER, CARD, BOTH, LIT])
VISITS: st.SearchStrategy[Booth] = st.builds(play, POLICIES, st.sampled_from(State), st.lists(WISHES, max_size=60))
"""A booth after a visit in which anything may have happened, most of it sensible."""
