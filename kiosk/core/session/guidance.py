"""Shows one instruction at a time, in a fixed order, without flicker.

The order is the order of the live rules (face, light, background, position, appearance, expression): the first failing
check gives the instruction. Two delays avoid flicker. A new instruction is shown only after its check was the first
failing check for `DWELL_MS`, so that a blink of 200 ms causes no instruction. A shown instruction stays for `SHOWN_MS`.
"Hold still" is shown at once, because the capture follows it.
"""

from dataclasses import dataclass, replace

from kiosk.core.session.quality import Judged, Judgement
from rules.checks import CheckId

DWELL_MS = 300
SHOWN_MS = 900
HOLD_STILL = "guide.hold_still"

_OTHERS: dict[tuple[CheckId, int], str] = {
    (CheckId.ONE_FACE, -1): "guide.face_none",
    (CheckId.ONE_FACE, 1): "guide.face_two",
    (CheckId.EXPOSURE, -1): "guide.too_dark",
    (CheckId.EXPOSURE, 1): "guide.too_bright",
    (CheckId.LIGHT_EVEN, -1): "guide.light_uneven",
    (CheckId.LIGHT_EVEN, 1): "guide.light_uneven",
    (CheckId.DISTANCE, -1): "guide.too_far",
    (CheckId.DISTANCE, 1): "guide.too_near",
    (CheckId.ENOUGH_PIXELS, -1): "guide.too_far",
    # The graduate faces the lens, so the right side of the frame is on the graduate's left.
    (CheckId.CENTRE_X, -1): "guide.move_left",
    (CheckId.CENTRE_X, 1): "guide.move_right",
    (CheckId.CENTRE_Y, -1): "guide.sit_lower",
    (CheckId.CENTRE_Y, 1): "guide.sit_higher",
    (CheckId.ROLL, -1): "guide.tilt_left",
    (CheckId.ROLL, 1): "guide.tilt_right",
    (CheckId.YAW, -1): "guide.turn_left",
    (CheckId.YAW, 1): "guide.turn_right",
    (CheckId.PITCH, -1): "guide.chin_up",
    (CheckId.PITCH, 1): "guide.chin_down",
    (CheckId.SHARP, -1): HOLD_STILL,
    (CheckId.LIVE_PERSON, -1): "guide.blink",
    (CheckId.OCCLUSION, 1): "guide.uncover_face",
    (CheckId.BACKGROUND_EVEN, 1): "guide.clear_behind",
    (CheckId.BACKGROUND_COLOUR, 1): "guide.clear_behind",
    (CheckId.SHADOW, 1): "guide.off_backdrop",
    (CheckId.POSITION, -1): "guide.into_middle",
    # The shoulder at the right of the picture is the graduate's left shoulder.
    (CheckId.SHOULDERS, -1): "guide.right_shoulder_up",
    (CheckId.SHOULDERS, 1): "guide.left_shoulder_up",
    (CheckId.TOP_COLOUR, -1): "guide.white_top",
    (CheckId.TOP_CONTRAST, -1): "guide.other_top",
    (CheckId.GAZE, 1): "guide.look_here",
    (CheckId.NEUTRAL, 1): "guide.relax",
}
"""The instruction for (check, side of its limit), for checks whose instruction does not have the check's own name.

Signs, as measured in the frame: roll +: turned clockwise in the picture; yaw +: the nose points to the right of the
picture; pitch +: the chin is raised.
"""

SILENT = frozenset({CheckId.SKIN_COLOUR, CheckId.FILE})
"""Checks that the graduate can do nothing about: the station's white balance, and the finished file."""

_WITHOUT = SILENT | {CheckId.HAIR_HEIGHT} | {check for check, _ in _OTHERS}

WORDS: dict[tuple[CheckId, int], str] = {
    **_OTHERS,
    **{(check, side): f"guide.{check.value}" for check in CheckId if check not in _WITHOUT for side in (-1, 1)},
}
"""The instruction for (check, side of its limit), from the graduate's own point of view: one of `_OTHERS`, or the
`guide` of the check in `rules.check_words`."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """The instruction that is shown now (a text id, `guide.…`), and since when; "" before the first instruction.

    `next`: the instruction of the check that has been the first failing one since `next_ns`. This instruction is shown
    when it has waited for long enough.
    """

    text: str = ""
    since_ns: int = 0
    next: str = ""
    next_ns: int = 0


def words(judged: Judged) -> str | None:
    """The instruction for one failed check, or None if the graduate cannot correct it."""
    return WORDS.get((judged.check, judged.side))


def advance(shown: Guidance, judgement: Judgement, now_ns: int) -> Guidance:
    """The guidance after one more judged frame."""
    wanted = next((text for judged in judgement.failing() if (text := words(judged))), HOLD_STILL)
    if wanted == shown.text:
        return replace(shown, next=wanted, next_ns=now_ns)
    if wanted != shown.next:
        shown = replace(shown, next=wanted, next_ns=now_ns)
    dwelt = now_ns - shown.next_ns >= DWELL_MS * 1_000_000
    shown_long_enough = now_ns - shown.since_ns >= SHOWN_MS * 1_000_000
    if (wanted == HOLD_STILL and judgement.ready) or shown.text == "" or (dwelt and shown_long_enough):
        return Guidance(wanted, now_ns, wanted, now_ns)
    return shown
