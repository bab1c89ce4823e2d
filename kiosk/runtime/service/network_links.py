"""The machine's network interfaces. They are read from the kernel's files, because the booth's unit may not open
internet sockets."""

from pathlib import Path

INTERFACES = Path("/sys/class/net")


def links(folder: Path = INTERFACES) -> tuple[tuple[str, bool], ...]:
    """The name of each network interface except the loopback, and whether it is connected."""
    found = []
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return ()
    for name in names:
        if name == "lo":
            continue
        try:
            found.append((name, (folder / name / "operstate").read_text(encoding="ascii").strip() == "up"))
        except (OSError, ValueError):
            found.append((name, False))
    return tuple(found)
