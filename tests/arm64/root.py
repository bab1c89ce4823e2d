"""A Debian for arm64 on a machine of another kind: mmdebstrap makes it, QEMU's user emulation runs its programs.

It has no systemd as process 1 and no devices. It shares this machine's network, because apt downloads packages.
"""

import os
import platform
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

EMULATOR = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")
QUIET_S = 5.0
"""A program that prints nothing for so long waits for an answer. The slowest pause seen under emulation was 2 s."""
_ENTER = """
mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mount --rbind /sys "$0/sys"; mount -t tmpfs tmpfs "$0/run"
exec chroot "$0" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""


def why_not() -> str | None:
    """Why the package can't be tried here; None if it can."""
    if os.geteuid() != 0:
        return "needs root, for mounts"
    missing = [name for name in ("mmdebstrap", "unshare", "arch-test") if shutil.which(name) is None]
    if missing:
        return f"needs {', '.join(missing)} (apt install mmdebstrap util-linux arch-test)"
    if platform.machine() != "aarch64" and not (EMULATOR.exists() and "enabled" in EMULATOR.read_text("ascii")):
        return "needs QEMU's user emulation for arm64, version 10 or later (Debian 13: apt install qemu-user-binfmt)"
    return None


class Root:
    """The root file system. `path` reaches its files from here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def made(cls, folder: Path) -> "Root":
        """Debian 13 for arm64 in `folder`, with nothing but what apt itself needs. Takes minutes."""
        command = ["unshare", "--mount", "mmdebstrap", "--quiet", "--variant=apt", "--arch=arm64"]
        done = subprocess.run(
            [*command, "--include=ca-certificates", "trixie", str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        root = cls(folder)
        shutil.copy("/etc/resolv.conf", root.path("/etc/resolv.conf"))
        return root

    def path(self, inside: str) -> Path:
        """A file of the root, as this process can open it."""
        return self.folder / inside.lstrip("/")

    def run(self, *command: str, status: int = 0) -> str:
        """What a command in the root prints. It must end with `status`."""
        done = subprocess.run(
            self._entered(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert done.returncode == status, f"{' '.join(command)} ended with {done.returncode}:\n{said[-4000:]}"
        return said

    def converse(self, command: Sequence[str], answers: dict[str, str]) -> str:
        """What a command prints that asks questions on a terminal. A question that contains a key of `answers` gets
        its value, every other question Enter alone."""
        process, terminal = pty.fork()
        if process == 0:
            entered = self._entered(command)
            os.execvp(entered[0], entered)
        said, answered, heard = "", 0, time.monotonic()
        while True:
            if select.select([terminal], [], [], 1.0)[0]:
                try:
                    piece = os.read(terminal, 65_536)
                except OSError:  # the terminal's other end is closed: the command has ended
                    break
                said, heard = said + piece.decode("utf-8", "replace"), time.monotonic()
            elif time.monotonic() - heard > QUIET_S and said[answered:].strip():
                question = said[answered:]
                answered = len(said)
                answer = next((value for key, value in answers.items() if key in question), "")
                os.write(terminal, f"{answer}\n".encode())
        os.close(terminal)
        _, ended = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(ended) == 0, said[-4000:]
        return said

    def _entered(self, command: Sequence[str]) -> list[str]:
        return ["unshare", "--mount", "--pid", "--fork", "bash", "-ec", _ENTER, str(self.folder), *command]
