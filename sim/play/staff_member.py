"""A staff member who uses the office's pages over HTTP as a browser does, and reviews shots as a scenario says."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

import requests

from sim.office.served import Login
from sim.play.scenario import Answer, Decision

_LOOK_EVERY_S = 1.0
_HERE = re.compile(r'name="here" value="(([0-9a-f]{32})\.[0-9]+)"')
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_COOKIE = re.compile(r"__Host-session=([^;]+)")
_PHOTO = re.compile(r'src="(/shots/[^"]+\.jpg)"')
_CALL = re.compile(r'name="call" value="([0-9a-f]{32})"')
_STILL = re.compile(r'data-still="(/calls/[^"]+)"')
_WAIVED = "Waived"  # the word on the page once the booth has waived the check
_TIMEOUT_S = 300  # a busy machine may need long to answer


class StaffMember:
    """One member of staff. `turn` is called at every turn of the world. `said`: the decisions made so far."""

    def __init__(
        self,
        address: str,
        login: Login,
        wanted: tuple[Decision, ...],
        answers: tuple[Answer, ...],
        now: Callable[[], datetime],
    ) -> None:
        self._address = address
        self._login = login
        self._now = now
        self._wanted = list(wanted)
        self._answers = list(answers)
        self._called_s: float | None = None  # since when this staff member has seen a call
        self._ending: tuple[str, float] | None = None  # the call to end, and when
        self._session = requests.Session()
        self._session.trust_env = False
        # On a busy machine minutes may pass between two requests, and the office closes a connection that waits.
        self._session.headers["Connection"] = "close"
        self._cookie = ""
        self._csrf = ""
        self._page = ""  # the page that shows the shot to review; "": no shot is shown
        self._look_s = 0.0
        self._since_s = 0.0
        self.decisions: list[str] = []
        self.looked = 0  # how many calls were answered after a look at the graduate

    def turn(self, now_s: float) -> None:
        """Review the next shot, after having looked at it for long enough, or answer the next call for help."""
        if not (self._wanted or self._answers or self._ending) or now_s < self._look_s:
            return
        self._look_s = now_s + _LOOK_EVERY_S
        if not self._cookie:
            self._log_in()
        if self._ending is not None:
            self._end_call(*self._ending, now_s)
        elif self._answers:
            self._answer_call(now_s)
        if not self._wanted:
            return
        if not self._page:
            self._see(self._post("/review", {}), now_s)
        elif now_s - self._since_s >= self._wanted[0].after_s:
            self._decide(self._wanted.pop(0), now_s)

    def _answer_call(self, now_s: float) -> None:
        """Answer the first call on the page of calls, after the time that walking to the screen takes."""
        found = _CALL.search(self._get("/calls").text)
        if found is None:
            self._called_s = None
            return
        if self._called_s is None:
            self._called_s = now_s
        if now_s - self._called_s >= self._answers[0].after_s and self._waived(found[1]) and self._seen(found[1]):
            self.looked += self._answers[0].looks
            given = self._answers.pop(0)
            answer = self._send("/calls", {"csrf": self._csrf, "call": found[1], "line": given.line})
            if answer.status_code not in (200, 303):
                raise RuntimeError(f"the office took no answer to a call ({answer.status_code})")
            if given.ends_after_s is not None:
                self._ending = found[1], now_s + given.ends_after_s

    def _end_call(self, call: str, due_s: float, now_s: float) -> None:
        """End the call once it is time."""
        if now_s >= due_s:
            self._ending = None
            answer = self._send(f"/calls/{call}/end", {"csrf": self._csrf})
            if answer.headers.get("Location") != "/calls":
                raise RuntimeError(f"the office did not end a call ({answer.status_code})")

    def _waived(self, call: str) -> bool:
        """Waive the check that the next answer names; returns whether nothing is left to waive."""
        check = self._answers[0].waive
        page = self._get(f"/calls/{call}").text
        if not check or f"<dt>{_WAIVED}</dt>" in page:
            return True
        if f'<option value="{check}">' in page:
            form = {"csrf": self._csrf, "check": check, "ground": "measured_wrong"}
            answer = self._send(f"/calls/{call}/release", form)
            if answer.status_code not in (200, 303):
                raise RuntimeError(f"the office let nobody waive {check} ({answer.status_code})")
        return False

    def _seen(self, call: str) -> bool:
        """Look at the graduate if the next answer needs this; returns whether nothing is left to look at."""
        if not self._answers[0].looks:
            return True
        found = _STILL.search(self._get(f"/calls/{call}").text)
        if found is None:
            return False
        still = self._get(found[1])
        if still.headers.get("Content-Type") != "image/jpeg":
            raise RuntimeError(f"the office showed no still ({still.status_code})")
        return True

    def close(self) -> None:
        """Close the connection; a second call is harmless."""
        self._session.close()

    def _log_in(self) -> None:
        login = {"name": self._login.name, "password": self._login.password, "code": self._login.code(self._now())}
        answer = self._send("/login", login)
        found = _COOKIE.search(answer.headers.get("Set-Cookie", ""))
        if answer.status_code != 303 or found is None:
            raise RuntimeError(f"the office did not let the simulated member of staff in ({answer.status_code})")
        self._cookie = f"__Host-session={found[1]}; __Host-language=en"
        self._csrf = _found(_CSRF, self._get("/queue").text)[1]

    def _see(self, answer: requests.Response, now_s: float) -> None:
        """Note which shot the page shows, and load its photo as a browser does."""
        self._page, self._since_s = "", now_s
        if _HERE.search(answer.text) is not None:
            self._page = answer.text
            photo = self._get(_found(_PHOTO, answer.text)[1])
            if photo.headers.get("Content-Type") != "image/jpeg":
                raise RuntimeError(f"the office showed no photo ({photo.status_code})")

    def _decide(self, decision: Decision, now_s: float) -> None:
        here = _found(_HERE, self._page)
        form: dict[str, str | list[str]] = {"here": here[1], "looked_ms": str(round(1000 * (now_s - self._since_s)))}
        if decision.say == "reject":
            form |= {"reasons": list(decision.reasons), "note": decision.note}
        self._see(self._post(f"/review/{here[2]}/{decision.say}", form), now_s)
        self.decisions.append(decision.say)

    def _get(self, path: str) -> requests.Response:
        return self._session.get(self._address + path, headers={"Cookie": self._cookie}, timeout=_TIMEOUT_S)

    def _post(self, path: str, form: Mapping[str, str | list[str]]) -> requests.Response:
        answer = self._send(path, {"csrf": self._csrf, **form})
        if answer.status_code != 200:
            raise RuntimeError(f"the office refused the simulated member of staff: {path} gave {answer.status_code}")
        return answer

    def _send(self, path: str, form: Mapping[str, str | list[str]]) -> requests.Response:
        # The cookie is set here, because the library's jar sends no Secure cookie over plain HTTP, even to this
        # machine.
        headers = {"Origin": self._address, "Sec-Fetch-Site": "same-origin", "Cookie": self._cookie}
        return self._session.post(
            self._address + path, data=dict(form), headers=headers, allow_redirects=False, timeout=_TIMEOUT_S
        )


def _found(what: re.Pattern[str], page: str) -> re.Match[str]:
    found = what.search(page)
    if found is None:
        raise RuntimeError(f"the office's page holds no {what.pattern}: simulated staff can't read it any more")
    return found
