"""The packages of the real picamera2, in a folder of their own outside the checkout.

They are not in the project's own environment, in which picamera2 must not be importable without a camera. They are
installed from wheels only, and each wheel is compared with the hashes in `lock/picamera2.txt`.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[3] / "lock" / "picamera2.txt"


Python = tuple[int, int]
_HERE: Python = sys.version_info[:2]
_OLDEST_GLIBC, _NEWEST_GLIBC = 5, 41  # minor versions of glibc 2; Debian 13 has 2.41


def folder(python: Python = _HERE) -> Path:
    """The folder of the packages for this version of Python and this lock file; `is_there` says whether it exists."""
    named = os.environ.get("XDG_CACHE_HOME")
    cache = Path(named) if named else Path.home() / ".cache"
    key = hashlib.sha256(LOCK.read_bytes() + repr(python).encode()).hexdigest()[:16]
    return cache / "makeup-booth" / f"picamera2-{key}"


def is_there() -> bool:
    """Whether the packages are installed."""
    return folder().is_dir()


def bring(python: Python = _HERE) -> None:
    """Install the packages if they are missing, for this version of Python on a machine of this kind. Raises
    `CalledProcessError`; pip has then printed the reason."""
    target = folder(python)
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as part:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
        if python != _HERE:
            command += ["--implementation", "cp", "--python-version", ".".join(map(str, python))]
            for minor in range(_OLDEST_GLIBC, _NEWEST_GLIBC + 1):  # pip needs every platform name that a wheel may have
                command += ["--platform", f"manylinux_2_{minor}_{os.uname().machine}"]
        subprocess.run([*command, "--target", f"{part}/packages"], check=True)  # noqa: S603 - our own command
        try:
            Path(part, "packages").rename(target)
        except OSError:  # another process has installed them at the same time
            if not target.is_dir():
                raise


if __name__ == "__main__":
    bring()
