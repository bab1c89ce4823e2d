"""Nobody's photos and reports, and a clock moved by hand: what the office's and the console's tests share."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from bench import office_stock
from bench.office_stock import photo
from rules.checks import Policy
from rules.profile import load_profile
from sim.season.photos import passing
from wire.manifest import Person

__all__ = ["PASSING", "PROFILE", "START", "HandClock", "photo", "report", "shot_id", "somebody"]

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # nine in the morning in Beijing
PROFILE = load_profile("jiangsu-2019")


@dataclass
class HandClock:
    """The office's clock in tests: stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def report(**wrong: float) -> tuple[dict[str, JsonValue], ...]:
    """A check report in which every check passes, except the checks named: these failed with the given values."""
    rows = []
    for rule in PROFILE.shot_rules:
        row = passing(rule)
        if rule.check.value in wrong and rule.policy is not Policy.OFF:
            verdict = "fail" if rule.policy is Policy.REQUIRED else "warn"
            row |= {"verdict": verdict, "value": wrong[rule.check.value]}
        rows.append(row)
    return tuple(rows)


PASSING = report()


def shot_id(number: int) -> str:
    return f"{number:032x}"


def somebody(number: int, **changes: str | None) -> Person:
    return office_stock.somebody(number).model_copy(update=changes)
