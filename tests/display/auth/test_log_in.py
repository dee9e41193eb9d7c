"""The log-in, its session and the ways out, as a browser meets them."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from liveroom.accounts.sources import key_hash
from liveroom.domain.requests import Role
from liveroom.log.schema import session, user
from liveroom.runtime.config import SessionSettings
from tests.rooms.staffed import PASSWORD, Browser, House

COOKIE = "__Host-liveroom_session"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def person(house: House, request: pytest.FixtureRequest) -> str:
    """The log-in name of somebody of this test's own."""
    return house.add(request.node.name.replace("[", "-").rstrip("]")[-60:].replace("_", "-")).actor


def given(answer: TestResponse) -> dict[str, SimpleCookie]:
    found = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        found.load(line)
    return dict(found)


def age(house: House, token: str, **by: float) -> None:
    """Let a session be older by some span."""
    span = timedelta(**by) // timedelta(microseconds=1)
    older = {name: session.c[name] - span for name in ("created_at", "seen_at", "ends_at")}
    change = update(session).where(session.c.id == key_hash(token)).values(**older)
    house.log.touch(lambda c: c.execute(change))


def test_a_page_leads_to_the_log_in_and_the_log_in_back_to_the_page(house: House, person: str) -> None:
    browser = house.browser()
    led = browser.get("/desk/alarms?lang=en")
    assert (led.status_code, led.headers["Location"]) == (303, "/login?next=/desk/alarms%3Flang%3Den")
    entered = browser.log_in(person, path=led.headers["Location"])
    assert (entered.status_code, entered.headers["Location"]) == (303, "/desk/alarms?lang=en")
    page = browser.get("/desk/alarms?lang=en")
    assert page.status_code == 200
    assert f'"actor":"{person}"' in page.text


@pytest.mark.parametrize(
    ("role", "own"),
    [
        (Role.DUTY, "/desk"),
        (Role.SUPERVISOR, "/desk"),
        (Role.AGENCY, "/agency"),
        (Role.AGENCY_HEAD, "/agency"),
        (Role.LEADERSHIP, "/lead"),
        (Role.ADMIN, "/desk/people"),
    ],
)
def test_whoever_asked_for_no_page_lands_on_the_one_that_they_work_on(house: House, role: Role, own: str) -> None:
    browser = house.browser()
    entered = browser.log_in(house.add(f"masuk-{role.value}".replace("_", "-"), role).actor)
    assert (entered.status_code, entered.headers["Location"].partition("?")[0]) == (303, own)
    assert browser.get(own).status_code == 200


def test_the_log_in_works_without_a_script_and_in_both_languages(house: House) -> None:
    browser = house.browser()
    for path, words in (("/login", "Kata sandi"), ("/login?lang=en", "Password")):
        page = browser.get(path)
        assert words in page.text
        assert "<script" not in page.text
        assert page.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_this_hosts_alone_and_out_of_reach(house: House, person: str) -> None:
    cookie = given(house.browser().log_in(person))[COOKIE]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert len(cookie.value) >= 43
    stored = house.log.read(lambda c: c.execute(select(session.c.id)).scalars().all())
    assert cookie.value not in stored
    assert key_hash(cookie.value) in stored


def test_without_https_the_cookie_is_plain(house: House, person: str) -> None:
    browser = house.browser()
    browser.headers["X-Forwarded-Proto"] = "http"
    cookies = given(browser.log_in(person))
    assert not cookies["liveroom_session"]["secure"]
    assert browser.get("/desk/alarms").status_code == 200


def test_a_session_brought_along_is_never_the_one_that_begins(house: House, person: str) -> None:
    browser = house.browser()
    browser.client.set_cookie(COOKIE, "planted-by-somebody", domain="ruang.kota.example", secure=True)
    first = given(browser.log_in(person))[COOKIE].value
    assert first != "planted-by-somebody"
    second = given(browser.log_in(person, path="/login?again=1"))[COOKIE].value
    assert second != first
    other = house.browser()
    other.client.set_cookie(COOKIE, first, domain="ruang.kota.example", secure=True)
    assert other.get("/desk/alarms").status_code == 303


