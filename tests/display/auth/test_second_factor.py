"""The second step of a log-in: setting it up, codes that count once, recovery, whom it is required of, and its end."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner
from msgspec import structs
from sqlalchemy import select, update
from werkzeug.test import Client, TestResponse

from app import web_app
from cli.main import cli
from display.auth.throttle import OF_CODES
from liveroom.accounts.second_factor import (
    RECOVERY_CODES,
    STEP_S,
    Seal,
    begin_half,
    factor_of,
    half_of,
    new_recovery_codes,
    new_secret,
    step_of,
    use_recovery,
    use_timed,
)
from liveroom.accounts.sessions import Sessions
from liveroom.accounts.users import Person, user_of
from liveroom.domain.requests import Role
from liveroom.log.backup import backup
from liveroom.log.event_log import events
from liveroom.log.schema import half_log_in, recovery_code, second_factor
from liveroom.maintenance.restore import replace_room
from liveroom.room.commands.users import UserActs, set_factor
from liveroom.runtime.config import SessionSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import system_now
from tests.rooms.databases import Opener
from tests.rooms.staffed import PASSWORD, Browser, House
from tests.rooms.standing import StandingRoom

SESSION = "__Host-liveroom_session"
NEEDED = SessionSettings(second_factor=("supervisor", "admin"))


class Clock:
    """Real time as the room reads it for codes; it stands until it is moved."""

    def __init__(self) -> None:
        self.now = system_now()

    def __call__(self, _connection: object = None) -> datetime:
        return self.now

    def on(self, steps: int = 1) -> None:
        self.now += timedelta(seconds=STEP_S * steps)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    for name in ("liveroom.accounts.second_factor.database_now", "display.auth.second_factor.database_now"):
        monkeypatch.setattr(name, one)
    return one


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A room in which supervisors and admins need a second factor."""
    return House(tmp_path_factory.mktemp("strict"), sessions=NEEDED)


@pytest.fixture
def person(house: House, request: pytest.FixtureRequest) -> str:
    """The log-in name of somebody of this test's own."""
    return house.add(request.node.name.replace("[", "-").rstrip("]")[-60:].replace("_", "-")).actor


