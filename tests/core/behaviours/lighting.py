"""The lamps balance themselves on whoever sits there, before the shot, in bounded time."""

from types import MappingProxyType

from behaviours.driver import AT_REST, EITHER, FINE, LIT, Asked, Booth, booth_in
from kiosk.core import events as ev
from kiosk.core.events import Action
from kiosk.core.inputs import Measures
from kiosk.core.session import effects as fx
from kiosk.core.session.lighting import MOST_STEPS, PATIENCE_NS, WANTED, Levels
from kiosk.core.session.state import State
from rules.checks import CheckId


def untold(booth: Booth, seconds: float) -> None:
    """Let `seconds` of frames come in which the light was not measured."""
    values = {check: value for check, value in FINE.items() if check not in WANTED}
    for _ in range(round(seconds / 0.1)):
        booth.now_ns += 100_000_000
        if booth.state is State.POSE:
            booth.do(ev.Measured(booth.now_ns, Measures(booth.now_ns, 1, MappingProxyType(values))))


def tested() -> Booth:
    """A booth at the pose; the lamps' self-test ended while the graduate got ready."""
    booth = booth_in(State.PREPARE, LIT)
    booth.lamps_tested()
    booth.wait(1)
    booth.touch(Action.READY)
    return booth


def levels_in(asked: Asked) -> list[tuple[float, float]]:
    return [(effect.left, effect.right) for effect in asked if isinstance(effect, fx.Light)]


def face(booth: Booth, **values: float | None) -> Asked:
    """One frame, so long after the previous one that the lamps are steady."""
    booth.now_ns += 300_000_000
    return booth.look(1, **values)


def lamps_begin_at_the_working_levels() -> None:
    booth = Booth(LIT).at_confirm()
    order = booth.touch(Action.CONFIRM)
    assert levels_in(order) == [(0.7, 0.7)]


def brighter_side_is_dimmed_and_the_other_one_raised() -> None:
    booth = tested()
    ((left, right),) = levels_in(face(booth, light_even=0.08))
    assert left < 0.7 < right
    booth = tested()
    ((left, right),) = levels_in(face(booth, light_even=-0.08))
    assert left > 0.7 > right


def even_light_is_left_alone_and_the_shot_not_delayed() -> None:
    booth = tested()
    booth.pose(0.9)
    booth.expect(State.CAPTURE)
    assert levels_in(tuple(booth.asked))[-1] == (0.7, 0.7)


def shot_waits_until_the_light_is_set() -> None:
    booth = tested()
    untold(booth, 2)  # everything passes, but the light was not measured
    booth.expect(State.POSE)
    assert booth.session.guidance.text == "guide.hold_still"
    face(booth)
    booth.expect(State.CAPTURE)


def light_is_not_judged_while_it_is_being_set() -> None:
    booth = tested()
    face(booth, light_even=0.3)
    assert booth.session.judgement is not None
    assert {CheckId.LIGHT_EVEN, CheckId.EXPOSURE}.isdisjoint({one.check for one in booth.session.judgement.checks})
    assert booth.session.guidance.text == "guide.hold_still"


def light_that_can_not_be_set_is_judged() -> None:
    booth = tested()
    for _ in range(MOST_STEPS + 1):
        face(booth, light_even=0.3)
    lighting = booth.session.lighting
    assert lighting is not None
    assert lighting.done
    assert booth.session.judgement is not None
    assert CheckId.LIGHT_EVEN in {one.check for one in booth.session.judgement.failing()}
    booth.pose(2, light_even=0.3)
    assert booth.session.guidance.text == "guide.light_uneven"
    booth.expect(State.POSE)


def lamps_change_at_most_four_times_a_pose() -> None:
    booth = tested()
    before = len(booth.asked)
    for i in range(40):
        face(booth, light_even=0.2 if i % 2 else -0.2, roll=20)
    assert len(levels_in(tuple(booth.asked[before:]))) <= MOST_STEPS


def light_is_not_waited_for_longer_than_four_seconds() -> None:
    booth = tested()
    untold(booth, PATIENCE_NS / 1e9 - 0.2)
    booth.expect(State.POSE)
    untold(booth, 0.4)
    booth.expect(State.CAPTURE)


def unmeasured_light_delays_no_shot() -> None:
    booth = tested()
    booth.pose(0.9, light_even=None, exposure=None)
    booth.expect(State.CAPTURE)


