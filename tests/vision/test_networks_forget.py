"""After a session no network holds anything of the person: not at the booth, not at the desk."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kiosk.core.inputs import Sight
from kiosk.desk.studio import DeskPhoto, Studio
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks import ear_network
from kiosk.vision.network import Network
from tests.vision.conftest import HALF, Draw
from tests.vision.test_worker import PROFILE, Booth, shots


def networks(holder: object) -> Iterator[Network]:
    """All networks that an object holds, at any depth."""
    if isinstance(holder, Network):
        yield holder
    elif type(holder).__module__.startswith("kiosk.vision"):
        for held in getattr(holder, "__dict__", {}).values():
            yield from networks(held)


def tensors(network: Network) -> list[bytes]:
    places = [network._input, *network._outputs]
    return [np.array(network._interpreter.tensor(place["index"])()).tobytes() for place in places]


def holds_somebody(network: Network) -> bool:
    """Whether its input is not empty, or its answers are not those to an empty picture."""
    before = tensors(network)
    network.forget()
    return any(before[0]) or before != tensors(network)


def test_a_session_leaves_nothing_in_the_eyes_networks(models: Path, draw: Draw) -> None:
    booth = Booth(models)
    for sight in (Sight.WORN, Sight.POSE):
        booth.eye.watch(True, sight)
        booth.show(draw(1)[0], after_ns=1_000_000_000)
    booth.eye.watch(False)
    booth.judge(shots(draw(1, HALF)[0]))
    booth.run()
    booth.eye.finish(1)
    booth.run()
    held = [*networks(booth.eye._tracker), *networks(booth.eye._analyzer), ear_network._network()]
    assert len(held) == 9
    assert all(any(tensors(network)[0]) for network in held), "each has seen the person"
    booth.eye.forget()
    booth.run()
    assert [network for network in held if holds_somebody(network)] == []
    booth.eye.close()


def test_the_desk_leaves_nothing_in_its_networks(models: Path, draw: Draw) -> None:
    analyzer = PictureAnalyzer(models)
    studio = Studio(analyzer, PROFILE)
    assert isinstance(studio.make(draw(1, HALF)[0]), DeskPhoto)
    held = [*networks(analyzer), ear_network._network()]
    assert all(any(tensors(network)[0]) for network in held)
    studio.forget()
    assert [network for network in held if holds_somebody(network)] == []


def test_a_network_that_forgot_answers_as_before(models: Path, draw: Draw) -> None:
    analyzer, rgb = PictureAnalyzer(models), draw(1, HALF)[0]
    before = analyzer.look(rgb).face
    analyzer.forget()
    after = analyzer.look(rgb).face
    assert before is not None
    assert after is not None
    assert np.array_equal(before.mesh, after.mesh)
