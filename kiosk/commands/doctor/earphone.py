"""`kiosk doctor earphone`: wait eight seconds for somebody to plug an earphone in or pull it out."""

import sys

from kiosk.commands.doctor.finding import Finding
from kiosk.core.events import EarphoneChanged, Event
from kiosk.hardware.earphone_switch import EarphoneSwitch
from kiosk.ports.clock import Clock
from kiosk.ports.config import EarphoneConfig
from kiosk.ports.faults import DeviceFault

WAIT_MS = 8_000
POLL_S = 0.05


def examine_earphone(config: EarphoneConfig, clock: Clock, poll_s: float = POLL_S) -> Finding:
    """Open the socket's switch and wait for it to change. `poll_s`: the longest single wait for the switch."""
    path = config.input_path
    if path is None:
        return Finding(
            "earphone",
            True,
            "none",
            "no earphone socket is configured ([earphone] input_path): the audio guide begins by F1 or a held corner.",
        )
    events: list[Event] = []
    switch = EarphoneSwitch(path, events.append, clock)
    try:
        switch.open()
        sys.stderr.write(f"Plug an earphone into the socket, or pull it out ({path}) ...\n")
        end_ns = clock.now_ns() + WAIT_MS * 1_000_000
        while not events and clock.now_ns() < end_ns:
            switch.poll(poll_s)
    except DeviceFault as fault:
        return Finding.of_fault("earphone", fault)
    finally:
        switch.close()
    if events and isinstance(events[-1], EarphoneChanged):
        seen = "plugged in" if events[-1].plugged else "pulled out"
        return Finding("earphone", True, "ok", f"an earphone was {seen}.", {"plugged": events[-1].plugged})
    message = f"{path} opens, but no earphone was seen. Plug one in while this runs; if none is seen, it is another "
    return Finding("earphone", False, "no_change", message + "device, or the socket has no switch (docs/hardware.md).")
