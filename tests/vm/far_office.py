"""The office outside the virtual machine, on this machine. It uses TLS, as a booth requires."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from center.wiring.office import Office
from sim.office.real import BOOTH, RealOffice, make_real_office
from tests.center.certificates import self_signed

HOST = "office.test"


@dataclass(frozen=True, slots=True)
class FarOffice:
    """An office that was made but not started. `certificate`: what the booth must trust."""

    office: RealOffice
    certificate: Path

    @property
    def url(self) -> str:
        """Its address, as the machine has it."""
        return f"https://{HOST}:{self.office.port}"

    @contextlib.contextmanager
    def served(self) -> Iterator[int]:
        """Serve it."""
        with self.office.served() as pid:
            yield pid

    def code(self) -> str:
        """A one-time code for the booth."""
        with Office.open(self.office.config) as opened:
            return opened.booths.enrol("sim", BOOTH)

    def booth_toml(self) -> str:
        """The booth's configuration. The root is read only, so the credential is beside the shots."""
        keys = json.dumps(list(self.office.seal_to))
        return (
            f'[office]\nurl = "{self.url}"\ncredential_file = "/var/lib/kiosk/credential"\n'
            "verify_every_ms = 1000\nretry_most_ms = 5000\n"
            '[card]\nport = "/dev/ttyS1"\n[scanner]\nserial_port = "/dev/ttyS2"\n'
            "[camera]\nmain_size = [2304, 1296]\nshot_timeout_ms = 60000\nframe_timeout_ms = 60000\n"
            f'[storage]\nfloor_bytes = 10_000_000\nsecret_file = "/etc/kiosk/device.secret"\nseal_to = {keys}\n'
        )


def make_far_office(folder: Path) -> FarOffice:
    """An office in `folder` (new) with a certificate of its own."""
    folder.mkdir(parents=True)
    certificate = self_signed(folder, HOST)
    office = make_real_office(folder / "office", certificate=(certificate.file, certificate.key))
    return FarOffice(office, certificate.file)
