"""How the citizens' pages leave: a narrow policy, no cookie, kept by nobody, and told to nobody where they lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response, make_response, render_template

from display.citizens.spam import Spam
from display.pages import language_of
from display.security import policy_of
from display.trust import Visitors
from liveroom.accounts.links import Tickets
from liveroom.media.uploads import Uploading
from liveroom.room.commands.citizens import Citizens
from liveroom.room.room import Room
from liveroom.runtime.config import PublicSettings

# When to come back to a room that does not answer.
AGAIN_S = 10
STATIC = Path(__file__).resolve().parents[2] / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What the doors of this page share; ``public`` says whether reports are taken at all."""

    room: Room
    citizens: Citizens
    tickets: Tickets
    uploading: Uploading
    visitors: Visitors
    spam: Spam
    build: str
    public: PublicSettings

    @property
    def by_mail(self) -> bool:
        """Whether an e-mail address is written to."""
        return self.room.routes.citizen(email=True, phone=False) is not None

    @property
    def by_phone(self) -> bool:
        """Whether a telephone number without one is."""
        return self.room.routes.citizen(email=False, phone=True) is not None


def policy(pictures: str | None = None) -> str:
    """The content security policy; ``pictures``: an origin whose images may be shown besides."""
    return policy_of("'self'", "'self'", ("blob:", pictures))


def shown(counter: Counter, template: str, context: Mapping[str, object], status: int = 200) -> Response:
    """A page in the language asked for."""
    city = counter.room.city
    common = {"city": city, "lang": language_of(city), "drill": counter.room.kind == "drill", "build": counter.build}
    common |= {"emergency": counter.public.emergency, "public_map": counter.public.map}
    common |= {"by_mail": counter.by_mail, "by_phone": counter.by_phone}
    response = make_response(render_template(template, **common, **context), status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def closed(counter: Counter, why: str, status: int, wait_s: int = 0) -> Response:
    """The page instead of the page, in words; ``why`` names them."""
    response = shown(counter, "lapor_closed.html", {"why": why}, status)
    if wait_s:
        response.headers["Retry-After"] = str(wait_s)
    return response


def guarded(response: Response) -> Response:
    """The headers of every answer here; only this page may ask where the telephone is."""
    response.headers.setdefault("Content-Security-Policy", policy())
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
    return response
