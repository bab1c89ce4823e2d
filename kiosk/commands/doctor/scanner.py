"""`kiosk doctor scanner`: scan one code within eight seconds."""

import sys
from collections.abc import Callable

from kiosk.commands.doctor.finding import Finding
from kiosk.core.events import CodeRead, Event
from kiosk.hardware.scanner_input import InputScanner
from kiosk.hardware.scanner_serial import SerialScanner
from kiosk.ports.clock import Clock
from kiosk.ports.config import ScannerConfig
from kiosk.ports.faults import DeviceFault
from kiosk.runtime.vault import SessionVault

SCAN_MS = 8_000
POLL_S = 0.05


def examine_scanner(config: ScannerConfig, clock: Clock, scan_ms: int = SCAN_MS) -> Finding:
    """Open the configured scanners and wait for one code on any of them."""
    vault, events = SessionVault(), list[Event]()
    scanners = _scanners(config, vault, events.append, clock)
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
                scanner.poll(POLL_S)
    except DeviceFault as fault:
        return Finding.of_fault("scanner", fault)
    finally:
        for scanner in scanners:
            scanner.close()
    if events and isinstance(events[0], CodeRead):
        kind = events[0].kind
        return Finding("scanner", True, "ok", "a code was scanned.", {"kind": kind.value, **_length(vault, events[0])})
    message = f"the scanner at {where} opens, but no code came. Scan a code while this runs; if none comes, set the "
    return Finding("scanner", False, "no_code", message + "scanner to keyboard or USB-COM mode with its manual's code.")


def _length(vault: SessionVault, event: CodeRead) -> dict[str, object]:
    value = vault.get(event.code, str) or vault.get(event.code, bytes)
    return {"length": len(value or "")}


def _scanners(
    config: ScannerConfig, vault: SessionVault, emit: Callable[[Event], None], clock: Clock
) -> list[InputScanner | SerialScanner]:
    scanners: list[InputScanner | SerialScanner] = []
    if config.input_path is not None:
        scanners.append(InputScanner(config.input_path, vault, emit, clock))
    if config.serial_port is not None:
        scanners.append(SerialScanner(config.serial_port, vault, emit, clock))
    return scanners
