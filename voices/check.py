"""A recogniser hears every recording and writes what it understood: `scripts/voice check` (`make voice-check`).

Measured are Mandarin syllables (pinyin without tones, so that words that sound alike count as understood) and English
words, each as edits over what was spoken. The recogniser makes mistakes of its own: the figures are upper bounds. Which
prompts were misheard stands in the report of `docs/voice.md`, for a person to listen to.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cn2an
import numpy as np
import soundfile
from faster_whisper import WhisperModel
from pypinyin import lazy_pinyin

from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import prompts, recording
from voices.parts import VOICES, recogniser

PAGE = Path(__file__).parents[1] / "docs" / "voice.md"
BEGIN, END = "<!-- written by scripts/voice check: begin -->\n", "<!-- written: end -->\n"
MOST = {"zh_CN": 0.03, "en": 0.02}
"""Share of syllables (Mandarin) or words (English) misheard, at most."""
RATE = 16_000  # Hz, what the recogniser hears
SILENCE_S = 0.4  # before and after: it takes a clip that begins with speech for the end of another
CONTEXT = {
    "zh_CN": "以下是证件照自助拍摄机的语音提示，普通话。",
    "en": "Voice prompts of a photo booth for graduation photos: ID card, backdrop, bun, brows, roster.",
}
"""What a listener in the booth knows: where they are."""


ONE_WORD = (("10", "ten"), ("5", "five"), ("make-up", "makeup"), ("make up", "makeup"), ("jewelry", "jewellery"))
"""Spellings that sound alike."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One prompt: what was spoken, what was understood, and how many units are wrong."""

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
    """What the recogniser understands of every recording of a language."""
    found = []
    for prompt, text in prompts(language).items():
        samples, rate = soundfile.read(recording(language, prompt), dtype="float32")
        at = np.arange(0, len(samples), rate / RATE)
        quiet = np.zeros(round(SILENCE_S * RATE), np.float32)
        heard = np.concatenate([quiet, np.interp(at, np.arange(len(samples)), samples).astype(np.float32), quiet])
        parts, _ = model.transcribe(
            heard,
            language=language[:2],
            beam_size=5,
            initial_prompt=CONTEXT[language],
            condition_on_previous_text=False,
        )
        understood = "".join(part.text for part in parts).strip()
        spoken = units(language, text)
        found.append(Heard(prompt, text, understood, len(spoken), edits(spoken, units(language, understood))))
        sys.stderr.write(f"{language} {prompt}: {found[-1].wrong} of {found[-1].units}\n")
    return found


def report(language: str, found: list[Heard]) -> str:
    """The figures of a language, and what was misheard, worst first."""
    wrong, total = sum(one.wrong for one in found), sum(one.units for one in found)
    unit = "syllables" if language == "zh_CN" else "words"
    lines = [
        f"### {language}, voice `{VOICES[language].name}`\n",
        f"{wrong} of {total} {unit} in {len(found)} prompts: {wrong / total:.2%} (at most {MOST[language]:.0%}).\n",
        "| prompt | spoken | understood | wrong |",
        "|---|---|---|---|",
    ]
    misheard = sorted((one for one in found if one.wrong), key=lambda one: one.wrong / one.units, reverse=True)
    lines += [f"| `{one.prompt}` | {one.spoken} | {one.understood} | {one.wrong} of {one.units} |" for one in misheard]
    return "\n".join([*lines, ""])


def main() -> int:
    """Listen to all, write the report; 0 when both languages are understood well enough."""
    model = WhisperModel(str(recogniser()), device="cpu", compute_type="int8", cpu_threads=1)
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
