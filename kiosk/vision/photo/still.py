"""A small picture of a live frame for staff who help."""

import cv2

from kiosk.ports.frames import Rgb

HEIGHT_PX = 480
QUALITIES = (70, 50, 30, 10)


def still(rgb: Rgb, most_bytes: int) -> bytes | None:
    """A JPEG without any metadata: the square in the middle of a live frame, `HEIGHT_PX` high, with the best quality
    that `most_bytes` allow; some 20 kB. The square shows as little as possible of the room beside the person who sits
    there. None if the JPEG is too large at every quality.
    """
    height, width = rgb.shape[:2]
    left = max(0, (width - height) // 2)
    middle = rgb[:, left : left + min(width, height)]
    size = (round(HEIGHT_PX * middle.shape[1] / height), HEIGHT_PX)
    small = cv2.cvtColor(cv2.resize(middle, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    for quality in QUALITIES:
        made, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if made and data.size <= most_bytes:
            return data.tobytes()
    return None
