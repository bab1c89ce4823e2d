"""Letting the voice say what the screen says: the narration's orders, given to the player."""

from collections.abc import Mapping

from kiosk.core.events import Action
from kiosk.core.session.state import Volume
from kiosk.ports.clock import Clock
from kiosk.ports.config import VoiceConfig
from kiosk.ports.display import Cursor
from kiosk.ports.voice import Voice
from kiosk.text.speech import PROGRAMS_OWN
from kiosk.ui.narration import Narration, narrate
from kiosk.ui.viewmodel import View

STEPS: dict[Volume, float] = {Volume.OFF: 0.0, Volume.LOW: 0.45, Volume.NORMAL: 1.0, Volume.HIGH: 1.8}
"""Of the configured loudness: 7 dB less, 5 dB more; never more than full scale."""


def silent(_view: View, _chosen: Action | None, _cursor: Cursor | None) -> None:
    """A booth without a voice."""


class Speaking:
    """Follows the screen; keeps what was told of it."""

    def __init__(
        self, config: VoiceConfig, voice: Voice, clock: Clock, spoken: Mapping[str, str] = PROGRAMS_OWN
    ) -> None:
        """`spoken`: language of the screens -> the one that is spoken; in others the booth is silent."""
        self._voice = voice
        self._clock = clock
        self._spoken = spoken
        self._narration = Narration()
        self._volume: Volume | None = None
        self._normal = config.volume

    def follow(self, view: View, chosen: Action | None, cursor: Cursor | None) -> None:
        """See the screen; `chosen`: what was touched since the last time; `cursor`: where the audio guide is."""
        if view.volume is not self._volume:
            self._volume = view.volume
            self._voice.loudness(min(1.0, STEPS[view.volume] * self._normal))
        pending = self._voice.pending()
        self._narration, order = narrate(self._narration, view, chosen, pending, self._clock.now_ns(), cursor)
        if order is not None:
            spoken = self._spoken.get(order.language)
            self._voice.say(order.prompts if spoken else (), spoken or order.language, at_once=order.at_once)

    def normal(self, share: float) -> None:
        """Staff set the normal loudness, share of full scale; heard from now on."""
        self._normal, self._volume = share, Volume.NORMAL
        self._voice.loudness(share)

    def play(self, prompts: tuple[str, ...], language: str) -> None:
        """Play these prompts at once, in the language that speaks for this one."""
        self._voice.say(prompts, self._spoken.get(language, language), at_once=True)
