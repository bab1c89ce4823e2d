"""Whatever happens, in whatever order: what always holds. The driver checks the invariants at every step."""

from collections.abc import Iterator
from copy import deepcopy

from behaviours.chance import ANY_EVENT, KEYS, VISITS, WISHES, Move, act, answer_some_order, go_on, one_of
from behaviours.driver import Booth, booth_in, nothing_of_a_person
from behaviours.seat import choosing_after_a_code
from behaviours.stills import heard
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core import events as ev
from kiosk.core.session import effects as fx
from kiosk.core.session import machine as core
from kiosk.core.session import transitions
from kiosk.core.session.seat import faces_of
from kiosk.core.session.staff_help import ASKED
from kiosk.core.session.state import AWAY_NS, Person, Session, SessionPolicy, State
from kiosk.core.session.stills import shows_stills
from kiosk.core.session.taking import best_of

RELAXED = settings(max_examples=150, deadline=None)
SERVED = {ev.SeasonState.OPEN, ev.SeasonState.YEAR_UNCONFIRMED, ev.SeasonState.CLOCK_UNSYNCED}


@RELAXED
@given(VISITS)
def test_invariants_hold_in_every_visit(booth: Booth) -> None:
    """Consent before reading, saving only a finished take, nothing held at rest: see `Booth.do`."""
    assert booth.session.next_id == booth.asked[-1].id + 1


@RELAXED
@given(VISITS, WISHES, ANY_EVENT)
def test_step_is_pure(booth: Booth, wish: tuple[int, int, int], any_event: ev.Event) -> None:
    session, policy = booth.session, booth.policy
    act(booth, wish)
    for event in (booth.happened[-1], any_event):
        check_pure(session, event, policy)


def check_pure(session: Session, event: ev.Event, policy: SessionPolicy) -> None:
    copies = deepcopy((session, policy))
    first, second = core.step(session, event, policy), core.step(session, event, policy)
    assert first == second
    assert (session, policy) == copies


@RELAXED
@given(VISITS)
def test_ticks_alone_lead_back_to_rest_and_nothing_of_the_person_is_left(booth: Booth) -> None:
    for by_pin in (False, True):
        booth.turn_key(service=False, by_pin=by_pin)
    for device, _ in booth.session.failed:
        booth.recover(device)
    booth.card_removed()
    for _ in range(6):
        if booth.state in (State.CLOSED, State.ATTRACT):
            break
        booth.wait(181, tick_ms=5_000)
    assert nothing_of_a_person(booth.session)
    booth.tell_season(ev.SeasonState.OPEN)
    booth.expect(State.ATTRACT)


@RELAXED
@given(VISITS)
def test_broken_booth_ends_out_of_service_and_comes_back(booth: Booth) -> None:
    booth.tell_season(ev.SeasonState.OPEN)
    booth.fail(ev.Device.CAMERA)
    booth.card_removed()
    for _ in range(6):
        booth.wait(181, tick_ms=5_000)
    booth.expect(State.OUT_OF_SERVICE)
    for by_pin in (False, True):
        booth.turn_key(service=False, by_pin=by_pin)
    for device, _ in booth.session.failed:
        booth.recover(device)
    booth.expect(State.ATTRACT)


@RELAXED
@given(VISITS)
def test_booth_out_of_season_ends_closed(booth: Booth) -> None:
    for by_pin in (False, True):
        booth.turn_key(service=False, by_pin=by_pin)
    for device, _ in booth.session.failed:
        booth.recover(device)
    booth.card_removed()
    for _ in range(12 * (transitions.AUDIO_GUIDE_FACTOR if booth.session.audio_guide else 1)):
        booth.tell_season(ev.SeasonState.BEFORE_SEASON)
        booth.wait(60, tick_ms=5_000)
    booth.expect(State.CLOSED)


@RELAXED
@given(VISITS)
def test_nobody_is_photographed_under_the_name_of_somebody_who_left(booth: Booth) -> None:
    whoever_comes_is_asked(booth)


def press(action: ev.Action) -> Move:
    return lambda booth, _: booth.do(ev.Touched(booth.now_ns, action), foreseen=None)


CHOOSING: tuple[Move, ...] = (
    *(lambda booth, _: booth.see_seat(0),) * 4,
    *(lambda booth, _: booth.see_seat(1),) * 4,
    *map(press, (ev.Action.RETAKE, ev.Action.CONFIRM, ev.Action.NOT_ME, ev.Action.HELP, ev.Action.STILL_HERE)),
    lambda booth, n: booth.finish(n % 3 + 1, n / 100),
    lambda booth, n: booth.refuse(n % 3 + 1, one_of(tuple(ev.FinishFault), n)),
    lambda booth, n: booth.lay_card(one_of(KEYS, n)),
    answer_some_order,
    lambda booth, _: go_on(booth),
    *map(press, (ev.Action.ACCEPT, ev.Action.ACCEPT)),
)
"""What may happen while the takes are shown, and around it."""
CHOICES = st.lists(
    st.tuples(st.sampled_from((300, 3_100)), st.integers(0, len(CHOOSING) - 1), st.integers(0, 99)),
    min_size=3,
    max_size=20,
)


