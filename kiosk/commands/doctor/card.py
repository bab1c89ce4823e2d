"""`kiosk doctor card`: read one card within ten seconds, and report what happened as one object."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date

from kiosk.core.events import CardTrouble, Device
from kiosk.core.idcard.card_events import CardUnreadable, Cause, HolderRead, Output, ReaderFault, Send
from kiosk.core.idcard.poll import MS, CardPoll
from kiosk.core.idcard.protocol import Outcome, outcome
from kiosk.core.idcard.text import number_is_plausible, valid_on
from kiosk.core.identity import CardHolder
from kiosk.hardware.card_serial import fault_of
from kiosk.hardware.serial_port import SerialPort
from kiosk.ports.faults import DeviceFault
from rules.idnumber import mask_id_number
from rules.names import mask_name

LAY_MS = 6_500  # a card must be on the reader within this time
READ_MS = 8_300  # a card must be read within this time; the command's start then fits into the promised ten seconds
POLL_MS = 300
WAIT_S = 0.02

ADVICE = {
    "no_card": "no card was seen. Lay an ID card flat on the middle of the reader and run this again.",
    "not_id_card": "this is not an ID card. Use a second-generation resident card or a permanent residence card.",
    "hold_still": "the card could not be read. Lay it flat, hold it still, and run this again.",
    "damaged": "card and reader do not accept each other: a damaged or false card. Try another card; if that reads, "
    "the first one is the cause.",
    "unknown": "the reader answers with a code that is in no list. Try again, then with another card; if it says so "
    "again, switch the reader off and on once.",
    "unreadable": "the card answers with a record that can't be understood. Try another card.",
    "broken_off": "the reader's answers break off or arrive damaged while a card is read. Check the cable and the "
    "baud rate.",
    "unheard": "the reader sees our questions damaged. Check the cable and the baud rate.",
}


@dataclass(frozen=True, slots=True)
class CardReport:
    """What `kiosk doctor card --json` prints. `number` and `name` are masked."""

    status: str
    number: str | None
    name: str | None
    valid: bool | None
    kind: str | None
    message: str

    def json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)


def examine_card(port: str, baud: int, now_ns: Callable[[], int], today: date, synced: bool) -> CardReport:
    """Read one card from the reader at `port`. Never raises, whatever the reader, the card or the port do."""
    try:
        line = SerialPort(Device.CARD_READER, port, baud)
    except DeviceFault as fault:
        return _fault_report("link_fault", fault)
    try:
        result = _read(line, now_ns)
    except DeviceFault as fault:
        return _fault_report("link_fault", fault)
    finally:
        line.close()
    if isinstance(result, HolderRead):
        return _holder_report(result.holder, today, synced)
    if isinstance(result, ReaderFault):
        link = result.cause in (Cause.SILENT, Cause.GARBLED)
        return _fault_report("link_fault" if link else "device_fault", fault_of(result))
    return _trouble_report(result)


def _read(line: SerialPort, now_ns: Callable[[], int]) -> HolderRead | CardUnreadable | ReaderFault | None:
    """Poll until the card is read, a fault occurs, or the time is over (None: there was no card)."""
    poll = CardPoll(POLL_MS)
    started_ns = now_ns()
    poll.listen(True, started_ns)
    while True:
        spent_ns = now_ns() - started_ns
        if spent_ns >= READ_MS * MS or (spent_ns >= LAY_MS * MS and poll.card_missing):
            return _at_the_end(poll)
        outputs = poll.tick(now_ns())
        outputs += poll.feed(line.read(WAIT_S), now_ns())
        result = _act(line, outputs)
        if result is not None:
            return result


def _act(line: SerialPort, outputs: list[Output]) -> HolderRead | CardUnreadable | ReaderFault | None:
    for output in outputs:
        if isinstance(output, Send):
            line.write(output.data)
        elif isinstance(output, (HolderRead, CardUnreadable, ReaderFault)):
            return output
    return None


def _at_the_end(poll: CardPoll) -> CardUnreadable | ReaderFault | None:
    if poll.card_missing:
        return None
    if poll.asked is not None:
        return ReaderFault(Cause.SILENT)  # the module answered before, but does not answer this request
    return CardUnreadable(CardTrouble.HOLD_STILL, None)


def _holder_report(holder: CardHolder, today: date, synced: bool) -> CardReport:
    plausible, in_date = number_is_plausible(holder.number), valid_on(holder, today)
    message = "the card was read."
    if in_date is None:
        message = "the card was read; how long it is valid is not written on it as a date: look at the card itself."
    elif not in_date:
        message = f"the card was read; it is not valid on {today.isoformat()}."
    if not plausible:
        message += " Its number's check character doesn't fit (GB 11643): look at the card itself, it may be false."
    if not synced:
        message += " This machine's clock is not synchronised: its date may be wrong."
    return CardReport(
        "ok",
        mask_id_number(holder.number),
        mask_name(holder.name),
        in_date if plausible else False,
        holder.kind.value,
        message,
    )


def _trouble_report(trouble: CardUnreadable | None) -> CardReport:
    if trouble is None:
        return _empty_report("no_card", ADVICE["no_card"])
    code = "" if trouble.status is None else f" (code 0x{trouble.status:02X})"
    if trouble.trouble is CardTrouble.NOT_ID_CARD:
        return _empty_report("not_id_card", ADVICE["not_id_card"] + code)
    if trouble.trouble is CardTrouble.HOLD_STILL and trouble.status is None:
        return _empty_report("link_fault", ADVICE["broken_off"])
    if trouble.status is not None and outcome(trouble.status) is Outcome.RESEND:
        return _empty_report("link_fault", ADVICE["unheard"] + code)
    if trouble.trouble is CardTrouble.HOLD_STILL:
        return _empty_report("card_fault", ADVICE["hold_still"] + code)
    means = None if trouble.status is None else outcome(trouble.status)
    if means in (Outcome.GO_ON, Outcome.EMPTY):
        return _empty_report("card_fault", ADVICE["unreadable"] + code)
    return _empty_report("card_fault", ADVICE["unknown" if means is Outcome.UNKNOWN else "damaged"] + code)


def _fault_report(status: str, fault: DeviceFault) -> CardReport:
    return _empty_report(status, f"{fault.detail}. {fault.remedy.rstrip('.')}.")


def _empty_report(status: str, message: str) -> CardReport:
    return CardReport(status, None, None, None, None, message)