@pytest.mark.parametrize("wrong", ["", "kata sandi", PASSWORD + "x", "x" * 5000, "\x00"])
def test_a_wrong_password_lets_nobody_in_and_says_no_more(house: House, person: str, wrong: str) -> None:
    browser = house.browser()
    known, unknown = browser.log_in(person, wrong), browser.log_in(f"{person}-none", wrong)
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert "Nama pengguna atau kata sandi salah." in known.text
    assert known.text == unknown.text
    assert COOKIE not in given(known)
    assert browser.get("/desk/alarms").status_code == 303


@pytest.mark.parametrize("name", ["\x00", "rina\x00", "x" * 5000])
def test_a_name_that_nobody_can_have_is_as_wrong_as_any(house: House, name: str) -> None:
    assert house.browser().log_in(name).status_code == 401


def test_an_unknown_name_costs_the_same_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str | None] = []

    def fits(_password: str, kept: str | None) -> bool:
        looked.append(kept)
        return False

    monkeypatch.setattr("display.auth.login.verify_password", fits)
    house.browser().log_in("nobody-at-all")
    assert looked == [None]


def test_a_form_of_somebody_elses_page_is_refused(house: House, person: str) -> None:
    mine, theirs = house.browser(), house.browser()
    good = {"username": person, "password": PASSWORD}
    assert mine.post("/login", data=good).status_code == 403
    mine.form()
    assert mine.post("/login", data=good).status_code == 403
    assert mine.post("/login", data={**good, **theirs.form()}).status_code == 403
    assert mine.post("/login", data={**good, **mine.form()}).status_code == 303


@pytest.mark.parametrize("path", ["/login", "/lapor"])
def test_a_form_longer_than_any_of_ours_is_not_taken_in(house: House, path: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n' + bytes(100_000) + b"\r\n--b--\r\n"
    answer = house.browser().post(path, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "evil",
     "/login", "/desk\n/x", "http:///evil.example", "/%0d%0a", "///evil.example", "https:/evil.example"],
)  # fmt: skip
def test_the_way_on_stays_on_this_server(house: House, person: str, wanted: str) -> None:
    answer = house.browser().log_in(person, next=wanted)
    assert answer.status_code == 303
    onward = answer.headers["Location"]
    assert onward.startswith("/")
    assert not onward.startswith(("//", "/\\", "/login"))
    assert onward.isprintable()


def logged_in(house: House, person: str) -> tuple[Browser, str]:
    browser = house.browser()
    return browser, given(browser.log_in(person))[COOKIE].value


def test_log_out_ends_this_session_alone_and_everywhere_all(house: House, person: str) -> None:
    here, there, third = (logged_in(house, person)[0] for _ in range(3))
    assert here.post("/logout").status_code == 403
    token = here.csrf()["X-CSRF-Token"]
    assert here.post("/logout", data={"csrf_token": token}).headers["Location"] == "/login"
    assert [one.get("/desk/alarms").status_code for one in (here, there, third)] == [303, 200, 200]
    there.post("/logout", data={"everywhere": "1"}, headers=there.csrf())
    assert [one.get("/desk/alarms").status_code for one in (there, third)] == [303, 303]


def test_a_session_ends_when_idle_and_acts_keep_it(house: House, person: str) -> None:
    browser, token = logged_in(house, person)
    for _ in range(3):
        age(house, token, minutes=40)
        assert browser.get("/desk/alarms").status_code == 200
    age(house, token, minutes=40)
    # What a page asks by itself is no act.
    assert browser.get("/feed/snapshot").status_code == 200
    assert browser.get("/api/v1/session").json["left_s"] <= 20 * 60
    age(house, token, minutes=21)
    assert browser.get("/feed/snapshot").status_code == 401
    assert browser.get("/desk/alarms").status_code == 303


