"""Computes what the prepare screen says about each of the notice's rules: met, not met, or not seen."""

from collections.abc import Iterable

from kiosk.core.session.guidance import words
from kiosk.core.session.quality import NOBODY, Judged, Judgement
from kiosk.ui.viewmodel.model import Preparation
from rules.checks import CheckId, Verdict

CHECKS: dict[str, tuple[CheckId, ...]] = {
    "prepare.white_top": (CheckId.TOP_COLOUR,),
    "prepare.top_contrast": (CheckId.TOP_CONTRAST,),
    "prepare.glasses_off": (CheckId.GLASSES,),
    "prepare.glasses_clear": (CheckId.GLARE,),
    "prepare.hair_off_face": (CheckId.HAIR_EYES, CheckId.HAIR_BROWS, CheckId.EARS),
    "prepare.no_jewellery": (CheckId.JEWELLERY,),  # the check can see jewellery, but never that there is none
    "prepare.no_hat": (CheckId.HEAD_COVER,),
}
"""The checks of each rule. Only the graduate can judge a rule without checks (make-up, a high bun)."""
JEWELLERY = "prepare.no_jewellery"
ASK_JEWELLERY = "prepare.ask_jewellery"
"""The question about jewellery. The booth may miss small earrings (docs/accuracy.md), so it never ticks this rule by
its own judgement, but asks the graduate."""

COVERED = CheckId.OCCLUSION
"""The screen tells the graduate about this check although it belongs to no rule: a mask or a hand hides what the rules
are about. This check comes last, because hair and glasses cover a face, too, and have instructions of their own."""
UNMET = (Verdict.FAIL, Verdict.WARN)


def preparations(rules: tuple[str, ...], looks: Judgement | None, *, jewellery_off: bool) -> tuple[Preparation, ...]:
    """Each rule (`prepare.…`), and whether the booth saw it met. `jewellery_off`: whether the graduate said that the
    jewellery is off."""
    seen = {one.check: one for one in _checks(looks)}
    met = {rule: _met([seen.get(check) for check in CHECKS.get(rule, ())]) for rule in rules}
    if met.get(JEWELLERY) is not False and JEWELLERY in met:
        met[JEWELLERY] = True if jewellery_off else None
    return tuple(Preparation(rule, met[rule]) for rule in rules)


def instruction(rules: tuple[str, ...], looks: Judgement | None, *, jewellery_off: bool) -> str:
    """The message id of the line about the rules. The line is the first instruction. If there is none, the line asks
    what the booth can't see itself. If there is nothing to ask either, the line says that all is well or that the booth
    is still looking."""
    if looks == NOBODY:
        return "guide.face_none"
    asked = {COVERED, *(check for rule in rules for check in CHECKS.get(rule, ()))}
    unmet = [one for one in _checks(looks) if one.verdict in UNMET and one.check in asked]
    unmet.sort(key=lambda one: one.check is COVERED)
    first = next((text for one in unmet if (text := words(one))), None)
    if first is not None:
        return first
    if looks is not None and JEWELLERY in rules and not jewellery_off:
        return ASK_JEWELLERY
    known = [one.met for one in preparations(rules, looks, jewellery_off=jewellery_off) if one.rule in CHECKS]
    return "prepare.met" if known and all(known) else "prepare.looking"


def _checks(looks: Judgement | None) -> Iterable[Judged]:
    return () if looks is None else looks.checks


def _met(checks: list[Judged | None]) -> bool | None:
    verdicts = [None if one is None else one.verdict for one in checks]
    if any(verdict in UNMET for verdict in verdicts):
        return False
    return True if verdicts and all(verdict is Verdict.PASS for verdict in verdicts) else None
