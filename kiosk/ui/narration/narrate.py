"""Chooses which prompt is said now. Pure: the time is an argument.

The prompts of a new screen are said at once, and any choice of the graduate stops the running prompt. Within a screen
the booth says only new prompts, after the running one. It drops a waiting prompt that is no longer true. After some
seconds it repeats an instruction that is still true; an instruction that comes and goes is not repeated sooner. "Keep
still", the last seconds and news about a call for help do not wait for the running prompt. A person who moves through
the screen with the audio guide hears each part at once; the running prompt stops.
"""

from dataclasses import dataclass, replace

from kiosk.core.events import Action
from kiosk.core.session.guidance import HOLD_STILL
from kiosk.core.session.state import AT_REST, State, Volume
from kiosk.ports.display import Cursor
from kiosk.ui.narration.reminder import reminder
from kiosk.ui.narration.script import CALL_NEWS, COUNT, LAST_SECONDS, script
from kiosk.ui.viewmodel import View

REMIND_NS: dict[State, int] = {State.POSE: 6_000_000_000}
OTHERS_REMIND_NS = 20_000_000_000
"""After this time an instruction is said again; a screen in `REMIND_NS` has a time of its own. To follow an instruction
takes some seconds; to read a page takes longer."""

COUNT_AGAIN_NS = 2_000_000_000
"""After "three, two, one" was said, it is not said again for this long, so that a blink does not restart the count."""
TONE_NS = 500_000_000
"""The least time between two tones for the pose, so that the ear can separate them."""

URGENT = frozenset({COUNT, HOLD_STILL, *CALL_NEWS, *(prompt for _, prompt in LAST_SECONDS)})
PATIENT = frozenset({State.CAPTURE})
"""Screens that appear while the countdown is spoken, and do not stop it."""
SPEAKING_ACTIONS = frozenset({Action.REPEAT, Action.LANGUAGE})
LEVELS = frozenset({Action.LOUDER, Action.SOFTER})

ARRIVALS: dict[State, str] = {
    State.DONE: "sound.done",
    State.APPROVED: "sound.done",
    State.STILL_THERE: "sound.attention",
    State.STAFF_HELP: "sound.attention",
    State.OUT_OF_SERVICE: "sound.attention",
    State.CARD_LEFT: "sound.attention",
}
"""The sound that is played before the words of a screen."""


@dataclass(frozen=True, slots=True)
class Narration:
    """What the booth has said about the present screen. `told`: each prompt, and when the voice was last ordered to say
    it."""

    screen: State | None = None
    language: str = ""
    off: bool = False
    guided: bool = False  # whether the audio guide is on
    moves: int = 0  # how often the audio guide's cursor has moved
    moved_ns: int = 0
    reading: tuple[str, ...] = ()  # the prompts of the part where the cursor is
    spoken: tuple[tuple[str, int], ...] = ()
    near: int | None = None  # how near the pose was to the wanted pose at the last tone
    near_ns: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """An order to the voice: say these prompts, one after the other, at once or after the running prompt. The voice
    drops all prompts that wait.

    An order without prompts makes the voice silent, at once or after the running prompt.
    """

    prompts: tuple[str, ...]
    language: str
    at_once: bool


def narrate(
    before: Narration,
    view: View,
    chosen: Action | None,
    pending: tuple[str, ...],
    now_ns: int,
    cursor: Cursor | None = None,
) -> tuple[Narration, Order | None]:
    """The narration after this view, and the order to the voice (None: none).

    `chosen`: the button that was pressed since the last call; `pending`: the prompts that were not yet said to their
    end, the running one first; `cursor`: the part to which a person with the audio guide moved last.
    """
    lines = script(view)
    moves = before.moves if cursor is None else cursor.moves
    shown = Narration(view.screen, view.language, view.volume is Volume.OFF, view.audio_guide, moves)
    if shown.off:
        return shown, None if before.off else Order((), view.language, at_once=True)
    if shown.guided is not before.guided:
        about = "audio_guide.on" if shown.guided else "audio_guide.off"
        follows = lines if shown.guided else ()
        return _with_spoken(shown, lines, now_ns), Order((about, *follows), view.language, at_once=True)
    if view.screen is not before.screen:
        return _arrive(before, shown, lines, now_ns)
    anew = chosen in SPEAKING_ACTIONS or view.language != before.language or before.off
    if cursor is not None and cursor.moves != before.moves:
        moved = replace(before, moves=cursor.moves, moved_ns=now_ns, reading=cursor.prompts)
        return moved, Order(cursor.prompts, view.language, at_once=True)
    if anew or (chosen in LEVELS and not pending):
        return _with_spoken(shown, lines, now_ns), Order(lines, view.language, at_once=True)
    if chosen is not None and chosen not in LEVELS:
        # Nobody has heard the waiting prompts yet. So the ones that are still true are said now.
        heard = tuple(one for one in before.spoken if one[0] not in pending[1:])
        new = _not_spoken(replace(before, spoken=heard), lines)
        return _with_spoken(before, new, now_ns), Order(new, view.language, at_once=True)
    after, order = _go_on(before, lines, reminder(view, lines), pending, now_ns)
    return (after, order) if order is not None or pending else _tone(after, view, now_ns)


