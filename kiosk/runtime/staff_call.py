"""The booth's end of a call for help. The booth writes a file that the uplink sends to the office, and reads a file
with the office's answer."""

import logging
import os
import secrets

from common.disk import Disk
from kiosk.core.events import CallStands, CallState
from kiosk.ports.clock import Clock
from kiosk.ports.vault import Vault
from kiosk.ports.worker import Emit
from kiosk.runtime.file_writer import Later, at_once
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import read_message, replace_file
from wire.help_call import CallId, HelpAnswer, HelpCall, HelpState

log = logging.getLogger(__name__)

STATES = {
    HelpState.WAITING: CallState.WAITING,
    HelpState.ANSWERED: CallState.ANSWERED,
    HelpState.ENDED: CallState.ENDED,
}


class StaffCall:
    """Has at most one call at a time. Only one thread may use it. It ignores a failed write, because the shot saver
    reports a failing disk."""

    def __init__(
        self,
        booth_id: str,
        paths: BoothPaths,
        disk: Disk,
        vault: Vault,
        emit: Emit,
        clock: Clock,
        later: Later = at_once,
    ) -> None:
        self._booth_id = booth_id
        self._paths = paths
        self._disk = disk
        self._vault = vault
        self._emit = emit
        self._clock = clock
        self._later = later
        self._request = 0
        # if the booth was switched off during a call, the file still has this call
        self._call = read_message(paths.help_call, HelpCall)
        self._known_answer: tuple[HelpState, str | None] | None = None
        self.end()

    def begin(self, request: int, screen: str) -> None:
        """Ring the desk for effect `request`. This ends a call that is open. The new call has another id, so that
        nothing that staff did for the former call (an answer, its end, a waiver) counts for the new call."""
        moment = self._clock.wall().moment
        call = HelpCall(booth_id=self._booth_id, call_id=secrets.token_hex(16), at=moment, screen=screen)
        self._request, self._known_answer, self._call = request, None, call
        self._write(call)

    def end(self) -> None:
        """End the call; does nothing if there is none."""
        call, self._call = self._call, None
        if call is not None and not call.ended:
            self._write(call.model_copy(update={"ended": True}))

    def open_call(self) -> tuple[int, CallId] | None:
        """The effect that began the open call, and the id of the call; None: there is no open call. Any thread may call
        this."""
        call = self._call
        return None if call is None else (self._request, call.call_id)

    def look(self) -> None:
        """Report news of the open call."""
        if self._call is None:
            return
        answer = read_message(self._paths.help_answer, HelpAnswer)
        if answer is None or answer.call_id != self._call.call_id or (answer.state, answer.line) == self._known_answer:
            return
        self._known_answer = answer.state, answer.line
        line = None if answer.line is None else self._vault.token(("line", answer.line))
        self._emit(CallStands(self._clock.now_ns(), self._request, STATES[answer.state], line))

    def _write(self, call: HelpCall) -> None:
        self._later("call for help", lambda: self._put(call))

    def _put(self, call: HelpCall) -> None:
        try:
            replace_file(self._disk, self._paths.help_call, call.encode())
        except OSError as error:
            log.warning("the call for help can't be written for the uplink: %s", os.strerror(error.errno or 0))
