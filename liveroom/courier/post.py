"""One HTTP POST to an address of the pack or the register: no redirect, no proxy of the environment, bounded."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx

from liveroom.courier.come_back import stays_away
from liveroom.courier.outcome import Outcome, unreachable
from liveroom.courier.why import why_unreachable
from liveroom.runtime.http_client import STEP_S, WHOLE_S, Guard, watching, within
from liveroom.runtime.time import system_now

ANSWER_MAX = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said: its number, the beginning of its text, and how long it wants no more of ours."""

    status: int
    text: str
    away: timedelta


class Poster:
    """Posts, each time on a connection of its own: receivers are many and a letter is rare."""

    def __init__(self) -> None:
        # Reading the machine's authorities takes 20 ms and more: once, not in every attempt.
        self._tls = ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | Outcome:
        """The answer, or why there was none."""
        with within(WHOLE_S) as guard:
            try:
                with self._client() as client:
                    return _answer(client, url, body, headers, guard)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                if guard.late or isinstance(error, httpx.TimeoutException):
                    return unreachable("timeout", type(error).__name__)
                return why_unreachable(error)

    def _client(self) -> httpx.Client:
        return httpx.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False, trust_env=False)


def _answer(client: httpx.Client, url: str, body: bytes, headers: Mapping[str, str], guard: Guard) -> Answer:
    said = {"User-Agent": "Liveroom", "Accept-Encoding": "identity", **headers}
    extensions = {"trace": watching(guard)}
    with client.stream("POST", url, content=body, headers=said, extensions=extensions) as answer:
        away = stays_away(answer.headers.get("Retry-After"), system_now())
        return Answer(status=answer.status_code, text=_beginning(answer), away=away)


def _beginning(answer: httpx.Response) -> str:
    """What of the text is looked at, as it came: an endless or packed body is left where it is."""
    found = b""
    for chunk in answer.iter_raw(ANSWER_MAX):
        found += chunk
        if len(found) >= ANSWER_MAX:
            break
    return found[:ANSWER_MAX].decode("utf-8", "replace")
