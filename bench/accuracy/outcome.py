"""The result of judging one picture."""

from dataclasses import dataclass, field
from typing import Literal

from rules.checks import CheckId, Verdict

Set = Literal["portrait", "smiling", "good", "group", "negative"]
"""The kinds of pictures: a portrait without changes, a smiling portrait, a good picture that we made (of anybody,
or of a group of drawn people), a faulty picture that we made.
"""
Material = Literal["portrait", "drawn"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one check. `side`: on which side of its limit the value lies (0: within), whatever the policy."""

    verdict: Verdict
    side: int
    value: float | None

    @property
    def bad(self) -> bool:
        """Whether the check has a value and this lies outside the limit."""
        return self.value is not None and self.side != 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture: its kind, the person on it, and the answer of each check.

    `found`: whether a face was found; `ready`: whether no required check failed. `picture`: the file name of its
    thumbnail. `measures`: the geometry compared with the labels.
    """

    set: Set
    material: Material
    who: str
    seed: int
    fault: str
    tone: int
    sex: str
    group: str
    found: bool
    ready: bool
    answers: dict[CheckId, Answer]
    faults: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    picture: str | None = None
    measures: dict[str, float] = field(default_factory=dict)

    def caught(self, checks: frozenset[CheckId]) -> bool:
        """Whether one of the checks lies outside its limit, or no face was found, which also is a refusal."""
        return not self.found or any(check in self.answers and self.answers[check].bad for check in checks)

    def told(self, checks: frozenset[CheckId]) -> bool:
        """Whether one of the checks gave a value."""
        return any(check in self.answers and self.answers[check].value is not None for check in checks)

    def refusing(self, aside: frozenset[CheckId]) -> tuple[CheckId, ...]:
        """The required checks that failed, without those in `aside`."""
        return tuple(k for k, one in self.answers.items() if one.verdict is Verdict.FAIL and k not in aside)
