"""Computes the content of the screen from the session alone. It draws nothing, and reads no clock and no file.

`view(session, policy, facts, people, now_ns)` chooses the texts (as ids), the buttons and the few numbers that a screen
needs. `kiosk.ui.screens` defines how the screen looks.
"""

from kiosk.ui.viewmodel.advice import ADVICE
from kiosk.ui.viewmodel.arrival import CONFIRM_FLAGS
from kiosk.ui.viewmodel.asked import STAFF_SAY, TAKE_CARD
from kiosk.ui.viewmodel.compute import view
from kiosk.ui.viewmodel.model import (
    BEATS,
    Button,
    Facts,
    Framing,
    Low,
    Masked,
    NumberQueue,
    NumbersShown,
    People,
    Preparation,
    Row,
    Say,
    StaffPage,
    Step,
    TakeShown,
    View,
)

__all__ = [
    "ADVICE",
    "BEATS",
    "CONFIRM_FLAGS",
    "STAFF_SAY",
    "TAKE_CARD",
    "Button",
    "Facts",
    "Framing",
    "Low",
    "Masked",
    "NumberQueue",
    "NumbersShown",
    "People",
    "Preparation",
    "Row",
    "Say",
    "StaffPage",
    "Step",
    "TakeShown",
    "View",
    "view",
]
