"""Chooses what the audio guide says. It describes every screen, and each part of a screen by name, role and state.

The guide never says names, numbers or places that the screen shows: other people may stand near, and an earphone can be
heard outside. It does say the called numbers of the queue, because they do not tell who a person is.
"""

from dataclasses import dataclass

from kiosk.core.events import Action
from kiosk.core.session.state import State
from kiosk.text.speech import number_prompt
from kiosk.ui.focus import Focus, in_order
from kiosk.ui.screens.ops import TouchArea
from kiosk.ui.viewmodel import Button, View

CHOICES = "audio_guide.choices"

INSTEAD: dict[str, tuple[str, ...]] = {
    "choose.ask": (),
    "choose.ask_last": (),
    "confirm.title": ("confirm.guided",),
    "consent.ask": ("consent.no",),
    "done.receipt": ("done.receipt_guided",),
    "identify.card_line": ("identify.card_line", "identify.reader"),
    "identify.no_card": ("identify.no_card_guided",),
    "pose.booth_wrong": ("button.booth_wrong",),
    "prepare.ask": ("pose.tones",),
    "reason.ask": (),
    "rejected.ask": (),
    "school.card": (),
    "school.line": (),
    "school.records": ("school.records_guided",),
    "school.records_ask": (),
    "school.records_line": (),
    "school.title": ("school.guided",),
    "staff_help.says": ("staff_help.says_guided",),
    "staff_help.where": ("staff_help.where_guided",),
    "still_there.ask": ("still_there.any_key",),
    "wrong_top.ask": (),
}
"""For prompts that name a place on the screen, or ask somebody to read it: the prompts that the audio guide says
instead. The names of the buttons are said after all prompts."""

NO_CHOICES = frozenset({State.POSE, State.CAPTURE, State.SAVING, State.STILL_THERE})
"""Screens for which the audio guide says no names of buttons, because they need no button, or because any key will
do."""

SWITCHES = frozenset({Action.LARGE, Action.CONTRAST, Action.LOW, Action.AUDIO_GUIDE})
HEADER = {
    Action.HELP: "button.help",
    Action.LANGUAGE: "button.language",
    Action.OPTIONS: "button.options",
    Action.MORE: "button.more",
}
"""The names of buttons that the screen itself adds. The view does not contain them."""


@dataclass(frozen=True, slots=True)
class Element:
    """A part of the screen: the prompts said about it, and its button (None: words only)."""

    prompts: tuple[str, ...]
    button: Focus | None = None


def guided(view: View, said: tuple[str, ...]) -> tuple[str, ...]:
    """Everything on the screen, in order, and then the names of the buttons. `said`: the prompts that the screen has
    without the audio guide."""
    told = tuple(other for prompt in _silent_elsewhere(view) or said for other in INSTEAD.get(prompt, (prompt,)))
    if view.screen in NO_CHOICES and not view.options:
        return told
    names = tuple(_name(button, view)[0] for button in view.buttons if button.enabled)
    told = tuple(prompt for prompt in told if prompt not in names)
    return (*told, CHOICES, *names) if names else told


def _silent_elsewhere(view: View) -> tuple[str, ...]:
    """The prompts of screens that speak only with the audio guide; () for all other screens."""
    if view.options:
        return ()
    match view.screen:
        case State.ATTRACT:
            both = view.facts.bring_both
            bring = "audio_guide.bring_both" if both else "audio_guide.bring_card"
            return ("audio_guide.welcome", *_numbers(view), bring)
        case State.CLOSED:
            return ("closed.wait_line",) if view.busy else ("closed.title", view.lines[0].id, "closed.desk")
        case _:
            return ()


def _numbers(view: View) -> tuple[str, ...]:
    """The prompts about the called numbers, and about how to get a number without a phone's camera; () if there is no
    queue."""
    numbers = view.numbers
    if numbers is None:
        return ()
    called = number_prompt(numbers.called) if numbers.called else numbers.heading.id
    return (called, "number.ended" if numbers.line.id == "number.ended" else "number.guided")


def elements(view: View, said: tuple[str, ...], areas: tuple[TouchArea, ...]) -> tuple[Element, ...]:
    """The parts of the screen in the order of reading: first its words, then the disabled buttons, then all other
    buttons.

    `said`: the screen's prompts (`script`); `areas`: the areas that can be touched.
    """
    words = said[: said.index(CHOICES)] if CHOICES in said else said
    buttons = {(button.action, button.arg): button for button in view.buttons}
    # the button for staff is left out: staff can see the screen
    heard = tuple(area for area in areas if area.action is not Action.STAFF)
    waiting = (button for button in view.buttons if not button.enabled)
    return (
        *(Element((prompt, *_state(prompt, view))) for prompt in words),
        *(Element((*_name(button, view), "audio_guide.disabled")) for button in waiting),
        *(Element(_described(focus, buttons.get(focus), view), focus) for focus in in_order(heard)),
    )


def _described(focus: Focus, button: Button | None, view: View) -> tuple[str, ...]:
    name = (HEADER[focus[0]],) if button is None else _name(button, view)
    return (name[0], "audio_guide.button", *name[1:])


def _name(button: Button, view: View) -> tuple[str, ...]:
    """The button's name, and then its state."""
    if button.action is Action.PICK_TAKE:
        take = next(take for take in view.takes if str(take.number) == button.arg)
        proposed = ("audio_guide.proposed",) if take.proposed else ()
        return (f"choose.take_{button.arg}", *proposed, *(("audio_guide.picked",) if take.picked else ()))
    if button.action in SWITCHES:
        return (button.text.id, "audio_guide.switched_on" if button.primary else "audio_guide.switched_off")
    return (button.text.id,)


def _state(prompt: str, view: View) -> tuple[str, ...]:
    """If `prompt` is a rule of the prepare screen: the prompt that says whether the graduate meets the rule, as far as
    the booth sees. Else ()."""
    rule = next((rule for rule in view.preparing if rule.rule == prompt), None)
    if rule is None:
        return ()
    return ("audio_guide.unseen" if rule.met is None else "audio_guide.met" if rule.met else "audio_guide.unmet",)
