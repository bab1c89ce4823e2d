"""A recogniser hears every recording and writes what it understood: `scripts/voice check` (`make voice-check`).

Measured are Mandarin syllables (pinyin without tones, so that words that sound alike count as understood) and English
words, each as edits over what was spoken. The recogniser makes mistakes of its own: the figures are upper bounds. Which
prompts were misheard stands in the report of `docs/voice.md`, for a person to listen to.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cn2an
import numpy as np
import soundfile
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import prompts, recording
from voices.parts import VOICES, recogniser

PAGE = Path(__file__).parents[1] / "docs" / "voice.md"
BEGIN, END = "<!-- written by scripts/voice check: begin -->\n", "<!-- written: end -->\n"
MOST = {"zh_CN": 0.03, "en": 0.02}
"""Share of syllables (Mandarin) or words (English) misheard, at most."""
RATE = 16_000  # Hz, what the recogniser hears
SILENCE_S = 0.6  # between two recordings
LONGEST_S = 27.0  # of one hearing: the recogniser takes half a minute at a time
GIVEN_UP = 0.85
"""A hearing of several prompts with a smaller share of the spoken units broke off: nobody mishears a seventh by chance
in one stretch, the recogniser took a pause for the end."""
CONTEXT = {
    "zh_CN": "以下是证件照自助拍摄机的语音提示，普通话。",
    "en": "Voice prompts of a photo booth for graduation photos: ID card, backdrop, bun, brows, roster.",
}
"""What a listener in the booth knows: where they are."""


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ONE_WORD = (
    ("10", "ten"),
    *((str(digit), f" {word} ") for digit, word in enumerate(DIGITS)),
    ("make-up", "makeup"),
    ("make up", "makeup"),
    ("jewelry", "jewellery"),
    ("center", "centre"),
    ("color", "colour"),
)
"""Spellings that sound alike."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Some prompts heard in one go: what was spoken, what was understood, and how many units are wrong."""

    prompt: str
    spoken: str
    understood: str
    units: int
    wrong: int


def units(language: str, text: str) -> list[str]:
    """The syllables or words of a text, written one way."""
    if language == "zh_CN":
        signs = re.sub(r"[^\u4e00-\u9fff]", "", str(cn2an.transform(text, "an2cn")))
        return list(lazy_pinyin(signs))
    written = text.lower()
    for one, other in ONE_WORD:
        written = written.replace(one, other)
    return re.sub(r"[^a-z' ]", " ", written).split()


def edits(wanted: Sequence[str], seen: Sequence[str]) -> int:
    """The fewest insertions, deletions and replacements that make one of the other."""
    row = list(range(len(seen) + 1))
    for i, want in enumerate(wanted, 1):
        above, row[0] = row[0], i
        for j, have in enumerate(seen, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (want != have))
    return row[-1]


def listen(language: str, model: WhisperModel) -> list[Heard]:
    """What the recogniser understands of every recording of a language, some of them in one hearing: it is as long at
    half a minute as at two seconds of sound. A hearing that it gave up half way is heard again prompt by prompt."""
    found: list[Heard] = []
    for group in _groups(language):
        heard = _hear(language, model, group)
        alone = len(group) > 1 and len(units(language, heard.understood)) < GIVEN_UP * heard.units
        found += [_hear(language, model, [prompt]) for prompt in group] if alone else [heard]
        wrong, total = (sum(getattr(one, name) for one in found) for name in ("wrong", "units"))
        how = ", one by one" if alone else ""
        sys.stderr.write(f"{language} {group[0]} ... {group[-1]}{how}: {wrong} of {total} so far\n")
    return found


def _groups(language: str) -> Iterator[list[str]]:
    """The prompts of a language, as many together as one hearing takes."""
    group: list[str] = []
    length = SILENCE_S
    for prompt in prompts(language):
        takes = len(_samples(language, prompt)) / RATE + SILENCE_S
        if group and length + takes > LONGEST_S:
            yield group
            group, length = [], SILENCE_S
        group.append(prompt)
        length += takes
    yield group


def _hear(language: str, model: WhisperModel, group: list[str]) -> Heard:
    pause = np.zeros(round(SILENCE_S * RATE), np.float32)
    parts, _ = model.transcribe(
        np.concatenate([pause, *(part for prompt in group for part in (_samples(language, prompt), pause))]),
        language=language[:2],
        beam_size=5,
        initial_prompt=CONTEXT[language],
        condition_on_previous_text=False,
    )
    return _compared(language, group, " ".join(part.text.strip() for part in parts))


def _samples(language: str, prompt: str) -> NDArray[np.float32]:
    """A recording as the recogniser hears it."""
    samples, rate = soundfile.read(recording(language, prompt), dtype="float32")
    at = np.arange(0, len(samples), rate / RATE)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)


def _compared(language: str, group: list[str], understood: str) -> Heard:
    spoken = " ".join(prompts(language)[prompt] for prompt in group)
    wanted = units(language, spoken)
    return Heard(" ".join(group), spoken, understood, len(wanted), edits(wanted, units(language, understood)))


def report(language: str, found: list[Heard]) -> str:
    """The figures of a language, and what was misheard, worst first."""
    wrong, total = sum(one.wrong for one in found), sum(one.units for one in found)
    unit = "syllables" if language == "zh_CN" else "words"
    lines = [
        f"### {language}, voice `{VOICES[language].name}`\n",
        f"{wrong} of {total} {unit} were misheard: {wrong / total:.2%} (at most {MOST[language]:.0%}).\n",
        "| prompts | spoken | understood | wrong |",
        "|---|---|---|---|",
    ]
    misheard = sorted((one for one in found if one.wrong), key=lambda one: one.wrong / one.units, reverse=True)
    lines += [f"| {one.prompt} | {one.spoken} | {one.understood} | {one.wrong} of {one.units} |" for one in misheard]
    return "\n".join([*lines, ""])


def main() -> int:
    """Listen to all, write the report; 0 when both languages are understood well enough."""
    model = WhisperModel(str(recogniser()), device="cpu", compute_type="int8", cpu_threads=2)
    found = {language: listen(language, model) for language in LANGUAGES}
    text = "\n".join(report(language, heard) for language, heard in found.items())
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    PAGE.write_text(before + BEGIN + text + END + rest.split(END)[1], "utf-8")
    shares = {
        language: sum(one.wrong for one in heard) / sum(one.units for one in heard) for language, heard in found.items()
    }
    sys.stdout.write("".join(f"{language}: {share:.2%} misheard\n" for language, share in shares.items()))
    return int(any(share > MOST[language] for language, share in shares.items()))


if __name__ == "__main__":
    sys.exit(main())
