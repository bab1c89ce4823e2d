"""The colours, sizes and grid of all screens.

Colour pairs used for text have a contrast of at least 4.5 : 1 (WCAG AA); a test computes every pair.
"""

from kiosk.ui.screens.ops import WIDTH, Box, Colour

PAGE: Colour = (245, 247, 250)
CARD: Colour = (255, 255, 255)
INK: Colour = (21, 34, 48)
SOFT_INK: Colour = (75, 90, 106)
HAIRLINE: Colour = (219, 226, 234)
PRIMARY: Colour = (11, 83, 148)
PRIMARY_PRESSED: Colour = (7, 60, 110)
PRIMARY_TINT: Colour = (228, 239, 250)
PRESSED_TINT: Colour = (214, 226, 238)
DISABLED: Colour = (226, 231, 237)
DISABLED_INK: Colour = (88, 101, 115)
GOOD: Colour = (22, 116, 74)
GOOD_TINT: Colour = (226, 244, 234)
GOOD_LIGHT: Colour = (126, 226, 168)
NO: Colour = (198, 48, 48)  # only for lines that strike something out in pictures, never for text
CARE: Colour = (132, 76, 0)
CARE_TINT: Colour = (255, 243, 220)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (16, 24, 32)

TITLE = 54.0
BODY = 30.0
SMALL = 26.0
TINY = 22.0  # 2.7 mm high on the 7-inch panel, so for labels only

MARGIN = 40.0
CONTENT_W = WIDTH - 2 * MARGIN
TOUCH = 123.0  # 15 mm on the 7-inch panel
RADIUS = 28.0

STEPS = Box(MARGIN, 132, CONTENT_W, 84)
ACTION_TOP = 1116.0
ACTION_H = 128.0
