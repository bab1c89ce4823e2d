"""Orders to the machine. The booth itself may neither restart a unit nor switch the machine off. So it writes one word
into a file in its runtime folder. systemd watches for this file (`systemd/booth-order.path`) and carries the order out
as root."""

import logging
from pathlib import Path

from kiosk.core.service.state import Order

log = logging.getLogger(__name__)

FILE = "order"


class MachineOrders:
    """Gives orders. `folder`: the runtime folder that systemd made for the unit; None: systemd did not start this
    process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def give(self, order: Order) -> None:
        """Write the order. If systemd does not watch for the file, nothing happens; after some time the menu says
        so."""
        if self._folder is None:
            log.error("the order %s has nobody to do it: the booth was not started by systemd", order.value)
            return
        try:
            new = self._folder / f"{FILE}.new"
            new.write_text(f"{order.value}\n", encoding="ascii")
            new.rename(self._folder / FILE)
        except OSError as error:
            log.error("the order %s can't be left in %s: %s", order.value, self._folder, error.strerror)
