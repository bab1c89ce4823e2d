"""The files below `/proc` and `/sys` of a machine, in the form that they have on a Raspberry Pi."""

from pathlib import Path

MEGABYTE = 1_000_000


class KernelFiles:
    """Writes the files that report memory, heat and power supply into `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.becomes()

    def becomes(
        self, *, free_mb: int = 2_000, degrees: float = 54.5, supply_low: bool = False, slowed: bool = False
    ) -> None:
        """Write the files of a machine in this state."""
        throttled = supply_low | slowed << 2
        for name, text in {
            "proc/meminfo": f"MemTotal:        8000000 kB\nMemFree:          100000 kB\n"
            f"MemAvailable: {free_mb * MEGABYTE // 1024:>10} kB\n",
            "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
            "sys/class/thermal/thermal_zone0/temp": f"{round(degrees * 1000)}\n",
            "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
            "sys/class/hwmon/hwmon1/in0_lcrit_alarm": f"{supply_low:d}\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": f"{throttled:x}\n",
        }.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")
