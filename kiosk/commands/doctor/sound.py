"""`kiosk doctor sound`: list the sound devices, play one prompt on the device in use, and check that all texts are
recorded."""

import sys
import time
from contextlib import closing

from kiosk.commands.doctor.finding import Finding
from kiosk.ports.config import VoiceConfig
from kiosk.ports.voice import NoSoundDevice, OpenMixer
from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import prompts, recording, stale

PROMPT = "prepare.title"
LONGEST_S = 10.0
POLL_S = 0.05


def examine_sound(config: VoiceConfig, language: str, open_mixer: OpenMixer) -> Finding:
    """Play one prompt. A booth without a sound device, or one that is configured to be silent, has no fault."""
    missing = {other: len(stale(other)) for other in LANGUAGES if stale(other)}
    if missing:
        listed = ", ".join(f"{number} of {other}" for other, number in missing.items())
        return Finding(
            "sound", False, "not_recorded", f"prompts without a recording: {listed}. Install the booth anew."
        )
    strange = _strange(config)
    if not config.enabled:
        return Finding("sound", True, "off", "the voice is off ([voice] enabled = false).")
    try:
        mixer = open_mixer(config.device)
    except NoSoundDevice as fault:
        if config.device is None:
            return Finding("sound", True, "none", f"no sound device: the booth is silent ({fault}).")
        message = f"there is no sound device {config.device!r} ({fault}). Plug it in, or name another: [voice] device."
        return Finding("sound", False, "missing", message)
    with closing(mixer):
        sys.stderr.write("A voice should be heard now.\n")
        mixer.play(recording(language, PROMPT, config.folder), config.volume)
        end_s = time.monotonic() + LONGEST_S
        while mixer.busy() and time.monotonic() < end_s:
            time.sleep(POLL_S)
        names = mixer.names()
    details = {"devices": names, "own_recordings": _own(config)}
    if strange:
        listed = ", ".join(strange[:5])
        return Finding(
            "sound",
            False,
            "strange_recordings",
            f"recordings under no prompt's name in voice.folder: {listed}.",
            details,
        )
    message = f"a prompt was played ({', '.join(names)}); was it heard? If not: alsamixer, M switches a channel on."
    return Finding("sound", True, "ok", message, details)


def _own(config: VoiceConfig) -> int:
    """How many prompts have a recording in the folder of this booth's own recordings."""
    if config.folder is None:
        return 0
    folder = config.folder
    return sum(
        recording(language, prompt, folder).is_relative_to(folder)
        for language in LANGUAGES
        for prompt in prompts(language)
    )


def _strange(config: VoiceConfig) -> list[str]:
    """The files in the folder of this booth's own recordings that no prompt will ever play, because their names are
    misspelt."""
    if config.folder is None:
        return []
    return sorted(
        f"{language}/{path.name}"
        for language in LANGUAGES
        for path in (config.folder / language).glob("*.ogg")
        if path.stem not in prompts(language)
    )
