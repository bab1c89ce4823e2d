"""The scanners that the configuration names."""

from kiosk.hardware.scanner_input import InputScanner
from kiosk.hardware.scanner_serial import SerialScanner
from kiosk.ports.clock import Clock
from kiosk.ports.config import ScannerConfig
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit


def configured_scanners(
    config: ScannerConfig, vault: Vault, emit: Emit, clock: Clock
) -> list[InputScanner | SerialScanner]:
    """A scanner for each port that the configuration names, not opened yet."""
    scanners: list[InputScanner | SerialScanner] = []
    if config.input_path is not None:
        scanners.append(InputScanner(config.input_path, vault, emit, clock))
    if config.serial_port is not None:
        scanners.append(SerialScanner(config.serial_port, vault, emit, clock))
    return scanners
