"""Computes what the booth says, and when, from the view that the screen shows. Uses no sound device, no clock, no file.

`script(view)` gives all prompts of a screen (`kiosk.text.speech`); `narrate` chooses which of them the booth says now.
"""

from kiosk.ui.narration.guided import Element, elements
from kiosk.ui.narration.narrate import Narration, Order, narrate
from kiosk.ui.narration.script import script

__all__ = ["Element", "Narration", "Order", "elements", "narrate", "script"]
