"""`kiosk doctor scanner`: wait eight seconds for somebody to scan one code."""

import sys

from kiosk.commands.doctor.finding import Finding
from kiosk.core.events import CodeKind, CodeRead, Event
from kiosk.hardware.scanners import configured_scanners
from kiosk.ports.clock import Clock
from kiosk.ports.config import ScannerConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.vault import SessionVault

SCAN_MS = 8_000
POLL_S = 0.05
NO_END = (
    "Keys came, no end mark: the booth has to wait for a pause, and can't tell a code from one that was cut off. Set "
    "the scanner's suffix to Enter (CR) with its manual's code."
)


def examine_scanner(config: ScannerConfig, clock: Clock, scan_ms: int = SCAN_MS, poll_s: float = POLL_S) -> Finding:
    """Open the configured scanners and wait for one code on any of them. `poll_s`: the longest single wait for bytes of
    a scanner."""
    vault, events = SessionVault(), list[Event]()
    scanners = configured_scanners(config, vault, events.append, clock)
    if not scanners:
        message = "no scanner is configured; codes are read before the camera. To use one, set [scanner] input_path "
        return Finding("scanner", True, "none", message + "or serial_port.")
    where = " or ".join(str(path) for path in (config.input_path, config.serial_port) if path is not None)
    try:
        for scanner in scanners:
            scanner.open()
            scanner.listen(True)
        sys.stderr.write(f"Scan a code with the scanner at {where} ...\n")
        end_ns = clock.now_ns() + scan_ms * 1_000_000
        while not events and clock.now_ns() < end_ns:
            for scanner in scanners:
                scanner.poll(poll_s)
    except DeviceFault as fault:
        return Finding.of_fault("scanner", fault)
    finally:
        for scanner in scanners:
            scanner.close()
    heard, marked = (sum(scanner.framer.byte_count for scanner in scanners), any(s.framer.uses_marks for s in scanners))
    if events and isinstance(events[0], CodeRead):
        details = {"kind": events[0].kind.value, "end_mark": marked, **_length(vault, events[0])}
        message = (
            "a code was scanned." if marked or events[0].kind is CodeKind.OPAQUE else f"a code was scanned. {NO_END}"
        )
        return Finding("scanner", True, "ok", message, details)
    if heard:
        return Finding("scanner", False, "no_end_mark", f"the scanner at {where} sent something. {NO_END}")
    message = f"the scanner at {where} opens, but no code came. Scan a code while this runs; if none comes, set the "
    return Finding("scanner", False, "no_code", message + "scanner to keyboard or USB-COM mode with its manual's code.")


def _length(vault: SessionVault, event: CodeRead) -> dict[str, object]:
    value = vault.get(event.code, str) or vault.get(event.code, bytes)
    return {"length": len(value or "")}
