"""The dark screen of the audio guide: a privacy curtain over the screen that the voice reads aloud."""

from common.catalog import Catalog
from kiosk.ui.screens import theme
from kiosk.ui.screens.ops import HEIGHT, WIDTH, Box, Colour, Op, RoundRect, Text, TouchArea

GROUND: Colour = (0, 0, 0)
INK: Colour = (150, 150, 150)  # contrast 7.1 : 1 on black, but not so bright that it lights the face
BEYOND = 100.0
"""How far the black area reaches beyond the page's edges (base units). A panel of another shape shows the page centred,
with space around it."""
WORDS = Box(theme.MARGIN, 560, theme.CONTENT_W, 160)


def drawn(ops: tuple[Op, ...], catalog: Catalog) -> tuple[Op, ...]:
    """A black screen with a text for people nearby, which says why the screen is dark and how to show it again. The
    touch areas of `ops` stay where they were."""
    ground = RoundRect(Box(0, 0, WIDTH, HEIGHT).inset(-BEYOND), 0, GROUND)
    words = Text(WORDS, catalog.text("audio_guide.dark"), 34, INK, align="centre", lines=4, least=28)
    return (ground, words, *(op for op in ops if isinstance(op, TouchArea)))
