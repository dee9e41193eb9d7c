"""Who guesses at a log-in is told to wait, and whose log-in it is comes in all the same."""

from datetime import datetime
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import Connection, Table, Update, false, select, update
from werkzeug.test import TestResponse

from display.auth.throttle import OF_ADDRESS, OF_PAIR, OF_PLACE, OF_STRANGERS, origin
from liveroom.accounts.rate_limits import MOST, KnownPlaces, network_of
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import database_now
from liveroom.log.schema import known_place
from tests.often import often
from tests.rooms.staffed import Browser, House

MANY = often(1_000)


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
    assert from_(house, "10.2.0.1").log_in(person).status_code == 429
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
        browser = from_(house, "198.51.100.77")
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


def botnet(house: House, name: str, addresses: int = MANY) -> list[int]:
    """What so many addresses of the whole world are answered that each try one password for one name."""
    browser = house.browser()
    form = browser.form()
    said = {**form, "username": name, "password": "wrong-wrong"}
    answers = []
    for number in range(addresses):
        browser.headers["X-Forwarded-For"] = f"10.{100 + number // 250}.{number % 250}.{1 + number % 7}"
        answers.append(browser.post("/login", data=said).status_code)
    return answers


@pytest.mark.often
def test_a_thousand_addresses_shut_nobody_out_who_is_known(house: House, person: str) -> None:
    """Neither from a browser that came in before, wherever it is now, nor at the place from which they usually come."""
    owner = from_(house, "203.0.114.20")
    assert owner.log_in(person).status_code == 303
    answers = botnet(house, person)
    assert answers.count(401) == OF_STRANGERS - 1
    assert answers.count(429) == MANY + 1 - OF_STRANGERS
    owner.headers["X-Forwarded-For"] = "198.51.100.44"
    assert owner.log_in(person, path="/login?again=1").status_code == 303
    # Another browser, of the same office by another of its addresses.
    assert from_(house, "203.0.114.77").log_in(person).status_code == 303
    assert from_(house, "203.0.115.77").log_in(person).status_code == 429


def test_guessing_at_the_usual_place_is_bounded_too_and_known_browsers_there_come_in(house: House, person: str) -> None:
    """Behind one carrier's address sit the officer and whoever guesses."""
    owner = from_(house, "203.0.116.9")
    assert owner.log_in(person).status_code == 303
    codes = [from_(house, "203.0.116.9").log_in(person, "wrong-wrong").status_code for _ in range(40)]
    assert codes.count(401) == OF_PLACE + OF_PAIR
    assert set(codes) == {401, 429}
    assert from_(house, "203.0.116.9").log_in(person).status_code == 429
    assert owner.log_in(person, path="/login?again=1").status_code == 303


def test_guessing_many_names_behind_the_officers_own_address_does_not_shut_them_out(house: House, person: str) -> None:
    assert from_(house, "203.0.117.9").log_in(person).status_code == 303
    stranger = from_(house, "203.0.117.9")
    for number in range(OF_ADDRESS):
        stranger.log_in(f"{person[-40:]}-{number}", "wrong-wrong")
    assert stranger.log_in("one-more", "wrong-wrong").status_code == 429
    assert from_(house, "203.0.117.9").log_in(person).status_code == 303


def test_a_place_is_one_persons_for_a_season_and_tells_no_address(house: House, person: str) -> None:
    places = KnownPlaces(house.log, "k" * 40)
    places.remember(person, "203.0.118.9")
    near = ("203.0.118.200", "::ffff:203.0.118.1")
    far = ("203.0.119.9", "2001:db8::1", "", "unknown")
    assert [places.known(person.upper(), one) for one in near] == [True, True]
    assert [places.known(person, one) for one in far] == [False] * 4
    assert not places.known("somebody-else", "203.0.118.9")
    assert not KnownPlaces(house.log, "x" * 40).known(person, "203.0.118.9")
    kept = house.log.read(lambda c: str(c.execute(select(known_place)).all()))
    assert "203.0" not in kept
    for number in range(MOST + 3):
        places.remember(person, f"10.9.{number}.1")
    assert (
        len(house.log.read(lambda c: c.execute(select(known_place).where(known_place.c.user_id == person)).all()))
        == MOST
    )
    house.log.touch(lambda c: c.execute(update(known_place).where(known_place.c.user_id == person).values(seen_at=1)))
    assert not places.known(person, "10.9.10.1")


def test_of_two_log_ins_from_one_place_at_once_both_come_in(
    house: House, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process noted the place between this one's look and its own note."""
    places = KnownPlaces(house.log, "k" * 40)
    places.remember(person, "203.0.120.9")

    def nowhere(table: Table) -> Update:
        return update(table).where(false())

    monkeypatch.setattr("liveroom.accounts.rate_limits.update", nowhere)
    places.remember(person, "203.0.120.9")
    assert places.known(person, "203.0.120.9")


def test_a_database_that_goes_away_after_the_log_in_takes_it_from_nobody(
    house: House, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(connection: Connection) -> datetime:
        if connection.get_execution_options().get("write"):
            raise Unavailable("the database is away")
        return database_now(connection)

    monkeypatch.setattr("liveroom.accounts.rate_limits.database_now", away)
    answer = from_(house, "203.0.121.9").log_in(person)
    assert (answer.status_code, "liveroom_session" in str(answer.headers)) == (303, True)


def test_an_address_is_known_by_its_network() -> None:
    assert network_of("203.0.113.7") == "203.0.113.0/24"
    assert network_of("2001:db8:5:77::9%eth0") == "2001:db8:5::/48"
    assert [network_of(one) for one in ("", "unknown", "1.2.3")] == [None] * 3


def test_addresses_of_ipv4_clients_that_an_ipv6_socket_shows_are_not_one() -> None:
    assert origin("::ffff:203.0.113.7") == origin("203.0.113.7") != origin("::ffff:203.0.113.8")
    assert network_of("::ffff:203.0.113.7") == "203.0.113.0/24"
    assert origin("2001:db8:1:2:aaaa::1") == origin("2001:db8:1:2::9%eth0") != origin("2001:db8:1:3::9")
    assert origin("unknown") == origin("") == "unknown"
