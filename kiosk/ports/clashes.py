"""Settings of a booth that are valid one by one but contradict each other.

`clashes` compares only the values. Whether two paths lead to one device depends on the machine (`same_device`).
"""

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from common.config_file import Clash
from rules.profile import load_profile

if TYPE_CHECKING:
    from kiosk.ports.config import BoothConfig

UART_PINS = frozenset({14, 15})
UART_PORTS = frozenset({"/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0"})
"""The names of the Raspberry Pi's own serial port, which uses the pins 14 and 15."""

PWM_CHANNELS = {12: 0, 13: 1, 18: 0, 19: 1}
"""The PWM channel of each pin on a Raspberry Pi 4, where two pins share a channel. Wiring that is right on the
Raspberry Pi 4 and 5 uses one pin of each channel."""

SHAPE_TOLERANCE = 0.01
"""By how much the proportions of `camera.main_size` and `camera.lores_size` may differ. Both pictures come from one
crop of the sensor, so with different proportions faces would be too narrow or too wide."""


def clashes(config: "BoothConfig") -> Iterator[Clash]:
    """Every pair of settings that clashes."""
    yield from _devices(config)
    yield from _pins(config)
    yield from _camera(config)
    yield from _waits(config)
    yield from _files(config)
    yield from _desk(config)
    yield from _languages(config)


def _languages(config: "BoothConfig") -> Iterator[Clash]:
    first, all_of_them = config.display.language, config.display.languages
    if first not in all_of_them:
        yield Clash(
            ("display.language", "display.languages"),
            f"a session begins in {first}, and display.languages offers {', '.join(all_of_them)}",
            f"Add {first} to display.languages",
        )


def _devices(config: "BoothConfig") -> Iterator[Clash]:
    for (first, at), (second, other) in combinations(_ports(config).items(), 2):
        if _normal(at) == _normal(other):
            yield _one_port(first, second, f"both are {at}")
    if config.scanner.input_path is not None and config.scanner.serial_port is not None:
        yield Clash(
            ("scanner.input_path", "scanner.serial_port"),
            "scanner.input_path and scanner.serial_port are both set, and the booth has one scanner",
            "Keep the one for the mode the scanner is in",
        )


def same_device(config: "BoothConfig") -> Iterator[Clash]:
    """Pairs of ports with different names that lead to one device of this machine."""
    for (first, at), (second, other) in combinations(_ports(config).items(), 2):
        if at != other and os.path.exists(at) and os.path.exists(other) and os.path.samefile(at, other):
            yield _one_port(first, second, f"{at} and {other} are one device")


def _ports(config: "BoothConfig") -> dict[str, str]:
    scanner = config.scanner
    paths = {
        "card.port": config.card.port,
        "scanner.serial_port": scanner.serial_port,
        "scanner.input_path": None if scanner.input_path is None else str(scanner.input_path),
        "desk.webcam": config.desk.webcam,
        "earphone.input_path": None if config.earphone.input_path is None else str(config.earphone.input_path),
    }
    return {key: path for key, path in paths.items() if path is not None}


def _normal(path: str | Path) -> str:
    """The path without dots, and with one slash at its beginning. (Two slashes at the beginning may mean something
    else, so Python keeps them.)"""
    return os.path.normpath("/" + str(path).lstrip("/"))


def _one_port(first: str, second: str, how: str) -> Clash:
    return Clash(
        (first, second),
        f"{first} and {second}: {how}, and a port serves one device",
        "Name each device's own port (ls -l /dev/serial/by-id /dev/serial/by-path)",
    )


