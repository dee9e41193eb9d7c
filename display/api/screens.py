"""The screens over HTTP, ``/api/v1/screens``: their list and state, and the thumbnail of each page.

A screen is shown by the last heartbeat of its page; pages without a token while they are there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from display.api.requests import requester
from display.api.responses import handle_errors, json_response
from display.auth.visitor import Visitors
from display.feed.cards import Cards, visit_now
from liveroom.accounts.screens import Screen, ScreenHeartbeat, all_screens, picture_of, read_pages
from liveroom.domain.fields import given_by
from liveroom.domain.requests import Role
from liveroom.domain.screens import ScreenCommandName, allowed
from liveroom.domain.timestamps import from_text, to_text
from liveroom.log.engine import Connection
from liveroom.log.event_log import database_now, read_head
from liveroom.projection.notices import frozen_screens
from liveroom.room.room import Room
from liveroom.runtime.http_input import problem

# A page that paints later than this, or holds older data, is slow.
SLOW_S, SLOW_LAG_MS = 5.0, 2000
# Pages without a token are listed for this long after their last heartbeat.
GONE_S = 30.0
_HEARTBEAT_FIELDS = (
    "kind",
    "seq",
    "behind",
    "freshness",
    "scene",
    "look",
    "width",
    "height",
    "build",
    "sound",
    "heap_mb",
    "lag_ms",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenRegister:
    """Screens and pages of one moment; ``frozen``: by screen, for how many more seconds nothing flashes."""

    seq: int
    screens: tuple[Screen, ...]
    pages: tuple[ScreenHeartbeat, ...]
    frozen: Mapping[str, float]
    guests: bool


def read_register(connection: Connection) -> ScreenRegister:
    """The register, read in one transaction."""
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


def register_json(register: ScreenRegister, dark_s: float, role: Role) -> dict[str, Any]:
    """``{seq, screens, pages, guests}``; with ``guests`` in the room the page names nobody (CR-81).

    ``dark_s``: seconds after which a silent screen is dark. ``role``: the reader's, of whom ``allowed`` of each screen
    and page says which commands they could give.
    """
    last: dict[str, ScreenHeartbeat] = {}
    for heartbeat in register.pages:
        if heartbeat.screen is not None:
            last.setdefault(heartbeat.screen, heartbeat)
    nameless = [heartbeat for heartbeat in register.pages if heartbeat.screen is None and heartbeat.heard_s < GONE_S]
    return {
        "seq": register.seq,
        "screens": [
            _with_allowed(_screen_json(one, last.get(one.id), register.frozen.get(one.id), dark_s), role)
            for one in register.screens
        ],
        "guests": register.guests,
        "pages": [
            _with_allowed(
                {"id": heartbeat.page, "state": _state_of(heartbeat, dark_s), **_heartbeat_json(heartbeat, dark_s)},
                role,
            )
            for heartbeat in nameless
        ],
    }


def _with_allowed(row: dict[str, Any], role: Role) -> dict[str, Any]:
    """A screen or page, with the commands that this role could give on it."""
    state, paired, frozen = row["state"], "settings" in row, row.get("frozen_s") is not None
    heard = state not in ("new", "dark")
    names = () if state == "revoked" else allowed(role, paired=paired, heard=heard, frozen=frozen)
    return {**row, "allowed": names}


def _screen_json(
    screen: Screen, heartbeat: ScreenHeartbeat | None, frozen_s: float | None, dark_s: float
) -> dict[str, Any]:
    return {
        "id": screen.id,
        "name": screen.name,
        "place": screen.place,
        "settings": dict(screen.settings),
        "created_at": to_text(screen.created_at),
        "revoked_at": to_text(screen.revoked_at) if screen.revoked_at is not None else None,
        "frozen_s": None if frozen_s is None else round(frozen_s, 1),
        "state": "revoked" if screen.revoked_at is not None else _state_of(heartbeat, dark_s),
        **(_heartbeat_json(heartbeat, dark_s) if heartbeat is not None else {"page": None}),
    }


def _heartbeat_json(heartbeat: ScreenHeartbeat, dark_s: float) -> dict[str, Any]:
    body = heartbeat.body
    painted_s = body.get("painted_s")
    return {
        "page": heartbeat.page,
        "heard_s": round(heartbeat.heard_s, 1),
        "painted_s": None if painted_s is None else round(painted_s + heartbeat.heard_s, 1),
        "speaks": bool(body.get("speaks")) and heartbeat.heard_s < dark_s,
        "pictured_at": to_text(heartbeat.pictured_at) if heartbeat.pictured_at is not None else None,
        **{name: body.get(name) for name in _HEARTBEAT_FIELDS},
    }


def _state_of(heartbeat: ScreenHeartbeat | None, dark_s: float) -> str:
    """``new`` was never seen; ``dark`` is not heard; ``asleep`` is hidden; ``recorded`` shows a past moment;
    ``slow`` does not keep up; else ``ok``."""
    if heartbeat is None:
        return "new"
    if heartbeat.heard_s > dark_s:
        return "dark"
    if not heartbeat.body.get("visible", True):
        return "asleep"
    if heartbeat.body.get("freshness") == "recorded":
        return "recorded"
    return "slow" if _slow(heartbeat.body) else "ok"


def _slow(body: Mapping[str, Any]) -> bool:
    late = max(body.get("late_s") or 0.0, body.get("painted_s") or 0.0) > SLOW_S
    return late or (body.get("lag_ms") or 0) > SLOW_LAG_MS or body.get("freshness") != "live"


_NO_STORE = {"Cache-Control": "no-store"}


def screens_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """``/api/v1/screens``; the permission table says for whom."""
    screens = Blueprint("screens", __name__, url_prefix="/api/v1/screens")
    handled = handle_errors(Cards(room.city.policy, "desk"))
    dark_s = room.rules.dark_after.total_seconds()

    def listed() -> Response:
        role = requester(visitors, request).role
        without_id = [name for name in given_by(room.specs("screen"), role) if name == ScreenCommandName.PAIR]
        register = room.log.read(read_register)
        return json_response({**register_json(register, dark_s, role), "allowed": without_id})

    screens.add_url_rule("", "list", handled(listed))
    screens.add_url_rule("/<path:page>/picture", "picture", handled(lambda page: _picture(room, page)))
    return screens


def _picture(room: Room, page: str) -> Response:
    body = room.log.read(lambda c: picture_of(c, page[:128]))
    if body is None:
        return problem(404, "unknown", "this page has sent no picture", "page")
    return Response(body, content_type="image/jpeg", headers=_NO_STORE)
