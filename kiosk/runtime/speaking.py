"""Lets the voice read the screen aloud: it passes the orders of the narration to the player."""

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
"""The factor of the configured loudness for each level: low is 7 dB less, high is 5 dB more. The product is never above
full scale."""


def silent(_view: View, _chosen: Action | None, _cursor: Cursor | None) -> None:
    """Used as `speak` in a booth without a voice: does nothing."""


class Speaking:
    """Follows the screen, and remembers what was said about it."""

    def __init__(
        self, config: VoiceConfig, voice: Voice, clock: Clock, spoken: Mapping[str, str] = PROGRAMS_OWN
    ) -> None:
        """`spoken`: language of the screens -> language of the voice. For a language that is not in it, the booth is
        silent."""
        self._voice = voice
        self._clock = clock
        self._spoken = spoken
        self._narration = Narration()
        self._volume: Volume | None = None
        self._normal = config.volume

    def follow(self, view: View, chosen: Action | None, cursor: Cursor | None) -> None:
        """Follow the screen. `chosen`: the button that was pressed since the last call; `cursor`: the part of the
        screen where the audio guide is."""
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
        """From now on use `share` of full scale, which staff have set, as the normal loudness."""
        self._normal, self._volume = share, Volume.NORMAL
        self._voice.loudness(share)

    def play(self, prompts: tuple[str, ...], language: str) -> None:
        """Play these prompts at once, in the language of the voice that belongs to `language`."""
        self._voice.say(prompts, self._spoken.get(language, language), at_once=True)
