"""Measures how often strangers are refused: people of a data set from which nothing was learnt.

Limits that were chosen with one set of people look right for that set. So each set of people at rest is left out in
turn. The other sets determine the direction from rest to smile (`bench.accuracy.smile_axis`), and how much each measure
varies between people: how far each check's limit lies from the mean is stated in spreads (standard deviations) of these
other sets. In the set that is left out, the people whom the profile's limits refuse are counted.

**Which checks may refuse a picture from a file**: only those that refuse at most `MOST_REFUSED` of the people left out,
counted over all sets. Any other check warns, by `policy` or by a wider `refuse`, or is judged against the person's own
live frames.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.accuracy.faces import LEARNT, pictures, shown_and_unsure
from bench.accuracy.smile_axis import POSED, SEEN_SETS, SMILING, direction, shapes, turned
from bench.accuracy.stats import share
from kiosk.core.session.quality import judge
from kiosk.vision.analysis import PictureAnalyzer
from kiosk.vision.checks.shot import shot_values
from kiosk.vision.face.face import Face
from kiosk.vision.face.find import FaceFinder
from kiosk.vision.photo.picture import read_picture
from rules.checks import CheckId, CheckRule, Policy, Verdict
from rules.profile import Profile

Table = dict[str, Any]
Values = Mapping[CheckId, float | None]

MOST_REFUSED = 0.01
OF_PICTURE = frozenset(
    {
        CheckId.ENOUGH_PIXELS, CheckId.POSITION, CheckId.HAIR_HEIGHT, CheckId.TOP_COLOUR, CheckId.TOP_CONTRAST,
        CheckId.BACKGROUND_COLOUR, CheckId.BACKGROUND_EVEN, CheckId.SHADOW, CheckId.SHOULDERS,
    }
)  # fmt: skip
"""Checks whose result depends on how a set was photographed and cropped, not on the people in it."""
OF_LIGHT = frozenset({CheckId.LIGHT_EVEN, CheckId.EXPOSURE, CheckId.SKIN_COLOUR})
NOT_ASKED: Mapping[str, frozenset[CheckId]] = {POSED: frozenset(), "rest": OF_LIGHT, "close": OF_LIGHT}
"""For each set, the checks that it says nothing about: some sets are lit from one side or have odd colours."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """One person at rest, measured only with what was determined without the person's own set (in the posed set:
    without the person's part of it).

    `shown`: checks that rightly fail; `unsure`: checks that are not counted.
    """

    set: str
    name: str
    values: Values
    shown: frozenset[CheckId] = frozenset()
    unsure: frozenset[CheckId] = frozenset()

    def asked(self, check: CheckId) -> bool:
        """Whether the check is counted for this person."""
        aside = OF_PICTURE | NOT_ASKED[self.set] | self.shown | self.unsure
        return check not in aside and self.values.get(check) is not None


def strangers(
    folder: Path, analyzer: PictureAnalyzer, finder: FaceFinder, profile: Profile, every: int = 1
) -> list[Stranger]:
    """Everybody at rest in `folder`, or each `every`-th person of a set.

    The value of the check `NEUTRAL` is measured along an axis from rest to smile. For each person this axis is
    determined anew: from the people at rest of the other sets, the smiles of the posed set, and each `every`-th drawn
    person. For a person of the posed set, see `_without_person`.
    """
    seen: dict[str, dict[str, tuple[Face, Values]]] = {
        name: dict(_measured(folder / name, analyzer, profile, every)) for name in SEEN_SETS
    }
    seen = {name: people for name, people in seen.items() if people}
    smiling = {path.stem: finder.find(read_picture(path)).face for path in pictures(folder / SMILING)}
    turns = turned(finder, every) if smiling else None
    found, known = [], shown_and_unsure(folder)
    for name, people in seen.items():
        others = {other: shapes([face for face, _ in them.values()]) for other, them in seen.items() if other != name}
        pairs = [(seen[POSED][who][0], face) for who, face in smiling.items() if face and who in seen.get(POSED, {})]
        for who, (face, values) in people.items():
            if not values:
                continue
            own = dict(values)
            if turns is not None and others and name != POSED:
                # The posed set can't be left out as a whole, because no other set has smiles: see `_without_person`.
                axis, rest = direction(others, _pair_rows(pairs), turns)
                own[CheckId.NEUTRAL] = float(shapes([face])[0] @ axis) - rest
            found.append(Stranger(name, who, own, *known.get(f"{name}/{who}", ())))
    if turns is not None and POSED in seen:
        found = [*_without_person(found, seen, smiling, turns)]
    return found


def _without_person(
    found: Sequence[Stranger],
    seen: Mapping[str, Mapping[str, tuple[Face, Values]]],
    smiling: Mapping[str, Face | None],
    turns: Any,
) -> Iterator[Stranger]:
    """All people `found`; those of the posed set get their value of the check `NEUTRAL`. For this, the posed set is
    divided into six parts, and each person's axis is determined without the part to which the person belongs."""
    people = list(seen[POSED])
    others = {name: shapes([face for face, _ in them.values()]) for name, them in seen.items() if name != POSED}
    smiles: dict[str, float] = {}
    for part in range(6):
        out = people[part::6]
        left = [who for who in people if who not in out]
        pairs = [(seen[POSED][who][0], face) for who in left if (face := smiling.get(who)) is not None]
        at_rest = others | {POSED: shapes([seen[POSED][who][0] for who in left])}
        axis, rest = direction(at_rest, _pair_rows(pairs), turns)
        smiles |= {who: float(shapes([seen[POSED][who][0]])[0] @ axis) - rest for who in out}
    for one in found:
        yield replace(one, values={**one.values, CheckId.NEUTRAL: smiles[one.name]}) if one.set == POSED else one


