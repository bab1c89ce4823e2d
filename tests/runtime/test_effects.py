"""What the runner of effects does without an adapter's help."""

from datetime import UTC, datetime
from unittest.mock import Mock, call

from kiosk.core.events import Event, PhotoLost
from kiosk.core.identity import Identification
from kiosk.core.session import effects as fx
from kiosk.runtime.effects import EffectRunner
from sim.twins.clock import VirtualClock


def test_a_photo_that_the_eye_no_longer_has_is_told_as_lost_and_nothing_is_given_to_the_saver() -> None:
    told: list[Event] = []
    adapters = Mock()
    adapters.eye.photo.return_value = None
    runner = EffectRunner(adapters, Mock(), Mock(), Mock(), told.append, VirtualClock(datetime(2026, 9, 1, tzinfo=UTC)))
    runner.run(fx.Save(7, 1, "card", Identification.CARD, None, (), (), 0))
    assert [(type(event), getattr(event, "request", None)) for event in told] == [(PhotoLost, 7)]
    assert not adapters.saver.save.called


def test_the_eye_expects_a_burst_before_the_camera_takes_it() -> None:
    adapters = Mock()
    runner = EffectRunner(adapters, Mock(), Mock(), Mock(), Mock(), VirtualClock(datetime(2026, 9, 1, tzinfo=UTC)))
    runner.run(fx.Shoot(7, 1, 5))
    assert adapters.mock_calls == [call.eye.expect(7), call.camera.shoot(7, 1, 5)]
