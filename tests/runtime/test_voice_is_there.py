"""The audio guide is offered and applied only where it can be heard: a dark screen that says nothing helps nobody."""

from collections.abc import Iterator

import pytest

from kiosk.core.events import Action, EarphoneChanged, Touched
from kiosk.core.session.state import State
from kiosk.hardware.voice_player import AGAIN_NS, LOOK_NS
from kiosk.ui.viewmodel import View
from sim.play.scenario import load
from sim.play.world import TURN_NS, World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.runtime.wiring.voices", lambda *_: {"zh_CN": "zh_CN"})  # English has no recordings
        world = World(load("card-happy"), tmp_path_factory.mktemp("world"))
        yield world
        world.close()


def turned(world: World, count: int = 5, ns: int = TURN_NS) -> View:
    for _ in range(count):
        world.turn(ns)
    assert world.booth.loop.view is not None
    return world.booth.loop.view


def offered(view: View) -> set[Action]:
    return {button.action for button in view.buttons} & {Action.AUDIO_GUIDE, Action.LOUDER}


def test_the_guide_speaks_where_a_device_and_recordings_are_and_else_the_screen_stays_bright(world: World) -> None:
    loop, clock = world.booth.loop, world.clock
    turned(world)
    loop.take(EarphoneChanged(clock.now_ns(), plugged=True))
    loop.take(Touched(clock.now_ns(), Action.START))
    view = turned(world)
    assert (view.screen, view.dark, view.audio_guide) == (State.CONSENT, True, True)

    loop.take(Touched(clock.now_ns(), Action.LANGUAGE))
    view = turned(world)
    assert (view.language, view.dark, view.audio_guide) == ("en", False, False)
    loop.take(Touched(clock.now_ns(), Action.OPTIONS))
    assert offered(turned(world)) == set()
    while world.booth.loop.session.language != "zh_CN":
        loop.take(Touched(clock.now_ns(), Action.LANGUAGE))
    assert offered(turned(world)) == {Action.AUDIO_GUIDE, Action.LOUDER}

    world.speaker.plugged_in = False
    view = turned(world, 2, LOOK_NS)
    assert (view.dark, offered(view)) == (False, set())
    world.speaker.plugged_in = True
    loop.take(Touched(clock.now_ns(), Action.OPTIONS))
    view = turned(world, 16, AGAIN_NS // 15)
    assert (view.screen, view.dark, view.audio_guide) == (State.CONSENT, True, True), "the earphone is still plugged in"
