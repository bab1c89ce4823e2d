"""Sends requests to the office over HTTP.

Each call makes one request without retries: the loop decides whether to try again. `office_answers` interprets what
comes back.
"""

import email.utils
import re
from collections.abc import Callable
from pathlib import Path

import requests
import urllib3.exceptions

from kiosk.ports.config import OfficeConfig
from kiosk.uplink.office.bodies import SentBody, read_body
from kiosk.uplink.office.office_answers import (
    OF_ALL,
    Accepted,
    Alive,
    Answer,
    Foreign,
    Later,
    M,
    Refused,
    Unknown,
    alive_of,
    message_of,
    optional_message_of,
    problem_of,
    reason_of,
    receipt_of,
    trouble_of,
)
from wire.decision import DecisionPage
from wire.digest import format_digest
from wire.enrolment import Enrolled, Enrolment
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.help_call import HelpAnswer, HelpCall
from wire.instructions import Instructions
from wire.live_help import HelpDirection, HelpView
from wire.model import MAX_MESSAGE_BYTES
from wire.number_queue import NumberQueue
from wire.problem import ProblemType
from wire.roster_change import RosterPage

_ANSWER_BYTES = 65_536
_LONGEST_RETRY_AFTER_S = 3_600.0
_CREDENTIAL = re.compile(r"[A-Za-z0-9._~+/=-]{1,1024}", re.ASCII)