class Phone:
    """A telephone with an authenticator app, and the recovery codes on paper."""

    def __init__(self, clock: Clock, secret: str = "") -> None:
        self.clock, self.secret, self.paper = clock, secret, list[str]()

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.now + timedelta(seconds=STEP_S * steps))

    def scan(self, page: str) -> None:
        shown = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
        assert shown, page
        self.secret = shown[1].replace(" ", "")


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf_token|next|sealed|with)" value="([^"]*)"', page))


def cookies(answer: TestResponse) -> dict[str, SimpleCookie]:
    found = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        found.load(line)
    return dict(found)


def set_up(browser: Browser, phone: Phone, path: str = "/account/factor", **more: str) -> TestResponse:
    """Scan the key of a page and confirm it."""
    page = browser.get(path).text
    phone.scan(page)
    form = {**fields(page), "password": PASSWORD, "code": phone.code(), **more}
    answer = browser.post(path, data=form)
    phone.paper = re.findall(r"<li><code>([A-Z2-7-]{19})</code></li>", answer.text)
    return answer


def enrolled(house: House, name: str, clock: Clock) -> tuple[Browser, Phone]:
    """Somebody who is logged in and has set up the second step a while ago."""
    browser, phone = house.browser(), Phone(clock)
    assert browser.log_in(name).status_code == 303
    assert set_up(browser, phone).status_code == 200
    clock.on(2)
    return browser, phone


def second(browser: Browser, code: str, path: str = "/login/code", **more: str) -> TestResponse:
    return browser.post(path.partition("?")[0], data={**fields(browser.get(path).text), "code": code, **more})


def let_in(browser: Browser) -> bool:
    return browser.get("/api/v1/session").status_code == 200


def told(house: House, of: str) -> list[tuple[str, str]]:
    """(event, by whom) of everything done to one person."""
    logged = house.log.read(lambda c: events(c, 0, 10_000))
    return [(one.event.kind.value, one.actor) for one in logged if (one.event.subject, one.event.id) == ("user", of)]


def act(browser: Browser, path: str, **more: str) -> TestResponse:
    """Send a form of one's own account."""
    return browser.post(path, data={**fields(browser.get(path).text), "password": PASSWORD, **more})


@pytest.mark.parametrize("role", [Role.DUTY, Role.AGENCY, Role.LEADERSHIP, Role.ADMIN])
def test_everybody_can_set_up_a_second_step_and_it_ends_their_other_log_ins(
    house: House, clock: Clock, role: Role
) -> None:
    name = house.add(f"semua-{role.value}", role).actor
    here, there, phone = house.browser(), house.browser(), Phone(clock)
    assert [one.log_in(name).status_code for one in (here, there)] == [303, 303]
    assert "Belum terpasang" in here.get("/account").text
    done = set_up(here, phone)
    assert (done.status_code, len(set(phone.paper))) == (200, RECOVERY_CODES)
    assert (let_in(here), let_in(there)) == (True, False)
    assert "belum dipakai: 10" in here.get("/account").text
    assert told(house, name)[-1] == ("user.factor_set", name)


def test_neither_key_nor_recovery_codes_can_be_read_from_the_database(house: House, person: str, clock: Clock) -> None:
    browser, phone = enrolled(house, person, clock)
    tables = (second_factor, recovery_code)
    kept = house.log.read(lambda c: " ".join(str(row) for table in tables for row in c.execute(select(table))))
    for secret in (phone.secret, *phone.paper, *(code.replace("-", "") for code in phone.paper)):
        assert secret not in kept
    assert not [code for code in phone.paper if code in browser.get("/account").text]


def test_a_right_password_alone_opens_nothing_and_the_code_leads_on(house: House, person: str, clock: Clock) -> None:
    _, phone = enrolled(house, person, clock)
    browser = house.browser()
    half = browser.log_in(person, path="/login?next=/desk/alarms?lang=en")
    assert half.headers["Location"].startswith("/login/code?")
    cookie = cookies(half)["liveroom_half"]
    assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["samesite"]) == (True, True, "/login", "Lax")
    assert SESSION not in cookies(half)
    assert (let_in(browser), browser.get("/desk").status_code, browser.get("/feed/snapshot").status_code) == (
        False,
        303,
        401,
    )
    entered = second(browser, phone.code(), half.headers["Location"])
    assert (entered.status_code, entered.headers["Location"]) == (303, "/desk/alarms?lang=en")
    assert SESSION in cookies(entered)
    assert let_in(browser)
    # The half log-in is used up: another code does nothing with it.
    browser.client.set_cookie("liveroom_half", cookie.value, domain="ruang.kota.example", path="/login", secure=True)
    clock.on(3)
    assert browser.post("/login/code", data={"code": phone.code()}).status_code == 403


def test_a_code_counts_once_and_one_step_either_way(house: House, person: str, clock: Clock) -> None:
    _, phone = enrolled(house, person, clock)
    browser = house.browser()

    def tried(steps: int) -> bool:
        browser.log_in(person, path="/login?again=1")
        return second(browser, phone.code(steps)).status_code == 303

    assert [tried(steps) for steps in (-2, 2)] == [False, False]
    assert [tried(steps) for steps in (-1, -1)] == [True, False]
    assert [tried(steps) for steps in (0, 0, -1)] == [True, False, False]
    assert [tried(steps) for steps in (1, 1, 0)] == [True, False, False]
    clock.on()
    # The code of now was shown as the next one a moment ago.
    assert [tried(steps) for steps in (0, 1)] == [False, True]


def test_what_is_no_code_is_refused_as_any_other(house: House, person: str, clock: Clock) -> None:
    _, phone = enrolled(house, person, clock)
    browser = house.browser()
    browser.log_in(person)
    for wrong in ("", "12345", "１２３４５６", "x" * 5000, "\x00", "\ud800".encode("utf-8", "replace").decode()):
        answer = second(browser, wrong)
        assert (answer.status_code, "Kode ini tidak berlaku" in answer.text) == (401, True)
    spaced = phone.code()
    assert second(browser, f" {spaced[:3]} {spaced[3:]} ").status_code == 303


def test_a_recovery_code_lets_in_once_and_is_counted(house: House, person: str, clock: Clock) -> None:
    _, phone = enrolled(house, person, clock)
    browser = house.browser()
    browser.log_in(person)
    page = browser.get("/login/code?with=recovery").text
    assert 'name="with" value="recovery"' in page
    used = phone.paper[3]
    assert second(browser, used.lower().replace("-", " "), "/login/code?with=recovery").status_code == 303
    assert "belum dipakai: 9" in browser.get("/account").text
    browser.log_in(person, path="/login?again=1")
    again = second(browser, used, "/login/code?with=recovery")
    assert (again.status_code, "Kode pemulihan" in again.text) == (401, True)
    assert second(browser, phone.paper[4]).status_code == 303
    assert [kind for kind, _ in told(house, person)].count("user.recovery_used") == 2


def test_before_the_password_is_right_nothing_tells_of_a_second_step(house: House, person: str, clock: Clock) -> None:
    enrolled(house, person, clock)
    without = house.add(f"{person[-50:]}-without").actor
    browser = house.browser()
    answers = [browser.log_in(name, "salah sama sekali") for name in (person, without, f"{person}-none")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert browser.get("/login/code").headers["Location"] == "/login?lang=id"
    assert browser.post("/login/code", data={"code": "123456"}).status_code == 403


def test_guessing_codes_is_bounded_for_the_account_and_not_for_a_known_browser(
    house: House, person: str, clock: Clock
) -> None:
    owner, phone = enrolled(house, person, clock)
    for number in range(OF_CODES):
        thief = house.browser()
        thief.headers["X-Forwarded-For"] = f"10.7.{number}.1"
        assert thief.log_in(person).headers["Location"].startswith("/login/code?")
        assert second(thief, "000000").status_code == 401
    late = house.browser()
    late.headers["X-Forwarded-For"] = "10.8.0.1"
    late.log_in(person)
    answer = second(late, phone.code())
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert not let_in(late)
    owner.log_in(person, path="/login?again=1")
    assert second(owner, phone.code()).status_code == 303


def test_a_form_of_somebody_elses_page_is_refused(house: House, person: str, clock: Clock) -> None:
    _, phone = enrolled(house, person, clock)
    browser, other = house.browser(), house.browser()
    browser.log_in(person)
    other.log_in(person)
    theirs = fields(other.get("/login/code").text)
    assert browser.post("/login/code", data={**theirs, "code": phone.code()}).status_code == 403
    assert not let_in(browser)


def test_a_half_log_in_ends_by_itself_with_its_owner_and_with_their_password(
    house: House, person: str, clock: Clock
) -> None:
    _, phone = enrolled(house, person, clock)
    browser = house.browser()

    def goes_on() -> bool:
        return browser.get("/login/code").status_code == 200

    browser.log_in(person)
    assert goes_on()
    house.log.touch(lambda c: c.execute(update(half_log_in).values(ends_at=1)))
    assert not goes_on()
    browser.log_in(person)
    assert goes_on()
    house.staff.disable(person)
    assert not goes_on()
    assert browser.post("/login/code", data={"code": phone.code()}).status_code == 403
    house.staff.disable(person, disabled=False)


def test_whom_the_setting_names_is_led_to_set_one_up_and_can_do_nothing_before(strict: House, clock: Clock) -> None:
    name = strict.add("kepala", Role.SUPERVISOR).actor
    token = strict.staff.give_token(name)
    browser, phone = strict.browser(), Phone(clock)
    half = browser.log_in(name, path="/login?next=/desk/alarms")
    assert half.headers["Location"].startswith("/login/factor?")
    doors = ("/desk", "/desk/alarms", "/account", "/account/factor", "/lead")
    assert [browser.get(door).status_code for door in doors] == [303] * len(doors)
    assert [browser.get(door).status_code for door in ("/feed/snapshot", "/api/v1/session")] == [401, 401]
    assert browser.get("/login/code").headers["Location"] == "/login/factor"
    page = browser.get(half.headers["Location"]).text
    phone.scan(page)
    wrong = browser.post("/login/factor", data={**fields(page), "code": "000000"})
    assert (wrong.status_code, phone.secret in wrong.text.replace(" ", "")) == (401, True)
    assert not let_in(browser)
    done = browser.post("/login/factor", data={**fields(page), "code": phone.code()})
    assert (done.status_code, len(re.findall(r"<li><code>", done.text))) == (200, RECOVERY_CODES)
    assert 'href="/desk/alarms"' in done.text
    assert browser.get("/desk/alarms").status_code == 200
    # What a program of theirs shows is asked for no code, before and after.
    bearer = {"Authorization": f"Bearer {token}"}
    assert strict.browser().get("/api/v1/session", headers=bearer).status_code == 200


def test_a_key_is_set_up_by_no_half_log_in_that_has_one_already(strict: House, clock: Clock) -> None:
    """Else whoever has the password alone would put their own telephone in the place of the owner's."""
    name = strict.add("pemilik", Role.SUPERVISOR).actor
    early, owner, thief = Phone(clock), strict.browser(), strict.browser()
    thief.log_in(name)
    page = thief.get("/login/factor").text
    early.scan(page)
    owner.log_in(name)
    assert set_up(owner, Phone(clock), "/login/factor").status_code == 200
    # Setting one up ends what was half done; a new half log-in is asked for a code, and its old form opens nothing.
    assert thief.post("/login/factor", data={**fields(page), "code": early.code()}).status_code == 403
    thief.log_in(name, path="/login?again=1")
    assert thief.get("/login/factor").headers["Location"].startswith("/login/code")
    csrf = fields(thief.get("/login/code").text)["csrf_token"]
    stolen = {**fields(page), "csrf_token": csrf, "code": early.code()}
    assert thief.post("/login/factor", data=stolen).status_code == 403
    assert not let_in(thief)


def test_the_setting_asks_nobody_else_and_ends_log_ins_from_before_it(tmp_path: Path, clock: Clock) -> None:
    before = House(tmp_path)
    name, duty = before.add("kepala", Role.ADMIN).actor, before.add("jaga").actor
    token = cookies(before.browser().log_in(name))[SESSION].value
    after = web_app(structs.replace(before.config, sessions=NEEDED), before.opened, ThreadRuntime(), lambda: False)
    browser, other = (Browser(Client(after.wsgi, TestResponse)) for _ in range(2))
    browser.client.set_cookie(SESSION, token, domain="ruang.kota.example", secure=True)
    assert not let_in(browser)
    assert other.log_in(duty).headers["Location"] == "/desk"
    # By a provider comes whose second step is the provider's.
    jauh = Person(actor="jauh", name="Jauh", role=Role.ADMIN)
    before.staff.add(jauh, None, known_as=("https://provider.example", "7"))
    sessions = Sessions(before.log, NEEDED.limits())
    assert sessions.of(sessions.begin("jauh")) is not None
    assert sessions.of(sessions.begin(name)) is None


def test_another_telephone_needs_a_code_of_the_old_one(house: House, person: str, clock: Clock) -> None:
    browser, old = enrolled(house, person, clock)
    new = Phone(clock)
    for wrong in ({"current": "000000"}, {"current": ""}, {"current": old.code(), "password": "salah sama sekali"}):
        assert set_up(browser, new, **wrong).status_code == 401
    assert set_up(browser, new, current=old.code()).status_code == 200
    clock.on(2)
    other = house.browser()
    other.log_in(person)
    assert [second(other, code).status_code for code in (old.code(), old.paper[0], new.code())] == [401, 401, 303]


def test_it_is_taken_away_by_password_and_code_alone(house: House, person: str, clock: Clock) -> None:
    browser, phone = enrolled(house, person, clock)
    assert act(browser, "/account/remove", code="000000").status_code == 401
    assert act(browser, "/account/remove", code=phone.code(), password="salah sama sekali").status_code == 401
    done = act(browser, "/account/remove", code=phone.code())
    assert (done.status_code, done.headers["Location"]) == (303, "/account?said=removed&lang=id")
    assert let_in(browser)
    assert told(house, person)[-1] == ("user.factor_removed", person)
    assert house.browser().log_in(person).headers["Location"] == "/desk"


def test_a_role_that_needs_it_keeps_it_and_may_draw_new_recovery_codes(strict: House, clock: Clock) -> None:
    name = strict.add("wakil", Role.ADMIN).actor
    browser, phone = strict.browser(), Phone(clock)
    browser.log_in(name)
    assert set_up(browser, phone, "/login/factor").status_code == 200
    clock.on(2)
    csrf = browser.csrf()["X-CSRF-Token"]
    form = {"csrf_token": csrf, "password": PASSWORD, "code": phone.code()}
    assert browser.get("/account/remove").headers["Location"] == "/account?lang=id"
    assert browser.post("/account/remove", data=form).status_code == 403
    renewed = act(browser, "/account/recovery", code=phone.code())
    fresh = re.findall(r"<li><code>([A-Z2-7-]{19})</code></li>", renewed.text)
    assert (renewed.status_code, len(fresh), set(fresh) & set(phone.paper)) == (200, RECOVERY_CODES, set())
    assert act(browser, "/account/recovery", code=phone.code()).status_code == 401
    other = strict.browser()
    other.log_in(name)
    assert [second(other, code).status_code for code in (phone.paper[0], fresh[0])] == [401, 303]


def test_an_admin_takes_it_away_from_others_and_never_from_themselves(house: House, person: str, clock: Clock) -> None:
    admin = house.add(f"{person[-50:]}-admin", Role.ADMIN).actor
    desk, boss = enrolled(house, admin, clock)
    browser, _ = enrolled(house, person, clock)
    token = {"Authorization": f"Bearer {house.staff.give_token(person)}"}

    def order(of: str) -> TestResponse:
        said = {"command_id": f"{of[-20:]}-{clock.now}"}
        return desk.post(f"/api/v1/people/{of}/reset_factor", json=said, headers=desk.csrf())

    listed = {one["actor"]: one["second_factor"] for one in desk.get("/api/v1/people").json["people"]}
    assert (listed[person], listed[admin]) == (True, True)
    assert order(person).json["state"] == "factor_reset"
    assert not let_in(browser)
    assert house.browser().get("/api/v1/session", headers=token).status_code == 200
    assert told(house, person)[-1] == ("user.factor_removed", admin)
    clock.on()
    assert (order(person).status_code, order(admin).json["code"]) == (422, "state")
    assert house.log.read(lambda c: factor_of(c, admin)) is not None
    assert boss.secret


def test_the_command_line_takes_it_away(
    house: House, person: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, _ = enrolled(house, person, clock)
    monkeypatch.setenv("LIVEROOM_DATA_DIR", house.config.data_dir)
    assert CliRunner().invoke(cli, ("user", "reset-second-factor", person)).exit_code == 0
    assert not let_in(browser)
    assert told(house, person)[-1] == ("user.factor_removed", "command-line")
    assert CliRunner().invoke(cli, ("user", "reset-second-factor", person)).exit_code == 1
    assert house.browser().log_in(person).headers["Location"] == "/desk"


def test_a_programs_token_changes_nothing_of_the_account(house: House, person: str) -> None:
    bearer = {"Authorization": f"Bearer {house.staff.give_token(person)}"}
    for path in ("/account/factor", "/account/recovery", "/account/remove", "/account/password"):
        answer = house.browser().post(path, data={"password": PASSWORD, "code": "123456"}, headers=bearer)
        assert (answer.status_code, answer.json["code"]) == (422, "no_session")


def test_tries_on_ones_own_account_are_bounded(house: House, person: str, clock: Clock) -> None:
    browser, phone = enrolled(house, person, clock)
    codes = [act(browser, "/account/remove", code="000000").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    assert act(browser, "/account/remove", code=phone.code()).status_code == 429


def test_a_password_is_changed_by_its_owner_and_refused_by_its_rule(house: House) -> None:
    person = house.add("widya").actor
    browser, other = house.browser(), house.browser()
    assert [one.log_in(person).status_code for one in (browser, other)] == [303, 303]
    csrf = {"csrf_token": fields(browser.get("/account/password").text)["csrf_token"]}

    def change(chosen: str, again: str | None = None, password: str = PASSWORD, lang: str = "id") -> TestResponse:
        form = {**csrf, "password": password, "chosen": chosen, "again": chosen if again is None else again}
        return browser.post(f"/account/password?lang={lang}", data=form)

    assert change("empat kata yang lain", password="salah sama sekali").status_code == 401
    for chosen, again, words in (
        ("pendek", None, "10 sampai 256"),
        ("password123", None, "sering dipakai"),
        ("katasandi123", None, "mudah ditebak"),
        ("Tangerang2026!", None, "nama kota"),
        ("empat kata yang lain", "lain", "tidak sama"),
    ):
        no = change(chosen, again)
        assert (no.status_code, words in no.text, chosen in no.text) == (422, True, False)
    assert "lists of common passwords" in change("password123", lang="en").text
    assert change("empat kata yang lain").status_code == 303
    assert (let_in(browser), let_in(other)) == (True, False)
    assert house.browser().log_in(person, "empat kata yang lain").status_code == 303


def test_a_drill_room_whose_time_runs_ahead_asks_for_the_codes_of_real_time(tmp_path: Path, clock: Clock) -> None:
    drill = House(tmp_path, kind="drill")
    name = drill.add("latih").actor
    browser, phone = enrolled(drill, name, clock)
    assert "LATIHAN" in browser.get("/account/factor").text
    other = drill.browser()
    other.log_in(name)
    assert second(other, phone.code()).status_code == 303


def test_a_key_in_a_form_is_one_persons_and_grows_old() -> None:
    secret, seal = new_secret(), Seal("k" * 40)
    sealed = seal.close("rina", secret)
    assert seal.open("rina", sealed) == secret
    assert (seal.open("budi", sealed), seal.open("rina", sealed, lasts_s=-1)) == (None, None)
    assert (Seal("x" * 40).open("rina", sealed), seal.open("rina", "\ud800")) == (None, None)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    code = pyotp.TOTP(secret).at(now)
    step = step_of(secret, code, now)
    assert step == int(now.timestamp()) // STEP_S
    assert step_of(secret, code, now, after=step) is None


RINA = Person(actor="Rina", name="Rina Wulandari", role=Role.DUTY)


def kept_for(standing: StandingRoom, seal: Seal) -> tuple[str, tuple[str, ...]]:
    secret, codes = new_secret(), new_recovery_codes()
    UserActs(standing.room, "admin").add(RINA, "hash")
    standing.room.unit(lambda work: set_factor(work, "Rina", seal.close("Rina", secret), 1, codes))
    return secret, codes


def test_codes_count_once_in_both_databases_and_recovery_codes_without_the_servers_key(standing: StandingRoom) -> None:
    seal, log = Seal("k" * 40), standing.log
    secret, codes = kept_for(standing, seal)
    code = pyotp.TOTP(secret).now()
    lost = Seal("x" * 40)
    assert log.touch(lambda c: use_timed(c, "Rina", code, lost)) is False
    assert [log.touch(lambda c: use_timed(c, "Rina", code, seal)) for _ in range(2)] == [True, False]
    assert [log.touch(lambda c: use_recovery(c, "Rina", codes[0])) for _ in range(2)] == [True, False]
    assert log.touch(lambda c: use_recovery(c, "Budi", codes[1])) is False
    left = log.read(lambda c: factor_of(c, "Rina"))
    assert left is not None
    assert left.left == RECOVERY_CODES - 1
    UserActs(standing.room, "admin").remove("rina")
    assert log.read(lambda c: factor_of(c, "Rina")) is None


def test_a_backup_carries_the_second_step_and_no_half_log_in(
    standing: StandingRoom, open_standing: Opener, tmp_path: Path
) -> None:
    kept_for(standing, Seal("k" * 40))
    half = standing.log.touch(lambda c: begin_half(c, "Rina"))
    assert standing.log.read(lambda c: half_of(c, half)) == RINA
    backup(standing.log, tmp_path / "room.backup")
    fresh = open_standing()
    fresh.log.touch(
        lambda c: replace_room(c, tmp_path / "room.backup", kind="test", city="tangerang", note=lambda _: None)
    )
    assert fresh.log.read(lambda c: user_of(c, "rina")).who == RINA
    assert fresh.log.read(lambda c: factor_of(c, "Rina")) is not None
    assert fresh.log.read(lambda c: half_of(c, half)) is None


def test_a_role_that_is_none_is_a_fault_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"city: tangerang\ndata_dir: {tmp_path}\nsessions: {{second_factor: [boss]}}\n")
    monkeypatch.setenv("LIVEROOM_CONFIG", str(file))
    ran = CliRunner().invoke(cli, ("user", "list"))
    assert ran.exit_code != 0
    assert "sessions.second_factor" in capfd.readouterr().err
