"""The ways in which a provider answers wrongly: tokens that prove nothing, and answers that are none."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from gzip import compress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.services.openid_provider import CLIENT, OpenIdProvider, say

Wrong = Callable[[OpenIdProvider], None]


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_the_public_key(provider: OpenIdProvider) -> Callable[[dict[str, Any]], str]:
    """HS256 with what everybody may read as the secret."""

    def made(claims: dict[str, Any]) -> str:
        said = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
        seal = hmac.new(provider.key.as_pem(private=False), said.encode(), sha256).digest()
        return f"{said}.{urlsafe_b64encode(seal).rstrip(b'=').decode()}"

    return made


def by_its_own_header(provider: OpenIdProvider) -> Callable[[dict[str, Any]], str]:
    """Signed by a key that the token itself brings along."""
    other = RSAKey.generate_key(2048, {"kid": "two"})

    def made(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "jwk": other.as_dict(private=False)}, claims, other)

    return made


def lies(**claims: object) -> Wrong:
    return lambda provider: provider.lies.update(claims)


def makes(token: Callable[[dict[str, Any]], object]) -> Wrong:
    return lambda provider: setattr(provider, "makes", token)


def at(path: str, answer: Callable[[BaseHTTPRequestHandler], None]) -> Wrong:
    return lambda provider: provider.instead.update({path: answer})


def elsewhere(call: BaseHTTPRequestHandler) -> None:
    call.send_response(307)
    call.send_header("Location", call.path)
    call.send_header("Content-Length", "0")
    call.end_headers()


def endless(call: BaseHTTPRequestHandler) -> None:
    call.send_response(200)
    call.end_headers()
    for _ in range(100_000):
        call.wfile.write(b" " * 65_536)


def packed(call: BaseHTTPRequestHandler) -> None:
    body = compress(b" " * (64 << 20))
    call.send_response(200)
    call.send_header("Content-Encoding", "gzip")
    call.send_header("Content-Length", str(len(body)))
    call.end_headers()
    call.wfile.write(body)


def body(text: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(call: BaseHTTPRequestHandler) -> None:
        call.send_response(200)
        call.send_header("Content-Length", str(len(text.encode())))
        call.end_headers()
        call.wfile.write(text.encode())

    return answer


TOKENS: dict[str, Wrong] = {
    "issuer of another": lies(iss="https://login.example"),
    "issuer with a stroke": lambda p: p.lies.update(iss=p.issuer + "/"),
    "issuers in a list": lambda p: p.lies.update(iss=[p.issuer]),
    "for another": lies(aud="another"),
    "for nobody": lies(aud=[]),
    "for an object": lies(aud={CLIENT: CLIENT}),
    "for two and given to nobody": lies(aud=[CLIENT, "another"]),
    "for two and given to the other": lies(aud=[CLIENT, "another"], azp="another"),
    "for us and given to another": lies(azp="another"),
    "given to a list": lies(azp=[CLIENT]),
    "nonce of another": lies(nonce="another"),
    "no nonce": lies(nonce=None),
    "nonce that is odd": lies(nonce="\ud800"),
    "ended": lies(exp=1),
    "ends never": lies(exp=None),
    "ends at infinity": lies(exp=float("inf")),
    "ends at a word": lies(exp="tomorrow"),
    "made tomorrow": lies(iat=32_503_680_000),
    "not yet": lies(nbf=32_503_680_000),
    "nobody": lies(sub=""),
    "somebody of 256 letters": lies(sub="a" * 256),
    "somebody of no letters": lies(sub="a\x00b"),
    "somebody in a list": lies(sub=["8f2c"]),
    "unsigned": makes(unsigned),
    "signed by what is public": lambda p: setattr(p, "makes", by_the_public_key(p)),
    "signed by what it brings": lambda p: setattr(p, "makes", by_its_own_header(p)),
    "no token": makes(lambda _claims: None),
    "a number": makes(lambda _claims: 7),
    "no such thing": makes(lambda _claims: "a.b.c"),
    "an odd letter": makes(lambda _claims: "\udc80.é.ü"),
    "huge": makes(lambda _claims: "a" * 200_000),
    "claims that are a list": lambda p: setattr(p, "makes", lambda c: p.signed(c).replace(".", f".{part([1])}.", 1)),
}
ANSWERS: dict[str, Wrong] = {
    f"{path}: {name}": at(path, answer)
    for path in ("/token", "/keys")
    for name, answer in {
        "leads in a circle": elsewhere,
        "has no end": endless,
        "is packed": packed,
        "is no JSON": body("<html>"),
        "is no object": body("[[]]"),
        "is deep": body("[" * 100_000 + "]" * 100_000),
        "is empty": body("{}"),
        "keys of no kind": body('{"keys": [null, 7, {}, {"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA", "n": 1}]}'),
        "fails": lambda call: say(call, 500, {}),
    }.items()
}
