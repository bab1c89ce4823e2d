"""Common to both kinds of scanner: from whole codes to events."""

from kiosk.core.events import CodeRead
from kiosk.core.scan.codes import Repeats, classify
from kiosk.ports.clock import Clock
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit


class CodeTeller:
    """Emits `CodeRead` for each new code while it listens, and otherwise drops codes: nothing is read before
    consent."""

    def __init__(self, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._vault = vault
        self._emit = emit
        self._clock = clock
        self._repeats = Repeats()
        self._listening = False

    def listen(self, on: bool) -> None:
        """Emit codes (`on`) or drop them."""
        self._listening = on
        self._repeats.forget()

    def tell(self, codes: list[bytes]) -> None:
        """Emit the new ones of `codes`."""
        for code in codes:
            scan = classify(code)
            if scan is None or not self._listening:
                continue
            now_ns = self._clock.now_ns()
            if not self._repeats.is_repeat(scan, now_ns):
                self._emit(CodeRead(now_ns, self._vault.token(scan.value), scan.kind))
