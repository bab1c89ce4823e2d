"""Computes figures from outcomes: what is wrongly refused, what is missed, and how much groups differ.

A faulty picture is *caught* if one of the checks that must find it lies outside its limit, or if no face is found. Any
other faulty picture is *missed*, whether the checks passed or could not tell; the figures say how many could not tell.
Policies do not change what counts as caught; the figures mark each check that only warns or is off in the profile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from bench.accuracy.faces import SHOWN_BY_LABEL
from bench.accuracy.outcome import Answer, Outcome
from bench.accuracy.plan import main_check
from bench.accuracy.stats import Share, gap, share
from rules.checks import CheckId, Policy, Verdict
from rules.profile import Profile
from sim.negatives import FAULTS, fault_named

STUDIO = frozenset(
    {
        CheckId.BACKGROUND_EVEN,
        CheckId.BACKGROUND_COLOUR,
        CheckId.SHADOW,
        CheckId.TOP_COLOUR,
        CheckId.TOP_CONTRAST,
        CheckId.LIVE_PERSON,
        CheckId.FILE,
        CheckId.POSITION,
        CheckId.HAIR_HEIGHT,
    }
)
"""Checks on which a studio portrait in front of a grey wall gives no information."""
STILL = frozenset({CheckId.LIVE_PERSON, CheckId.FILE})
"""Checks on which a single still picture gives no information."""
WORST_A_FAULT = 4

Table = dict[str, Any]


def summed(outcomes: Sequence[Outcome], profile: Profile) -> Table:
    """All figures of the report."""
    by_set: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_set[one.set].append(one)
    portraits = [one for one in by_set["portrait"] if not one.faults]
    good = by_set["good"]
    cut = _cut_off(by_set["portrait"])
    before_wall = [one for one in good if one.material == "portrait" and one.who not in cut]
    sets = {
        "portraits": good_figures(portraits, STUDIO, profile),
        "portraits_before_wall": good_figures(before_wall, STILL, profile),
        "drawn": good_figures([one for one in good if one.material == "drawn"], STILL, profile),
    }
    return {
        "geometry": geometry_figures(by_set["portrait"]),
        "good": sets,
        "smiling": _smiling(by_set["smiling"]),
        "misses": miss_figures(by_set["negative"], profile),
        "let_through": let_through(by_set["negative"], profile),
        "groups": group_figures([*good, *by_set["negative"]]),
        "looks": look_figures(by_set["group"]),
        "worst": worst_pictures(by_set["negative"]),
    }


def _cut_off(portraits: Sequence[Outcome]) -> frozenset[str]:
    """People whose hair the edge of the portrait cuts off, by the label. No legal photo can be made of such a portrait,
    so it is not a good picture.
    """
    return frozenset(one.who for one in portraits if one.measures and "hair_top_px" not in one.measures)


def worst_pictures(negatives: Sequence[Outcome]) -> list[Table]:
    """Missed faults of which a picture is stored. Faults that are rarely missed come first, because they show most."""
    missed = [one for one in negatives if not one.caught(fault_named(one.fault).checks)]
    often = Counter(one.fault for one in missed)
    shown: Counter[tuple[str, str]] = Counter()
    found = []
    for one in sorted(missed, key=lambda one: (often[one.fault], one.fault, one.seed)):
        if one.picture is None or shown[one.fault, one.material] >= WORST_A_FAULT:
            continue
        shown[one.fault, one.material] += 1
        said = [f"{k.value} {'?' if v.value is None else format(v.value, '.3g')}" for k, v in _asked(one).items()]
        found.append(
            {"fault": one.fault, "material": one.material, "who": one.who, "seed": one.seed, "picture": one.picture,
             "said": " ".join(said)}
        )  # fmt: skip
    return found


def _asked(outcome: Outcome) -> dict[CheckId, Answer]:
    checks = sorted(fault_named(outcome.fault).checks)
    return {check: outcome.answers[check] for check in checks if check in outcome.answers}


def geometry_figures(portraits: Sequence[Outcome]) -> Table | None:
    """The figures of geometry, compared with the labels; None if there are no labels."""
    told = [one for one in portraits if one.measures]
    if not told:
        return None
    hair = {one.who: one.measures["hair_top_px"] for one in told if "hair_top_px" in one.measures}
    pupils = [one.measures["pupil_error"] for one in told]
    return {
        "portraits": len(told),
        "legal": share(sum(one.measures["legal"] == 1 for one in told), len(told)),
        "refused": sorted(one.who for one in told if one.measures["refused"] == 1),
        "illegal": sorted(one.who for one in told if one.measures["legal"] == 0 and one.measures["refused"] == 0),
        "hair_top_within_12_px": share(sum(abs(px) <= 12 for px in hair.values()), len(hair)),
        "hair_top_beyond": {who: round(px, 1) for who, px in sorted(hair.items()) if abs(px) > 12},
        "pupil_error_mean": round(sum(pupils) / len(pupils), 4),
        "pupil_error_worst": round(max(pupils), 4),
        "width_px_mean": round(sum(one.measures["width_px"] for one in told) / len(told), 2),
        "chin_px_mean": round(sum(one.measures["chin_px"] for one in told) / len(told), 2),
    }


def good_figures(outcomes: Sequence[Outcome], aside: frozenset[CheckId], profile: Profile) -> Table:
    """How often good faces are refused, and how often checks can't tell; the checks in `aside` are not counted."""
    refused = [one for one in outcomes if not one.found or one.refusing(_aside(one, aside))]
    asked = unknown = 0
    checks = {}
    for rule in profile.shot_rules:
        if rule.check in aside:
            continue
        counted = [one for one in outcomes if one.found and rule.check not in _aside(one, aside)]
        answers = [one.answers[rule.check] for one in counted if rule.check in one.answers]
        bad = sum(answer.bad for answer in answers)
        blank = sum(answer.value is None for answer in answers) + len(counted) - len(answers)
        checks[rule.check.value] = {
            "policy": rule.policy.value,
            "bad": share(bad, len(counted)),
            "unknown": share(blank, len(counted)),
        }
        if rule.policy.value != "off":
            asked, unknown = asked + len(counted), unknown + blank
    return {
        "pictures": len(outcomes),
        "refused": share(len(refused), len(outcomes)),
        "refused_who": sorted({one.who for one in refused})[:40],
        "unknown": share(unknown, asked),
        "checks": checks,
    }


