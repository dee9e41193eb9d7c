"""Who guesses at a log-in is told to wait, and whose log-in it is comes in all the same."""

from http.cookies import SimpleCookie

import pytest
from werkzeug.test import TestResponse

from display.attempts import OF_ADDRESS, OF_PAIR, OF_STRANGERS
from tests.people.house import Browser, House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def person(house: House, request: pytest.FixtureRequest) -> str:
    """The log-in name of somebody of this test's own."""
    return house.add(request.node.name[-60:].replace("_", "-")).actor


def given(answer: TestResponse) -> dict[str, SimpleCookie]:
    found = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        found.load(line)
    return dict(found)


def from_(house: House, address: str) -> Browser:
    browser = house.browser()
    browser.headers["X-Forwarded-For"] = address
    return browser


def test_brute_force_from_an_address_is_told_to_wait_and_its_owner_elsewhere_is_not(house: House, person: str) -> None:
    browser = from_(house, "198.51.100.1")
    codes = [browser.log_in(person.upper(), "wrong-wrong").status_code for _ in range(OF_PAIR)]
    assert set(codes) == {401}
    for name in (person, f" {person} "):
        answer = browser.log_in(name)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
        assert "Terlalu banyak percobaan" in answer.text
    assert from_(house, "198.51.100.1").log_in("nobody-else").status_code == 401
    assert from_(house, "198.51.100.2").log_in(person).status_code == 303


def test_a_browser_that_came_in_before_still_does_while_the_whole_world_guesses(house: House, person: str) -> None:
    owner, colleague = from_(house, "192.0.2.7"), f"{person}-2"
    assert owner.log_in(person).status_code == 303
    for number in range(OF_STRANGERS - 1):  # the owner was a stranger once
        assert from_(house, f"10.1.{number}.1").log_in(person, "wrong-wrong").status_code == 401
    for stranger in (from_(house, "192.0.2.7"), from_(house, "10.2.0.1")):
        assert stranger.log_in(person).status_code == 429
    assert owner.log_in(person, "mistyped-it", "/login?again=1").status_code == 401
    assert owner.log_in(person, path="/login?again=1").status_code == 303
    # Of one name it says nothing about another, whom the same browser let in later.
    house.add(colleague)
    for number in range(OF_STRANGERS):
        from_(house, f"10.3.{number}.1").log_in(colleague, "wrong-wrong")
    assert owner.log_in(colleague, path="/login?again=1").status_code == 429
    assert owner.log_in(person, path="/login?again=1").status_code == 303


def test_what_a_known_browser_keeps_is_signed_out_of_reach_and_names_nobody(house: House, person: str) -> None:
    cookie = given(house.browser().log_in(person))["liveroom_device"]
    assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["samesite"]) == (True, True, "/login", "Lax")
    assert person not in cookie.value
    for number in range(OF_STRANGERS):
        from_(house, f"10.4.{number}.1").log_in(person, "wrong-wrong")
    body, _, signature = cookie.value.rpartition(".")
    for forged in (f"{body}.{signature[::-1]}", "x", ""):
        browser = house.browser()
        browser.client.set_cookie("liveroom_device", forged, domain="ruang.kota.example", path="/login", secure=True)
        assert browser.log_in(person).status_code == 429


def test_guessing_many_names_from_one_address_is_told_to_wait(house: House, person: str) -> None:
    browser = house.browser()
    browser.headers["X-Forwarded-For"] = "spoofed, 2001:db8::1"
    codes = [browser.log_in(f"guess-{n}", "").status_code for n in range(OF_ADDRESS)]
    assert set(codes) == {401}
    browser.headers["X-Forwarded-For"] = "2001:db8::ffff"
    assert browser.log_in(person).status_code == 429
    browser.headers["X-Forwarded-For"] = "2001:db8:1::1"
    assert browser.log_in(person).status_code == 303


def test_a_good_log_in_forgets_the_bad_ones_of_its_place(house: House, person: str) -> None:
    browser = from_(house, "198.51.100.9")
    for _ in range(2):
        browser.client.delete_cookie("liveroom_device", domain="ruang.kota.example", path="/login")
        for _ in range(OF_PAIR - 1):
            assert browser.log_in(person, "wrong-wrong", "/login?again=1").status_code == 401
        assert browser.log_in(person, path="/login?again=1").status_code == 303
