"""Rules about settings that a graduate can change at any time: language, loudness, strong colours, large text, low
reach, audio guide."""

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.session.draft import Draft
from kiosk.core.session.state import Session, SessionPolicy, Volume


def guided(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.audio_guide


def toggle_options(draft: Draft) -> None:
    draft.set(options=not draft.session.options, page=0)


def close_options(draft: Draft) -> None:
    draft.set(options=False)


def switch_language(draft: Draft) -> None:
    draft.set(language=draft.policy.language_after(draft.session.language))


def switch_contrast(draft: Draft) -> None:
    draft.set(contrast=not draft.session.contrast)


def switch_large(draft: Draft) -> None:
    draft.set(large=not draft.session.large, page=0)


def switch_low(draft: Draft) -> None:
    draft.set(low=not draft.session.low)


def switch_audio_guide(draft: Draft) -> None:
    _guide(draft, on=not draft.session.audio_guide)


def follow_earphone(draft: Draft) -> None:
    """Plugging an earphone in starts the audio guide; pulling it out ends the guide."""
    assert isinstance(draft.event, ev.EarphoneChanged)
    _guide(draft, on=draft.event.plugged)


def _guide(draft: Draft, *, on: bool) -> None:
    """Start or end the audio guide; it starts with the screen dark and the voice on."""
    silent = draft.session.volume is Volume.OFF
    draft.set(audio_guide=on, curtain_open=False, options=False, page=0)
    if on and silent:
        draft.set(volume=Volume.NORMAL)


def move_curtain(draft: Draft) -> None:
    draft.set(curtain_open=not draft.session.curtain_open)


def turn_page(draft: Draft) -> None:
    draft.set(page=draft.session.page + 1)


LOUDNESS = (Volume.LOW, Volume.NORMAL, Volume.HIGH)


def louder(draft: Draft) -> None:
    """Make the voice one step louder; if it is off, switch it on at the lowest step."""
    now = draft.session.volume
    place = LOUDNESS.index(now) + 1 if now in LOUDNESS else 0
    draft.set(volume=LOUDNESS[min(place, len(LOUDNESS) - 1)])


def softer(draft: Draft) -> None:
    """Make the voice one step softer; if it is at the lowest step, switch it off."""
    place = LOUDNESS.index(draft.session.volume) if draft.session.volume in LOUDNESS else 0
    draft.set(volume=LOUDNESS[place - 1] if place > 0 else Volume.OFF)


def mute(draft: Draft) -> None:
    draft.set(volume=Volume.NORMAL if draft.session.volume is Volume.OFF else Volume.OFF)
