"""Booth and office installed and configured in a machine, as systemd/README.md says. Twins take the place of vendors'
libraries. A drop-in of the test chooses the twins and changes nothing else of the unit.
"""

import json
import shutil
import socket
from pathlib import Path

from tests.boot.machine import Machine, wait_for
from wire.seal import new_identity, recipient_of

ROOT = Path(__file__).parents[2]
TWINS = "/run/kiosk/twins"
PWM = "/sys/devices/platform/1f00098000.pwm/pwm/pwmchip0"
_BOOTH = "/etc/kiosk/booth.toml"
_OFFICE = "/etc/center/center.toml"

_UNDER_TEST = f"""[Service]
ExecStart=
ExecStart=/usr/bin/cage -d -- /bin/sh -c "wlr-randr --output HEADLESS-1 --custom-mode 720x1280; \\
    exec /opt/kiosk/bin/python -m sim booth --config {_BOOTH} --twins {TWINS}"
Environment=WLR_BACKENDS=headless,libinput WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman PYTHONPATH=/opt/twins
"""
_PROBED = """[Service]
ExecStartPost=-{python} /opt/probe.py {state}
"""


class Installed:
    """The programs in `machine`, from `packages` (two .deb files)."""

    def __init__(self, machine: Machine, packages: list[Path]) -> None:
        self.machine = machine
        self.said = self._install(packages)
        self.before_configuration = {unit: machine.show(unit, "ActiveState") for unit in ("booth", "uplink", "office")}

    def _install(self, packages: list[Path]) -> str:
        inside = [f"/root/{package.name}" for package in packages]
        for package, path in zip(packages, inside, strict=True):
            shutil.copy(package, self.machine.path(path))
        return self.machine.run("apt-get", "install", "-y", "--no-install-recommends", *inside)

    def replace_units(self, folder: Path) -> None:
        """Put units from before a change in the place of the packages' units, to see that the checks fail with them."""
        for unit in folder.glob("*.service"):
            text = unit.read_text("utf-8").replace("/opt/kiosk/.venv/bin/center", "/opt/center/bin/center")
            self.machine.write(f"/usr/lib/systemd/system/{unit.name}", text.replace("/.venv/bin/", "/bin/"))
        for number in (0, 1):  # terminals, which a container does not have: older units need them
            self.machine.run("mknod", "-m", "620", f"/dev/tty{number}", "c", "4", str(number))
        for pam in folder.glob("*.pam"):
            self.machine.write(f"/etc/pam.d/{pam.stem}", pam.read_text("utf-8"))

    def configure(self) -> None:
        """Configure first the office, then the booth with its one-time code, then what the test needs in addition."""
        machine = self.machine
        machine.run("chgrp", "-R", "gpio", PWM)  # udev does this on a real machine; a container has no udev
        safe = recipient_of(new_identity())
        machine.write(_OFFICE, f'folder = "/var/lib/center"\n[backup]\nseal_to = ["{safe}"]\n')
        machine.run("systemctl", "start", "office")
        office = json.loads(self.as_office("center", "init", "--config", _OFFICE, "--json"))
        keys = json.dumps([office["seal_to"], safe])
        machine.write(
            _BOOTH,
            '[office]\ncredential_file = "/etc/kiosk/credential"\nverify_every_ms = 1000\nretry_most_ms = 2000\n'
            "heartbeat_every_ms = 2000\nfeeds_every_ms = 5000\n"
            "[camera]\nshot_timeout_ms = 60000\nframe_timeout_ms = 20000\n"  # a loaded machine draws frames slowly
            f'[storage]\nsecret_file = "/etc/kiosk/device.secret"\nseal_to = {keys}\n',
        )
        code = self.as_office("center", "booths", "enrol", "booth-1", "--config", _OFFICE).split()[-1]
        # The unit counts as started once the program runs; it prints its address once it answers.
        wait_for("the office to answer", lambda: "http://" in machine.run("journalctl", "-u", "office", "-o", "cat"))
        machine.run("kiosk", "enrol", "--config", _BOOTH, stdin=f"{code}\n")
        machine.run("chown", "kiosk:", "/etc/kiosk/credential")
        shutil.copytree(ROOT / "sim", machine.path("/opt/twins/sim"))
        machine.write("/etc/systemd/system/booth.service.d/twins.conf", _UNDER_TEST)
        machine.write("/etc/systemd/system/seatd.service.d/no-vt.conf", "[Service]\nEnvironment=SEATD_VTBOUND=0\n")
        self._lay_traps()
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "seatd", "office")

    def _lay_traps(self) -> None:
        """Make the files and devices that the sandboxes must hide from the units, and install the probe that tries to
        use them.
        """
        machine = self.machine
        machine.write("/home/person/letter", "private\n")
        machine.run("chmod", "755", "/home/person")
        machine.write("/tmp/outside", "shared\n")
        machine.run("mkdir", "-p", "-m", "755", "/usr/lib/modules/0")
        machine.run("mknod", "-m", "666", "/dev/strange", "c", "10", "200")  # a network tunnel
        machine.run("mknod", "-m", "666", "/dev/ttyS9", "c", "4", "73")
        shutil.copy(Path(__file__).with_name("probe.py"), machine.path("/opt/probe.py"))
        for unit, python, state in (
            ("booth", "/opt/kiosk/bin/python", "/var/lib/kiosk"),
            ("uplink", "/opt/kiosk/bin/python", "/var/lib/kiosk"),
            ("office", "/opt/center/bin/python", "/var/lib/center"),
        ):
            text = _PROBED.format(python=python, state=f"{state}/probe-{unit}")
            machine.write(f"/etc/systemd/system/{unit}.service.d/probe.conf", text)

    def as_office(self, *command: str) -> str:
        """Run a command as the office's account."""
        return self.machine.run("setpriv", "--reuid=center", "--regid=center", "--init-groups", *command)

    def ask(self, command: str) -> dict[str, object]:
        """Send the booth's twins a command; returns their state (`python -m sim booth`)."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(60)
            line.connect(str(self.machine.path(f"{TWINS}/commands")))
            with line.makefile("rw", encoding="utf-8") as talk:
                talk.write(f"{command}\n")
                talk.flush()
                answer: dict[str, object] = json.loads(talk.readline())
        assert "wrong" not in answer, answer
        return answer

    def screen(self) -> str | None:
        """Which screen the booth shows; None while it is not there."""
        try:
            return str(self.ask("state")["screen"])
        except (OSError, ValueError):
            return None

    def is_active(self, unit: str) -> bool:
        """Whether systemd calls the unit active."""
        return self.machine.show(unit, "ActiveState") == "active"

    def rests(self) -> None:
        """Wait until the booth shows its first screen and is active."""
        wait_for("the first screen", lambda: self.screen() == "attract")
        wait_for("an active booth", lambda: self.is_active("booth"))

    def picture(self, path: Path) -> None:
        """Take a picture of the panel, from the compositor."""
        path.parent.mkdir(parents=True, exist_ok=True)
        seat = ("env", "XDG_RUNTIME_DIR=/run/kiosk", "WAYLAND_DISPLAY=wayland-0")
        account = ("setpriv", "--reuid=kiosk", "--regid=kiosk", "--init-groups")
        self.machine.run(*account, *seat, "grim", "/run/kiosk/panel.png")
        shutil.copy(self.machine.path("/run/kiosk/panel.png"), path)

    def lamps(self) -> list[int]:
        """The duty of each lamp's PWM channel, read from its files; 0 if the channel is not enabled."""
        folder = self.machine.path(PWM)
        channels = [folder / f"pwm{number}" for number in (0, 1)]
        return [_number(one / "duty_cycle") * _number(one / "enable") for one in channels]

    def shots(self) -> dict[str, int]:
        """How many shots the booth's outbox has in each state."""
        said = self.machine.run("kiosk", "uplink", "--status", "--config", _BOOTH, "--json")
        counts: dict[str, int] = json.loads(said)
        return counts


def _number(file: Path) -> int:
    """The number in a file of the lamps. A plain file, unlike the kernel's own, is empty for a moment while it is
    written.
    """
    return int(wait_for(f"a number in {file.name}", lambda: file.read_text().strip(), 5))
