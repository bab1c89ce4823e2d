"""The checks of what surrounds the face: background, shadow, top and shoulders, as one set of values."""

from kiosk.vision.measures.background import background_colour, background_even, shadow
from kiosk.vision.measures.clothes import top_colour, top_contrast
from kiosk.vision.measures.silhouette import shoulders
from kiosk.vision.measures.skin import skin_colour
from kiosk.vision.study import Studied
from rules.checks import CheckId
from rules.profile import Background, BackgroundMode


def surroundings(studied: Studied, want: Background, *, finished: bool = False) -> dict[CheckId, float | None]:
    """Native values of a picture as it stands; or, `finished`, of the photo that is made of it: its background then
    has the colour the profile wants, unless the profile keeps the picture's own."""
    new = finished and studied.backdrop.plain and want.mode is not BackgroundMode.KEEP
    return {
        CheckId.SHOULDERS: shoulders(studied),
        CheckId.TOP_COLOUR: top_colour(studied),
        CheckId.TOP_CONTRAST: top_contrast(studied, want.rgb if new else None),
        CheckId.BACKGROUND_EVEN: background_even(studied),
        CheckId.BACKGROUND_COLOUR: 0.0 if new else background_colour(studied, want.rgb),
        CheckId.SHADOW: shadow(studied),
        CheckId.SKIN_COLOUR: skin_colour(studied.face),
    }
