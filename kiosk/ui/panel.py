"""Computes what a panel of a given size, mounted at a given height, can show: large text, and a page within reach.

Sources of the numbers: targets are at least 15 mm (EN 301 549, advice 15). A seated person reaches places between 800
and 1100 mm above the floor (EN 301 549, draft of version 4). People can read words at 70 cm if capitals are 4.5 mm
high.
"""

from dataclasses import dataclass
from math import hypot

from kiosk.ports.config import DisplayConfig
from kiosk.ui.screens.flow import BODY as LARGE_BODY
from kiosk.ui.screens.flow import LARGER
from kiosk.ui.screens.ops import HEIGHT, WIDTH
from kiosk.ui.screens.theme import BODY, TOUCH
from kiosk.ui.viewmodel import Low

TARGET_MM = 15.0
REACH_MM = (800.0, 1100.0)
CAPITALS_MM = 4.5
CAPITALS = 0.73  # height of a capital letter / font size (Noto Sans CJK)
# A target may be this much smaller than `TARGET_MM`, because makers round the diagonal to a tenth of an inch. (On a
# 7-inch panel that is 88 mm wide, targets have 15.0 mm.)
TOLERANCE_MM = 0.2


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel. `unit_mm`: size of a base unit. `bottom_mm`: height of the page's lower edge above the floor; None: not
    known."""

    unit_mm: float
    bottom_mm: float | None

    @classmethod
    def of(cls, config: DisplayConfig) -> "Panel":
        """The panel that a configuration describes. The page fills the panel, or is centred in it."""
        width, height = config.size
        pixel_mm = config.diagonal_inch * 25.4 / hypot(width, height)
        scale = min(width / WIDTH, height / HEIGHT)
        edge_mm = (height - HEIGHT * scale) / 2 * pixel_mm
        bottom = None if config.lower_edge_mm is None else config.lower_edge_mm + edge_mm
        return cls(pixel_mm * scale, bottom)

    @property
    def target_mm(self) -> float:
        """The smaller side of the smallest target. It is the same with usual and with large text: with large text,
        targets have fewer base units, but the page is drawn larger."""
        return TOUCH * self.unit_mm

    @property
    def capitals_mm(self) -> float:
        """The height of capital letters in running text of the usual size."""
        return BODY * CAPITALS * self.unit_mm

    @property
    def large_capitals_mm(self) -> float:
        """The height of capital letters in running text with large text."""
        return LARGE_BODY * LARGER * CAPITALS * self.unit_mm

    @property
    def readable(self) -> bool:
        """Whether running text can be read at 70 cm, in the usual size or as large text."""
        return max(self.capitals_mm, self.large_capitals_mm) >= CAPITALS_MM

    @property
    def begins_large(self) -> bool:
        """Whether each session begins with large text, because text of the usual size can't be read at 70 cm and large
        text can."""
        return self.large and self.readable and self.capitals_mm < CAPITALS_MM

    @property
    def large(self) -> bool:
        """Whether targets are large enough with large text."""
        return self.target_mm >= TARGET_MM - TOLERANCE_MM

    @property
    def low(self) -> Low | None:
        """The page within reach. None if the height is not known, if everything is within reach anyway, or if targets
        would be too small."""
        low = self.within_reach()
        return low if low is not None and low.scale * self.target_mm >= TARGET_MM - TOLERANCE_MM else None

    def within_reach(self) -> Low | None:
        """The page in the part of the panel that is within reach, however small it becomes. None if the height is not
        known, or if everything is within reach anyway."""
        if self.bottom_mm is None:
            return None
        height = HEIGHT * self.unit_mm
        low = max(self.bottom_mm, REACH_MM[0])
        high = min(self.bottom_mm + height, REACH_MM[1])
        if high - low >= height - 1.0:
            return None
        return Low(max(0.0, high - low) / height, HEIGHT - (low - self.bottom_mm) / self.unit_mm)
