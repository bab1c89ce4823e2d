"""Renders templates, with the functions they may call. Everything is escaped; an undefined name is an error."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from center.platform.clock import moment_text
from center.web.navigation import navigation
from center.web.static_files import address
from rules.idnumber import IdNumberError, mask_id_number, parse_id_number
from rules.names import mask_code, mask_name, show_name
from rules.season import CHINA


def render(template: str, values: Mapping[str, Any]) -> str:
    """The page `template` with `values`."""
    return _environment().get_template(template).render(values)


def _folders() -> list[Path]:
    """The template folders of all tasks and the shared layout. Names are unique."""
    return sorted(Path(__file__).parents[1].glob("*/templates"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_folders()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clock=clock,
        day=day,
        moment=moment_text,
        span=span,
        number=number,
        size=size,
        mask_name=mask_name,
        mask_id=mask_id_number,
        mask_code=mask_code,
        sex_of=sex_of,
        show_name=show_name,
    )
    environment.globals.update(static=address, navigation_of=navigation, form_number=form_number)
    return environment


def form_number() -> str:
    """A number that no other form has, by which the office knows a form that arrives twice (`Page.once`)."""
    return secrets.token_urlsafe(12)


def sex_of(id_number: str | None) -> str:
    """`male` or `female`, from the ID number; empty if there is no number, or if it does not contain the sex."""
    try:
        return parse_id_number(id_number or "", None).sex.value
    except IdNumberError:
        return ""


def clock(at: datetime) -> str:
    """The time of day, like 14:03:59."""
    return f"{at.astimezone(CHINA):%H:%M:%S}"


def day(at: datetime) -> str:
    """The date, like 2026-09-01."""
    return f"{at.astimezone(CHINA):%Y-%m-%d}"


def span(seconds: float, units: str) -> str:
    """A duration in its largest unit; `units`: the words for day, hour, minute and second, separated by spaces."""
    in_days, in_hours, in_minutes, in_seconds = units.split()
    for length, unit in ((86_400, in_days), (3_600, in_hours), (60, in_minutes)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} {in_seconds}"


def number(value: float | None) -> str:
    """A measure with three significant digits, but with all digits before the point and at most three after it. None
    becomes a dash.
    """
    if value is None:
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−") if text not in ("-0", "") else "0"


def size(count: int) -> str:
    """A number of bytes in the unit that people use."""
    for length, unit in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count} B"
