"""What an ID token must be to prove anything: signed by a key of the issuer, for this client, this log-in and now."""

import hmac
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from liveroom.openid_reading import NotConfirmed
from liveroom.runtime.config import OpenIdSettings

# Signatures alone: by a shared secret anybody who reads the public key could sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KINDS = frozenset({"RSA", "EC", "OKP"})
LEEWAY_S, MOST_KEYS = 60, 32
LONGEST_TOKEN, LONGEST_SUBJECT = 64 * 1024, 255
# What a library says of input that nobody foresaw.
ODD = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


def claims_of(id_token: object, keys: Mapping[str, Any], settings: OpenIdSettings, nonce: str) -> Mapping[str, Any]:
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
    except ODD as error:
        raise NotConfirmed(type(error).__name__) from error
    _of_this_log_in(token.claims, settings.client_id, nonce)
    return token.claims


def _of_this_log_in(claims: Mapping[str, Any], client_id: str, nonce: str) -> None:
    """OpenID Connect Core 3.1.3.7: the party it was given to, the log-in that asked; and 2, of the subject."""
    party = claims.get("azp")
    if party != client_id and (party is not None or claims["aud"] not in (client_id, [client_id])):
        raise NotConfirmed("the token was given to somebody else")
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode("utf-8", "replace"), nonce.encode()):
        raise NotConfirmed("the token is of another log-in")
    subject = claims.get("sub")
    if not (isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and _plain(subject)):
        raise NotConfirmed("the subject is no name of at most 255 characters")


def _plain(subject: str) -> bool:
    return subject.isascii() and subject.isprintable()


def _keys(told: Mapping[str, Any]) -> KeySet:
    """The keys that can be read; one of a kind of tomorrow shuts nobody out."""
    listed = told.get("keys")
    found = [_key(one) for one in listed[:MOST_KEYS]] if isinstance(listed, list) else []
    usable = [key for key in found if key is not None]
    if not usable:
        raise NotConfirmed("the provider has no key that can be read")
    return KeySet(usable)


def _key(told: Any) -> Key | None:
    if not isinstance(told, dict) or told.get("kty") not in KINDS or told.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(told)
    except ODD:
        return None
