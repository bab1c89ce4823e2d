"""The Debian the machine boots: made once by mmdebstrap with what the packages depend on, kept outside the checkout."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITE = "trixie"
TOOLS = ("ca-certificates", "grim", "wlr-randr")
"""What only the test needs in the machine."""
_FORM = "1"  # increased when stored root file systems must be made anew although their packages are the same


def packages(also: Iterable[str] = ()) -> list[str]:
    """Everything on which our packages depend (the first of several alternatives), and `also`. The variable BOOT_EXTRA
    names more packages, for trials.
    """
    wanted = {*TOOLS, *also, *os.environ.get("BOOT_EXTRA", "").split()}
    for control in sorted((ROOT / "packaging").glob("*/control")):
        for line in re.findall(r"^(?:Pre-)?Depends: (.*)$", control.read_text("ascii"), re.MULTILINE):
            wanted |= {re.split(r"[ |(]", wish.strip())[0] for wish in line.split(",")}
    return sorted(wanted)


def cache() -> Path:
    """Where roots are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "makeup-booth" / "boot"


def cached_root(kind: str = "root", also: Iterable[str] = ()) -> tuple[Path, float | None]:
    """The root file system, and in how many seconds it was made (None: it existed). One root of each `kind` is stored.
    `also`: further packages.
    """
    wanted = packages(also)
    key = hashlib.sha256(" ".join([_FORM, SUITE, *wanted]).encode()).hexdigest()[:16]
    root = cache() / f"{kind}-{key}"
    if root.is_dir():
        return root, None
    cache().mkdir(parents=True, exist_ok=True)
    if "BOOT_EXTRA" not in os.environ:
        for older in cache().glob(f"{kind}-*"):  # made from another list of packages, or half made
            shutil.rmtree(older)
    sys.stderr.write(f"\nMaking a Debian {SUITE} root file system in {root} (minutes, once) ...\n")
    begun = time.monotonic()
    half = root.with_suffix(".half")
    # In a mount namespace of its own: if this run is killed, no mount stays in the folder, which the next run deletes.
    command = [
        "unshare",
        "--mount",
        "mmdebstrap",
        "--quiet",
        "--variant=apt",
        f"--include={','.join(wanted)}",
        SUITE,
        str(half),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(half, ignore_errors=True)
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    half.rename(root)
    return root, time.monotonic() - begun
