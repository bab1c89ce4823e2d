"""Finding the face of a still picture."""

import numpy as np

from kiosk.vision.analysis import PictureAnalyzer
from sim.negatives.studio import at_rest, cast

LIGHT_BLUE = (100.0, 197.0, 255.0)


def test_a_pattern_in_dark_hair_is_no_second_face(analyzer: PictureAnalyzer) -> None:
    person = next(one for one in cast(4) if one.name == "drawn 6m137")
    for seed in (179, 1331, 1715):  # the detector is 0.54 to 0.61 sure of a face in his hair
        rng = np.random.default_rng([4, person.seed, seed])
        seen = analyzer.look(person.picture(at_rest(rng), LIGHT_BLUE, rng)[0])
        assert seen.face is not None
        assert seen.second_share == 0
