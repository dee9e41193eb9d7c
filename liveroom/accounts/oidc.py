"""OpenID Connect (authlib does it: ~100 left)."""

import hmac
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from liveroom.runtime.config import PLAIN_HERE, OpenIdSettings
from liveroom.runtime.http_client import Guard, watching, within
from liveroom.runtime.http_input import BadJson, read_json

# One question to an OpenID provider: no redirect, no proxy of the environment, an end in time, a bounded answer.

STEP_S, WHOLE_S = 5.0, 10.0
LONGEST_ANSWER, LONGEST_ADDRESS = 256 * 1024, 2_048
HEADERS = {"User-Agent": "Liveroom", "Accept": "application/json", "Accept-Encoding": "identity"}


class NotConfirmed(Exception):
    """The provider did not answer, or what it answered proves nothing; the text is for the log."""


class NoAnswer(NotConfirmed):
    """The provider was not heard, or failed itself: it says nothing of who came."""


class _ProviderClient:
    """Asks as the client ``client_id``, whose ``secret`` goes to no address but those given to ``post``."""

    def __init__(self, client_id: str, secret: str) -> None:
        self._basic = httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))
        self._tls = ssl.create_default_context()

    def get(self, where: str) -> dict[str, Any]:
        """The object that lies there. Raises NotConfirmed."""
        return self._request("GET", where)

    def post(self, where: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The object that answers a form. Raises NotConfirmed."""
        return self._request("POST", where, data=dict(form), auth=self._basic)

    def _request(self, method: str, where: str, **more: Any) -> dict[str, Any]:
        with within(WHOLE_S) as guard:
            try:
                raw = self._body(method, where, guard, more)
                found = read_json(raw)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, BadJson) as error:
                silent = guard.late or isinstance(error, httpx.HTTPError | OSError)
                why = "too slow" if guard.late else type(error).__name__
                raise (NoAnswer if silent else NotConfirmed)(why) from error
        if not isinstance(found, dict):
            raise NotConfirmed("the answer is no object")
        return found

    def _body(self, method: str, where: str, guard: Guard, more: Mapping[str, Any]) -> bytes:
        kept = b""
        with (
            httpx.Client(verify=self._tls, timeout=STEP_S, follow_redirects=False, trust_env=False) as client,
            client.stream(method, where, headers=HEADERS, extensions={"trace": watching(guard)}, **more) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                failed = NoAnswer if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR else NotConfirmed
                raise failed(f"HTTP {answer.status_code}")
            # As it came: what is packed is no JSON, so a small answer cannot become a large one here.
            for block in answer.iter_raw():
                kept += block
                if len(kept) > LONGEST_ANSWER:
                    raise NotConfirmed("the answer is too long")
        if guard.late:
            raise NoAnswer("too slow")
        return kept


def _safe_endpoint(issuer: str, where: object) -> str:
    """An address that an issuer may name for itself: as well kept from listeners as its own. Raises NotConfirmed."""
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


# What an ID token must be to prove anything: signed by a key of the issuer, for this client, this log-in and now.

# Signatures alone: by a shared secret anybody who reads the public key could sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
LEEWAY_S, MOST_KEYS = 60, 32
LONGEST_TOKEN, LONGEST_SUBJECT = 64 * 1024, 255
# What a library says of input that nobody foresaw.
UNFORESEEN = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


def _verified_claims(
    id_token: object, keys: Mapping[str, Any], settings: OpenIdSettings, nonce: str
) -> Mapping[str, Any]:
    """The claims, once everything about the token holds. Raises NotConfirmed."""
    if not isinstance(id_token, str) or not 0 < len(id_token) <= LONGEST_TOKEN:
        raise NotConfirmed("no ID token, or one too long")
    try:
        token = jwt.decode(id_token, _keys(keys), algorithms=list(ALGORITHMS))
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(token.claims)
    except UNFORESEEN as error:
        raise NotConfirmed(type(error).__name__) from error
    _refuse_other_log_in(token.claims, settings.client_id, nonce)
    return token.claims


def _refuse_other_log_in(claims: Mapping[str, Any], client_id: str, nonce: str) -> None:
    """OpenID Connect Core 3.1.3.7: the party it was given to, the log-in that asked; and 2, of the subject."""
    party = claims.get("azp")
    if party != client_id and (party is not None or claims["aud"] not in (client_id, [client_id])):
        raise NotConfirmed("the token was given to somebody else")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), nonce.encode()):
        raise NotConfirmed("the token is of another log-in")
    subject = claims.get("sub")
    if not (isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and _is_plain(subject)):
        raise NotConfirmed("the subject is no name of at most 255 characters")


def _is_plain(subject: str) -> bool:
    return subject.isascii() and subject.isprintable()


def _keys(given: Mapping[str, Any]) -> KeySet:
    """The keys that can be read; one of a kind of tomorrow shuts nobody out."""
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


# An OpenID Connect provider as the room sees it: where to send a browser, and whose code came back with it.
#
# Authorization code with PKCE; how it is asked is openid_reading.py's, what its token proves openid_token.py's.

SCOPE = "openid profile"
LONGEST_CODE = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What is kept in the browser between the two ways: drawn anew for each log-in."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider; what it says of itself is read at the first log-in and again after a failure."""

    def __init__(self, settings: OpenIdSettings, secret: str) -> None:
        self.settings = settings
        self._client = _ProviderClient(settings.client_id, secret)
        self._known: Mapping[str, Any] = {}

    def address(self, asked: AuthorizationRequest, back: str) -> str:
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

    def claims(self, code: str, asked: AuthorizationRequest, back: str) -> Mapping[str, Any]:
        """What the provider says of the person whose code it is, from 1 to LONGEST_CODE signs. Raises NotConfirmed."""
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
    """A claim by its name, or by a path with dots into it (``realm_access.roles``); None if it is not there."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