def _pair_rows(pairs: Sequence[tuple[Face, Face]]) -> tuple[Any, Any]:
    return shapes([rest for rest, _ in pairs]), shapes([smile for _, smile in pairs])


def _measured(
    folder: Path, analyzer: PictureAnalyzer, profile: Profile, every: int
) -> Iterator[tuple[str, tuple[Face, Values]]]:
    """The face of everybody; for each `every`-th person also the measured values."""
    for number, path in enumerate(pictures(folder)):
        rgb = read_picture(path)
        if number % every:
            face = analyzer.look(rgb).face
            if face is not None:
                yield path.stem, (face, {})
            continue
        analysis = analyzer.analyze(rgb)
        if analysis is not None:
            hand = analyzer.hand(rgb, analysis.face)
            yield path.stem, (analysis.face, shot_values(rgb, analysis, profile, hand=hand))


def left_out_figures(people: Sequence[Stranger], profile: Profile) -> Table:
    """For each check: who is refused and who is warned about, for each set and for all together, and how far the limit
    lies from the mean, in spreads of the other sets.
    """
    sets = sorted({one.set for one in people})
    rules = [rule for rule in profile.shot_rules if rule.check not in OF_PICTURE and rule.policy is not Policy.OFF]
    checks: Table = {}
    for rule in rules:
        asked = {name: [one for one in people if one.set == name and one.asked(rule.check)] for name in sets}
        everybody = [one for them in asked.values() for one in them]
        if not everybody:
            continue
        checks[rule.check.value] = {
            "policy": rule.policy.value,
            "refused": _share(everybody, rule, Verdict.FAIL),
            "warned": _share(everybody, rule, Verdict.WARN),
            "sets": {name: _share(them, rule, Verdict.FAIL) for name, them in asked.items() if them},
            "margin": {name: _margin(rule, asked, name) for name, them in asked.items() if them},
        }
    required = [rule for rule in rules if rule.policy is Policy.REQUIRED]
    by_set = {name: [one for one in people if one.set == name] for name in sets}
    return {
        "people": len(people),
        "checks": checks,
        "refused": {name: _any(them, required) for name, them in by_set.items()} | {"all": _any(people, required)},
        "told": [_told(one, rules) for one in people if _told(one, rules)["said"]],
        "learnt": {rule.check.value: _found(people, rule) for rule in rules if rule.check in LEARNT},
        "refused_who": sorted(f"{one.set}/{one.name}" for one in people if _fails(one, required)),
        "may_not_refuse": sorted(name for name, entry in checks.items() if not may_refuse(entry)),
    }


def _told(one: Stranger, rules: Sequence[CheckRule]) -> Table:
    """The person, and the checks that refuse the person or warn without a reason, with their values."""
    asked = [rule for rule in rules if one.asked(rule.check)]
    wrong = [rule.check for rule in asked if _verdict(one, rule) in (Verdict.FAIL, Verdict.WARN)]
    return {"who": f"{one.set}/{one.name}", "said": {check.value: one.values[check] for check in wrong}}


def _found(people: Sequence[Stranger], rule: CheckRule) -> Table:
    """How many people a check misses, and who they are, among those who show what the check looks for and on whom it
    was not trained."""
    them = [one for one in people if rule.check in one.shown - one.unsure and one.values.get(rule.check) is not None]
    missed = [one for one in them if _verdict(one, rule) is Verdict.PASS]
    names = sorted(f"{one.set}/{one.name}" for one in missed)
    return {"missed": dict(share(len(missed), len(them))), "who": names}


def may_refuse(entry: Table) -> bool:
    """Whether a check may continue to refuse pictures from a file: it refuses at most one stranger in a hundred, or
    one stranger if there are fewer than a hundred.
    """
    refused = entry["refused"]
    return bool(refused["count"] <= max(1, MOST_REFUSED * refused["of"]))


def _verdict(one: Stranger, rule: CheckRule) -> Verdict:
    return judge({rule.check: one.values[rule.check]}, (rule,)).checks[0].verdict


def _share(people: Sequence[Stranger], rule: CheckRule, verdict: Verdict) -> Table:
    return dict(share(sum(_verdict(one, rule) is verdict for one in people), len(people)))


def _fails(one: Stranger, rules: Sequence[CheckRule]) -> bool:
    return any(one.asked(rule.check) and _verdict(one, rule) is Verdict.FAIL for rule in rules)


def _any(people: Sequence[Stranger], rules: Sequence[CheckRule]) -> Table:
    return dict(share(sum(_fails(one, rules) for one in people), len(people)))


def _margin(rule: CheckRule, asked: Mapping[str, Sequence[Stranger]], out: str) -> float | None:
    """How many spreads of the other sets lie between their mean and the nearer limit beyond which the check refuses."""
    values = [one.values[rule.check] for name, them in asked.items() if name != out for one in them]
    known = np.array([value for value in values if value is not None])
    if len(known) < 2 or known.std() == 0:
        return None
    end = rule.limit if rule.refuse is None else rule.refuse
    ends = [abs(side - known.mean()) for side in (end.min, end.max) if side is not None]
    return round(float(min(ends) / known.std()), 1)
