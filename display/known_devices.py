"""What a browser keeps of those who logged in with it: a signed word, so that guessing elsewhere does not shut it out.

It opens nothing and holds no name: whoever steals it may guess at one name, as often as the limits let a device.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from flask import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from liveroom.accounts.users import login_of

COOKIE, PATH, LASTS = "liveroom_device", "/login", timedelta(days=180)
# People who share a desk's browser; the one who came in longest ago is forgotten first.
MOST, LONGEST = 12, 2048


class KnownDevices:
    """``key`` signs; a word of the log of another ``epoch`` is none."""

    def __init__(self, key: str, epoch: str) -> None:
        self._signed = URLSafeTimedSerializer(key, salt=f"known-device:{epoch}")

    def known(self, asked: Request, name: str) -> str | None:
        """The device's own number, if somebody logged in with it under this name before."""
        return self._kept(asked).get(_mark(name))

    def remember(self, asked: Request, response: Response, name: str, *, secure: bool) -> None:
        """Let the browser keep that it was let in under this name, under another number each time."""
        kept = {mark: number for mark, number in self._kept(asked).items() if mark != _mark(name)}
        kept[_mark(name)] = secrets.token_urlsafe(12)
        word = str(self._signed.dumps(dict(list(kept.items())[-MOST:])))
        lasts_s = int(LASTS.total_seconds())
        response.set_cookie(COOKIE, word, lasts_s, path=PATH, secure=secure, httponly=True, samesite="Lax")

    def _kept(self, asked: Request) -> Mapping[str, str]:
        try:
            shown = asked.cookies.get(COOKIE, "")[:LONGEST]
            kept = self._signed.loads(shown, max_age=int(LASTS.total_seconds()))
        except BadData:
            return {}
        return kept if isinstance(kept, dict) else {}


def _mark(name: str) -> str:
    """Tells names apart and says none."""
    return sha256(login_of(name).encode("utf-8", "surrogatepass")).hexdigest()[:16]
