"""`kiosk doctor office`: can this booth send its photos to the office, and may it?"""

from kiosk.commands.doctor.finding import Finding
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later

CLOCKS_DIFFER_S = 60
"""From this difference on, the times of this booth's photos differ visibly from the times of the office."""


def examine_office(config: BoothConfig, clock: Clock) -> Finding:
    """Are photos sealed to two keys, is the booth enrolled, and does the office answer it?

    Asks the office for the booth's instructions, which changes nothing there.
    """
    office = config.office
    details: dict[str, object] = {"url": office.url, "booth_id": office.booth_id}
    if len(config.storage.seal_to) < 2:
        message = (
            "storage.seal_to names fewer than two public keys, so the booth stays out of service. Put the office's and "
            "the escrow's key there: `center keys list` prints the office's."
        )
        return Finding("office", False, "no_keys", message, details)
    if office.credential_file is None or not office.credential_file.exists():
        message = (
            f"this booth is not enrolled. Let the office make a one-time code (`center booths enrol {office.booth_id}` "
            "or the page /booths), then run `kiosk enrol`."
        )
        return Finding("office", False, "not_enrolled", message, details)
    client = OfficeClient(office)
    try:
        health = client.health()
        if isinstance(health, Later):
            message = f"{health.reason}. Photos wait in this booth meanwhile. Check office.url and network."
            return Finding("office", False, "unreachable", message, details)
        answer = client.instructions()
    finally:
        client.close()
    if isinstance(answer, Later):
        message = f"the office answers, but not this booth ({answer.reason}). If it was revoked, enrol it again."
        return Finding("office", False, "refused", message, details)
    details["clock_differs_s"] = differs = round((clock.wall().moment - health.office_time).total_seconds())
    if abs(differs) >= CLOCKS_DIFFER_S:
        message = f"it answers, but this booth's clock and the office's differ by {abs(differs)} s. Set the wrong one."
        return Finding("office", False, "other_time", message, details)
    return Finding("office", True, "ok", "it answers this booth.", details)