def miss_figures(negatives: Sequence[Outcome], profile: Profile) -> Table:
    """For each check and fault, how many faulty pictures were not caught."""
    by_fault: dict[str, list[Outcome]] = defaultdict(list)
    for one in negatives:
        by_fault[one.fault].append(one)
    policies = {rule.check: rule.policy for rule in profile.shot_rules}
    found: Table = {}
    for fault in FAULTS:
        made = by_fault[fault.name]
        if not made:
            continue
        check = main_check(fault)
        entry = found.setdefault(check.value, {"policy": policies[check].value, "faults": {}})
        entry["faults"][fault.name] = _missed(made) | {
            "checks": sorted(one.value for one in fault.checks),
            "portraits": _missed([one for one in made if one.material == "portrait"]),
            "drawn": _missed([one for one in made if one.material == "drawn"]),
        }
    for check_name, entry in found.items():
        mine = [one for one in negatives if main_check(fault_named(one.fault)).value == check_name]
        entry |= _missed(mine)
    return found


def let_through(negatives: Sequence[Outcome], profile: Profile) -> Share:
    """Of the pictures with a fault that the profile forbids: how many are refused by no required check."""
    required = {rule.check for rule in profile.shot_rules if rule.policy is Policy.REQUIRED}
    asked = [one for one in negatives if main_check(fault_named(one.fault)) in required]
    return share(sum(one.found and one.ready for one in asked), len(asked))


