"""Runs in the virtual machine beside the booth, as root: does what the test asks over a virtio port, and plays the
hands of the graduate whom the booth's twins play. It uses only the standard library, because Debian's own Python runs
it.

Each line from the host is a JSON object with an `id`; each answer is a line with the same `id`. What the hands do
outside the machine (lay the card on the reader) goes to the host as a line with `hand`.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import threading
import time

PORT = "/dev/virtio-ports/booth.control"
HANDS = "/run/hands"
COMMANDS = "/run/kiosk/twins/commands"
PRESS_S = 0.15  # a deliberate press of a calm person

_EV_SYN, _EV_KEY, _EV_ABS = 0, 1, 3
_BTN_TOUCH, _X, _Y, _SLOT, _MT_X, _MT_Y, _TRACKING = 0x14A, 0, 1, 0x2F, 0x35, 0x36, 0x39
_UI_DEV_CREATE, _UI_SET_EVBIT, _UI_SET_KEYBIT, _UI_SET_ABSBIT, _UI_SET_PROPBIT = (
    0x5501,
    0x40045564,
    0x40045565,
    0x40045567,
    0x4004556E,
)
_DIRECT = 1  # INPUT_PROP_DIRECT: a screen, not a pad
MOST = 65_535


class Panel:
    """A touch panel of the kernel's, made by uinput."""

    def __init__(self) -> None:
        self._device = os.open("/dev/uinput", os.O_WRONLY)
        self._touches = 0
        self._lock = threading.Lock()
        for kind in (_EV_SYN, _EV_KEY, _EV_ABS):
            fcntl.ioctl(self._device, _UI_SET_EVBIT, kind)
        fcntl.ioctl(self._device, _UI_SET_KEYBIT, _BTN_TOUCH)
        fcntl.ioctl(self._device, _UI_SET_PROPBIT, _DIRECT)
        most = [0] * 64
        for axis, highest in ((_X, MOST), (_Y, MOST), (_SLOT, 1), (_MT_X, MOST), (_MT_Y, MOST), (_TRACKING, MOST)):
            fcntl.ioctl(self._device, _UI_SET_ABSBIT, axis)
            most[axis] = highest
        nothing = [0] * 64
        head = struct.pack("80s4HI", b"touch panel of the test", 6, 1, 1, 1, 0)
        os.write(self._device, head + struct.pack("256i", *most, *nothing, *nothing, *nothing))
        fcntl.ioctl(self._device, _UI_DEV_CREATE)

    def press(self, x: float, y: float) -> None:
        """Put a finger down at this share of width and height, and lift it."""
        at = (round(x * MOST), round(y * MOST))
        with self._lock:
            self._touches += 1
            down = [(_EV_ABS, _SLOT, 0), (_EV_ABS, _TRACKING, self._touches % MOST)]
            for multi, single, value in ((_MT_X, _X, at[0]), (_MT_Y, _Y, at[1])):
                down += [(_EV_ABS, multi, value), (_EV_ABS, single, value)]
            self._write([*down, (_EV_KEY, _BTN_TOUCH, 1)])
            time.sleep(PRESS_S)
            self._write([(_EV_ABS, _TRACKING, -1), (_EV_KEY, _BTN_TOUCH, 0)])

    def _write(self, events: list[tuple[int, int, int]]) -> None:
        for kind, code, value in [*events, (_EV_SYN, 0, 0)]:
            os.write(self._device, struct.pack("@llHHi", 0, 0, kind, code, value))


class Agent:
    """The other end of the test's line."""

    def __init__(self) -> None:
        self._line = open(PORT, "r+b", buffering=0)  # noqa: SIM115 - for the life of the process
        self._panel = Panel()
        self._lock = threading.Lock()

    def serve(self) -> None:
        """Answer for ever; each request in a thread of its own, because some take long."""
        threading.Thread(target=self._follow_hands, daemon=True).start()
        self._tell({"hand": "there"})
        waiting = b""
        while True:
            some = self._line.read(65_536)
            if not some:
                time.sleep(0.2)  # nobody is at the other end
                continue
            *lines, waiting = (waiting + some).split(b"\n")
            for line in lines:
                threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _tell(self, what: dict[str, object]) -> None:
        data = json.dumps(what).encode() + b"\n"
        with self._lock:
            while data:
                data = data[self._line.write(data) :]

    def _answer(self, line: bytes) -> None:
        wish = json.loads(line)
        try:
            seen = getattr(self, f"do_{wish['do']}")(wish)
        except Exception as fault:
            seen = {"fault": f"{type(fault).__name__}: {fault}"}
        self._tell({"id": wish["id"], **seen})

    def do_run(self, wish: dict[str, str]) -> dict[str, object]:
        """Run a command."""
        done = subprocess.run(
            wish["command"], input=wish.get("stdin", ""), capture_output=True, text=True, check=False, errors="replace"
        )
        return {"status": done.returncode, "out": done.stdout, "said": done.stderr}

    def do_ask(self, wish: dict[str, str]) -> dict[str, object]:
        """Send the booth's twins a command; returns their answer."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(120)
            line.connect(COMMANDS)
            with line.makefile("rw", encoding="utf-8") as talk:
                talk.write(wish["line"] + "\n")
                talk.flush()
                return {"answer": json.loads(talk.readline())}

    def do_press(self, wish: dict[str, float]) -> dict[str, object]:
        """Press the panel."""
        self._panel.press(wish["x"], wish["y"])
        return {}

    def _follow_hands(self) -> None:
        os.mkfifo(HANDS)
        os.chmod(HANDS, 0o622)
        hands = os.open(HANDS, os.O_RDWR)  # opened for both reading and writing, so that it never ends
        waiting = b""
        while True:
            *lines, waiting = (waiting + os.read(hands, 4096)).split(b"\n")
            for line in lines:
                word, *rest = line.decode().split()
                if word == "press":
                    self._panel.press(*map(float, rest))
                else:
                    self._tell({"hand": line.decode()})


if __name__ == "__main__":
    Agent().serve()
