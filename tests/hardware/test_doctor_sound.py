"""`kiosk doctor sound`: devices, one prompt, recordings."""

from pathlib import Path

import pytest

from kiosk.commands.doctor.sound import PROMPT, examine_sound
from kiosk.ports.config import VoiceConfig
from kiosk.text.speech import recording
from sim.twins.speaker import Speaker


class SteppingTime:
    """Each look at the clock is a second later."""

    now_ns = 0

    def __call__(self) -> int:
        self.now_ns += 1_000_000_000
        return self.now_ns


@pytest.fixture
def speaker() -> Speaker:
    return Speaker(SteppingTime())


def test_a_prompt_is_played_as_loud_as_configured(speaker: Speaker) -> None:
    finding = examine_sound(VoiceConfig(volume=0.3), "en", speaker.mixer)
    assert (finding.ok, finding.status) == (True, "ok")
    assert speaker.played == [(PROMPT, 0.3)]


def test_a_booth_without_a_sound_device_is_well(speaker: Speaker) -> None:
    speaker.plugged_in = False
    finding = examine_sound(VoiceConfig(), "en", speaker.mixer)
    assert (finding.ok, finding.status) == (True, "none")


def test_a_named_device_that_is_not_there_is_reported(speaker: Speaker) -> None:
    speaker.plugged_in = False
    finding = examine_sound(VoiceConfig(device="USB"), "en", speaker.mixer)
    assert (finding.ok, finding.status) == (False, "missing")
    assert "USB" in finding.message


def test_the_doctor_reports_a_voice_that_is_off_without_playing_it(speaker: Speaker) -> None:
    assert examine_sound(VoiceConfig(enabled=False), "en", speaker.mixer).status == "off"
    assert speaker.played == []


def test_a_misspelt_recording_of_ones_own_is_reported(speaker: Speaker, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "guide.too_fat.ogg").write_bytes(recording("en", "guide.too_far").read_bytes())
    finding = examine_sound(VoiceConfig(folder=tmp_path), "en", speaker.mixer)
    assert (finding.ok, finding.status) == (False, "strange_recordings")
    assert "guide.too_fat.ogg" in finding.message
