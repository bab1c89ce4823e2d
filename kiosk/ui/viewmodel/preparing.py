"""What the prepare screen says of each of the notice's rules: met, not met, or not seen."""

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
    "prepare.no_jewellery": (CheckId.JEWELLERY,),
    "prepare.no_hat": (CheckId.HEAD_COVER,),
}
"""The checks of a rule; a rule without any (make-up, a high bun) is for the graduate to see."""

UNMET = (Verdict.FAIL, Verdict.WARN)


def preparations(rules: tuple[str, ...], looks: Judgement | None) -> tuple[Preparation, ...]:
    """Each rule (`prepare.…`) with what was seen of it."""
    seen = {one.check: one for one in _checks(looks)}
    return tuple(Preparation(rule, _met([seen.get(check) for check in CHECKS.get(rule, ())])) for rule in rules)


def said(rules: tuple[str, ...], looks: Judgement | None) -> str:
    """The line about them (a message's id): the first instruction, that all is well, or that the booth is looking."""
    if looks == NOBODY:
        return "guide.face_none"
    asked = {check for rule in rules for check in CHECKS.get(rule, ())}
    unmet = (one for one in _checks(looks) if one.verdict in UNMET and one.check in asked)
    instruction = next((text for one in unmet if (text := words(one))), None)
    if instruction is not None:
        return instruction
    known = [one.met for one in preparations(rules, looks) if one.rule in CHECKS]
    return "prepare.met" if known and all(known) else "prepare.looking"


def _checks(looks: Judgement | None) -> Iterable[Judged]:
    return () if looks is None else looks.checks


def _met(checks: list[Judged | None]) -> bool | None:
    verdicts = [None if one is None else one.verdict for one in checks]
    if any(verdict in UNMET for verdict in verdicts):
        return False
    return True if verdicts and all(verdict is Verdict.PASS for verdict in verdicts) else None
