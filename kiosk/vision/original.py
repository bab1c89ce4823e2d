"""The original beside a finished photo: made when the photo was accepted, on the thread that keeps it."""

import logging

from PIL import Image

from kiosk.ports.frames import Rgb
from kiosk.vision.render import Placement, compose, scaled
from kiosk.vision.study import Studied
from rules.encode import NoEncoding, encode_original
from rules.original import OriginalFrame, original_faults
from rules.profile import Profile

log = logging.getLogger(__name__)


def original_of(rgb: Rgb, studied: Studied, frame: OriginalFrame, profile: Profile) -> bytes | None:
    """The JPEG that `frame` cuts out of `rgb`, before the profile's background; None where no legal file can be made:
    the photo is kept all the same, staff just can't mend its crop. The same arguments always give the same bytes."""
    place = Placement.from_edges(frame.from_picture, frame.width, frame.height)
    picture = compose(scaled(rgb, place), studied.work, studied.backdrop, studied.matte, place, profile.background)
    file = encode_original(Image.fromarray(picture), profile.photo.dpi)
    if isinstance(file, NoEncoding):
        log.warning("no original is sent: %s", file)
        return None
    faults = original_faults(file.jpeg, (frame.width, frame.height))
    if faults:
        log.error("no original is sent: %s", "; ".join(faults))
        return None
    return file.jpeg
