"""A bare hand has the face's colour: it is told by its shape."""

from pathlib import Path

import numpy as np
import pytest

from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.cover import HAND_COUNTS, occlusion
from kiosk.vision.checks.headmap import head_map
from kiosk.vision.models import Model, models_folder, there
from rules.checks import CheckId
from rules.profile import load_profile
from sim.negatives import Source, fault_named
from sim.negatives.acting import Part
from sim.negatives.studio import cast

pytestmark = pytest.mark.skipif(
    not there(models_folder(), Model.PALM), reason="no palm detector: run `kiosk models fetch`"
)
WALL = (100.0, 197.0, 255.0)
LIMIT = next(rule.limit.max for rule in load_profile("national-2017").shot_rules if rule.check is CheckId.OCCLUSION)


@pytest.mark.parametrize("k", [0, 5, 11])
def test_a_bare_hand_before_the_face_is_reported_and_the_bare_face_is_not(analyzer: PictureAnalyzer, k: int) -> None:
    actor = cast(1)[k]
    bare, alpha, _ = actor.picture(Part(), WALL, np.random.default_rng(k))
    face = analyzer.look(bare).face
    assert face is not None
    faulty = fault_named("hand").made(Source.of(bare, face, alpha), 0, None)
    assert LIMIT is not None
    assert HAND_COUNTS * (analyzer.hand(bare, face) or 0) < LIMIT < HAND_COUNTS * (analyzer.hand(faulty, face) or 0)


def test_hands_that_were_not_looked_for_cover_nothing(analyzer: PictureAnalyzer) -> None:
    rgb = cast(1)[0].picture(Part(), WALL, np.random.default_rng(0))[0]
    face = analyzer.look(rgb).face
    assert face is not None
    head = head_map(rgb, face)
    assert occlusion(head) == occlusion(head, 0.0)
    assert occlusion(head, 1.0) == pytest.approx(HAND_COUNTS)


def test_a_folder_of_before_hands_were_looked_for_serves_on(tmp_path: Path) -> None:
    for model in Model:
        if model is not Model.PALM:
            (tmp_path / model.value).symlink_to(models_folder() / model.value)
    rgb = cast(1)[0].picture(Part(), WALL, np.random.default_rng(0))[0]
    old = PictureAnalyzer(tmp_path)
    face = old.look(rgb).face
    assert face is not None
    assert old.hand(rgb, face) is None