def test_cr101_the_end_is_told_before_and_can_be_put_off(house: House, person: str) -> None:
    browser, token = logged_in(house, person)
    csrf = browser.csrf()
    age(house, token, minutes=57)
    told = browser.get("/api/v1/session").json
    assert told["left_s"] <= told["warn_s"]
    assert told["more"]
    assert told["who"] == {"actor": person, "name": person.title(), "role": "duty", "agency": None}
    assert browser.post("/api/v1/session/extend", headers=csrf).json["left_s"] > 59 * 60
    # The absolute end too, ten times and more, but not for ever.
    for _ in range(40):
        age(house, token, minutes=50)
        answer = browser.post("/api/v1/session/extend", headers=csrf)
        if answer.status_code == 401:
            break
    assert answer.status_code == 401
    assert browser.get("/desk/alarms").status_code == 303


def test_the_limits_are_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    house = House(tmp_path_factory.mktemp("short"), sessions=SessionSettings(idle_minutes=10, longest_hours=1))
    house.add("rina")
    browser, token = logged_in(house, "rina")
    age(house, token, minutes=9)
    assert browser.get("/feed/snapshot").status_code == 200
    age(house, token, minutes=2)
    assert browser.get("/feed/snapshot").status_code == 401


def test_who_is_removed_or_changed_is_out_at_once(house: House, person: str) -> None:
    removed, changed = logged_in(house, person)[0], logged_in(house, house.add(f"{person}-2").actor)[0]
    token = house.staff.give_token(person)
    bearer = {"Authorization": f"Bearer {token}"}
    assert house.browser().get("/feed/snapshot", headers=bearer).status_code == 200
    house.staff.remove(person)
    house.staff.set_password(f"{person}-2", "another")
    assert [one.get("/desk/alarms").status_code for one in (removed, changed)] == [303, 303]
    assert house.browser().get("/feed/snapshot", headers=bearer).status_code == 401
    assert house.browser().log_in(person).status_code == 401
    row = house.log.read(lambda c: c.execute(select(user).where(user.c.id == person)).one())
    assert row.password_hash is None


def test_an_act_needs_the_value_of_its_own_page(house: House, person: str) -> None:
    browser, other = logged_in(house, person)[0], logged_in(house, person)[0]
    order = {"command_id": "c-1", "seen_seq": 0, "text": "tes"}
    path = "/api/v1/complaints/none/comment"
    for headers in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": "\u00e9"}, other.csrf()):
        answer = browser.post(path, json=order, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    assert browser.post(path, json=order, headers=browser.csrf()).status_code == 404
    signed = browser.post(path, json={**order, "actor": "somebody-else"}, headers=browser.csrf())
    assert (signed.status_code, signed.json["field"]) == (422, "actor")
    signed = browser.post(path, json={**order, "role": "admin"}, headers=browser.csrf())
    assert (signed.status_code, signed.json["field"]) == (422, "role")
    assert (
        browser.post(path, json={**order, "actor": person, "role": "duty"}, headers=browser.csrf()).status_code == 404
    )


def test_no_secret_of_a_log_in_reaches_the_log(house: House, person: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    browser, token = logged_in(house, person)
    browser.log_in(person, "a wrong password that is told", "/login?again=1")
    browser.get("/desk/alarms")
    told = caplog.text
    assert not [word for word in (token, PASSWORD, "a wrong password that is told") if word in told]


def test_a_page_that_tells_of_itself_in_brackets_without_end_is_refused_like_any_other(house: House) -> None:
    screen = {"Authorization": f"Bearer {house.screens.add('dinding-dalam', 'wall')}"}
    answer = house.browser().post("/feed/stalled", data="[" * 100_000, content_type="application/json", headers=screen)
    assert answer.status_code == 400
