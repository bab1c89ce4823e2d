"""The screens before the prepare screen. They ask for consent, and find out who the graduate is."""

from dataclasses import replace

from kiosk.core.events import Action, Device
from kiosk.core.identity import IdentificationRule
from kiosk.core.session.cards_and_codes import looking_up
from kiosk.core.session.state import Flag, Hint
from kiosk.core.session.taking import best_of
from kiosk.ui.viewmodel.asked import END, Asked, shown
from kiosk.ui.viewmodel.model import Button, Facts, NumbersShown, Say, View

CONFIRM_FLAGS = (Flag.PROVISIONAL_ROW, Flag.CARD_EXPIRED)
"""The flags about which the confirm screen tells the graduate."""


def closed(asked: Asked) -> View:
    season = asked.session.season
    if season is None:
        return replace(asked.base, title=Say("closed.wait"), lines=(Say("closed.wait_line"),), busy=True)
    start = Button(Action.START, Say("button.appointment"), primary=True)
    buttons = (start,) if asked.session.appointments else ()
    return replace(asked.base, title=Say("closed.title"), lines=(Say(f"season.{season.value}"),), buttons=buttons)


def attract(asked: Asked) -> View:
    start = Button(Action.START, Say("button.start"), primary=True)
    buttons = (start, *modes(asked.base))
    numbers = _numbers(asked.base.facts)
    made = replace(asked.base, title=Say("attract.title"), lines=(Say("attract.subtitle"),), buttons=buttons)
    return replace(made, numbers=numbers)


def _numbers(facts: Facts) -> NumbersShown | None:
    """The queue of numbers; None while nobody waits or is called, because then nobody needs a number."""
    queue = facts.queue
    if queue is None or not (queue.called or queue.waiting):
        return None
    line = "number.ended" if not queue.given else "number.take" if facts.number_page else "number.at_desk"
    return NumbersShown(
        Say("number.called" if queue.called else "number.none_called"),
        tuple(f"{number:03d}" for number in queue.called),
        Say("number.waiting", (("waiting", str(queue.waiting)),)),
        Say(line),
        facts.number_page if queue.given else "",
    )


def modes(made: View) -> tuple[Button, ...]:
    """The buttons of the accessibility settings that this panel has. The button of a setting that is on is primary."""
    large = Button(Action.LARGE, Say("button.large"), primary=made.large)
    contrast = Button(Action.CONTRAST, Say("button.contrast"), primary=made.contrast)
    low = Button(Action.LOW, Say("button.low"), primary=made.low)
    return (*((large,) if made.facts.large else ()), contrast, *((low,) if made.facts.low is not None else ()))


def consent(asked: Asked) -> View:
    buttons = (Button(Action.DECLINE, Say("button.decline")), Button(Action.AGREE, Say("button.agree"), primary=True))
    return replace(asked.base, title=Say("consent.title"), lines=(Say("consent.before"),), buttons=buttons)


def identify(asked: Asked) -> View:
    hint = asked.session.hint
    broken = {device for device, _ in asked.session.failed}
    card_works = Device.CARD_READER not in broken
    card = card_works and hint not in (Hint.CODE_ALSO, Hint.USE_CODE)
    code = asked.policy.identification is not IdentificationRule.CARD and hint is not Hint.CARD_ALSO
    title = "title_either" if card and code else "title_card" if card else "title_code"
    note = None if hint is Hint.NONE else Say(f"hint.{hint.value}")
    if note is None and not card_works:
        note = Say("identify.card_off")
    return replace(
        asked.base,
        title=Say(f"identify.{title}"),
        lines=(Say("identify.no_card"),),
        note=note,
        busy=hint in (Hint.READING, Hint.LOOKING_UP),
        card_wanted=card,
        code_wanted=code,
        scanner_works=Device.SCANNER not in broken,
        buttons=(END,),
    )


def school(asked: Asked) -> View:
    if asked.session.records:
        return _records(asked)
    named = [(token, asked.people.school(token)) for token in asked.session.schools]
    known = not looking_up(asked.session)
    schools = tuple(
        Button(Action.PICK_SCHOOL, Say("button.school", (("name", name),)), arg=token, enabled=known)
        for token, name in named
        if name
    )
    none = Button(Action.HELP, Say("button.none_of_these"))
    lines = (Say("school.line"), Say("school.card"))
    return replace(asked.base, title=Say("school.title"), lines=lines, buttons=(*schools, none))


def _records(asked: Asked) -> View:
    """The screen for a person with several records (学籍): the graduate chooses the one to which the photo belongs."""
    known = not looking_up(asked.session)
    named = [(token, asked.people.record(token)) for token in asked.session.records]
    buttons = tuple(
        Button(Action.PICK_RECORD, Say("button.record", (("school", one[0]), ("detail", one[1]))), token, enabled=known)
        for token, one in named
        if one is not None
    )
    none = Button(Action.HELP, Say("button.none_of_these"))
    lines = (Say("school.records_line"), Say("school.records_ask"))
    return replace(asked.base, title=Say("school.records"), lines=lines, buttons=(*buttons, none))


def confirm(asked: Asked) -> View:
    session = asked.session
    note = next((Say(f"flag.{flag.value}") for flag in CONFIRM_FLAGS if flag in session.flags), None)
    text = "button.confirm"
    if session.photographed:
        note = Say("confirm.allowed" if session.allowed else "confirm.photographed")
        text = text if session.allowed else "button.check_again"
    confirm = Button(Action.CONFIRM, Say(text), primary=True, enabled=not looking_up(session))
    told = Flag.DATA_WRONG in session.flags
    if told and not session.photographed:
        note = Say("confirm.data_wrong")
    if best_of(session.takes) is not None:  # the graduate was choosing a take, or posing for a further one
        note = Say("confirm.takes_kept")
    wrong = Button(Action.DATA_WRONG, Say("button.data_right" if told else "button.data_wrong"))
    buttons = (Button(Action.NOT_ME, Say("button.not_me")), confirm, wrong)
    lines = (Say("confirm.masked"),)
    person = shown(asked)
    return replace(asked.base, title=Say("confirm.title"), lines=lines, person=person, note=note, buttons=buttons)
