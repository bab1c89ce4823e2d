"""What the booth says when, computed from what the screen says: no sound, no clock, no file.

`script(view)` is what a screen has to say, as prompts of `kiosk.text.speech`; `narrate` tells which of them is said
now.
"""

from kiosk.ui.narration.guided import Element, elements
from kiosk.ui.narration.narrate import Narration, Order, narrate
from kiosk.ui.narration.script import script

__all__ = ["Element", "Narration", "Order", "elements", "narrate", "script"]
