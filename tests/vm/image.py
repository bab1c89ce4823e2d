"""The virtual machine's disk: Debian, the booth's package, and what the test lays over it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sim.twins.libcamera_stand_in import packages
from tests.boot.root import ROOT
from tests.vm.far_office import HOST, FarOffice

GUEST = Path(__file__).with_name("guest")
PYTHON = (3, 13)
"""The version of Python in Debian 13."""
ALSO = ("e2fsprogs", "initramfs-tools", "iproute2", "kmod", "linux-image-amd64")
"""What only a machine with a kernel of its own needs."""


@dataclass(frozen=True, slots=True)
class Image:
    """Kernel, initial RAM disk and root disk."""

    kernel: Path
    initrd: Path
    disk: Path


def make_image(root: Path, package: Path, office: FarOffice, folder: Path) -> Image:
    """Install `package` into a copy of `root` and make the disk in `folder` (new)."""
    folder.mkdir(parents=True)
    files, scratch = folder / "files", folder / "scratch"
    scratch.mkdir()
    shutil.copytree(GUEST / "files", files)
    packages.bring(PYTHON)
    shutil.copytree(packages.folder(PYTHON), files / "opt/twins")
    shutil.copytree(ROOT / "sim", files / "opt/twins/sim")
    shutil.copy(GUEST / "agent.py", files / "opt/agent.py")
    (files / "etc/hosts").write_text(f"127.0.0.1 localhost\n10.0.2.2 {HOST}\n", "ascii")
    (files / "etc/hostname").write_text("booth-1\n", "ascii")
    (files / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n", "ascii")
    (files / "etc/certificates").mkdir()
    shutil.copy(office.certificate, files / "etc/certificates/office.pem")
    (files / "etc/kiosk").mkdir()
    (files / "etc/kiosk/booth.toml").write_text(office.booth_toml(), "utf-8")
    command = ["unshare", "--mount", "sh", str(Path(__file__).with_name("image.sh"))]
    command += map(str, (root, scratch, package, files, folder))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    shutil.rmtree(scratch)
    return Image(folder / "kernel", folder / "initrd", folder / "root.img")
