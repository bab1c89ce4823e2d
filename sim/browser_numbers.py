"""`python -m sim.browser_numbers FILE`: write the booth's numbers that the check in the browser uses.

The page "Check before you travel" (`center/travel`) measures as the booth does, with the booth's constants, landmarks
and mean face. This program takes these from the modules that define them and writes them into
`center/travel/browser/numbers.js`. A test compares the file with the modules.
"""

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
from pydantic import JsonValue

from kiosk.vision.checks import clothes, expression, eyewear, framing, genuine, headmap, pose
from kiosk.vision.face import detect, face, find, iris, landmarks, mesh, track

DIGITS = 5
TAKEN: tuple[tuple[ModuleType, str], ...] = (
    (detect, "GRIDS SCORE_LIMIT SAME_FACE_OVERLAP"),
    (find, "REFINING_FITS RIVALS RIVAL_SHARE AWAY"),
    (track, "PRESENT"),
    (mesh, "ROOM"),
    (iris, "ROOM LIDS"),
    (face, "MESH_TO_OUTLINE"),
    (pose, "IRIS_UP IRIS_PER_DEG IRIS_COUNTS ALONE_COUNTS LIDS_APART"),
    (expression, "UPPER_MIDDLE LOWER_MIDDLE EYE_CONTRAST ARCH_SHUT ARCH_OPEN FROM_ENDS LIP_COLUMNS"),
    (expression, "SEAM_REACH SEAM_STEPS SEEN_COUNTS DARK LIGHTER LESS_RED"),
    (expression, "TEETH_REACH FROM_CORNERS TOOTH_RED TOOTH_LIGHT SHOWN TEETH_COUNT"),
    (headmap, "UNIT_PX REACH_X ABOVE BELOW PATCH"),
    (eyewear, "BAND NOSE_HALF NOSE_FROM NOSE_TO BELOW_FROM BELOW_TO BELOW_HALF"),
    (eyewear, "TEMPLE_L TEMPLE_R CROSSED YELLOW_COUNTS"),
    (clothes, "BELOW_CHIN BESIDE SKIN_DE HAIR_DE ALL_HAIR LEAST_PX LOW"),
    (framing, "PUPILS_TO_WIDTH"),
    (genuine, "FACE_PX STEP_PX CLEAR WHOLE BESIDE STRIP_PX FLAT FLAT_SHARE SIDES FOUND_SIDES"),
    (landmarks, "EYE_L_CORNERS EYE_R_CORNERS MOUTH_CORNERS LIPS_INNER_TOP LIPS_INNER_BOTTOM UPPER_LIP LOWER_LIP"),
    (landmarks, "CHIN FACE_L FACE_R CHEEK_L CHEEK_R RIGID"),
)
"""For each module of the booth, the names of the constants to be taken from it."""


def script() -> str:
    """The text of the file: a JavaScript module."""
    numbers: dict[str, dict[str, JsonValue]] = {}
    for module, names in TAKEN:
        group = numbers.setdefault(module.__name__.rpartition(".")[2], {})
        group |= {name: getattr(module, name) for name in names.split()}
    rigid = landmarks.mean_mesh()[list(landmarks.RIGID)]
    numbers["landmarks"]["mean_rigid"] = np.round(rigid - rigid.mean(axis=0), DIGITS).tolist()
    numbers["landmarks"]["twins"] = landmarks.mirror_points().tolist()
    groups = [f"  {name}: {json.dumps(values)},\n" for name, values in numbers.items()]
    return (
        "// The booth's constants. Written by `python -m sim.browser_numbers`: change them there, not here.\n"
        f"export const NUMBERS = {{\n{''.join(groups)}}};\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(script(), "utf-8")
