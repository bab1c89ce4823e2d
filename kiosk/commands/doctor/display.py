"""`kiosk doctor display`: is the panel large enough, and what does it allow?"""

from kiosk.commands.doctor.finding import Finding
from kiosk.ports.config import DisplayConfig
from kiosk.ui.panel import CAPITALS_MM, REACH_MM, TARGET_MM, Panel


def examine_display(config: DisplayConfig) -> Finding:
    """Does the panel, as configured, have targets of 15 mm, with large text and within reach of a seated person?"""
    panel = Panel.of(config)
    details: dict[str, object] = {
        "target_mm": round(panel.target_mm, 1),
        "capitals_mm": round(panel.capitals_mm, 1),
        "large_text": panel.large,
        "low_reach": panel.low is not None,
    }
    if not panel.large:
        least = config.diagonal_inch * TARGET_MM / panel.target_mm
        message = (
            f"a panel of {config.diagonal_inch:g} inches has targets of {panel.target_mm:.1f} mm, {TARGET_MM:g} are "
            f"needed: large text is not offered. Use a panel of {least:.1f} inches or more, or correct "
            "display.diagonal_inch."
        )
        return Finding("display", False, "too_small", message, details)
    return Finding(
        "display", True, "ok", f"targets of {panel.target_mm:.1f} mm. {_low(panel)}{_type(config, panel)}", details
    )


def _low(panel: Panel) -> str:
    reach = panel.within_reach()
    if panel.bottom_mm is None:
        return "Low reach is not offered: set display.lower_edge_mm."
    if reach is None:
        return f"All of it lies {REACH_MM[0]:.0f} to {REACH_MM[1]:.0f} mm above the floor: low reach is not needed."
    if panel.low is not None:
        return "Low reach is offered."
    return (
        f"Low reach is not offered: its targets would measure {reach.scale * panel.target_mm:.1f} mm. Mount the panel "
        "lower, or use a larger one."
    )


def _type(config: DisplayConfig, panel: Panel) -> str:
    """Small type is told, and is no fault: large text is there for it."""
    if panel.capitals_mm >= CAPITALS_MM:
        return ""
    least = config.diagonal_inch * CAPITALS_MM / panel.capitals_mm
    return (
        f" Capitals of running text are {panel.capitals_mm:.1f} mm high; {CAPITALS_MM:g} mm, as read at 70 cm, take "
        f"{least:.1f} inches."
    )
