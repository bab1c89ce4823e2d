"""The packages of the real picamera2, in a folder of their own outside the checkout.

Not in the project's environment: there it must stay true that picamera2 can't be imported where no camera is. They are
installed from wheels only, each held against the hashes in `lock/picamera2.txt`.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[3] / "lock" / "picamera2.txt"


def folder() -> Path:
    """Where they lie for this Python and this lock file; `is_there` says whether they do."""
    named = os.environ.get("XDG_CACHE_HOME")
    cache = Path(named) if named else Path.home() / ".cache"
    key = hashlib.sha256(LOCK.read_bytes() + repr(sys.version_info[:2]).encode()).hexdigest()[:16]
    return cache / "makeup-booth" / f"picamera2-{key}"


def is_there() -> bool:
    """Whether the packages were brought."""
    return folder().is_dir()


def bring() -> None:
    """Install the packages if they are missing. Raises `CalledProcessError`; pip has said why."""
    target = folder()
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as part:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
        subprocess.run([*command, "--target", f"{part}/packages"], check=True)  # noqa: S603 - our own command
        try:
            Path(part, "packages").rename(target)
        except OSError:  # somebody else brought them meanwhile
            if not target.is_dir():
                raise


if __name__ == "__main__":
    bring()