def frame_exposed_before_the_lamps_were_steady_says_nothing() -> None:
    booth = tested()
    face(booth, light_even=0.3)
    lighting = booth.session.lighting
    booth.now_ns += 100_000_000
    assert booth.look(light_even=0.3) == ()
    assert booth.session.lighting == lighting


def frames_during_the_self_test_say_nothing() -> None:
    booth = booth_in(State.POSE, LIT)
    booth.pose(2.2, light_even=0.3)
    assert booth.lamps_tested() == ()
    booth.pose(0.2, light_even=0.3)
    assert levels_in(tuple(booth.asked))[-1] == (0.7, 0.7)
    booth.pose(0.2, light_even=0.3)
    assert levels_in(tuple(booth.asked))[-1] != (0.7, 0.7)


def self_test_that_never_ends_delays_the_shot_by_seconds_only() -> None:
    booth = booth_in(State.POSE, LIT)
    booth.pose(5.9)
    booth.expect(State.POSE)
    booth.pose(0.3)
    booth.expect(State.CAPTURE)


def end_of_the_self_test_changes_no_state_and_nothing_at_rest() -> None:
    for state in State:
        booth = booth_in(state, LIT)
        before = booth.session
        assert booth.lamps_tested() == ()
        assert booth.state is state
        assert state not in AT_REST or booth.session == before


def self_test_that_ends_late_is_followed_by_balancing_anew() -> None:
    booth = booth_in(State.POSE, LIT)
    booth.pose(5.9)
    booth.now_ns += 1_000_000_000
    booth.look(light_even=0.3)  # seen while only one lamp was lit, for the test
    booth.lamps_tested()
    lighting = booth.session.lighting
    assert lighting is not None
    assert (lighting.values, lighting.steps, lighting.before) == ((), 0, None)
    booth.now_ns += 100_000_000
    booth.look(light_even=0.3)
    assert booth.session.lighting == lighting, "not steady yet"


def machine_that_looks_seldom_has_as_many_looks_for_the_light() -> None:
    booth = tested()
    for _ in range(4):
        booth.now_ns += 1_500_000_000
        values = {check: value for check, value in FINE.items() if check not in WANTED}
        booth.do(ev.Measured(booth.now_ns, Measures(booth.now_ns, 1, MappingProxyType(values))))
    booth.now_ns += 1_500_000_000
    assert levels_in(booth.look(1, light_even=0.3)) != [], "six seconds are over, but not many looks"


def turned_head_is_not_balanced() -> None:
    for booth in (tested(), tested()):
        assert face(booth, distance=0.1, light_even=0.3) == ()
        booth.now_ns += 300_000_000
        assert booth.look(faces=0) == ()
    lighting = booth.session.lighting
    assert lighting is not None
    assert lighting.steps == 0


def balanced_lamps_stay_so_for_the_next_take_and_are_looked_at_anew() -> None:
    booth = tested()
    face(booth, light_even=0.08)
    face(booth)
    levels = levels_in(tuple(booth.asked))[-1]
    booth.pose(2)
    booth.expect(State.CAPTURE)
    booth.burst_taken()
    booth.finish(1)
    assert levels_in(booth.touch(Action.RETAKE)) == [levels]
    lighting = booth.session.lighting
    assert lighting is not None
    assert (lighting.levels, lighting.done, lighting.steps) == (Levels(*levels), False, 0)


def lamps_that_were_dark_are_tested_before_they_are_balanced_again() -> None:
    booth = tested()
    face(booth)
    booth.touch(Action.HELP)
    assert levels_in(booth.touch(Action.STILL_HERE)) == [(0.7, 0.7)]
    before = len(booth.asked)
    booth.pose(2.2, light_even=0.3)
    assert levels_in(tuple(booth.asked[before:])) == []
    booth.lamps_tested()
    booth.pose(0.4, light_even=0.3)
    assert len(levels_in(tuple(booth.asked[before:]))) == 1


def next_graduate_begins_at_the_working_levels() -> None:
    booth = tested()
    face(booth, light_even=0.08)
    booth.touch(Action.CANCEL)
    assert booth.session.lighting is None


def without_a_rule_for_even_light_the_lamps_stay_as_they_are() -> None:
    booth = booth_in(State.POSE, EITHER)
    booth.wait(3)
    booth.look(light_even=0.3)
    booth.pose(2, light_even=0.3)
    booth.expect(State.CAPTURE)
    assert levels_in(tuple(booth.asked))[-1] == (0.7, 0.7)
