"""A small OpenID Connect provider of the tests' own: discovery, keys, log-in without a question, tokens with PKCE."""

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from liveroom.accounts import oidc
from liveroom.runtime.time import system_now

CLIENT, SECRET = "liveroom", "a secret of the tests' client"


@cache
def _usual_key() -> RSAKey:
    """One for all providers of a test run: to find its primes costs more than a log-in."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class OpenIdProvider:
    """`issuer` is its address; whoever comes is logged in with `claims`; `lies` replaces claims of the ID token.

    A hostile one: `instead` answers at a path itself, `makes` makes another thing of the claims than a signed token.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.lies: dict[str, Any] = {}
        self.key = _usual_key()
        self.signed_by = self.key
        self.instead: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.makes: Callable[[dict[str, Any]], object] | None = None
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, provider.get)

            def do_POST(self) -> None:
                provider.answer(self, provider.token)

            def log_message(self, *_words: object) -> None:
                pass

        return Handler

    def answer(self, call: BaseHTTPRequestHandler, usual: Callable[[BaseHTTPRequestHandler], None]) -> None:
        path = urlsplit(call.path).path
        self.asked.append(path)
        with suppress(ConnectionError):
            self.instead.get(path, usual)(call)

    def get(self, call: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(call.path)
        match parts.path:
            case "/.well-known/openid-configuration":
                names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
                say(call, 200, {"issuer": self.issuer} | {key: f"{self.issuer}/{at}" for key, at in names.items()})
            case "/keys":
                say(call, 200, {"keys": [self.key.as_dict(private=False)]})
            case "/authorize":
                asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
                code = sha256(asked["state"].encode()).hexdigest()
                self.codes[code] = asked
                call.send_response(302)
                call.send_header(
                    "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
                )
                call.end_headers()
            case _:
                say(call, 404, {})

    def token(self, call: BaseHTTPRequestHandler) -> None:
        """A code is good once, for the client that knows the secret and the verifier."""
        form = parse_qs(call.rfile.read(int(call.headers["Content-Length"])).decode())
        asked = self.codes.pop(form.get("code", [""])[0], None)
        client = b64decode(call.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if asked is None or unquote(client) != f"{CLIENT}:{SECRET}" or asked["redirect_uri"] != form["redirect_uri"][0]:
            return say(call, 400, {"error": "invalid_grant"})
        challenge = urlsafe_b64encode(sha256(form["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
        if challenge != asked["code_challenge"]:
            return say(call, 400, {"error": "invalid_grant"})
        now = int(system_now().timestamp())
        standard = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {**standard, **self.claims, **self.lies}
        token = self.makes(claims) if self.makes is not None else self.signed(claims)
        return say(call, 200, {"access_token": "x", "token_type": "Bearer", "id_token": token})

    def signed(self, claims: dict[str, Any]) -> str:
        """As a provider signs."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signed_by)


def say(call: BaseHTTPRequestHandler, status: int, body: object) -> None:
    text = json.dumps(body).encode()
    call.send_response(status)
    call.send_header("Content-Type", "application/json")
    call.send_header("Content-Length", str(len(text)))
    call.end_headers()
    call.wfile.write(text)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdProvider]:
    """A provider of this test alone; a slow machine is not taken for one that does not answer."""
    for patience in ("STEP_S", "WHOLE_S"):
        monkeypatch.setattr(oidc, patience, 60.0)
    one = OpenIdProvider()
    yield one
    one.close()
