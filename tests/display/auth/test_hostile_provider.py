"""A provider that lies, stalls, floods or is somebody else's: nobody comes in by it, and it is no fault of ours.

Each case is a log-in of a browser, out and back, against an HTTP server that answers wrongly in one way.
"""

from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from liveroom.accounts import oidc
from liveroom.domain.requests import Role
from liveroom.runtime import http_client
from liveroom.runtime.config import OPENID_SECRET, OpenIdSettings
from liveroom.runtime.http_client import within
from tests.display.auth.test_openid import RATNA, ROLES, returned, there_and_back
from tests.display.auth.wrong_answers import ANSWERS, TOKENS
from tests.rooms.staffed import Browser, House
from tests.services.openid_provider import CLIENT, SECRET, OpenIdProvider, say
from tests.services.wait import until

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def house(provider: OpenIdProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv(OPENID_SECRET, SECRET)
    provider.claims = dict(RATNA)
    return House(
        tmp_path,
        openid=OpenIdSettings(issuer=provider.issuer, client_id=CLIENT, role_claim="realm.roles", roles=ROLES),
    )


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


@pytest.fixture
def two_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    for most in ("_OF_RETURNS", "OF_DEVICE"):
        monkeypatch.setattr(f"display.auth.throttle.{most}", 2)


@pytest.mark.usefixtures("two_tries")
def test_who_comes_back_in_vain_again_and_again_wears_out_no_provider_and_shuts_out_no_desk(
    house: House, provider: OpenIdProvider
) -> None:
    """More often than the limit: what asks the provider nothing, and what it does not answer; then what it refuses."""
    desk, stranger = house.browser(), house.browser()
    assert there_and_back(desk).status_code == 303
    for query in ("code=x&iss=https://login.example", "code=", "error=access_denied"):
        assert (query, [back_with(stranger, query) for _ in range(3)]) == (query, [502] * 3)
    for unheard in (lambda call: say(call, 503, {}), lambda _call: None):
        provider.instead = {"/token": unheard}
        assert [there_and_back(stranger).status_code for _ in range(3)] == [502] * 3
    provider.instead = {"/token": lambda call: say(call, 400, {})}
    assert [there_and_back(stranger).status_code for _ in range(4)] == [502, 502, 429, 429]
    assert 0 < int(stranger.get(returned(stranger.get("/login/openid"))).headers["Retry-After"]) <= 15 * 60
    # A desk that was let in before is counted for itself, each log-in anew; whoever only guesses at it waits too.
    provider.instead = {}
    assert [there_and_back(desk).status_code for _ in range(3)] == [303] * 3
    provider.instead = {"/token": lambda call: say(call, 400, {})}
    assert [there_and_back(desk).status_code for _ in range(3)] == [502, 502, 429]


def back_with(browser: Browser, query: str) -> int:
    """The answer to a way back that this browser began and the provider did not send."""
    state = returned(browser.get("/login/openid")).partition("state=")[2]
    return browser.get(f"/login/openid/back?state={state}&{query}").status_code


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
    begun: list[bool] = []
    cut: list[bool] = []

    def drip(call: BaseHTTPRequestHandler) -> None:
        begun.append(True)
        call.send_response(200)
        call.end_headers()
        try:
            while True:
                call.wfile.write(b" ")
        except ConnectionError:
            cut.append(True)

    monkeypatch.setattr(oidc, "LONGEST_ANSWER", 1 << 40)
    provider.instead["/token"] = drip
    until(lambda: came_back_within(0.5, house, monkeypatch) and begun, why="the provider to be asked in time")
    until(lambda: len(cut) == len(begun), why="what drips to be cut")


def came_back_within(seconds: float, house: House, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A log-in whose way out has all the time, and its way back so much; where it is up, nobody comes in."""
    browser = house.browser()
    with monkeypatch.context() as hurried:
        way = returned(browser.get("/login/openid"))
        hurried.setattr(http_client, "within", lambda _seconds: within(seconds))
        assert browser.get(way).status_code == 502
    return True


def test_a_way_back_without_a_code_asks_nobody(house: House, provider: OpenIdProvider) -> None:
    for query in ("error=access_denied", "code=", "code=" + "a" * 5_000, "code=x&iss=https://login.example"):
        assert back_with(house.browser(), query) == 502
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


# What is claimed, the name of whom it makes a person (None: one of ours, "": nobody), and how that is shown.
ODD: list[tuple[dict[str, Any], str | None, str | None]] = [
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
    ({"preferred_username": "r\u0430tna"}, None, "Ratna Dewi"),
    ({"realm": {"roles": ["opd"]}, "agency": ["dpupr"]}, "", ""),
    ({"realm": {"roles": [{"a": 1}, None, 7] * 1_000}}, "", ""),
]


def test_odd_claims_make_no_odd_person(house: House, provider: OpenIdProvider) -> None:
    """Each is somebody else to the provider."""
    known: set[str] = set()
    for number, (claims, name, shown) in enumerate(ODD):
        provider.claims = {**RATNA, "sub": f"{RATNA['sub']}-{number}", **claims}
        answer: TestResponse = there_and_back(house.browser())
        people = [(who.actor, who.name) for one in house.users.everybody() if (who := one.who).actor not in known]
        known |= {actor for actor, _ in people}
        if name == "":
            assert (answer.status_code, people) == (403, []), claims
        elif name is None:
            ((actor, its),) = people
            assert actor.startswith("openid-"), claims
            assert its == (shown or actor), claims
        else:
            ours = [said and said.replace(RATNA["sub"], provider.claims["sub"]) for said in (name, shown)]
            assert people == [tuple(ours)], claims


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
