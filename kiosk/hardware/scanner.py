"""Turns whole codes into events, for both kinds of scanner."""

from kiosk.core.events import CodeRead
from kiosk.core.scan.codes import Repeats, classify
from kiosk.ports.clock import Clock
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit


class CodeEmitter:
    """Emits `CodeRead` for each new code while it listens. Otherwise it drops codes, because nothing may be read before
    consent."""

    def __init__(self, vault: Vault, emit: Emit, clock: Clock) -> None:
        self._vault = vault
        self._emit = emit
        self._clock = clock
        self._repeats = Repeats()
        self._listening = False
        self._session = 0  # the session for which codes are read

    def listen(self, on: bool) -> None:
        """Emit the codes of the present session (`on`), or drop codes. Call it on the thread that empties the vault."""
        if on:
            self._session = self._vault.session()
        self._listening = on
        self._repeats.forget()

    def emit(self, codes: list[bytes]) -> None:
        """Emit the `codes`, except those that only repeat the last scan."""
        for code in codes:
            scan = classify(code)
            if scan is None or not self._listening:
                continue
            now_ns = self._clock.now_ns()
            if self._repeats.is_repeat(scan, now_ns):
                continue
            token = self._vault.token_in(self._session, scan.value)
            if token is not None:
                self._emit(CodeRead(now_ns, token, scan.kind))
