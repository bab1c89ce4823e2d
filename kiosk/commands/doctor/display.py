"""`kiosk doctor display`: is the panel large enough, and which settings does it allow?"""

from kiosk.commands.doctor.finding import Finding
from kiosk.ports.config import DisplayConfig
from kiosk.ui.panel import CAPITALS_MM, REACH_MM, TARGET_MM, Panel


def examine_display(config: DisplayConfig) -> Finding:
    """Does the panel, as configured, have buttons of 15 mm, and words that can be read at 70 cm?"""
    panel = Panel.of(config)
    details: dict[str, object] = {
        "target_mm": round(panel.target_mm, 1),
        "capitals_mm": round(panel.capitals_mm, 1),
        "large_capitals_mm": round(panel.large_capitals_mm, 1),
        "begins_large": panel.begins_large,
        "large_text": panel.large,
        "low_reach": panel.low is not None,
    }
    problem = _too_small(config, panel) or _too_small_to_read(config, panel)
    if problem is not None:
        return Finding("display", False, *problem, details)
    return Finding(
        "display", True, "ok", f"targets of {panel.target_mm:.1f} mm. {_low(panel)}{_type(config, panel)}", details
    )


def _too_small(config: DisplayConfig, panel: Panel) -> tuple[str, str] | None:
    if panel.large:
        return None
    least = config.diagonal_inch * TARGET_MM / panel.target_mm
    return "too_small", (
        f"a panel of {config.diagonal_inch:g} inches has targets of {panel.target_mm:.1f} mm, {TARGET_MM:g} are "
        f"needed: large text is not offered. Use a panel of {least:.1f} inches or more, or correct "
        "display.diagonal_inch."
    )


def _too_small_to_read(config: DisplayConfig, panel: Panel) -> tuple[str, str] | None:
    if panel.readable:
        return None
    least = config.diagonal_inch * CAPITALS_MM / panel.large_capitals_mm
    return "small_type", (
        f"on a panel of {config.diagonal_inch:g} inches capitals of running text are {panel.capitals_mm:.1f} mm high, "
        f"{panel.large_capitals_mm:.1f} mm with large text; {CAPITALS_MM:g} mm are read at 70 cm. The booth works, but "
        f"not for everybody: use a panel of {least:.1f} inches or more, or correct display.diagonal_inch."
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
    """The finding's sentence for a panel on which only large text can be read: it says that each session begins with
    large text. "" for any other panel."""
    if not panel.begins_large:
        return ""
    least = config.diagonal_inch * CAPITALS_MM / panel.capitals_mm
    return (
        f" Each session begins with large text: usual capitals are {panel.capitals_mm:.1f} mm high, and "
        f"{CAPITALS_MM:g} mm, as read at 70 cm, take {least:.1f} inches."
    )
