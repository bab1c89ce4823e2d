"""Each prompt has its recording, and each recording still speaks the prompt's text."""

import pytest

from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import FOLDER, SOUNDS, prompts, recorded, recording, stale
from sim.twins.speaker import length_s

MOST_BYTES = 6_000_000
"""Of all recordings together: they lie in the repository."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_is_recorded_with_its_present_text(language: str) -> None:
    assert stale(language) == [], "run scripts/voice: it speaks what has no recording, or another text"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_recording_is_left_over(language: str) -> None:
    assert (
        {path.stem for path in (FOLDER / language).glob("*.ogg")} == set(prompts(language)) == set(recorded(language))
    )


def test_both_languages_say_the_same() -> None:
    assert len({frozenset(prompts(language)) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recording_lasts_about_as_long_as_its_text_takes(language: str) -> None:
    signs_a_second = 5.0 if language == "zh_CN" else 16.0
    for prompt, text in prompts(language).items():
        expected_s = len(text) / signs_a_second
        assert 0.4 * expected_s < length_s(recording(language, prompt)) < 1.8 * expected_s + 0.8, prompt


@pytest.mark.parametrize("sound", SOUNDS)
def test_every_sound_is_there_and_short(sound: str) -> None:
    assert 0.1 < length_s(recording("zh_CN", sound)) < 1.5


def test_all_recordings_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.ogg")) < MOST_BYTES
