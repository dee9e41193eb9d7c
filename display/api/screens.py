"""Screens list and picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from display.api.requests import order_of, sketch_of
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors, signed
from display.feed.cards import Cards, visit_now
from liveroom.accounts.screens import DARK_AFTER, Screen, ScreenHeartbeat, all_screens, picture_of, read_pages
from liveroom.domain.screens import ScreenName
from liveroom.domain.timestamps import from_text, to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now, read_head
from liveroom.projection.notices import frozen_screens
from liveroom.room.commands.screens import ScreenCommands
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem, read_body, read_json

# The list of screens as a desk sees it: what each last said of itself, and what that makes it.

# A page that paints later than this, or holds older data, does not keep up.
SLOW_S, SLOW_LAG_MS = 5.0, 2000
# Pages that no token names are shown while they are there.
GONE_S = 30.0
TOLD = ("kind", "seq", "behind", "freshness", "scene", "look", "width", "height", "build", "sound", "heap_mb", "lag_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenRegister:
    """Screens and pages of one moment; ``frozen``: for how many seconds yet nothing flashes, by screen."""

    seq: int
    screens: tuple[Screen, ...]
    pages: tuple[ScreenHeartbeat, ...]
    frozen: Mapping[str, float]
    guests: bool


def read_register(connection: Connection) -> ScreenRegister:
    """All of it in one transaction."""
    return ScreenRegister(
        seq=read_head(connection).seq,
        screens=all_screens(connection),
        pages=read_pages(connection),
        frozen=_frozen(connection),
        guests=visit_now(connection) is not None,
    )


def _frozen(connection: Connection) -> dict[str, float]:
    real = database_now(connection)
    return {id_: (from_text(until) - real).total_seconds() for id_, until in frozen_screens(connection, real).items()}


def listed(register: ScreenRegister) -> dict[str, Any]:
    """``{seq, screens, pages, guests}``: a screen by its last page; pages without a token while they are there;
    whether the room has guests, before whom the page names nobody (CR-81)."""
    last: dict[str, ScreenHeartbeat] = {}
    for said in register.pages:
        if said.screen is not None:
            last.setdefault(said.screen, said)
    nameless = [said for said in register.pages if said.screen is None and said.heard_s < GONE_S]
    return {
        "seq": register.seq,
        "screens": [_screen(one, last.get(one.id), register.frozen.get(one.id)) for one in register.screens],
        "guests": register.guests,
        "pages": [{"id": said.page, "state": state_of(said), **_said(said)} for said in nameless],
    }


def _screen(screen: Screen, said: ScreenHeartbeat | None, frozen_s: float | None) -> dict[str, Any]:
    return {
        "id": screen.id,
        "name": screen.name,
        "place": screen.place,
        "settings": dict(screen.settings),
        "created_at": to_text(screen.created_at),
        "revoked_at": to_text(screen.revoked_at) if screen.revoked_at is not None else None,
        "frozen_s": None if frozen_s is None else round(frozen_s, 1),
        "state": "revoked" if screen.revoked_at is not None else state_of(said),
        **(_said(said) if said is not None else {"page": None}),
    }


def _said(said: ScreenHeartbeat) -> dict[str, Any]:
    body = said.body
    painted_s = body.get("painted_s")
    return {
        "page": said.page,
        "heard_s": round(said.heard_s, 1),
        "painted_s": None if painted_s is None else round(painted_s + said.heard_s, 1),
        "speaks": bool(body.get("speaks")) and said.heard_s < DARK_AFTER.total_seconds(),
        "pictured_at": to_text(said.pictured_at) if said.pictured_at is not None else None,
        **{name: body.get(name) for name in TOLD},
    }


def state_of(said: ScreenHeartbeat | None) -> str:
    """``new`` was never seen; ``dark`` is not heard; ``asleep`` is hidden; ``slow`` does not keep up; else ``ok``."""
    if said is None:
        return "new"
    if said.heard_s > DARK_AFTER.total_seconds():
        return "dark"
    if not said.body.get("visible", True):
        return "asleep"
    return "slow" if _slow(said.body) else "ok"


def _slow(body: Mapping[str, Any]) -> bool:
    late = max(body.get("late_s") or 0.0, body.get("painted_s") or 0.0) > SLOW_S
    return late or (body.get("lag_ms") or 0) > SLOW_LAG_MS or body.get("freshness") != "live"


# The screens over HTTP: the list, each one's small picture, and what is ordered about one.

NEW = "new"
CAREFUL = {"Cache-Control": "no-store"}


def screens_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/screens``; the table of permissions says who."""
    screens = Blueprint("screens", __name__, url_prefix="/api/v1/screens")
    safely = handle_errors(Cards(room.city.policy, "desk"))
    give = safely(_ScreenRoutes(room, visitors).give)
    screens.add_url_rule("", "list", safely(lambda: json_response(listed(room.log.read(read_register)))))
    screens.add_url_rule("/<path:page>/picture", "picture", safely(lambda page: _picture(room, page)))
    screens.add_url_rule("/pair", "pair", lambda: give(subject=NEW, name=ScreenName.PAIR), methods=["POST"])
    screens.add_url_rule("/<path:subject>/<name>", "give", give, methods=["POST"])
    return screens


def _picture(room: Room, page: str) -> Response:
    body = room.log.read(lambda c: picture_of(c, page[:128]))
    if body is None:
        return problem(404, "unknown", "this page has sent no picture", "page")
    return Response(body, content_type="image/jpeg", headers=CAREFUL)


class _ScreenRoutes:
    def __init__(self, room: Room, visitors: Visitors) -> None:
        self._screening = ScreenCommands(room)
        self._visitors = visitors

    def give(self, subject: str, name: str) -> Response:
        """One order about a screen, or about the page of an id."""
        if name not in set(ScreenName) or (name == ScreenName.PAIR) != (subject == NEW):
            return problem(404, "unknown_command", f"{name[:64]!r} is not a command", "command")
        body = signed(read_json(read_body(request)), self._visitors.who(request))
        self._screening.refuse_strangers(sketch_of(body, "screen", subject, name))
        return json_response(self._screening.execute(order_of(body, "screen", subject, name)))
