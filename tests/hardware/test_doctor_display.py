"""`kiosk doctor display`: a panel too small is told, and what is not offered is told with its remedy."""

import pytest

from kiosk.commands.doctor.display import examine_display
from kiosk.ports.config import DisplayConfig


@pytest.mark.parametrize(
    ("display", "ok", "words"),
    [
        (DisplayConfig(diagonal_inch=5.5), False, "large text is not offered. Use a panel of 7.1 inches or more"),
        (DisplayConfig(diagonal_inch=10.1), True, "Low reach is not offered: set display.lower_edge_mm."),
        (DisplayConfig(diagonal_inch=10.1, lower_edge_mm=820), True, "low reach is not needed"),
        (DisplayConfig(diagonal_inch=10.1, lower_edge_mm=1_050), True, "its targets would measure"),
        (DisplayConfig(diagonal_inch=21.5, lower_edge_mm=850), True, "Low reach is offered."),
        (DisplayConfig(diagonal_inch=7.0), False, "2.7 mm high, 3.6 mm with large text; 4.5 mm are read at 70 cm"),
        (DisplayConfig(diagonal_inch=7.0), False, "use a panel of 8.8 inches or more"),
        (
            DisplayConfig(diagonal_inch=10.1),
            True,
            "Each session begins with large text: usual capitals are 3.8 mm high",
        ),
    ],
)
def test_the_finding_says_what_the_panel_allows(display: DisplayConfig, ok: bool, words: str) -> None:
    finding = examine_display(display)
    assert finding.ok is ok
    assert words in finding.message
    assert finding.details["large_text"] is (display.diagonal_inch >= 7.0)
