"""Speaks every prompt into its file: `scripts/voice [render] [--all] [--language L] [PROMPT...]`.

Without `--all` only what has no recording yet, or another text than when it was recorded.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import onnxruntime
import soundfile
from numpy.typing import NDArray

from kiosk.text.catalog import LANGUAGES
from kiosk.text.speech import FOLDER, SOUNDS, prompts, recorded, recording, stale, text_hash
from voices import sounds
from voices.parts import VOICES, model, symbols, voice_file
from voices.phonemes import phonemes

RATE = 24_000  # Hz, what the model gives
QUIET = 0.01  # share of full scale: below is silence, which is cut at both ends
EDGE_S = 0.06
LOUDNESS = 0.1  # root mean square of what is spoken, share of full scale (-20 dB)
PEAK = 0.89
COMPRESSION = 0.94  # of libsndfile's Opus, 0 best and largest: 22 kbit/s

Samples = NDArray[np.float32]


class Speaker:
    """One voice of the model."""

    def __init__(self, language: str, session: onnxruntime.InferenceSession) -> None:
        self._language = language
        self._session = session
        self._symbols = symbols()
        self._voice = VOICES[language]
        self._styles = np.fromfile(voice_file(self._voice.name), dtype=np.float32).reshape(-1, 1, 256)

    def speak(self, text: str) -> Samples:
        """The samples of `text`. Raises `ValueError` for a symbol the model does not know."""
        said = phonemes(self._language, text)
        strange = sorted(set(said) - set(self._symbols))
        if strange:
            raise ValueError(f"{text!r} has symbols the model does not know: {' '.join(strange)}; word it otherwise")
        tokens = [self._symbols[symbol] for symbol in said]
        given = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._styles[len(tokens)],
            "speed": np.array([self._voice.speed], np.float32),
        }
        return levelled(np.asarray(self._session.run(None, given)[0], np.float32))


def levelled(samples: Samples) -> Samples:
    """`samples` without the silence at both ends, as loud as all others."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if len(loud) == 0:
        raise ValueError("nothing is heard")
    edge = round(EDGE_S * RATE)
    cut = samples[max(0, loud[0] - edge) : loud[-1] + edge]
    spoken = cut[np.abs(cut) > QUIET]
    gain = LOUDNESS / float(np.sqrt(np.mean(spoken**2)))
    return np.asarray(np.clip(cut * gain, -PEAK, PEAK), np.float32)


def render(language: str, chosen: Iterable[str], session: onnxruntime.InferenceSession) -> None:
    """Speak the chosen prompts of a language into their files, and note the text of each."""
    speaker, texts = Speaker(language, session), prompts(language)
    for prompt in chosen:
        path = recording(language, prompt)
        path.parent.mkdir(parents=True, exist_ok=True)
        said = speaker.speak(texts[prompt])
        soundfile.write(path, said, RATE, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
        _note(language, {**recorded(language), prompt: text_hash(texts[prompt])})
        sys.stderr.write(f"{language} {prompt}: {len(said) / RATE:.1f} s\n")
    _note(language, recorded(language))
    known = {recording(language, prompt) for prompt in texts}
    for path in (FOLDER / language).glob("*.ogg"):
        if path not in known:
            path.unlink()


def _note(language: str, hashes: Mapping[str, str]) -> None:
    texts = prompts(language)
    lines = [f'"{prompt}" = "{found}"' for prompt, found in sorted(hashes.items()) if prompt in texts]
    head = "# The text each recording speaks, as the start of its SHA-256. Written by scripts/voice.\n"
    body = f'voice = "{VOICES[language].name}"\n\n[texts]\n' + "\n".join(lines)
    (FOLDER / f"{language}.toml").write_text(f"{head}{body}\n", "utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Render, and say how much there was to do."""
    parser = argparse.ArgumentParser(prog="scripts/voice", description="Record the booth's prompts.")
    parser.add_argument("--all", action="store_true", help="every prompt, also those that are up to date")
    parser.add_argument("--language", choices=LANGUAGES, help="only this one")
    parser.add_argument("prompts", nargs="*", metavar="PROMPT", help="only these message ids")
    options = parser.parse_args(argv)
    setting = onnxruntime.SessionOptions()
    setting.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model(), setting)
    FOLDER.mkdir(exist_ok=True)
    if options.all or not all(recording("", sound).exists() for sound in SOUNDS):
        sounds.make()
    for language in LANGUAGES if options.language is None else (options.language,):
        wanted = options.prompts or (list(prompts(language)) if options.all else stale(language))
        unknown = sorted(set(wanted) - set(prompts(language)))
        if unknown:
            parser.error(f"no such prompt: {', '.join(unknown)}")
        render(language, wanted, session)
    return 0


if __name__ == "__main__":
    sys.exit(main())
