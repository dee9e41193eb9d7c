"""An OpenID Connect provider as the room sees it: where to send a browser, and whose code came back with it.

Authorization code with PKCE; how it is asked is openid_reading.py's, what its token proves openid_token.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from liveroom.openid_reading import NotConfirmed, Reader, fit_to_ask
from liveroom.openid_token import claims_of
from liveroom.runtime.config import OpenIdSettings

SCOPE = "openid profile"
LONGEST_CODE = 4_096


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
        self._reader = Reader(settings.client_id, secret)
        self._known: Mapping[str, Any] = {}

    def address(self, asked: Asked, back: str) -> str:
        """Where to send the browser; ``back`` is where it comes back to. Raises NotConfirmed."""
        return str(
            prepare_grant_uri(
                self._endpoint("authorization_endpoint"),
                client_id=self.settings.client_id,
                response_type="code",
                redirect_uri=back,
                scope=SCOPE,
                state=asked.state,
                nonce=asked.nonce,
                code_challenge=create_s256_code_challenge(asked.verifier),
                code_challenge_method="S256",
            )
        )

    def claims(self, code: str, asked: Asked, back: str) -> Mapping[str, Any]:
        """What the provider says of the person whose code it is, from 1 to LONGEST_CODE signs. Raises NotConfirmed."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier}
        try:
            answer = self._reader.post(self._endpoint("token_endpoint"), form)
            keys = self._reader.get(self._endpoint("jwks_uri"))
            return claims_of(answer.get("id_token"), keys, self.settings, asked.nonce)
        except NotConfirmed:
            self._known = {}
            raise

    def _endpoint(self, name: str) -> str:
        known = self._known
        if not known:
            known = self._reader.get(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if known.get("issuer") != self.settings.issuer:
                raise NotConfirmed("the provider names another issuer")
            self._known = known
        return fit_to_ask(self.settings.issuer, known.get(name))


def claimed(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path with dots into it (``realm_access.roles``); None if it is not there."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