class OfficeClient:
    """The booth's client of the office. Only one thread may use it.

    A request may continue for as long as its bytes keep moving. Each 16 KiB of its body must be sent within the connect
    time-out; the head of the answer, and then each 16 KiB of the answer's body, must come within the read time-out.
    After each piece the client calls `moved`, on the thread that made the request. If `moved` raises an exception, the
    request ends and the caller gets the exception.
    """

    def __init__(self, config: OfficeConfig, moved: Callable[[], None] = lambda: None) -> None:
        self._config = config
        self._moved = moved
        self._timeouts = (config.connect_timeout_ms / 1000, config.read_timeout_ms / 1000)
        self._kept_open = False  # whether the last request kept its connection open, which the office may close
        self._session = requests.Session()
        self._session.trust_env = False  # otherwise ~/.netrc could replace our credential
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": f"kiosk/{config.booth_id}"})

    def close(self) -> None:
        """Close the connection; a second call is harmless."""
        self._session.close()

    def send(self, shot_id: str, sha256: bytes, sealed: bytes) -> Accepted | Refused | Later:
        """Send the envelope (PUT) with its digest and length. Sending the same bytes again is harmless."""
        headers = {"Content-Digest": format_digest(sha256), "Content-Type": "application/octet-stream"}
        answer = self._ask("PUT", f"/v2/shots/{shot_id}", headers, sealed)
        if isinstance(answer, Later):
            return answer
        if answer.status in (200, 201):
            return receipt_of(answer, shot_id, sha256)
        return trouble_of(answer)

    def status(self, shot_id: str, sha256: bytes) -> Accepted | Unknown | Foreign | Refused | Later:
        """Ask for the office's state of a shot. If the request names the digest of the booth's copy, the office answers
        even if this booth sent the shot under a former name; an office of version 0.2.0 ignores the digest."""
        answer = self._ask("GET", f"/v2/shots/{shot_id}?sha256={sha256.hex()}")
        if isinstance(answer, Later):
            return answer
        if answer.status == 200:
            return receipt_of(answer, shot_id, sha256)
        problem = problem_of(answer)
        if problem is not None and problem.type is ProblemType.UNKNOWN_SHOT:
            return Unknown()
        if problem is not None and problem.type is ProblemType.FORBIDDEN and answer.status == 403:
            return Foreign()
        return trouble_of(answer)

    def health(self) -> Alive | Later:
        """Ask whether the office answers; this takes a few bytes in both directions, and no credential."""
        answer = self._ask("GET", "/v2/health", secret=False)
        if isinstance(answer, Later):
            return answer
        if answer.status != 200:
            trouble = trouble_of(answer)
            reason = trouble.reason if isinstance(trouble, Later) else f"health answered {answer.status}"
            return Later(reason, answer.retry_after_s, office_wide=True)
        return alive_of(message_of(answer, HeartbeatAnswer))

    def enrol(self, code: str) -> Enrolled | Refused | Later:
        """Exchange a one-time code for the credential. A code that is too long or empty is refused here."""
        try:
            body = Enrolment(booth_id=self._config.booth_id, code=code).encode()
        except ValueError:
            return Refused("no code")
        answer = self._ask("POST", "/v2/enrolments", {"Content-Type": "application/json"}, body, secret=False)
        if isinstance(answer, Later):
            return answer
        if answer.status == 201:
            return message_of(answer, Enrolled)
        problem = problem_of(answer)
        wrong = problem is not None and problem.type is ProblemType.UNAUTHORISED
        return Refused(f"{answer.status} unauthorised") if wrong else trouble_of(answer)

    def heartbeat(self, heartbeat: Heartbeat) -> Alive | Later:
        """Send a heartbeat."""
        headers = {"Content-Type": "application/json"}
        return alive_of(self._read("POST", "/v2/heartbeats", HeartbeatAnswer, headers, heartbeat.encode()))

    def help_call(self, call: HelpCall) -> HelpAnswer | Later:
        """Send a call for help. An office that accepts no calls does not delay other requests."""
        answer = self._ask("POST", "/v2/help", {"Content-Type": "application/json"}, call.encode())
        return answer if isinstance(answer, Later) else optional_message_of(answer, HelpAnswer)

    def number_queue(self) -> NumberQueue | Later:
        """Get today's queue of numbers. An office without a queue does not delay other requests."""
        answer = self._ask("GET", "/v2/waiting")
        return answer if isinstance(answer, Later) else optional_message_of(answer, NumberQueue)

    def help_view(self, view: HelpView) -> HelpDirection | Later:
        """Show staff the session of an open call."""
        answer = self._ask("POST", "/v2/help/view", {"Content-Type": "application/json"}, view.encode())
        if isinstance(answer, Later):
            return answer
        if answer.status == 200:
            return message_of(answer, HelpDirection)
        return Later(trouble_of(answer).reason, answer.retry_after_s)

    def decisions(self, after: int) -> DecisionPage | Later:
        """Get staff's decisions on this booth's shots since place `after`."""
        return self._read("GET", f"/v2/decisions?after={after}", DecisionPage)

    def instructions(self) -> Instructions | Later:
        """Get the instructions in force for this booth."""
        return self._read("GET", "/v2/instructions", Instructions)

    def roster(self, after: int) -> RosterPage | Later:
        """Get the roster's changes since place `after`."""
        return self._read("GET", f"/v2/roster?after={after}", RosterPage)

    def release(self, version: str, begin: int, most: int) -> bytes | Later:
        """Get at most `most` bytes, from `begin` on, of the release that the instructions name."""
        answer = self._ask("GET", f"/v2/releases/{version}?begin={begin}", most=most)
        if isinstance(answer, Later):
            return answer
        if answer.status == 200 and answer.kind == "application/octet-stream" and answer.body:
            return answer.body
        # If the office lacks this address, this release or its file, it answers 404; this is no reason to delay other
        # requests. An office of another protocol version also answers 404. The requests that every office answers show
        # whether it is of another version.
        of_booth = answer.status in OF_ALL
        return Later(
            reason_of(answer, problem_of(answer)), answer.retry_after_s, office_wide=of_booth, of_booth=of_booth
        )

    def _read(
        self, method: str, path: str, kind: type[M], headers: dict[str, str] | None = None, body: bytes = b""
    ) -> M | Later:
        """Request a message that is not about a shot; a refusal of such a request never counts as permanent."""
        answer = self._ask(method, path, headers, body, most=MAX_MESSAGE_BYTES)
        if isinstance(answer, Later):
            return answer
        if answer.status == 200:
            return message_of(answer, kind)
        trouble = trouble_of(answer)
        return trouble if isinstance(trouble, Later) else Later(trouble.reason)

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        secret: bool = True,
        most: int = _ANSWER_BYTES,
    ) -> Answer | Later:
        headers = dict(headers or {})
        if secret and self._config.credential_file is not None:
            credential = _credential(self._config.credential_file)
            if isinstance(credential, Later):
                return credential
            headers["Authorization"] = f"Bearer {credential}"
        try:
            return self._exchange(method, path, headers, body, most)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return Later(_why(error), office_wide=True)

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: bytes, most: int) -> Answer:
        """Make one request and return its answer; try once more if the office had closed a connection that we kept
        open.

        The office may close an idle connection at the very moment at which it is used again. This proves nothing about
        the office, and each of our requests may be repeated.
        """
        kept_open, self._kept_open = self._kept_open, False
        try:
            answer = self._talk(method, path, headers, body, most)
        except requests.ConnectionError as error:
            if not kept_open or isinstance(error, requests.Timeout):
                raise
            self._session.close()  # this closes the connection; the session can be used further
            answer = self._talk(method, path, headers, body, most)
        self._kept_open = True
        return answer

    def _talk(self, method: str, path: str, headers: dict[str, str], body: bytes, most: int) -> Answer:
        with self._session.request(
            method,
            self._config.url + path,
            headers=headers,
            data=SentBody(body, self._moved) if body else None,
            timeout=self._timeouts,
            allow_redirects=False,  # a captive portal redirects, but only the office may get the credential
            stream=True,
        ) as response:
            return Answer(
                response.status_code,
                response.headers.get("Content-Type", "").split(";")[0].strip().lower(),
                read_body(response.raw, most, self._timeouts[1], self._moved),
                _retry_after_s(response),
            )


def _retry_after_s(response: requests.Response) -> float | None:
    """The number of seconds to wait, 0 to an hour; None if the answer does not say it. A date is compared with the date
    of the answer itself, not with our clock."""
    text = response.headers.get("Retry-After", "").strip()
    seconds: float
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        seconds = float(text)
    else:
        try:
            until = email.utils.parsedate_to_datetime(text)
            seconds = (until - email.utils.parsedate_to_datetime(response.headers.get("Date", ""))).total_seconds()
        # the header is no date, or only one of the two dates has a time zone, or a year is out of range
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)


def _credential(path: Path) -> str | Later:
    """The credential. Each request reads it from the file, so that enrolling again needs no restart."""
    try:
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        return Later(f"the credential {path} can't be read ({type(error).__name__}): enrol the booth", None, True, True)
    if not _CREDENTIAL.fullmatch(text):
        return Later(f"the credential {path} is empty or not a bearer token: enrol the booth", None, True, True)
    return text


def _why(error: Exception) -> str:
    """A message for the installer, without the libraries' own messages, which quote addresses and headers."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the office's certificate is not trusted: check the booth's clock and certificates"
    if isinstance(error, requests.ConnectTimeout):
        return "the office can't be reached (no answer to the connection)"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "the office did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "the office can't be reached (connection refused or cut)"
    return f"the office's answer broke off ({type(error).__name__})"
