"""The log-in by an OpenID provider: out with a state that only this browser has, back with a code, in as a person."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from display.entering import led, let_in, safe_next
from display.trust import Visitors
from liveroom.city.city import City
from liveroom.config_people import role_of
from liveroom.domain.names import OF_AGENCIES
from liveroom.domain.user_orders import RESERVED
from liveroom.log.sources import Taken
from liveroom.openid import Asked, NotConfirmed, Provider, claimed
from liveroom.people import Who

ON_THE_WAY, ON_THE_WAY_S = "liveroom_openid", 600
LONGEST = 64
log = logging.getLogger(__name__)
SayNo = Callable[[int, str], Response]


def openid_blueprint(provider: Provider, secret: str, city: City, visitors: Visitors, say_no: SayNo) -> Blueprint:
    """``/login/openid`` and ``/login/openid/back``; ``say_no(status, why)`` shows the log-in's page again."""
    blueprint = Blueprint("openid", __name__, url_prefix="/login/openid")
    doors = _Doors(provider, URLSafeTimedSerializer(secret, salt="openid"), city, visitors, say_no)
    blueprint.add_url_rule("", "out", doors.out)
    blueprint.add_url_rule("/back", "back", doors.back)
    return blueprint


class _Doors:
    def __init__(
        self, provider: Provider, seal: URLSafeTimedSerializer, city: City, visitors: Visitors, say_no: SayNo
    ) -> None:
        self._provider = provider
        self._seal = seal
        self._agencies = city.agencies
        self._visitors = visitors
        self._say_no = say_no

    def out(self) -> AnyResponse:
        """Send the browser to the provider."""
        asked = Asked(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48)
        )
        try:
            response = led(self._provider.address(asked, self._back()))
        except NotConfirmed as error:
            return self._failed(error)
        sealed = self._seal.dumps({**asdict(asked), "next": safe_next(request.args.get("next"))})
        secure = self._visitors.came_securely(request)
        options: dict[str, Any] = {"path": "/login/openid", "secure": secure, "httponly": True, "samesite": "Lax"}
        response.set_cookie(ON_THE_WAY, str(sealed), max_age=ON_THE_WAY_S, **options)
        return response

    def back(self) -> AnyResponse:
        """Let in whom the provider confirms and the settings give a role."""
        try:
            kept = self._seal.loads(request.cookies.get(ON_THE_WAY, ""), max_age=ON_THE_WAY_S)
        except BadSignature:
            return self._say_no(403, "stale")
        onward = kept.pop("next")
        asked = Asked(**kept)
        if not secrets.compare_digest(request.args.get("state", "").encode(), asked.state.encode()):
            return self._say_no(403, "stale")
        try:
            claims = self._provider.claims(request.args.get("code", ""), asked, self._back())
        except NotConfirmed as error:
            return self._failed(error)
        who = self._person(claims)
        response: AnyResponse = self._say_no(403, "role") if who is None else let_in(self._visitors, who.actor, onward)
        response.delete_cookie(ON_THE_WAY, path="/login/openid")
        return response

    def _person(self, claims: Mapping[str, Any]) -> Who | None:
        """The person as the provider describes them now, kept under one name for ever; None for whoever has no role."""
        settings, subject = self._provider.settings, str(claims["sub"])
        role = role_of(settings, claimed(claims, settings.role_claim))
        agency = claimed(claims, settings.agency_claim) if role in OF_AGENCIES else None
        if role is None or (role in OF_AGENCIES and agency not in self._agencies):
            return None
        users, known_as = self._visitors.users, (settings.issuer, subject)
        found = users.by_subject(*known_as)
        actor = found.who.actor if found is not None else _name_of(claims)
        who = Who(actor=actor, name=_shown(claims, actor), role=role, agency=agency)
        if found is None:
            return _added(self._visitors, who, known_as)
        if found.who != who:
            self._visitors.staff(actor).change(who)
        return who

    def _back(self) -> str:
        scheme = "https" if self._visitors.came_securely(request) else "http"
        return f"{scheme}://{request.host}/login/openid/back"

    def _failed(self, error: NotConfirmed) -> Response:
        log.warning("the OpenID provider confirmed nobody: %s", error)
        return self._say_no(502, "provider")


def _added(visitors: Visitors, who: Who, known_as: tuple[str, str]) -> Who | None:
    """A new person, under a name of their own though somebody has it or it means the room itself; None for one who was
    removed or disabled here."""
    if visitors.users.kept_out(*known_as):
        return None
    try:
        if who.actor.casefold() in RESERVED:
            raise Taken(who.actor)
        visitors.staff(who.actor).add(who, None, known_as=known_as)
        return who
    except Taken:
        other = replace(who, actor=f"{who.actor[:56]}-{secrets.token_hex(3)}")
        visitors.staff(other.actor).add(other, None, known_as=known_as)
        return other


def _name_of(claims: Mapping[str, Any]) -> str:
    told = claims.get("preferred_username") or claims.get("email") or claims["sub"]
    kept = "".join(sign for sign in str(told) if sign.isalnum() or sign in "._-@+")[:LONGEST]
    return kept or f"openid-{secrets.token_hex(4)}"


def _shown(claims: Mapping[str, Any], actor: str) -> str:
    told = "".join(sign for sign in str(claims.get("name") or actor) if sign.isprintable()).strip()
    return told[:128] or actor
