"""An OpenID Connect provider (authorization code with PKCE): where to send the browser, whose code came back.

Each request to the provider follows no redirect, uses no proxy from the environment, ends in time and reads a bounded
answer. What an ID token must prove is OpenID Connect Core 3.1.3.7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from liveroom.runtime.config import PLAIN_HERE, OpenIdSettings
from liveroom.runtime.http_client import OK, SERVER_ERROR, BoundedClient, NoReplyError
from liveroom.runtime.http_input import BadJson, read_json

SCOPE = "openid profile"
LONGEST_CODE = 4_096


class NotConfirmed(Exception):
    """The provider confirmed nobody: no answer, or one that proves nothing. The text is for the log."""


class NoAnswer(NotConfirmed):
    """The provider did not answer or failed itself, which says nothing about the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """The secrets of one log-in, kept in the browser's session until it comes back; new for each log-in."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider; its discovery document is read at the first log-in and again after a failure."""

    def __init__(self, settings: OpenIdSettings, secret: str) -> None:
        self.settings = settings
        self._client = _ProviderClient(settings.client_id, secret)
        self._known: Mapping[str, Any] = {}

    def address(self, asked: AuthorizationRequest, back: str) -> str:
        """The URL to send the browser to; ``back`` is the redirect URI. Raises NotConfirmed."""
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

    def claims(self, code: str, asked: AuthorizationRequest, back: str) -> Mapping[str, Any]:
        """The verified claims about the person whose ``code`` (1 to LONGEST_CODE characters) it is. Raises
        NotConfirmed."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier}
        try:
            answer = self._client.post(self._endpoint("token_endpoint"), form)
            keys = self._client.get(self._endpoint("jwks_uri"))
            return _verified_claims(answer.get("id_token"), keys, self.settings, asked.nonce)
        except NotConfirmed:
            self._known = {}
            raise

    def _endpoint(self, name: str) -> str:
        known = self._known
        if not known:
            known = self._client.get(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if known.get("issuer") != self.settings.issuer:
                raise NotConfirmed("the provider names another issuer")
            self._known = known
        return _safe_endpoint(self.settings.issuer, known.get(name))


def claim_at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by name or by a dotted path (``realm_access.roles``); None if it is missing."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


# Requests to the provider.

# Seconds for one step of a request (connect, write, read), and for the whole of it.
STEP_S, WHOLE_S = 5.0, 10.0
LONGEST_ANSWER, LONGEST_ADDRESS = 256 * 1024, 2_048
HEADERS = {"User-Agent": "Liveroom", "Accept": "application/json", "Accept-Encoding": "identity"}


class _ProviderClient:
    """HTTP requests of the client ``client_id``; its ``secret`` is sent by ``post`` only."""

    def __init__(self, client_id: str, secret: str) -> None:
        self._basic = httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))
        self._client = BoundedClient(WHOLE_S, STEP_S)

    def get(self, where: str) -> dict[str, Any]:
        """The JSON object at a URL. Raises NotConfirmed."""
        return self._request("GET", where)

    def post(self, where: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that answers a posted form. Raises NotConfirmed."""
        return self._request("POST", where, data=dict(form), auth=self._basic)

    def _request(self, method: str, where: str, **more: Any) -> dict[str, Any]:
        try:
            found = read_json(self._body(method, where, more))
        except NoReplyError as error:
            raise NoAnswer("too slow" if error.late else type(error.__cause__).__name__) from error
        except OSError as error:
            raise NoAnswer(type(error).__name__) from error
        except (ValueError, BadJson) as error:
            raise NotConfirmed(type(error).__name__) from error
        if not isinstance(found, dict):
            raise NotConfirmed("the answer is no object")
        return found

    def _body(self, method: str, where: str, more: Mapping[str, Any]) -> bytes:
        kept = b""
        with self._client.request(method, where, headers=HEADERS, **more) as answer:
            if answer.status_code != OK:
                failed = NoAnswer if answer.status_code >= SERVER_ERROR else NotConfirmed
                raise failed(f"HTTP {answer.status_code}")
            # Raw: a compressed answer is no JSON then, so a small one cannot unpack into a large one.
            for block in answer.iter_raw():
                kept += block
                if len(kept) > LONGEST_ANSWER:
                    raise NotConfirmed("the answer is too long")
        return kept


def _safe_endpoint(issuer: str, where: object) -> str:
    """The endpoint, if it is as safe from eavesdroppers as the issuer's own address. Raises NotConfirmed."""
    schemes = ("https://", *PLAIN_HERE) if issuer.startswith(PLAIN_HERE) else ("https://",)
    if not isinstance(where, str) or len(where) > LONGEST_ADDRESS or not where.isprintable() or " " in where:
        raise NotConfirmed("an endpoint is no address")
    try:
        named = urlsplit(where).hostname
    except ValueError as error:
        raise NotConfirmed("an endpoint is no address") from error
    if not named or not where.startswith(schemes):
        raise NotConfirmed("an endpoint is not reached safely")
    return where


# ID tokens: signed with a key of the issuer, for this client, for this log-in, and not expired.

# Public-key signatures only: with a shared secret anybody who reads the public key could sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
LEEWAY_S, MOST_KEYS = 60, 32
LONGEST_TOKEN, LONGEST_SUBJECT = 64 * 1024, 255
# What a library may raise on hostile input.
UNFORESEEN = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


def _verified_claims(
    id_token: object, keys: Mapping[str, Any], settings: OpenIdSettings, nonce: str
) -> Mapping[str, Any]:
    """The claims of a token whose signature, issuer, audience, times, nonce, authorized party and subject are right.

    Raises NotConfirmed.
    """
    if not isinstance(id_token, str) or not 0 < len(id_token) <= LONGEST_TOKEN:
        raise NotConfirmed("no ID token, or one too long")
    try:
        token = jwt.decode(id_token, _keys(keys), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
                "exp": {"essential": True},
                "iat": {"essential": True},
            },
            params={"nonce": nonce, "client_id": settings.client_id},
        )
        claims.validate(leeway=LEEWAY_S)
    except UNFORESEEN as error:
        raise NotConfirmed(type(error).__name__) from error
    subject = token.claims["sub"]
    if not (isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and _is_plain(subject)):
        raise NotConfirmed("the subject is no name of at most 255 characters")
    return token.claims


def _is_plain(subject: str) -> bool:
    return subject.isascii() and subject.isprintable()


def _keys(given: Mapping[str, Any]) -> KeySet:
    """The usable keys; one of an unknown type is skipped, so that a provider can add it. Raises NotConfirmed if none
    is."""
    listed = given.get("keys")
    found = [_key(one) for one in listed[:MOST_KEYS]] if isinstance(listed, list) else []
    usable = [key for key in found if key is not None]
    if not usable:
        raise NotConfirmed("the provider has no key that can be read")
    return KeySet(usable)


def _key(given: Any) -> Key | None:
    if not isinstance(given, dict) or given.get("kty") not in KEY_TYPES or given.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(given)
    except UNFORESEEN:
        return None
