"""One question to an OpenID provider: no redirect, no proxy of the environment, an end in time, a bounded answer."""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from liveroom.runtime.config import PLAIN_HERE
from liveroom.runtime.http_client import Guard, watching, within
from liveroom.runtime.http_input import BadJson, read_json

STEP_S, WHOLE_S = 5.0, 10.0
LONGEST_ANSWER, LONGEST_ADDRESS = 256 * 1024, 2_048
SAID = {"User-Agent": "Liveroom", "Accept": "application/json", "Accept-Encoding": "identity"}


class NotConfirmed(Exception):
    """The provider did not answer, or what it answered proves nothing; the text is for the log."""


class NoAnswer(NotConfirmed):
    """The provider was not heard, or failed itself: it says nothing of who came."""


class Reader:
    """Asks as the client ``client_id``, whose ``secret`` goes to no address but those given to ``post``."""

    def __init__(self, client_id: str, secret: str) -> None:
        self._basic = httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))
        self._tls = ssl.create_default_context()

    def get(self, where: str) -> dict[str, Any]:
        """The object that lies there. Raises NotConfirmed."""
        return self._asked("GET", where)

    def post(self, where: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The object that answers a form. Raises NotConfirmed."""
        return self._asked("POST", where, data=dict(form), auth=self._basic)

    def _asked(self, method: str, where: str, **more: Any) -> dict[str, Any]:
        with within(WHOLE_S) as guard:
            try:
                raw = self._raw(method, where, guard, more)
                found = read_json(raw)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, BadJson) as error:
                silent = guard.late or isinstance(error, httpx.HTTPError | OSError)
                why = "too slow" if guard.late else type(error).__name__
                raise (NoAnswer if silent else NotConfirmed)(why) from error
        if not isinstance(found, dict):
            raise NotConfirmed("the answer is no object")
        return found

    def _raw(self, method: str, where: str, guard: Guard, more: Mapping[str, Any]) -> bytes:
        kept = b""
        with (
            httpx.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False, trust_env=False) as client,
            client.stream(method, where, headers=SAID, extensions={"trace": watching(guard)}, **more) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                failed = NoAnswer if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR else NotConfirmed
                raise failed(f"HTTP {answer.status_code}")
            # As it came: what is packed is no JSON, so a small answer cannot become a large one here.
            for block in answer.iter_raw():
                kept += block
                if len(kept) > LONGEST_ANSWER:
                    raise NotConfirmed("the answer is too long")
        if guard.late:
            raise NoAnswer("too slow")
        return kept


def fit_to_ask(issuer: str, where: object) -> str:
    """An address that an issuer may name for itself: as well kept from listeners as its own. Raises NotConfirmed."""
    schemes = ("https://", *PLAIN_HERE) if issuer.startswith(PLAIN_HERE) else ("https://",)
    if not isinstance(where, str) or len(where) > LONGEST_ADDRESS or not where.isprintable() or " " in where:
        raise NotConfirmed("an endpoint is no address")
    try:
        named = urlsplit(where).hostname
    except ValueError as error:
        raise NotConfirmed("an endpoint is no address") from error
    if not named or not where.startswith(schemes):
        raise NotConfirmed("an endpoint is not reached safely")
    return where
