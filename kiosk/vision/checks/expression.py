"""Judges eyes and mouth by the gaps between lids and between lips. The gaps are divided by the widths of eyes and
mouth, so that distance and face size do not matter.

The lids come from the iris network (16 points along the lids), the lips from the mesh. A gap is measured at right
angles to the line of the corners. It is the mean over three places in the middle, where the gap is widest and one wrong
point has the least effect.

The networks draw what faces usually show, so each gap is compared with the picture inside it. In an open eye the white
lies beside the dark pupil; closed lids show skin. So if there is little contrast, the gap counts less. But narrow dark
eyes show little white, and shade and blur also reduce contrast. So if the upper lid arches over the line of the corners
as no closed lid does, the eye counts as open even with little contrast. Between parted lips there are teeth or the dark
of the mouth; between full lips that touch there is only lip. So the height of the part that is not lip counts three
times as much as the mesh's gap. If the picture shows no gap, a mouth counts as open only if the mesh's gap is wide.

Teeth in a gap that is too thin for the mesh are recognised by their colour (`teeth`). In light and in shade, lips keep
their ratio of redness to lightness (a* over L* + 16), and the seam of closed lips is as red as the lips; teeth are not
red.

Gaze is the place of the irises between the corners of the eyes. If an eye turns aside by an angle, its iris moves by
some 0.4 eye widths times the sine of the angle (the eyeball's radius is 12 mm, the opening is 30 mm wide). When a
person looks aside, both irises move in the same direction. The shapes of the corners shift the offsets of the two eyes
by the same amount in opposite directions, so the mean of both eyes is free of this shift. For 36 people who look at the
lens, this mean lies within 0.03, however they hold their head. The offset up or down counts half, because the lids move
up and down with the eye, and because the height of the iris differs from face to face (spread 0.02).
"""

import math

import cv2
import numpy as np

from kiosk.vision.checks.headmap import UNIT_PX, HeadMap, to_map
from kiosk.vision.checks.pose import IRIS_UP, iris_offset
from kiosk.vision.face.face import Face
from kiosk.vision.face.iris import EyeFit
from kiosk.vision.face.landmarks import LIPS_INNER_BOTTOM, LIPS_INNER_TOP, LOWER_LIP, MOUTH_CORNERS, UPPER_LIP
from kiosk.vision.face.square import Points
from kiosk.vision.pixels import Floats, lab

UPPER_MIDDLE, LOWER_MIDDLE = (11, 12, 13), (3, 4, 5)
"""The three middle points of the upper and of the lower lid. Of the points along the lids, 0 to 8 are the lower lid
with both corners, from inner to outer corner; 9 to 15 are the upper lid without the corners."""
EYE_CONTRAST = 28.0
"""From this difference in L* between the bright and the dark places of an eye's opening on (92nd and 8th percentile),
the gap of the lids counts fully. 108 open eyes measured 31 and more. Smooth closed lids measure 8 to 24; where dark
lashes raise the contrast, the gap of the lids is small."""
ARCH_SHUT, ARCH_OPEN = 0.06, 0.15
"""How far the upper lid rises above the line of the corners, in eye widths: up to the first value the arch does not
show an open eye, from the second value on it does so fully. Closed lids, drawn or painted, measured up to 0.12 (the
network draws lids where lashes are); the narrowest of 328 open eyes measured 0.15."""
# this share of the darkest and of the brightest pixels of an eye's opening is left out: the 8th and 92nd percentile
# count
FROM_ENDS = 0.08

LIP_COLUMNS = ((0, 13, 14, 17), (37, 82, 87, 84), (267, 312, 317, 314))
"""Points of the mesh down three columns of the mouth: outer and inner edge of the upper lip, inner and outer edge of
the lower lip."""
SEAM_REACH, SEAM_STEPS = 0.12, 25
"""How far above and below the seam the check looks, in mouth widths, and in how many steps."""
UP_COUNTS = 0.5  # an iris that lies too high or too low counts with this weight in the gaze
_LIP_COLUMNS = np.array(LIP_COLUMNS)
_STEPS = np.linspace(-SEAM_REACH, SEAM_REACH, SEAM_STEPS, dtype=np.float32)[None, :, None]
SEEN_COUNTS = 0.75
"""The weight of the gap that is seen in the picture; the mesh's gap has the rest. For 620 closed mouths the mesh drew
gaps up to 0.14, while the picture showed 0.05 at most. With a weight of a half, closed and open mouths would
overlap."""
# A place whose L* + 16 is less than this share of the lips' L* + 16 is the dark of the mouth, or the line where closed
# lips meet.
DARK = 0.62
# A place counts as teeth if its L* is at least so much above that of the lips, and its a* so much below.
LIGHTER, LESS_RED = 4.0, 5.0

