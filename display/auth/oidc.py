"""The log-in by an OpenID provider: out with a state that only this browser has, back with a code, in as a person."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol
from unicodedata import normalize

from flask import Blueprint, Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from display.auth.throttle import Attempts, KnownDevices
from display.auth.visitor import Visitors, led, let_in, safe_next
from liveroom.accounts.oidc import LONGEST_CODE, AuthorizationRequest, NoAnswer, NotConfirmed, Provider, claim_at
from liveroom.accounts.users import Person
from liveroom.domain.requests import OF_AGENCIES
from liveroom.domain.users import mixes_scripts
from liveroom.room.commands.users import ProviderClaims, admit_provider_user
from liveroom.runtime.config import role_of

ON_THE_WAY, ON_THE_WAY_S = "liveroom_openid", 600
PATH = "/login/openid"
LONGEST, LONGEST_SHOWN, LONGEST_TOLD = 64, 128, 1_024
log = logging.getLogger(__name__)


class Refuse(Protocol):
    """How another way in says no."""

    def __call__(self, status: int, why: str, wait_s: int = 0) -> Response:
        """Show the log-in's page again: with what status, why, and how many seconds to wait."""
        ...


def openid_blueprint(
    provider: Provider,
    secret: str,
    visitors: Visitors,
    attempts: Attempts,
    devices: KnownDevices,
    say_no: Refuse,
) -> Blueprint:
    """``/login/openid`` and ``/login/openid/back``; ``say_no(status, why)`` shows the log-in's page again."""
    blueprint = Blueprint("openid", __name__, url_prefix=PATH)
    doors = _OidcRoutes(provider, URLSafeTimedSerializer(secret, salt="openid"), visitors, attempts, devices, say_no)
    blueprint.add_url_rule("", "out", doors.out)
    blueprint.add_url_rule("/back", "back", doors.back)
    return blueprint


class _OidcRoutes:
    def __init__(
        self,
        provider: Provider,
        seal: URLSafeTimedSerializer,
        visitors: Visitors,
        attempts: Attempts,
        devices: KnownDevices,
        say_no: Refuse,
    ) -> None:
        self._provider = provider
        self._seal = seal
        self._agencies = visitors.room.city.agencies
        self._visitors = visitors
        self._attempts = attempts
        self._devices = devices
        self._say_no = say_no

    def out(self) -> AnyResponse:
        """Send the browser to the provider."""
        asked = AuthorizationRequest(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48)
        )
        try:
            response = led(self._provider.address(asked, self._back()))
        except NotConfirmed as error:
            return self._failed(error)
        sealed = self._seal.dumps({**asdict(asked), "next": safe_next(request.args.get("next"))})
        secure = self._visitors.came_securely(request)
        options: dict[str, Any] = {"path": PATH, "secure": secure, "httponly": True, "samesite": "Lax"}
        response.set_cookie(ON_THE_WAY, str(sealed), max_age=ON_THE_WAY_S, **options)
        return response

    def back(self) -> AnyResponse:
        """Let in whom the provider confirms and the settings give a role; the way back is used up in any case."""
        response = self._came_back()
        response.delete_cookie(ON_THE_WAY, path=PATH)
        return response

    def _came_back(self) -> AnyResponse:
        try:
            kept = self._seal.loads(request.cookies.get(ON_THE_WAY, ""), max_age=ON_THE_WAY_S)
        except BadSignature:
            return self._say_no(403, "stale")
        onward = kept.pop("next")
        asked = AuthorizationRequest(**kept)
        if not secrets.compare_digest(request.args.get("state", "").encode(), asked.state.encode()):
            return self._say_no(403, "stale")
        try:
            return self._counted(self._code(), asked, onward)
        except NotConfirmed as error:
            return self._failed(error)

    def _code(self) -> str:
        """What to ask the provider about. Raises NotConfirmed for what nobody needs to be asked about."""
        issuer, code = self._provider.settings.issuer, request.args.get("code", "")
        if request.args.get("iss", issuer) != issuer:
            raise NotConfirmed("another issuer sent the browser back")
        if not 0 < len(code) <= LONGEST_CODE:
            raise NotConfirmed("the provider sent the browser back without a code")
        return code

    def _counted(self, code: str, asked: AuthorizationRequest, onward: str) -> AnyResponse:
        """Let in whom the provider confirms. Only what it answered counts, and not of a browser that it let in before.

        Raises NotConfirmed.
        """
        # Which name it will be is not known yet: a browser is known under the provider's address, which is no name.
        issuer, address = self._provider.settings.issuer, self._visitors.address(request)
        device = self._attempts.trusted(self._devices.known(request, issuer))
        if device is None and (wait := self._attempts.return_wait_s(address)):
            return self._say_no(429, "wait", wait)
        try:
            who = admit_provider_user(self._visitors.room, self._told(self._provider.claims(code, asked, self._back())))
        except NotConfirmed as error:
            if not isinstance(error, NoAnswer):
                self._in_vain(device, address)
            raise
        if who is None:
            self._in_vain(device, address)
            return self._say_no(403, "role")
        self._attempts.succeeded(issuer, address, device)
        response = let_in(self._visitors, who.actor, onward)
        self._devices.remember(request, response, issuer, secure=self._visitors.came_securely(request))
        return response

    def _in_vain(self, device: str | None, address: str) -> None:
        if device is None:
            self._attempts.returned_in_vain(address)

    def _told(self, claims: Mapping[str, Any]) -> ProviderClaims:
        """The person as the provider describes them now."""
        settings = self._provider.settings
        role = role_of(settings, claim_at(claims, settings.role_claim))
        agency = claim_at(claims, settings.agency_claim) if role in OF_AGENCIES else None
        actor, shown = _name_of(claims), _shown(claims)
        has_none = role is None or (role in OF_AGENCIES and not (isinstance(agency, str) and agency in self._agencies))
        who = None if role is None or has_none else Person(actor=actor, name=shown or actor, role=role, agency=agency)
        return ProviderClaims(issuer=settings.issuer, subject=claims["sub"], who=who, shown=bool(shown))

    def _back(self) -> str:
        scheme = "https" if self._visitors.came_securely(request) else "http"
        return f"{scheme}://{request.host}/login/openid/back"

    def _failed(self, error: NotConfirmed) -> Response:
        log.warning("the OpenID provider confirmed nobody: %s", error)
        return self._say_no(502, "provider")


def _name_of(claims: Mapping[str, Any]) -> str:
    """The log-in name of a new person: what the provider calls them, an address only if it was verified."""
    email, called = _bounded(claims.get("email")), _bounded(claims.get("preferred_username"))
    verified = email if claims.get("email_verified") is True else ""
    if not verified and called.casefold() == email.casefold():
        called = ""
    told = normalize("NFKC", called or verified or claims["sub"])
    kept = "".join(sign for sign in told if sign.isalnum() or sign in "._-@+")[:LONGEST]
    return kept if kept and not mixes_scripts(kept) else f"openid-{secrets.token_hex(4)}"


def _shown(claims: Mapping[str, Any]) -> str:
    """The name for other people's eyes; empty where none was told that can be shown."""
    return "".join(sign for sign in _bounded(claims.get("name")) if sign.isprintable()).strip()[:LONGEST_SHOWN]


def _bounded(told: object) -> str:
    return told[:LONGEST_TOLD] if isinstance(told, str) else ""
