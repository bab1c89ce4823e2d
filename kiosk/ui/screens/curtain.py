"""The dark screen of the audio guide: a privacy curtain before the screen that is read aloud."""

from common.catalog import Catalog
from kiosk.ui.screens import theme
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Colour, Op, RoundRect, Text, TouchArea

GROUND: Colour = (0, 0, 0)
INK: Colour = (150, 150, 150)  # 7.1 : 1 on black, and no lamp in the face of who sits there
BEYOND = 100.0
"""The page is centred on panels of another shape: so far its edges are dark, too (base units)."""
WORDS = Box(theme.MARGIN, 560, theme.CONTENT_W, 160)


def drawn(ops: tuple[Op, ...], catalog: Catalog) -> tuple[Op, ...]:
    """Black, with a line for whoever stands by: what goes on, and how the screen comes back. What can be touched stays
    where it was."""
    ground = RoundRect(Box(0, 0, WIDTH, HEIGHT).inset(-BEYOND), 0, GROUND)
    words = Text(WORDS, catalog.text("audio_guide.dark"), 34, INK, align="centre", lines=4, least=28)
    return (ground, words, *(op for op in ops if isinstance(op, TouchArea)))
