"""Are both ears seen? The check looks for skin beside the face, where ears are.

Ears lie beside the face's outline from the height of the eyes to that of the nose's base; from the front they are some
0.05 to 0.16 wide, in units of the head map. Row by row, the check follows the skin outwards from the outline. An ear is
skin and belongs to the person; hair is darker or has another hue; background does not belong to the person. Ears are
redder and more shaded than cheeks. So the hue of an ear may differ from the cheeks', but not towards yellow, the hue of
blond hair, and the ear needs only a fifth of the cheeks' light. The value is the share of an ear's usual area that is
skin, for the less visible ear.
"""

import numpy as np

from kiosk.vision.checks.ear_crops import OUTLINE
from kiosk.vision.checks.headmap import HeadMap, window

FROM, TO = 0.0, 0.42  # the first and last row that are searched, in units below the eye line
REACH = 0.16  # how far beside the outline the check looks, in units
USUAL = 0.08  # the usual width of an ear from the front, in units
LIGHT_LEAST, LIGHT_MOST, HUE_AWAY, YELLOWER = 0.2, 1.8, 17.0, 6.0


def ears(head: HeadMap) -> float | None:
    """How much of the less visible ear is visible, 0..about 1.5; None without a matte."""
    if head.person is None:
        return None
    return min(seen(head, side) for side in (0, 1))


def seen(head: HeadMap, side: int) -> float:
    """How much of the ear at the picture's left (0) or right (1) is visible, as a share of an ear's usual area."""
    assert head.person is not None, "the caller has looked"
    sign = -1 if side == 0 else 1
    edge = float(np.mean(head.mesh[list(OUTLINE[side]), 0]))
    x0, x1 = sorted((edge, edge + sign * REACH))
    rows, columns = window((x0, FROM, x1, TO))
    colours, light = head.lab[rows, columns], head.light[rows, columns]
    cheek = head.cheeks[side]
    redder, yellower = colours[..., 1] - cheek[1], colours[..., 2] - cheek[2]
    alike = (np.hypot(redder, yellower) < HUE_AWAY) & (yellower - redder < YELLOWER)
    bright = light / max(float(cheek[3]), 1e-4)
    skin = alike & (bright > LIGHT_LEAST) & (bright < LIGHT_MOST) & (head.person[rows, columns] > 0.5)
    return float(skin.mean()) * REACH / USUAL
