"""``POST /login/practice``: in a drill, whoever sits at its machine tries the room as somebody of any role.

No password is asked for, because the request comes from a place that may do everything in a drill anyway: this machine,
forwarded by nobody (`Visitors.trusts_loopback`). Everywhere else, and in every real room, nothing is offered and the
route refuses. The people are made when they are first tried, one a role, and are as any others from then on.
"""

from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from display.auth.visitor import FORM_COOKIE, LOGIN_FORM, Visitors, begin_session, csrf_fits, own_page
from display.pages.page import closed_page, language_of
from liveroom.accounts.sources import NameTaken
from liveroom.accounts.users import Person
from liveroom.city.city import City
from liveroom.domain.requests import Role
from liveroom.log.engine import Unavailable
from liveroom.room.commands.users import UserActs
from liveroom.room.room import Room
from liveroom.runtime.language import text

PATH = "/login/practice"
# Who is offered, the daily work first.
OFFERED = (Role.DUTY, Role.SUPERVISOR, Role.AGENCY, Role.AGENCY_HEAD, Role.LEADERSHIP, Role.ADMIN)
_OF_AGENCY = frozenset({Role.AGENCY, Role.AGENCY_HEAD})


def offered(visitors: Visitors) -> tuple[str, ...]:
    """The roles that this visitor may try; none outside a drill, or from elsewhere than its own machine."""
    there = visitors.room.kind == "drill" and visitors.trusts_loopback(request)
    return tuple(role.value for role in OFFERED) if there else ()


def practice_blueprint(room: Room, visitors: Visitors) -> Blueprint:
    """The route behind the buttons of `_practice.html`."""
    blueprint, door = Blueprint("practice", __name__), _PracticeDoor(room=room, visitors=visitors)
    blueprint.register_error_handler(Unavailable, lambda _error: closed_page(room.city, "away", 503))
    blueprint.add_url_rule(PATH, "enter", door.enter, methods=["POST"])
    return blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class _PracticeDoor:
    room: Room
    visitors: Visitors

    def enter(self) -> AnyResponse:
        """Begin the session of the person who stands for a role, made if need be."""
        wanted, form_token = request.form.get("role", ""), request.cookies.get(FORM_COOKIE)
        if wanted not in offered(self.visitors) or form_token is None or not csrf_fits(request, form_token, LOGIN_FORM):
            return closed_page(self.room.city, "desk", 403)
        role = Role(wanted)
        who = _stand_in(self.room.city, role)
        users = self.visitors.users
        user = users.by_name(who.actor)
        if user is None:
            # Two clicks at once may both come here; and an admin of this drill may have disabled or removed them.
            with suppress(NameTaken):
                UserActs(self.room, who.actor).add(who, None)
            user = users.by_name(who.actor)
        if user is None or user.who.role is not role:
            return closed_page(self.room.city, "desk", 403)
        return begin_session(self.visitors, who.actor, own_page(role, f"/?lang={language_of(self.room.city)}"))


def _stand_in(city: City, role: Role) -> Person:
    """Who stands for a role: ``coba-duty``; those of an agency are of the city's first."""
    agency = next(iter(city.agencies)) if role in _OF_AGENCY else None
    name = text(f"page.role.{role.value}", city.languages[0])
    return Person(actor=f"coba-{role.value.replace('_', '-')}", name=name.capitalize(), role=role, agency=agency)