TEETH_REACH, FROM_CORNERS = 0.035, 0.2
"""How far above and below the inner edges of the lips the check looks, in units of the head map; and the share of the
mouth's width that it leaves out at each corner."""
TOOTH_RED, TOOTH_LIGHT = 0.45, 0.55
"""Teeth have less than the first share of the lips' redness, and more than the second share of their lightness."""
# percentile of the height of teeth over the columns of the mouth: teeth count if a third of the columns shows them
SHOWN = 65
TEETH_COUNT = 1.25
"""The weight of the height of teeth relative to that of the gap. 124 closed mouths measured 0.032 at most (gloss); of
20 mouths that show teeth, 17 measured 0.05 and more. Two rows of a photo's pixels are 0.03."""


def eyes_open(face: Face) -> float:
    """The lid gap divided by the eye width, for the eye with the smaller gap. It is reduced if neither the contrast in
    the gap nor the arch of the lid shows an open eye."""
    return min(eye_openness(eye) * _shown(face, eye) for eye in (face.eye_l, face.eye_r))


def _shown(face: Face, eye: EyeFit) -> float:
    arched = (_arch(eye) - ARCH_SHUT) / (ARCH_OPEN - ARCH_SHUT)
    return min(1.0, max(_contrast(face, eye) / EYE_CONTRAST, arched))


def _arch(eye: EyeFit) -> float:
    """How far the middle of the upper lid lies above the line of the corners, in eye widths."""
    inner, outer = eye.lids[0], eye.lids[8]
    line = np.repeat((inner + outer)[None] / np.float32(2), len(UPPER_MIDDLE), axis=0)
    return _gap(eye.lids[list(UPPER_MIDDLE)], line, inner, outer)


def eye_openness(eye: EyeFit) -> float:
    """The lid gap of one eye divided by the eye width, from the lids alone; 0 if the eye is shut."""
    inner, outer = eye.lids[0], eye.lids[8]
    return _gap(eye.lids[list(UPPER_MIDDLE)], eye.lids[list(LOWER_MIDDLE)], inner, outer)


def mouth_open(face: Face) -> float:
    """The gap of the lips divided by the mouth's width: a quarter comes from the mesh's gap, three quarters from the
    gap seen in the picture."""
    mesh = face.mesh[:, :2]
    left, right = mesh[list(MOUTH_CORNERS)]
    drawn = _gap(mesh[list(LIPS_INNER_TOP[2:5])], mesh[list(LIPS_INNER_BOTTOM[2:5])], left, right)
    return (1 - SEEN_COUNTS) * drawn + SEEN_COUNTS * _between_lips(face)


def teeth(head: HeadMap) -> float:
    """The height of teeth between the lips divided by the mouth's width, times `TEETH_COUNT`; 0.0 if no teeth are
    seen."""
    inner_top, inner_bottom = (to_map(head.mesh[list(edge)]) for edge in (LIPS_INNER_TOP, LIPS_INNER_BOTTOM))
    outer_top, outer_bottom = (to_map(head.mesh[list(edge)]) for edge in (UPPER_LIP, LOWER_LIP))
    start, end = float(inner_top[0, 0]), float(inner_top[-1, 0])
    width = end - start
    columns = np.arange(int(start + FROM_CORNERS * width), int(end - FROM_CORNERS * width) + 1)
    if len(columns) < 2:
        return 0.0
    top, bottom, above, below = (
        np.interp(columns, edge[:, 0], edge[:, 1]) for edge in (inner_top, inner_bottom, outer_top, outer_bottom)
    )
    colours = cv2.blur(head.lab, (3, 1))
    lightness, red = colours[..., 0], colours[..., 1] / (colours[..., 0] + 16)
    rows = np.concatenate([(top + above) / 2, (bottom + below) / 2]).astype(np.intp)
    lips = (rows, np.concatenate([columns, columns]))
    tooth = (red < TOOTH_RED * np.median(red[lips])) & (lightness > TOOTH_LIGHT * np.median(lightness[lips]))
    reach = TEETH_REACH * UNIT_PX
    heights = [
        np.count_nonzero(tooth[int(upper - reach) : int(lower + reach) + 1, column])
        for column, upper, lower in zip(columns, top, bottom, strict=True)
    ]
    return TEETH_COUNT * float(np.percentile(heights, SHOWN)) / width


