"""The engine of the check in the browser: fetched at set-up, pinned by hash.

It is LiteRT.js (Apache-2.0), the runtime of the booth's networks compiled to WebAssembly, and three of the booth's face
models. `center travel fetch` takes the runtime out of its npm packages and the models out of the folder of `kiosk
models fetch`, compares each file with its SHA-256 and puts them into one folder, packed by gzip, as browsers accept
them.
"""

import gzip
import hashlib
import os
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from common.face_models import SOURCES, Model, cache_folder, models_folder

FOLDER_VARIABLE = "CENTER_TRAVEL"
RUNTIME, UTILITIES = "@litertjs/core@2.5.3", "@litertjs/wasm-utils@2.5.3"
_FETCH_TIMEOUT_S = 1800
_RESOLVED = (b'"@litertjs/wasm-utils"', b'"./wasm-utils.js"')
"""In litert.js the name of the other package is replaced by its address, because browsers do not know npm's names."""


class EngineFault(RuntimeError):
    """The engine could not be fetched, or is not the expected one."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the runtime: its npm package, its path in the package, and the SHA-256 of what is served."""

    package: str
    member: str
    sha256: str


PARTS: Mapping[str, Part] = {
    "litert.js": Part(
        RUNTIME, "package/dist/index.js", "aa78a8a8aa7c72f55b50dd74fe440856e50693326011ef357db9f9dc93738b7b"
    ),
    "litert_wasm_compat_internal.js": Part(
        RUNTIME,
        "package/wasm/litert_wasm_compat_internal.js",
        "4d8f894b7883654fd6e8439730aa41e79ceaab7d19184fc4f1f0b0f1a2a2c8a5",
    ),
    "litert_wasm_compat_internal.wasm": Part(
        RUNTIME,
        "package/wasm/litert_wasm_compat_internal.wasm",
        "5255c8ad06eabdbd2522cdebf6b22fc10faf74625c23a49b9e072570cd1fa41c",
    ),
    "wasm-utils.js": Part(
        UTILITIES, "package/dist/index.js", "e0e20bc28ab001ac732cf40d15b6eebd24fb0deaeb95eeba5100f51eebf015f2"
    ),
}
MODELS = (Model.DETECTOR, Model.MESH, Model.IRIS)

PINNED: Mapping[str, str] = {name: part.sha256 for name, part in PARTS.items()} | {
    model.value: SOURCES[model].sha256 for model in MODELS
}
"""Every file of the engine, and its SHA-256."""


def engine_folder() -> Path:
    """The folder of the engine: `$CENTER_TRAVEL`, else `travel` in the folder that set-up fills."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).expanduser() if named else cache_folder() / "travel"


def wrong_files(folder: Path) -> list[str]:
    """The files of the engine that are missing in `folder` or are not the expected ones."""
    return [name for name in PINNED if read_packed(folder, name) is None]


Packed = Callable[[str, Path], Path]
"""A function that puts the archive of an npm package into a folder and returns its path. Raises `EngineFault`."""


def fetch(folder: Path, models: Path | None = None, packed: Packed | None = None) -> bool:
    """Put the engine into `folder`; returns False if it is there already. Raises `EngineFault`."""
    if not wrong_files(folder):
        return False
    contents: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="makeup-office-") as scratch:
        for package in (RUNTIME, UTILITIES):
            contents |= _unpacked((packed or npm_pack)(package, Path(scratch)), package)
    source = models_folder() if models is None else models
    for model in MODELS:
        try:
            contents[model.value] = (source / model.value).read_bytes()
        except OSError as error:
            raise EngineFault(f"no face model {source / model.value}: run `kiosk models fetch` first") from error
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != PINNED[name]:
            raise EngineFault(f"{name} is not the expected file (SHA-256): clear npm's cache and fetch again")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            new = folder / f".{name}.new"
            new.write_bytes(gzip.compress(content, mtime=0))
            new.replace(folder / f"{name}.gz")
    except OSError as error:
        raise EngineFault(f"the folder {folder} can't be written ({error.strerror}): name another") from error
    return True


def npm_pack(package: str, folder: Path) -> Path:
    """The archive of an npm package, by npm itself; nothing of the package is installed or run."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_FETCH_TIMEOUT_S, check=False)  # noqa: S603 - fixed words only
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineFault(f"npm could not fetch {package} ({type(error).__name__}): is npm installed?") from error
    archive = folder / done.stdout.strip().rpartition("\n")[2]
    if done.returncode != 0 or not archive.is_file():
        raise EngineFault(f"npm could not fetch {package} (exit {done.returncode}): check the network, then try again")
    return archive


def _unpacked(archive: Path, package: str) -> dict[str, bytes]:
    contents = {}
    try:
        with tarfile.open(archive) as packed:
            for name, part in PARTS.items():
                if part.package == package:
                    member = packed.extractfile(part.member)
                    assert member is not None, f"{part.member} is a file"
                    contents[name] = member.read().replace(*_RESOLVED)
    except (tarfile.TarError, KeyError, OSError) as error:
        raise EngineFault(f"{package} does not hold what was expected: {error}") from error
    return contents


def read_packed(folder: Path, name: str) -> bytes | None:
    """The file `name` of the engine, packed by gzip; None if it is missing or not the expected one."""
    try:
        packed = (folder / f"{name}.gz").read_bytes()
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return None
    return packed if hashlib.sha256(content).hexdigest() == PINNED[name] else None
