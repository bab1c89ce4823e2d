"""The recipe of the image (packaging/image), read as rpi-image-gen reads it; and its hooks, run on a small root file
system.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packaging" / "image"
LAYER = FOLDER / "layer" / "makeup-booth.yaml"
OVERLAY = LAYER.with_suffix(".rootfs-overlay")
UNITS = OVERLAY / "usr" / "lib" / "systemd" / "system"
CONFIG_TXT = "# as the firmware's package brings it\ndtparam=audio=on\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n"
CMDLINE = "console=serial0,115200 console=tty1 root=ROOTDEV fsck.repair=yes rootwait\n"

_CHROOT = '#!/bin/sh\nshift\necho "$*" >>"$CALLED"\n'
_ENABLE = '#!/bin/sh\nshift\nprintf "enable %s\\n" "$@" >>"$CALLED"\n'


def metadata() -> dict[str, str]:
    """The fields of the layer's head, each on one line."""
    head = LAYER.read_text("utf-8").split("# METAEND")[0]
    text = re.sub(r"\n#  +", " ", head)
    return {name: value.strip() for name, value in re.findall(r"^# X-Env-([\w-]+):(.*)$", text, re.MULTILINE)}


def body() -> dict[str, Any]:
    """The layer's part for mmdebstrap."""
    found: dict[str, Any] = yaml.safe_load(LAYER.read_text("utf-8"))["mmdebstrap"]
    return found


def settings(path: Path) -> list[tuple[str, str]]:
    """The lines NAME=VALUE of a unit or a file of settings, in their order."""
    return re.findall(r"^(\w+)=(.*)$", path.read_text("utf-8"), re.MULTILINE)


def overlay_files() -> list[Path]:
    """Every file that the layer adds."""
    return sorted(path for path in OVERLAY.rglob("*") if path.is_file())


@dataclass(frozen=True)
class Built:
    """A root file system after the layer's hooks."""

    root: Path
    called: list[str]


def build(folder: Path, release_keys: Path | None = None) -> Built:
    """Run the layer on a root file system with the files that Debian and the package would have put there. Nothing runs
    inside that root: `chroot` only records its arguments.
    """
    root, programs = folder / "root", folder / "programs"
    for path in ("etc/systemd/system", "tmp", "boot/firmware", "var/lib/kiosk", "usr/lib", "opt/kiosk/lib/python3.13"):
        (root / path).mkdir(parents=True)
    (root / "boot/firmware/config.txt").write_text(CONFIG_TXT)
    (root / "boot/firmware/cmdline.txt").write_text(CMDLINE)
    (root / "var/lib/kiosk/ballast").write_text("")
    (root / "etc/kiosk").mkdir()
    (root / "etc/kiosk/device.secret").write_bytes(bytes(32))
    (root / "opt/kiosk/bin").mkdir()
    (root / "opt/kiosk/bin/python").symlink_to(os.path.realpath(sys.executable))
    home = Path(os.path.realpath(sys.executable)).parent
    (root / "opt/kiosk/pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = true\n")
    subprocess.run(["cp", "-a", f"{OVERLAY}/.", root], check=True)
    programs.mkdir()
    for name, script in (("chroot", _CHROOT), ("enable-units", _ENABLE)):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    package, called = folder / "makeup-booth.deb", folder / "called"
    package.write_text("")
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "CALLED": str(called),
        "BDEBSTRAP_HOOKS": str(programs),
        "IGconf_booth_deb": str(package),
        "IGconf_booth_release_keys": str(release_keys or ""),
    }
    for hook in body()["customize-hooks"]:
        subprocess.run(["sh", "-c", hook, "exec", root], env=environment, check=True, timeout=60)
    return Built(root, called.read_text().splitlines())
