"""Log-in by an OpenID provider (authorization code flow with PKCE): ``/login/openid`` and ``/login/openid/back``.

State, nonce and verifier travel in a sealed cookie for ten minutes, so that only the browser that went out comes back.
The person, their role and agency follow the provider's claims by the rules of the settings (``openid:``).
"""

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
from display.auth.visitor import Visitors, begin_session, safe_next, see_other
from liveroom.accounts.oidc import LONGEST_CODE, AuthorizationRequest, NoAnswer, NotConfirmed, Provider, claim_at
from liveroom.accounts.users import Person
from liveroom.domain.requests import OF_AGENCIES
from liveroom.domain.users import mixes_scripts
from liveroom.room.commands.users import ProviderClaims, admit_provider_user
from liveroom.runtime.config import role_of

_STATE_COOKIE, _STATE_COOKIE_S = "liveroom_openid", 600
PATH = "/login/openid"
_LONGEST_LOGIN, _LONGEST_NAME, _LONGEST_CLAIM = 64, 128, 1_024
log = logging.getLogger(__name__)


class LoginPage(Protocol):
    """Shows the log-in's page again with a refusal."""

    def __call__(self, status: int, why: str, wait_s: int = 0) -> Response:
        """The page with this status and reason, and how many seconds to wait."""
        ...


def openid_blueprint(
    provider: Provider,
    secret: str,
    visitors: Visitors,
    attempts: Attempts,
    devices: KnownDevices,
    show_login: LoginPage,
) -> Blueprint:
    """``/login/openid`` and ``/login/openid/back``; ``show_login`` shows a refusal."""
    blueprint = Blueprint("openid", __name__, url_prefix=PATH)
    routes = _OidcRoutes(
        provider, URLSafeTimedSerializer(secret, salt="openid"), visitors, attempts, devices, show_login
    )
    blueprint.add_url_rule("", "out", routes.out)
    blueprint.add_url_rule("/back", "back", routes.back)
    return blueprint


class _OidcRoutes:
    def __init__(
        self,
        provider: Provider,
        seal: URLSafeTimedSerializer,
        visitors: Visitors,
        attempts: Attempts,
        devices: KnownDevices,
        show_login: LoginPage,
    ) -> None:
        self._provider = provider
        self._seal = seal
        self._agencies = visitors.room.city.agencies
        self._visitors = visitors
        self._attempts = attempts
        self._devices = devices
        self._show_login = show_login

    def out(self) -> AnyResponse:
        """Send the browser to the provider."""
        asked = AuthorizationRequest(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48)
        )
        try:
            response = see_other(self._provider.address(asked, self._callback_url()))
        except NotConfirmed as error:
            return self._failed(error)
        sealed = self._seal.dumps({**asdict(asked), "next": safe_next(request.args.get("next"))})
        secure = self._visitors.came_securely(request)
        options: dict[str, Any] = {"path": PATH, "secure": secure, "httponly": True, "samesite": "Lax"}
        response.set_cookie(_STATE_COOKIE, str(sealed), max_age=_STATE_COOKIE_S, **options)
        return response

    def back(self) -> AnyResponse:
        """Log in whom the provider confirms and the settings give a role; the state is used up in any case."""
        response = self._check_state()
        response.delete_cookie(_STATE_COOKIE, path=PATH)
        return response

    def _check_state(self) -> AnyResponse:
        try:
            kept = self._seal.loads(request.cookies.get(_STATE_COOKIE, ""), max_age=_STATE_COOKIE_S)
        except BadSignature:
            return self._show_login(403, "stale")
        onward = kept.pop("next")
        asked = AuthorizationRequest(**kept)
        if not secrets.compare_digest(request.args.get("state", "").encode(), asked.state.encode()):
            return self._show_login(403, "stale")
        try:
            return self._redeem(self._code(), asked, onward)
        except NotConfirmed as error:
            return self._failed(error)

    def _code(self) -> str:
        """The code to redeem. Raises NotConfirmed where the provider need not be asked."""
        issuer, code = self._provider.settings.issuer, request.args.get("code", "")
        if request.args.get("iss", issuer) != issuer:
            raise NotConfirmed("another issuer sent the browser back")
        if not 0 < len(code) <= LONGEST_CODE:
            raise NotConfirmed("the provider sent the browser back without a code")
        return code

    def _redeem(self, code: str, asked: AuthorizationRequest, onward: str) -> AnyResponse:
        """Log in whom the provider confirms. Raises NotConfirmed.

        A try counts only if the provider answered no, and not from a browser that came in by it before.
        """
        # Nobody's name is known yet: the browser is remembered under the provider's address, which is no name.
        issuer, address = self._provider.settings.issuer, self._visitors.address(request)
        device = self._attempts.trusted(self._devices.known(request, issuer))
        if device is None and (wait := self._attempts.return_wait_s(address)):
            return self._show_login(429, "wait", wait)
        try:
            who = admit_provider_user(
                self._visitors.room, self._claims_of(self._provider.claims(code, asked, self._callback_url()))
            )
        except NotConfirmed as error:
            if not isinstance(error, NoAnswer):
                self._count_failure(device, address)
            raise
        if who is None:
            self._count_failure(device, address)
            return self._show_login(403, "role")
        self._attempts.succeeded(issuer, address, device)
        response = begin_session(self._visitors, who.actor, onward)
        self._devices.remember(request, response, issuer, secure=self._visitors.came_securely(request))
        return response

    def _count_failure(self, device: str | None, address: str) -> None:
        if device is None:
            self._attempts.return_failed(address)

    def _claims_of(self, claims: Mapping[str, Any]) -> ProviderClaims:
        """The person as the provider describes them now; ``who`` None where the settings give no role or agency."""
        settings = self._provider.settings
        role = role_of(settings, claim_at(claims, settings.role_claim))
        agency = claim_at(claims, settings.agency_claim) if role in OF_AGENCIES else None
        actor, shown = _login_of(claims), _display_name(claims)
        has_none = role is None or (role in OF_AGENCIES and not (isinstance(agency, str) and agency in self._agencies))
        who = None if role is None or has_none else Person(actor=actor, name=shown or actor, role=role, agency=agency)
        return ProviderClaims(issuer=settings.issuer, subject=claims["sub"], who=who, shown=bool(shown))

    def _callback_url(self) -> str:
        scheme = "https" if self._visitors.came_securely(request) else "http"
        return f"{scheme}://{request.host}/login/openid/back"

    def _failed(self, error: NotConfirmed) -> Response:
        log.warning("the OpenID provider confirmed nobody: %s", error)
        return self._show_login(502, "provider")


def _login_of(claims: Mapping[str, Any]) -> str:
    """The log-in name of a new person: the preferred user name; an e-mail address only if it was verified."""
    email, called = _bounded(claims.get("email")), _bounded(claims.get("preferred_username"))
    verified = email if claims.get("email_verified") is True else ""
    if not verified and called.casefold() == email.casefold():
        called = ""
    name = normalize("NFKC", called or verified or claims["sub"])
    kept = "".join(sign for sign in name if sign.isalnum() or sign in "._-@+")[:_LONGEST_LOGIN]
    return kept if kept and not mixes_scripts(kept) else f"openid-{secrets.token_hex(4)}"


def _display_name(claims: Mapping[str, Any]) -> str:
    """The name that others see; empty where no printable one was sent."""
    return "".join(sign for sign in _bounded(claims.get("name")) if sign.isprintable()).strip()[:_LONGEST_NAME]


def _bounded(claim: object) -> str:
    return claim[:_LONGEST_CLAIM] if isinstance(claim, str) else ""