@RELAXED
@given(CHOICES)
def test_nobody_accepts_the_photo_of_somebody_who_left(moves: list[tuple[int, int, int]]) -> None:
    booth = booth_in(State.CHOOSE)
    booth.finish(1)
    for wait_ms, move, which in moves:
        booth.now_ns += wait_ms * 1_000_000
        CHOOSING[move](booth, which)
        if booth.state is State.CONFIRM and booth.session.takes:
            assert any(take.fault is None for take in booth.session.takes), "the question promises photos"
    whoever_comes_is_asked(booth)


COMING_BACK: tuple[Move, ...] = (
    *(lambda booth, _: booth.look(0), lambda booth, _: booth.look(1, eyes_open=0.0)) * 4,
    lambda booth, n: booth.scan(one_of(KEYS, n)),
    *CHOOSING[:-2],
)
"""What may happen around the choice and the pose for a further take, until a photo is accepted."""


@RELAXED
@given(
    st.booleans(),
    st.lists(
        st.tuples(st.sampled_from((300, 3_100)), st.integers(0, len(COMING_BACK) - 1), st.integers(0, 99)),
        min_size=3,
        max_size=20,
    ),
)
def test_finished_photos_are_lost_only_by_an_answer(by_code: bool, moves: list[tuple[int, int, int]]) -> None:
    """Who comes back finds the photos, and is told of photos only if there are some."""
    booth = choosing_after_a_code() if by_code else booth_in(State.CHOOSE)
    booth.finish(1)
    booth.touch(ev.Action.RETAKE)
    for wait_ms, move, which in moves:
        booth.now_ns += wait_ms * 1_000_000
        COMING_BACK[move](booth, which)
    for session, event, asked in replayed(booth):
        if session.receipt is None and best_of(session.takes) and any(isinstance(one, LOSSES) for one in asked):
            other_card = isinstance(event, ev.CardRead) and session.card not in (None, event.person)
            left = core.trigger(event) in (ev.Action.NOT_ME, ev.Action.CANCEL, ev.Action.FINISH, ev.Tick)
            assert other_card or left, f"photos of {session.state} are lost: {event}"


LOSSES = (fx.DropTakes, fx.Forget)


def whoever_comes_is_asked(booth: Booth) -> None:
    """Between the touch that says who sits there and the shot, no look at a face follows looks at an empty seat that
    lasted long enough for two people to change places; nor between that touch and the one that accepts a photo. A photo
    is saved for the person of whom it was taken."""
    claimed, empty_ns, changed = False, None, False
    shown: dict[int, Person | None] = {}
    for session, event, asked in replayed(booth):
        if isinstance(event, ev.Touched) and event.action is ev.Action.CONFIRM and session.state is State.CONFIRM:
            claimed, empty_ns, changed = True, None, False
        elif claimed and looks_at_seat(session, event):
            if faces_of(event):
                changed = changed or (empty_ns is not None and event.at_ns - empty_ns >= AWAY_NS)
                empty_ns = None
            elif empty_ns is None and session.seated:
                empty_ns = event.at_ns
        for effect in asked:
            if isinstance(effect, fx.Shoot):
                assert not changed, f"somebody else may be photographed: {event}"
                shown[effect.take] = session.person
            if isinstance(effect, fx.Save):
                assert not changed or isinstance(event, ev.SaveFailed), f"somebody else may accept: {event}"
                assert session.person == shown[effect.take], f"the photo shows somebody else: {event}"


def replayed(booth: Booth) -> Iterator[tuple[Session, ev.Event, tuple[fx.Effect, ...]]]:
    """The session before each event of the visit, the event, and what it asked for."""
    session = core.start(booth.policy, booth.happened[0].at_ns).session
    for event in booth.happened[1:]:
        step = core.step(session, event, booth.policy)
        yield session, event, step.effects
        session = step.session


def looks_at_seat(session: Session, event: ev.Event) -> bool:
    """Whether `event` is a look at a live frame that the state asked for."""
    looked = isinstance(event, ev.Measured | ev.LooksSeen | ev.SeatSeen)
    return looked and not core.ignored(session.state, type(event)) and session.state is not State.DONE


