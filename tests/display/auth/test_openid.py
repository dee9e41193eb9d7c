"""The log-in by an OpenID provider: who comes in, as what, and which answers of a provider prove nothing."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from liveroom.domain.requests import Role
from liveroom.runtime.config import OPENID_SECRET, OpenIdSettings
from liveroom.runtime.errors import ConfigError
from tests.rooms.staffed import AGENCY, Browser, House
from tests.services.openid_provider import CLIENT, SECRET, OpenIdProvider

ROLES = {"cc-operator": "duty", "cc-head": "supervisor", "opd": "agency"}
RATNA = {"sub": "8f2c", "preferred_username": "ratna", "name": "Ratna Dewi", "realm": {"roles": ["other", "cc-head"]}}


@pytest.fixture
def house(provider: OpenIdProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv(OPENID_SECRET, SECRET)
    # How long a provider may take is tried in test_hostile_provider.py; ours may be as slow as this machine.
    for name in ("STEP_S", "WHOLE_S"):
        monkeypatch.setattr(f"liveroom.accounts.oidc.{name}", 60.0)
    provider.claims = dict(RATNA)
    settings = OpenIdSettings(
        issuer=provider.issuer, client_id=CLIENT, name="Akun kota", role_claim="realm.roles", roles=ROLES
    )
    return House(tmp_path, openid=settings)


def there_and_back(browser: Browser, path: str = "/login/openid?next=/desk/alarms") -> TestResponse:
    out = browser.get(path)
    assert out.status_code == 303
    return browser.get(returned(out))


def returned(out: TestResponse) -> str:
    """The address by which the provider sends the browser back."""
    return httpx.get(out.headers["Location"], timeout=60).headers["Location"].partition(".example")[2]


def test_the_provider_is_offered_and_lets_in_with_the_role_that_is_mapped(house: House) -> None:
    browser = house.browser()
    assert "Masuk dengan Akun kota" in browser.get("/login").text
    back = there_and_back(browser)
    assert (back.status_code, back.headers["Location"]) == (303, "/desk/alarms")
    page = browser.get("/desk/alarms")
    assert "Ratna Dewi" in page.text
    assert [(one.who.actor, one.who.role) for one in house.users.everybody()] == [("ratna", Role.SUPERVISOR)]
    assert house.browser().log_in("ratna", "").status_code == 401


CLAIMED: list[tuple[dict[str, Any], bool]] = [
    ({"realm": {"roles": []}}, False),
    ({"realm": None}, False),
    ({"realm": {"roles": "cc-operator"}}, True),
    ({"realm": {"roles": ["admin"]}}, False),
    ({"realm": {"roles": ["opd"]}}, False),
    ({"realm": {"roles": ["opd"]}, "agency": "nothing"}, False),
    ({"realm": {"roles": ["opd"]}, "agency": AGENCY}, True),
    ({"preferred_username": None, "name": 7}, True),
]


def test_whoever_has_no_role_that_is_mapped_does_not_come_in(house: House, provider: OpenIdProvider) -> None:
    came = 0
    for number, (claims, comes_in) in enumerate(CLAIMED):
        provider.claims = {**RATNA, "sub": f"sub-{number}", "preferred_username": f"ratna-{number}", **claims}
        answer = there_and_back(house.browser())
        came += comes_in
        assert (claims, answer.status_code) == (claims, 303 if comes_in else 403)
        assert (claims, len(house.users.everybody())) == (claims, came)


def test_a_person_keeps_one_name_and_takes_the_role_of_today(house: House, provider: OpenIdProvider) -> None:
    first = house.browser()
    there_and_back(first)
    provider.claims |= {"preferred_username": "ratna2", "realm": {"roles": ["cc-operator"]}}
    second = house.browser()
    there_and_back(second)
    assert [(one.who.actor, one.who.role) for one in house.users.everybody()] == [("ratna", Role.DUTY)]
    assert first.get("/desk/alarms").status_code == 303
    assert second.get("/desk/alarms").status_code == 200


def test_nobody_becomes_somebody_else_by_a_name(house: House, provider: OpenIdProvider) -> None:
    house.add("ratna", Role.ADMIN)
    there_and_back(house.browser())
    people = {one.who.actor: one.who.role for one in house.users.everybody()}
    assert people.pop("ratna") is Role.ADMIN
    assert list(people.values()) == [Role.SUPERVISOR]


def test_whoever_was_removed_here_is_not_brought_back(house: House) -> None:
    there_and_back(house.browser())
    house.staff.remove("ratna")
    assert there_and_back(house.browser()).status_code == 403
    assert house.users.everybody() == []


def test_a_token_that_proves_nothing_lets_nobody_in(house: House, provider: OpenIdProvider) -> None:
    lies = ({"iss": "http://127.0.0.1:1"}, {"aud": "another"}, {"nonce": "of-another"}, {"exp": 1}, {"sub": None})
    for lie in lies:
        provider.lies = lie
        assert (lie, there_and_back(house.browser()).status_code) == (lie, 502)
        assert house.users.everybody() == []
    assert provider.asked.count("/token") == len(lies), "each was given and looked at"


def test_a_token_by_another_key_lets_nobody_in(house: House, provider: OpenIdProvider) -> None:
    provider.signed_by = RSAKey.generate_key(2048, {"kid": "one"})
    assert there_and_back(house.browser()).status_code == 502


def test_a_way_back_is_good_once_and_for_the_browser_that_went(house: House) -> None:
    victim, other = house.browser(), house.browser()
    back = returned(victim.get("/login/openid"))
    assert other.get(back).status_code == 403
    other.get("/login/openid")
    assert other.get(back).status_code == 403
    assert victim.get(back).status_code == 303
    assert victim.get(back).status_code == 403


def test_the_way_on_stays_here(house: House) -> None:
    back = there_and_back(house.browser(), "/login/openid?next=https://evil.example/")
    assert back.headers["Location"] == "/desk"


def test_a_provider_that_is_away_is_told(house: House, provider: OpenIdProvider) -> None:
    provider.close()
    answer = house.browser().get("/login/openid")
    assert answer.status_code == 502
    assert "Penyedia masuk tidak memastikan" in answer.text


def test_without_its_secret_the_room_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OPENID_SECRET, raising=False)
    with pytest.raises(ConfigError, match=OPENID_SECRET):
        House(tmp_path, openid=OpenIdSettings(issuer="https://login.example", client_id=CLIENT)).browser()