def _missed(made: Sequence[Outcome]) -> Table:
    missed = [one for one in made if not one.caught(fault_named(one.fault).checks)]
    blank = sum(not one.told(fault_named(one.fault).checks) for one in missed)
    refused = sum(not one.ready for one in made)
    return {
        "missed": share(len(missed), len(made)),
        "could_not_tell": blank,
        "refused_anyhow": share(refused, len(made)),
    }


def group_figures(outcomes: Iterable[Outcome]) -> Table:
    """Drawn people by skin tone and sex: how many good faces are refused, how many faulty pictures are missed, and the
    gap between the groups."""
    drawn = [one for one in outcomes if one.material == "drawn"]
    tables: Table = {}
    for name in ("tone", "sex"):
        keys = sorted({str(getattr(one, name)) for one in drawn})
        groups: Table = {}
        for key in keys:
            mine = [one for one in drawn if str(getattr(one, name)) == key]
            good, bad = ([one for one in mine if one.set == kind] for kind in ("good", "negative"))
            told = [one for one in bad if not one.found or one.told(fault_named(one.fault).checks)]
            groups[key] = {
                "refused": share(sum(not one.ready for one in good), len(good)),
                "missed": share(sum(not one.caught(fault_named(one.fault).checks) for one in told), len(told)),
                "faulty_refused": share(sum(not one.ready for one in bad), len(bad)),
            }
        gaps = {
            part: gap([entry[part] for entry in groups.values()]) for part in ("refused", "missed", "faulty_refused")
        }
        tables[name] = {"groups": groups, "gap": gaps, "worst_checks": _apart(drawn, name, keys)}
    return tables


def look_figures(outcomes: Sequence[Outcome]) -> Table:
    """The figures of groups of drawn people (`sim.people.groups`), who break no rule: how many are refused, how
    often each check lies outside its limit, and the gap between groups.
    """
    groups: Table = {}
    for group in dict.fromkeys(one.group for one in outcomes):
        mine = [one for one in outcomes if one.group == group]
        told = Counter(check.value for one in mine for check, answer in one.answers.items() if answer.bad)
        groups[group] = {
            "refused": share(sum(not one.ready for one in mine), len(mine)),
            "outside": dict(told.most_common()),
        }
    return {"groups": groups, "gap": gap([entry["refused"] for entry in groups.values()])}


def _apart(drawn: Sequence[Outcome], name: str, keys: Sequence[str]) -> Table:
    """The faults for which the share of missed pictures differs most between groups."""
    found: Table = {}
    for fault in FAULTS:
        made = [one for one in drawn if one.fault == fault.name and one.set == "negative"]
        shares: list[Share] = []
        for key in keys:
            mine = [one for one in made if str(getattr(one, name)) == key and (not one.found or one.told(fault.checks))]
            shares.append(share(sum(not one.caught(fault.checks) for one in mine), len(mine)))
        wide = gap(shares)
        if wide:
            found[fault.name] = {"gap": wide, "missed": dict(zip(keys, (one["share"] for one in shares), strict=True))}
    return dict(sorted(found.items(), key=lambda item: -item[1]["gap"])[:6])


def _smiling(outcomes: Sequence[Outcome]) -> Table | None:
    if not outcomes:
        return None
    wanted = frozenset({CheckId.NEUTRAL, CheckId.MOUTH_CLOSED})
    caught = [one for one in outcomes if one.caught(wanted)]
    refused = [
        one for one in outcomes if any(one.answers[k].verdict is Verdict.FAIL for k in wanted if k in one.answers)
    ]
    return {
        "caught": share(len(caught), len(outcomes)),
        "refused": share(len(refused), len(outcomes)),
        "missed": sorted(one.who for one in outcomes if one not in caught),
    }


def _aside(outcome: Outcome, aside: frozenset[CheckId]) -> frozenset[CheckId]:
    """The checks that are not counted for a portrait; among them those whose answer the label leaves open or names
    as a fault.
    """
    words = outcome.unsure | outcome.faults
    return aside | {check for word in words for check in SHOWN_BY_LABEL.get(word, ())}
