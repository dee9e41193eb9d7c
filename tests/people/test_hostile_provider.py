"""A provider that lies, stalls, floods or is somebody else's: nobody comes in by it, and it is no fault of ours.

Each case is a log-in of a browser, out and back, against an HTTP server that answers wrongly in one way.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from gzip import compress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from liveroom import openid_reading
from liveroom.config_people import OPENID_SECRET, OpenIdSettings
from liveroom.domain.names import Role
from tests.people.house import House
from tests.people.test_openid import RATNA, ROLES, returned, there_and_back
from tests.services.openid_provider import CLIENT, SECRET, OpenIdProvider, say
from tests.services.wait import until

Wrong = Callable[[OpenIdProvider], None]
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def house(provider: OpenIdProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv(OPENID_SECRET, SECRET)
    provider.claims = dict(RATNA)
    return House(
        tmp_path,
        openid=OpenIdSettings(issuer=provider.issuer, client_id=CLIENT, role_claim="realm.roles", roles=ROLES),
    )


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


def test_nobody_comes_in_by_a_wrong_token_or_answer(house: House, provider: OpenIdProvider) -> None:
    for name, wrong in {**TOKENS, **ANSWERS}.items():
        provider.lies, provider.makes, provider.instead = {}, None, {}
        wrong(provider)
        browser = house.browser()
        answer = there_and_back(browser)
        assert (name, answer.status_code) == (name, 502)
        assert (name, browser.get("/desk/alarms").status_code) == (name, 303)
    assert house.users.everybody() == []
    provider.lies, provider.makes, provider.instead = {}, None, {}
    assert there_and_back(house.browser()).status_code == 303


@pytest.mark.parametrize(
    "told",
    [
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://login.example/authorize"},
        {"authorization_endpoint": "https://login.example/\r\nSet-Cookie: a=b"},
        {"authorization_endpoint": ["https://login.example"]},
        {"issuer": "https://login.example"},
    ],
)
def test_no_browser_is_sent_where_a_lying_description_leads(
    house: House, provider: OpenIdProvider, told: dict[str, object]
) -> None:
    provider.instead[DISCOVERY] = lambda call: say(
        call, 200, {"issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/authorize"} | told
    )
    assert house.browser().get("/login/openid").status_code == 502


def test_a_secret_goes_to_no_address_that_is_not_safe(house: House, provider: OpenIdProvider) -> None:
    names = {"authorization_endpoint": "authorize", "jwks_uri": "keys"}
    described = {"issuer": provider.issuer} | {key: f"{provider.issuer}/{where}" for key, where in names.items()}
    provider.instead[DISCOVERY] = lambda call: say(
        call, 200, described | {"token_endpoint": provider.issuer.replace("127.0.0.1", "[::1]")}
    )
    assert there_and_back(house.browser()).status_code == 502


def test_an_answer_that_drips_ends(house: House, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes well within the time of one step, for longer than anybody waits."""
    monkeypatch.setattr(openid_reading, "WHOLE_S", 0.5)
    cut: list[bool] = []

    def drip(call: BaseHTTPRequestHandler) -> None:
        call.send_response(200)
        call.end_headers()
        try:
            while True:
                call.wfile.write(b" ")
        except ConnectionError:
            cut.append(True)

    monkeypatch.setattr(openid_reading, "LONGEST_ANSWER", 1 << 40)
    provider.instead["/token"] = drip
    assert there_and_back(house.browser()).status_code == 502
    until(lambda: bool(cut))


def test_a_way_back_without_a_code_asks_nobody(house: House, provider: OpenIdProvider) -> None:
    for query in ("error=access_denied", "code=", "code=" + "a" * 5_000, "code=x&iss=https://login.example"):
        browser = house.browser()
        state = returned(browser.get("/login/openid")).partition("state=")[2]
        assert browser.get(f"/login/openid/back?state={state}&{query}").status_code == 502
    assert "/token" not in provider.asked


def test_keys_may_change_and_one_of_tomorrow_shuts_nobody_out(house: House, provider: OpenIdProvider) -> None:
    assert there_and_back(house.browser()).status_code == 303
    provider.key = provider.signed_by = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    keys = [{"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}, provider.key.as_dict(private=False)]
    provider.instead["/keys"] = lambda call: say(call, 200, {"keys": keys})
    provider.makes = lambda claims: provider.signed(claims)
    # The header still says "one": of keys that bear other names none is tried.
    assert there_and_back(house.browser()).status_code == 502
    keys[1] = {**keys[1], "kid": "one"}
    assert there_and_back(house.browser()).status_code == 303


def test_for_two_and_given_to_us_is_ours(house: House, provider: OpenIdProvider) -> None:
    provider.lies = {"aud": ["another", CLIENT], "azp": CLIENT}
    assert there_and_back(house.browser()).status_code == 303


@pytest.mark.parametrize(
    ("claims", "name", "shown"),
    [
        ({"preferred_username": None, "email": "wali@kota.example"}, "8f2c", "Ratna Dewi"),
        ({"preferred_username": "Wali@kota.example", "email": "wali@kota.example"}, "8f2c", "Ratna Dewi"),
        (
            {"preferred_username": None, "email": "wali@kota.example", "email_verified": "true"},
            "8f2c",
            "Ratna Dewi",
        ),
        (
            {"preferred_username": None, "email": "wali@kota.example", "email_verified": True},
            "wali@kota.example",
            "Ratna Dewi",
        ),
        ({"preferred_username": {"a": 1}, "name": ["x"]}, "8f2c", "8f2c"),
        ({"preferred_username": "\u202e\u0000", "name": "\u202e\u2066"}, None, None),
        ({"preferred_username": "a" * 10_000, "name": "b" * 10_000}, "a" * 64, "b" * 128),
        ({"preferred_username": "ra\ufb01", "name": "x\u202ey\nz"}, "rafi", "xyz"),
        ({"realm": {"roles": ["opd"]}, "agency": ["dpupr"]}, "", ""),
        ({"realm": {"roles": [{"a": 1}, None, 7] * 1_000}}, "", ""),
    ],
)
def test_odd_claims_make_no_odd_person(
    house: House, provider: OpenIdProvider, claims: dict[str, Any], name: str | None, shown: str | None
) -> None:
    provider.claims |= claims
    answer: TestResponse = there_and_back(house.browser())
    people = [(one.who.actor, one.who.name) for one in house.users.everybody()]
    if name == "":
        assert (answer.status_code, people) == (403, [])
    elif name is None:
        assert people[0][0].startswith("openid-")
        assert people[0][1] == people[0][0]
    else:
        assert people == [(name, shown)]


def test_two_first_log_ins_at_once_are_one_person(house: House, provider: OpenIdProvider) -> None:
    ways = [(browser := house.browser(), returned(browser.get("/login/openid"))) for _ in range(6)]
    with ThreadPoolExecutor(len(ways)) as pool:
        answers = list(pool.map(lambda way: way[0].get(way[1]).status_code, ways))
    assert answers == [303] * len(ways)
    assert [one.who.actor for one in house.users.everybody()] == ["ratna"]


def test_a_role_that_was_taken_away_ends_what_was_opened_with_it(house: House, provider: OpenIdProvider) -> None:
    first = house.browser()
    there_and_back(first)
    provider.claims["realm"] = {"roles": []}
    assert there_and_back(house.browser()).status_code == 403
    assert first.get("/desk/alarms").status_code == 303
    assert house.users.everybody()[0].who.role is Role.SUPERVISOR