def _tone(before: Narration, view: View, now_ns: int) -> tuple[Narration, Order | None]:
    """Between prompts, play a tone if the nearness of the pose has changed; a nearer pose has a higher tone."""
    near = view.near
    if near == before.near or view.counting or now_ns - before.near_ns < TONE_NS:
        return before, None
    after = replace(before, near=near, near_ns=now_ns)
    return after, Order((f"sound.near_{near}",), view.language, at_once=False) if near else None


def _arrive(before: Narration, shown: Narration, lines: tuple[str, ...], now_ns: int) -> tuple[Narration, Order | None]:
    """Another screen is shown: play its sound and say its words. If the booth fails while nobody uses it, it does not
    speak."""
    assert shown.screen is not None
    at_once = shown.screen not in PATIENT
    unused = (before.screen is None or before.screen in AT_REST) and not shown.guided
    if shown.screen is State.OUT_OF_SERVICE and unused:
        return _with_spoken(shown, lines, now_ns), None
    sounds = ("sound.shutter",) if (before.screen, shown.screen) == (State.CAPTURE, State.CHOOSE) else ()
    if lines and shown.screen in ARRIVALS:
        sounds = (*sounds, ARRIVALS[shown.screen])
    return _with_spoken(shown, lines, now_ns), Order((*sounds, *lines), shown.language, at_once)


def _go_on(
    before: Narration, lines: tuple[str, ...], again: tuple[str, ...], pending: tuple[str, ...], now_ns: int
) -> tuple[Narration, Order | None]:
    """The same screen is still shown: say its new prompts. If there are none and the voice is silent, say the reminder
    `again`."""
    assert before.screen is not None
    still = {*lines, *before.reading}
    waiting = tuple(prompt for prompt in pending[1:] if prompt in still or prompt.startswith("sound."))
    dropped = tuple(prompt for prompt in pending[1:] if prompt not in waiting)
    told = tuple((prompt, at_ns) for prompt, at_ns in before.spoken if prompt not in dropped)
    recent = tuple(one for one in told if one[0] in lines or now_ns - one[1] < _again_ns(before.screen, one[0]))
    kept = replace(before, spoken=recent)
    new = _not_spoken(kept, lines)
    if not new and not pending and _is_time_to_remind(kept, before.screen, now_ns):
        new = again
    if not new:
        return kept, Order(waiting, before.language, at_once=False) if dropped else None
    # If there is a new prompt, the running count ("three, two, one") is no longer right and is stopped. Only "keep
    # still" does not stop the count, because a blink causes this prompt.
    counted = COUNT in pending[:1] and HOLD_STILL not in new
    if counted or (URGENT.intersection(new) and COUNT not in pending[:1]):
        return _with_spoken(kept, new, now_ns), Order(new, before.language, at_once=True)
    return _with_spoken(kept, new, now_ns), Order((*waiting, *new), before.language, at_once=False)


def _is_time_to_remind(kept: Narration, screen: State, now_ns: int) -> bool:
    last_ns = max((at_ns for _, at_ns in kept.spoken), default=now_ns)
    return now_ns - max(last_ns, kept.moved_ns) >= _remind_ns(screen)


def _again_ns(screen: State, prompt: str) -> int:
    """For how long `prompt` is not said again after it was said, even if it has gone from the screen and come back."""
    return COUNT_AGAIN_NS if prompt == COUNT else _remind_ns(screen)


def _remind_ns(screen: State) -> int:
    return REMIND_NS.get(screen, OTHERS_REMIND_NS)


def _not_spoken(before: Narration, lines: tuple[str, ...]) -> tuple[str, ...]:
    told = {prompt for prompt, _ in before.spoken}
    return tuple(line for line in lines if line not in told)


def _with_spoken(before: Narration, new: tuple[str, ...], now_ns: int) -> Narration:
    rest = tuple(one for one in before.spoken if one[0] not in new)
    spoken = (*rest, *((prompt, now_ns) for prompt in new))
    return replace(before, spoken=spoken)
