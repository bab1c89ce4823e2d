"""What is worn on the head and what hair does, on a picture: all checks that look at the head laid straight."""

from kiosk.ports.frames import Rgb
from kiosk.vision.measures import cover, ears, eyewear, hair, headwear, jewels
from kiosk.vision.measures.headmap import head_map
from kiosk.vision.study import Studied
from rules.checks import CheckId


def looks(rgb: Rgb, studied: Studied, hand: float | None = None) -> dict[CheckId, float | None]:
    """Native values of the person `studied` in the picture `rgb` (h, w, 3). `hand`: how surely one is near the face,
    0..1; None: not looked for."""
    head = head_map(rgb, studied.face, studied)
    return {
        CheckId.OCCLUSION: cover.occlusion(head, hand),
        CheckId.HEAD_COVER: headwear.head_cover(head),
        CheckId.GLASSES: eyewear.glasses(head),
        CheckId.GLARE: eyewear.glare(head),
        CheckId.HAIR_EYES: hair.hair_eyes(head),
        CheckId.HAIR_BROWS: hair.hair_brows(head),
        CheckId.EARS: ears.ears(head),
        CheckId.JEWELLERY: jewels.jewellery(head),
    }