def ask_for_help(booth: Booth) -> None:
    """Ring the desk from wherever that can be done; staff see the call."""
    for _ in range(4):
        if booth.state in (State.POSE, State.PREPARE, State.CHOOSE, State.CONFIRM):
            booth.touch(ev.Action.HELP)
            booth.call_stands(ev.CallState.WAITING)
            return
        go_on(booth)


HELPED: tuple[Move, ...] = (
    *map(press, (ev.Action.AGREE_STILLS, ev.Action.AGREE_STILLS, ev.Action.END_STILLS, ev.Action.STILL_HERE)),
    *map(press, (ev.Action.FINISH, ev.Action.CANCEL, ev.Action.OPTIONS)),
    lambda booth, n: booth.see_seat(n % 3),
    lambda booth, _: booth.see_seat(1),
    lambda booth, n: booth.wait(n % 5, tick_ms=250),
    lambda booth, n: booth.wait(60 + n, tick_ms=5_000),
    lambda booth, n: booth.do(ev.HelpLost(booth.now_ns, booth.session.call or 1 if n % 2 else 1)),
    lambda booth, n: booth.call_stands(one_of(tuple(ev.CallState), n), "line"),
    lambda booth, _: go_on(booth),
    lambda booth, _: ask_for_help(booth),
)
"""What may happen on the help screen, and around it."""


@RELAXED
@given(st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, len(HELPED) - 1), st.integers(0, 99)), max_size=40))
def test_nobody_is_shown_to_staff_but_within_an_agreement(moves: list[tuple[int, int, int]]) -> None:
    """An agreement begins with a touch on the help screen. It ends with the next touch that takes it back, with that
    screen, with its call, with the link, and when no face was seen for three seconds."""
    booth = heard()
    for wait_ms, move, which in moves:
        booth.now_ns += wait_ms * 1_000_000
        HELPED[move](booth, which)
    agreed, call, seen_ns = False, None, 0
    for session, event, after in with_sessions(booth):
        touched = event.action if isinstance(event, ev.Touched) else None
        if touched is ev.Action.AGREE_STILLS and session.state is State.STAFF_HELP and not agreed:
            agreed, call, seen_ns = True, session.call, event.at_ns
        lost = isinstance(event, ev.HelpLost) and event.request == call
        left = event.at_ns - seen_ns >= AWAY_NS and isinstance(event, ev.Tick | ev.SeatSeen)
        if touched is ev.Action.END_STILLS or lost or left or after.state is not State.STAFF_HELP:
            agreed = False
        if isinstance(event, ev.SeatSeen) and event.faces:
            seen_ns = event.at_ns
        if shows_stills(after):
            assert agreed, f"shown without an agreement: {event}"
            assert after.call is not None
            assert after.call == call, "the agreement was for another call"
            assert after.person is not None
            assert not (isinstance(event, ev.SeatSeen) and event.faces == 0)


@RELAXED
@given(VISITS, st.booleans())
def test_staff_end_a_call_wherever_the_graduate_is(booth: Booth, ask: bool) -> None:
    """The call, its line and its agreement are over. The help screen leads back if the graduate asked and this is still
    possible; whom the booth sent to the desk, and every other screen, stay, with the time left."""
    if ask:
        ask_for_help(booth)
    before = booth.session
    if before.call is None:
        return
    effects = booth.call_stands(ev.CallState.ENDED)
    after = booth.session
    assert sum(isinstance(effect, fx.EndCall) for effect in effects) == 1
    assert (after.call_state, after.answer, after.agreement) == (None, None, ev.Agreement.NONE)
    rung = after.rung and not before.rung  # a take turned out to fail meanwhile: two attempts were in vain
    assert (after.call is None) or (rung and after.call != before.call)
    if before.state is State.STAFF_HELP and before.help in ASKED and before.resume is not None:
        assert after.state is not State.STAFF_HELP
        assert (after.since_ns, after.active_ns) == (booth.now_ns, booth.now_ns)
    else:
        assert (after.state, after.since_ns, after.active_ns) == (before.state, before.since_ns, before.active_ns)
        assert len(effects) == 1
    assert (after.takes, after.waived) == (before.takes, before.waived)
    # IDENTIFY: a card or code was being looked up when help was pressed, and is looked up again
    assert after.person == before.person or after.state is State.IDENTIFY


def with_sessions(booth: Booth) -> Iterator[tuple[Session, ev.Event, Session]]:
    """The session before each event of the visit, the event, and the session after it."""
    session = core.start(booth.policy, booth.happened[0].at_ns).session
    for event in booth.happened[1:]:
        after = core.step(session, event, booth.policy).session
        yield session, event, after
        session = after
