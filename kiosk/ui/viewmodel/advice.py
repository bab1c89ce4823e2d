"""Computes what the choose screen says about the picked take, and whether it recommends another take (ADR 076)."""

from kiosk.core.session.guidance import WORDS
from kiosk.core.session.state import Session, Take
from kiosk.core.session.taking import failures_of
from kiosk.ui.viewmodel.model import Say
from rules.checks import GUIDANCE_ORDER, CheckId

_FIRST = (
    *("eyes_open", "gaze", "mouth_closed", "neutral", "hair_eyes", "hair_brows", "glare", "glasses", "ears"),
    *("head_cover", "jewellery", "occlusion", "top_colour", "top_contrast", "roll", "yaw", "pitch", "shoulders"),
    *("sharp", "one_face", "exposure", "light_even", "shadow", "background_even"),
)
_NONE = {
    *("enough_pixels", "position", "hair_height", "skin_colour", "background_colour", "live_person", "file"),
    *("distance", "centre_x", "centre_y"),
}

ADVICE = (*_FIRST, *(check.value for check in GUIDANCE_ORDER if check.value not in {*_FIRST, *_NONE}))
"""The checks that the advice about a take may name, the most important first. For each of them the graduate can do
something."""

MOST_TRIES = 2
"""After this many takes with a failed check or a check without a result, the booth recommends no further take: staff
decide."""


def named(checks: tuple[str, ...]) -> str:
    """The check that the advice names, or `other`."""
    return next((check for check in ADVICE if check in checks), "other")


def advice_words(failures: tuple[str, ...]) -> str:
    """The text id of the advice about the most important failed check. It is the check's instruction. If the check has
    different instructions below and above its limit, it is the text that says what to do better (`again.…`)."""
    check = next((check for check in ADVICE if check in failures), failures[0])
    said = {words for (known, _), words in WORDS.items() if known is CheckId(check)}
    return said.pop() if len(said) == 1 else f"again.{check}"


def advice(session: Session, left: int) -> tuple[Say | None, bool]:
    """The advice about the picked take, and whether the booth recommends another take. `left`: how many more takes are
    possible.

    A failed check has priority over a check without a result, and a check without a result has priority over a warning.
    A graduate who said why the checks cannot be met gets no advice about them.
    """
    take = session.take(session.picked)
    if take is None:
        return None, False
    if session.reason is not None:
        return Say("choose.excused"), False
    if failures := failures_of(session, take):
        return _choice_text(session, left, "failed", f"warn.{named(failures)}")
    if take.doubts:
        return _choice_text(session, left, "doubt", f"doubt.{named(take.doubts)}")
    return next((Say(f"warn.{check}") for check in ADVICE if check in take.warnings), None), False


def _choice_text(session: Session, left: int, kind: str, what: str) -> tuple[Say, bool]:
    proposed = session.take(session.proposed)
    if proposed is not None and not _lacks(session, proposed):
        end = "other"
    elif left > 0 and sum(_lacks(session, one) for one in session.takes) < MOST_TRIES:
        end = "retake"
    else:
        end = "kept"
    return Say(f"choose.{kind}_{end}", (("what", what),)), end == "retake"


def _lacks(session: Session, take: Take) -> bool:
    return bool(failures_of(session, take) or take.doubts)
