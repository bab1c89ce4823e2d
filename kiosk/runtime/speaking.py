"""Lets the voice say what the screen says: passes the narration's orders to the player."""

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
"""Factors of the configured loudness: low is 7 dB less, high 5 dB more; never above full scale."""


def silent(_view: View, _chosen: Action | None, _cursor: Cursor | None) -> None:
    """A booth without a voice."""


class Speaking:
    """Follows the screen, and remembers what was said about it."""

    def __init__(
        self, config: VoiceConfig, voice: Voice, clock: Clock, spoken: Mapping[str, str] = PROGRAMS_OWN
    ) -> None:
        """`spoken`: language of the screens -> language of the voice; in any other language the booth is silent."""
        self._voice = voice
        self._clock = clock
        self._spoken = spoken
        self._narration = Narration()
        self._volume: Volume | None = None
        self._normal = config.volume

    def follow(self, view: View, chosen: Action | None, cursor: Cursor | None) -> None:
        """Follow the screen; `chosen`: what was touched since the last call; `cursor`: where the audio guide is."""
        if view.volume is not self._volume:
            self._volume = view.volume
            self._voice.loudness(min(1.0, STEPS[view.volume] * self._normal))
        pending = self._voice.pending()
        self._narration, order = narrate(self._narration, view, chosen, pending, self._clock.now_ns(), cursor)
        if order is not None:
            spoken = self._spoken.get(order.language)
            self._voice.say(order.prompts if spoken else (), spoken or order.language, at_once=order.at_once)

    def speaks(self, language: str) -> bool:
        """Whether a screen in this language can be spoken now."""
        return language in self._spoken and self._voice.is_there()

    def normal(self, share: float) -> None:
        """From now on use `share` of full scale as the normal loudness: staff have set it."""
        self._normal, self._volume = share, Volume.NORMAL
        self._voice.loudness(share)

    def play(self, prompts: tuple[str, ...], language: str) -> None:
        """Play these prompts at once, in the voice's language for `language`."""
        self._voice.say(prompts, self._spoken.get(language, language), at_once=True)