def _contrast(face: Face, eye: EyeFit) -> float:
    """The difference in L* between the bright and the dark places between the lids, in the face's cut."""
    lids = np.rint(face.square.to_cut(eye.lids[:, :2], face.crop.shape[0])).astype(np.int32)
    x, y, width, height = cv2.boundingRect(lids)
    x0, y0 = max(0, x), max(0, y)
    cut = face.crop[y0 : y + height, x0 : x + width]
    if not cut.size:
        return 0.0
    opening = np.zeros(cut.shape[:2], np.uint8)
    cv2.fillConvexPoly(opening, np.asarray(cv2.convexHull(lids - (x0, y0)), np.int32), 1)
    lightness = np.sort(lab(cut)[..., 0][opening > 0])
    spare = int(FROM_ENDS * lightness.size)
    return float(lightness[-1 - spare] - lightness[spare]) if lightness.size else 0.0


def _between_lips(face: Face) -> float:
    """The height of the part around the seam that is not lip, divided by the mouth's width; the median of three
    columns."""
    places = face.square.to_cut(face.mesh[:, :2], face.crop.shape[0])
    left, right = places[list(MOUTH_CORNERS)]
    across = right - left
    down = np.array([-across[1], across[0]], np.float32)
    columns = places[_LIP_COLUMNS]
    lips = (columns[:, [0, 2]] + columns[:, [1, 3]]) / 2
    seams = (columns[:, 1] + columns[:, 2])[:, None] / 2 + _STEPS * down
    colours = _colours(face, np.concatenate([lips.reshape(-1, 2), seams.reshape(-1, 2)]))
    lip = np.sort(colours[: lips.shape[0] * 2], axis=0)[2:4].mean(axis=0)
    seen = colours[lips.shape[0] * 2 :].reshape(len(columns), SEAM_STEPS, 3)
    dark = seen[..., 0] + 16 < DARK * (lip[0] + 16)
    teeth = (seen[..., 0] > lip[0] + LIGHTER) & (seen[..., 1] < lip[1] - LESS_RED)
    return 2 * SEAM_REACH * float(np.sort((dark | teeth).mean(axis=1))[1])


def _colours(face: Face, places: Points) -> Floats:
    """L*a*b* (n, 3) of the cut at places (n, 2) in it; each is the mean of a square of 3 x 3 pixels."""
    side = face.crop.shape[0]
    at = np.rint(places).astype(np.intp).clip(1, side - 2)
    (x0, y0), (x1, y1) = at.min(axis=0) - 1, at.max(axis=0) + 2
    smooth = np.asarray(cv2.blur(face.crop[y0:y1, x0:x1], (3, 3)), np.uint8)
    return lab(smooth[at[:, 1] - y0, at[:, 0] - x0])


def _gap(upper: Points, lower: Points, one: Points, other: Points) -> float:
    along = other - one
    width = float(np.hypot(*along))
    across = np.array([-along[1], along[0]]) / width
    gap = float(((lower - upper) @ across).mean())
    return max(0.0, gap if across[1] >= 0 else -gap) / width


def gaze(face: Face) -> float:
    """How far both irises lie from where they are when the person looks at the lens, in eye widths; 0.1 is some 15
    degrees to one side."""
    across, up = (np.array([iris_offset(face.eye_l, 1), iris_offset(face.eye_r, -1)])).mean(axis=0)
    return math.hypot(float(across), UP_COUNTS * (float(up) - IRIS_UP))