def _pins(config: "BoothConfig") -> Iterator[Clash]:
    lamps = config.lamps
    if PWM_CHANNELS[lamps.left_pin] == PWM_CHANNELS[lamps.right_pin]:
        same = lamps.left_pin == lamps.right_pin
        how = f"both are {lamps.left_pin}" if same else f"{lamps.left_pin} and {lamps.right_pin} are one PWM channel"
        yield Clash(
            ("lamps.left_pin", "lamps.right_pin"),
            f"lamps.left_pin and lamps.right_pin: {how}, and each lamp needs its own",
            "Use 12 and 13, or 18 and 19",
        )
    for name, pin in (("lamps.left_pin", lamps.left_pin), ("lamps.right_pin", lamps.right_pin)):
        if pin == lamps.key_pin:
            yield Clash(
                (name, "lamps.key_pin"),
                f"{name} and lamps.key_pin: both are {pin}, and a pin serves one thing",
                "Put staff's key on another pin, as 17",
            )
    for key, path in _ports(config).items():
        if path in UART_PORTS and lamps.key_pin in UART_PINS:
            yield Clash(
                (key, "lamps.key_pin"),
                f"lamps.key_pin = {lamps.key_pin} is a pin of {path}, which {key} uses",
                "Put staff's key on another pin, as 17",
            )


def _camera(config: "BoothConfig") -> Iterator[Clash]:
    main, live = config.camera.main_size, config.camera.lores_size
    keys = ("camera.main_size", "camera.lores_size")
    photo = load_profile(config.profile).photo
    if main[0] < photo.width_px or main[1] < photo.height_px:
        yield Clash(
            ("profile", "camera.main_size"),
            f"camera.main_size {list(main)} is smaller than the photo of profile {config.profile}, "
            f"{photo.width_px} x {photo.height_px}",
            "Take the camera's largest size",
        )
        return
    if live[0] > main[0] or live[1] > main[1]:
        yield Clash(
            keys,
            f"camera.lores_size {list(live)} is larger than camera.main_size {list(main)}",
            "Make the live picture the smaller one",
        )
    if abs(live[0] * main[1] / (live[1] * main[0]) - 1) > SHAPE_TOLERANCE:
        yield Clash(
            keys,
            f"camera.lores_size {list(live)} has not the proportions of camera.main_size {list(main)}",
            "Give both the same proportions, as 16:9",
        )


def _desk(config: "BoothConfig") -> Iterator[Clash]:
    office = urlsplit(config.office.url)
    if office.hostname in ("127.0.0.1", "::1", "localhost") and office.port == config.desk.port:
        yield Clash(
            ("office.url", "desk.port"),
            f"office.url and desk.port: both are port {config.desk.port} of this machine",
            "Give the desk another port, as 8204",
        )


def _waits(config: "BoothConfig") -> Iterator[Clash]:
    office = config.office
    for shorter, longer, why in (
        ("retry_first_ms", "retry_most_ms", "the first wait is the shortest"),
        ("awaited_every_ms", "feeds_every_ms", "who is waiting is asked for more often"),
    ):
        if getattr(office, shorter) > getattr(office, longer):
            yield Clash(
                (f"office.{shorter}", f"office.{longer}"),
                f"office.{shorter} = {getattr(office, shorter)} is more than office.{longer} = "
                f"{getattr(office, longer)}, and {why}",
                f"Make office.{shorter} the smaller one",
            )


def _files(config: "BoothConfig") -> Iterator[Clash]:
    paths: dict[str, Path | None] = {
        "office.credential_file": config.office.credential_file,
        "storage.secret_file": config.storage.secret_file,
        "storage.folder": config.storage.folder,
        "desk.picture_folder": config.desk.picture_folder,
    }
    files = {key: _normal(path) for key, path in paths.items() if path is not None}
    pictures, stored = files.get("desk.picture_folder"), files["storage.folder"]
    if pictures is not None and pictures != stored and os.path.commonpath((pictures, stored)) in (pictures, stored):
        yield Clash(
            ("desk.picture_folder", "storage.folder"),
            f"desk.picture_folder and storage.folder: one of {pictures} and {stored} lies in the other, and the desk "
            "deletes pictures of its folder",
            "Keep them apart",
        )
    for (first, at), (second, other) in combinations(files.items(), 2):
        if at == other:
            yield Clash((first, second), f"{first} and {second}: both are {at}", "Name a file of its own for each")
    if len(set(config.storage.seal_to)) < len(config.storage.seal_to):
        yield Clash(
            ("storage.seal_to",),
            "storage.seal_to names a key twice",
            "Name the office's key and the escrow's, another one",
        )
