"""Checks whether the name of a port is stable, and finds a stable name."""

from pathlib import Path

DEV = Path("/dev")


def port_advice(port: str, dev: Path = DEV) -> str:
    """Advice about the name `port`; "" if there is no better name.

    udev names a device in `by-id` by its maker, model and serial number. Two adapters of one kind without a serial
    number get the same name there, and this name leads to the adapter that was plugged in last. `by-path` names a
    device by its socket.
    """
    kind = "input" if port.startswith(f"{dev}/input/") else "serial"
    by_path = _links(dev / kind / "by-path")
    by_id = _links(dev / kind / "by-id")
    here = Path(port).resolve()
    if port.startswith(f"{dev}/{kind}/by-id/"):
        if hidden := _like(port, set(by_path) - set(by_id)):
            sockets = ", ".join(by_path[device] for device in sorted({here, *hidden} & set(by_path)))
            return (
                f" More than one device may have the name {port}: it leads to the one plugged in last. Name each by "
                f"its socket: {sockets}."
            )
        return ""
    if port.startswith((f"{dev}/tty", f"{dev}/input/event")) and here in by_path:
        better = by_id[here] if here in by_id and not _like(port, set(by_path) - set(by_id)) else by_path[here]
        return f" The name {port} changes with the order of plugging: {better} does not."
    return ""


def _links(folder: Path) -> dict[Path, str]:
    """For each device, its name in `folder`."""
    if not folder.is_dir():
        return {}
    return {link.resolve(): str(link) for link in sorted(folder.iterdir(), reverse=True)}


def _like(port: str, devices: set[Path]) -> set[Path]:
    """Those of `devices` with the same kind of driver as `port`: names of ttyUSB and ttyACM devices never clash."""
    kind = Path(port).resolve().name.rstrip("0123456789")
    return {device for device in devices if device.name.rstrip("0123456789") == kind}
