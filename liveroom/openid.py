"""An OpenID Connect provider as the room sees it: where to send a browser, and whose code came back with it.

Authorization code with PKCE; the ID token's signature, issuer, audience, nonce and times are checked.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from liveroom.config_people import OpenIdSettings

SCOPE, ALGORITHMS = "openid profile", ("RS256", "PS256", "ES256", "EdDSA")
PATIENCE_S, LEEWAY_S = 5, 60
log = logging.getLogger(__name__)


class NotConfirmed(Exception):
    """The provider did not answer, or what it answered proves nothing; the text is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is kept in the browser between the two ways: drawn anew for each log-in."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider; what it says of itself is read at the first log-in and again after a failure."""

    def __init__(self, settings: OpenIdSettings, secret: str) -> None:
        self.settings = settings
        self._client = OAuth2Session(
            settings.client_id, secret, scope=SCOPE, code_challenge_method="S256", default_timeout=PATIENCE_S
        )
        self._known: Mapping[str, Any] = {}

    def address(self, asked: Asked, back: str) -> str:
        """Where to send the browser; ``back`` is where it comes back to. Raises NotConfirmed."""
        where, _ = self._client.create_authorization_url(
            self._endpoint("authorization_endpoint"),
            state=asked.state,
            code_verifier=asked.verifier,
            redirect_uri=back,
            nonce=asked.nonce,
        )
        return str(where)

    def claims(self, code: str, asked: Asked, back: str) -> Mapping[str, Any]:
        """What the provider says of the person whose code it is. Raises NotConfirmed."""
        try:
            answer = self._client.fetch_token(
                self._endpoint("token_endpoint"), code=code, code_verifier=asked.verifier, redirect_uri=back
            )
            return self._checked(answer.get("id_token", ""), asked.nonce)
        except (AuthlibBaseError, JoseError, OSError, ValueError) as error:
            self._known = {}
            raise NotConfirmed(type(error).__name__) from error

    def _checked(self, id_token: str, nonce: str) -> Mapping[str, Any]:
        keys = KeySet.import_key_set(self._read(self._endpoint("jwks_uri")))
        token = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS))
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(token.claims)
        return token.claims

    def _endpoint(self, name: str) -> str:
        if not self._known:
            found = self._read(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.settings.issuer:
                raise NotConfirmed("the provider names another issuer")
            self._known = found
        where = self._known.get(name)
        if not isinstance(where, str):
            raise NotConfirmed(f"the provider has no {name}")
        return where

    def _read(self, where: str) -> Any:
        try:
            answer = self._client.get(where, withhold_token=True)
            answer.raise_for_status()
            return answer.json()
        except (OSError, ValueError) as error:
            raise NotConfirmed(type(error).__name__) from error


def claimed(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path with dots into it (``realm_access.roles``); None if it is not there."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
