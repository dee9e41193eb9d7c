"""What an admin does to people over HTTP: who may, what is refused by its field, what ends at once, what is logged."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from display.auth.login import PasswordQueue
from display.auth.throttle import OF_OWN
from liveroom.accounts.users import Person
from liveroom.domain.requests import OF_PEOPLE, Role
from liveroom.log.event_log import events
from liveroom.log.schema import command, password_link, user
from tests.rooms.staffed import AGENCY, Browser, House

CHOSEN = "empat kata yang dipilih"


class Office(House):
    """A house with an admin who sits at `desk`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.add("kepala", Role.ADMIN)
        self.desk = self.browser()
        assert self.desk.log_in("kepala").status_code == 303
        self._csrf = self.desk.csrf()
        self._orders = 0

    def order(self, path: str, **body: object) -> TestResponse:
        self._orders += 1
        said = {"command_id": f"order-{self._orders}", **body}
        return self.desk.post(f"/api/v1/people/{path}", json=said, headers=self._csrf)

    def invite(self, login: str) -> TestResponse:
        return self.order("add", login=login, name="Sari Contoh", as_role="duty")

    def people(self) -> dict[str, dict[str, object]]:
        return {one["actor"]: one for one in self.desk.get("/api/v1/people").json["people"]}

    def told(self, of: str) -> list[tuple[str, str]]:
        """(event, by whom) of everything done to one person."""
        logged = self.log.read(lambda c: events(c, 0, 10_000))
        return [
            (one.event.kind.value, one.actor) for one in logged if (one.event.subject, one.event.id) == ("user", of)
        ]

    def kept(self) -> str:
        """All that is written of people and of what was ordered."""
        tables = (command, password_link, user)
        return self.log.read(lambda c: " ".join(str(row) for table in tables for row in c.execute(select(table))))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def choose(browser: Browser, password: str, again: str | None = None, **more: str) -> TestResponse:
    """Send the form of the page behind a link."""
    csrf = re.search(r'name="csrf_token" value="([^"]*)"', browser.get("/login/password").text)
    form = {"csrf_token": csrf[1] if csrf else "", "password": password, "again": password if again is None else again}
    return browser.post("/login/password", data={**form, **more})


def test_a_person_is_invited_chooses_a_password_once_and_logs_in(office: Office) -> None:
    added = office.invite("sari")
    assert (added.status_code, added.json["state"]) == (200, "added")
    link = added.json["link"]
    assert office.people()["sari"]["state"] == "invited"
    sari, thief = office.browser(), office.browser()
    assert sari.log_in("sari", "").status_code == 401
    led = sari.get(link)
    assert (led.status_code, led.headers["Location"]) == (303, "/login/password?lang=id")
    thief.get(link)
    assert [("Sari Contoh" in one.get("/login/password").text) for one in (sari, thief)] == [True, True]
    done = choose(sari, CHOSEN)
    assert (done.status_code, done.headers["Location"]) == (303, "/login?said=set&lang=id")
    sari.get(link)
    assert sari.get("/login/password").status_code == 403
    assert choose(thief, "dan yang lain lagi").status_code == 403
    assert sari.log_in("sari", CHOSEN).status_code == 303
    listed = office.people()["sari"]
    assert (listed["state"], listed["sessions"], listed["role"]) == ("active", 1, "duty")
    assert listed["logged_in_at"] is not None
    assert office.told("sari") == [
        ("user.added", "kepala"),
        ("user.invited", "kepala"),
        ("user.password_set", "sari"),
    ]
    assert link.partition("k=")[2] not in office.kept()
    assert CHOSEN not in office.kept()


def test_a_password_that_is_refused_leaves_the_link_good(office: Office) -> None:
    tuti = office.browser()
    tuti.get(office.invite("tuti").json["link"])
    for password, again, words in (
        ("pendek", None, "10 sampai 256"),
        ("aaaaaaaaaaaa", None, "mengulang"),
        ("sari contoh 2026", None, "nama Anda"),
        (CHOSEN, "lain", "tidak sama"),
    ):
        no = choose(tuti, password, again)
        assert (no.status_code, words in no.text, password in no.text) == (422, True, False)
    assert choose(tuti, CHOSEN, csrf_token="x").status_code == 403
    assert choose(tuti, CHOSEN).status_code == 303


def test_whoever_tries_passwords_by_a_link_all_day_stands_before_no_officer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, known = PasswordQueue.run, list[bool]()

    def seen(self: PasswordQueue, work: Callable[[], object], of: str, **how: bool) -> object:
        known.append(how["known"])
        return plain(self, work, of, **how)

    monkeypatch.setattr(PasswordQueue, "run", seen)
    wira = office.browser()
    wira.get(office.invite("wira").json["link"])
    assert [choose(wira, "12345678901").status_code for _ in range(OF_OWN + 2)] == [422] * (OF_OWN + 2)
    assert known == [True] * OF_OWN + [False] * 2
    assert choose(wira, CHOSEN).status_code == 303


def test_a_link_ends_after_two_days_with_a_newer_one_and_with_its_owner(office: Office) -> None:
    wati = office.browser()
    first = office.invite("wati").json["link"]
    second = office.order("wati/reset").json["link"]
    wati.get(first)
    assert wati.get("/login/password").status_code == 403
    wati.get(second)
    assert wati.get("/login/password").status_code == 200
    office.log.touch(lambda c: c.execute(update(password_link).values(ends_at=1)))
    assert wati.get("/login/password").status_code == 403
    wati.get(office.order("wati/reset").json["link"])
    assert office.order("wati/disable").status_code == 200
    assert choose(wati, CHOSEN).status_code == 403


def test_the_same_order_again_tells_the_link_no_more(office: Office) -> None:
    body = {"command_id": "the-same", "login": "yuni", "name": "Yuni", "as_role": "duty"}
    assert office.order("add", **body).json["link"]
    again = office.order("add", **body)
    assert (again.status_code, again.json["link"]) == (200, None)


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"login": "dua kata"}, "login", "malformed"),
        ({"login": "x" * 65}, "login", "malformed"),
        ({"login": "System"}, "login", "malformed"),
        ({"login": "kep\u0430la"}, "login", "malformed"),
        ({"login": "\uff4bepala"}, "login", "malformed"),
        ({"login": "Console"}, "login", "malformed"),
        ({"login": "courier"}, "login", "malformed"),
        ({"login": "KEPALA"}, "login", "field"),
        ({"login": 7}, "login", "malformed"),
        ({"name": "a\nb"}, "name", "malformed"),
        ({"name": None}, "name", "malformed"),
        ({"as_role": "system"}, "as_role", "malformed"),
        ({"as_role": "agency"}, "agency", "malformed"),
        ({"as_role": "agency", "agency": "bukan"}, "agency", "malformed"),
        ({"agency": AGENCY}, "agency", "malformed"),
        ({"agency": ["x"]}, "agency", "malformed"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(office: Office, wrong: dict[str, object], field: str, code: str) -> None:
    before = office.people()
    no = office.order("add", **{"login": "baru", "name": "Baru", "as_role": "duty", **wrong})
    assert (no.status_code, no.json["field"], no.json["code"]) == (422, field, code)
    assert office.people() == before


class Somebody:
    """A person with a browser and a program of their own."""

    def __init__(self, office: Office, login: str) -> None:
        self._office, self._login, self.browser = office, login, office.browser()
        office.add(login)
        self.gets_a_key()

    def gets_a_key(self) -> None:
        self._bearer = {"Authorization": f"Bearer {self._office.staff.give_token(self._login)}"}

    def comes_in(self) -> bool:
        return self.browser.log_in(self._login, path="/login?again=1").status_code == 303

    def works(self) -> tuple[bool, bool]:
        """Whether the log-in, and whether the program, opens what it opened."""
        program = self._office.browser().get("/api/v1/session", headers=self._bearer)
        return self.browser.get("/api/v1/session").status_code == 200, program.status_code == 200


def test_another_role_and_a_log_out_take_hold_at_once(office: Office) -> None:
    budi = Somebody(office, "budi")
    assert (budi.comes_in(), budi.works()) == (True, (True, True))
    assert office.order("budi/change", name="Budi", as_role="agency", agency=AGENCY).status_code == 200
    assert budi.works() == (False, True)
    assert (office.people()["budi"]["role"], office.people()["budi"]["agency"]) == ("agency", AGENCY)
    assert (budi.comes_in(), budi.works()) == (True, (True, True))
    assert office.order("budi/log_out").status_code == 200
    assert budi.works() == (False, False)
    assert budi.comes_in()


def test_whoever_is_disabled_or_reset_is_out_at_once(office: Office) -> None:
    dani = Somebody(office, "dani")
    assert (dani.comes_in(), dani.works()) == (True, (True, True))
    assert office.order("dani/disable").status_code == 200
    assert (dani.works(), dani.comes_in()) == ((False, False), False)
    assert [office.order(f"dani/{act}").status_code for act in ("disable", "reset")] == [422, 422]
    assert office.order("dani/enable").status_code == 200
    assert (dani.comes_in(), dani.works()) == (True, (True, False))
    dani.gets_a_key()
    assert dani.works() == (True, True)
    assert office.order("dani/reset").json["link"]
    assert (dani.works(), dani.comes_in()) == ((False, False), False)
    assert office.order("nobody/disable").status_code == 404


def test_a_shift_is_offered_to_somebody_who_can_take_it(office: Office) -> None:
    """By log-in name or by the name that everybody reads; a name that nobody has would leave it to nobody."""
    for login, name in (("tini", "Tini Jaga"), ("tina", "Tina"), ("tina2", "Tina")):
        office.staff.add(Person(actor=login, name=name, role=Role.DUTY), None)
    office.staff.add(Person(actor="jauh", name="Si Jauh", role=Role.LEADERSHIP), None)
    csrf = office.desk.csrf()

    def offer(to: str) -> tuple[int, str]:
        said = {"command_id": f"to-{to}", "to": to}
        answer = office.desk.post("/api/v1/room/handover", json=said, headers=csrf)
        return answer.status_code, answer.json.get("field", "") if answer.status_code != 200 else told()["to"]

    def told() -> dict[str, str]:
        return dict(office.desk.get("/api/v1/handover").json["offered"])

    assert [offer(to) for to in ("tini jaga", "TINI", "tina")] == [(200, "tini"), (200, "tini"), (200, "tina")]
    assert [offer(to) for to in ("Si Jauh", "Regu B")] == [(422, "to"), (422, "to")]
    colleagues = {one["actor"] for one in office.desk.get("/api/v1/handover").json["colleagues"]}
    assert {"kepala", "tini", "tina", "tina2"} <= colleagues and "jauh" not in colleagues


def test_the_last_admin_stays(office: Office) -> None:
    acts = {"disable": {}, "reset": {}, "change": {"name": "K", "as_role": "duty"}}
    # One who has no password yet could not help.
    office.order("add", login="wakil", name="Wakil", as_role="admin")
    for act, fields in acts.items():
        no = office.order(f"kepala/{act}", **fields)
        assert (no.status_code, no.json["code"]) == (422, "last_admin")
    assert office.desk.get("/desk/people").status_code == 200
    wakil = office.browser()
    wakil.get(office.order("wakil/reset").json["link"])
    choose(wakil, CHOSEN)
    wakil.log_in("wakil", CHOSEN)
    said = {"command_id": "by-wakil"}
    assert wakil.post("/api/v1/people/kepala/disable", json=said, headers=wakil.csrf()).status_code == 200
    assert office.desk.get("/desk/people").status_code == 303
    office.staff.disable("kepala", disabled=False)
    office.desk.log_in("kepala")
    office._csrf = office.desk.csrf()


@pytest.mark.parametrize("role", sorted(set(OF_PEOPLE) - {Role.ADMIN}))
def test_nobody_but_an_admin_sees_or_orders(office: Office, role: Role) -> None:
    office.add(f"si-{role}", role)
    bearer = {"Authorization": f"Bearer {office.staff.give_token(f'si-{role}')}"}
    other, said = office.browser(), {"command_id": f"by-{role}", "login": "x", "name": "X", "as_role": "admin"}
    assert other.get("/desk/people", headers=bearer).status_code == 403
    assert other.get("/api/v1/people", headers=bearer).status_code == 403
    assert other.post("/api/v1/people/add", json=said, headers=bearer).status_code == 403
    assert other.post("/api/v1/people/kepala/disable", json=said, headers=bearer).status_code == 403


def test_the_first_admin_is_made_on_the_machine_and_not_by_a_page(tmp_path: Path) -> None:
    here = House(tmp_path).here()
    said = {"command_id": "c", "actor": "x", "role": "admin", "login": "x", "name": "X", "as_role": "admin"}
    assert here.get("/desk/people").status_code == 200
    no = here.post("/api/v1/people/add", json=said)
    assert (no.status_code, "run.py user add" in no.json["message"]) == (403, True)


# Names for other people's eyes: a desk may ask what somebody is called.
def test_a_desk_is_told_names_by_key_also_of_people_removed_since(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.add("sari")
    house.add("kepala-dlh", Role.AGENCY_HEAD)
    house.staff.remove("kepala-dlh")
    browser = house.browser()
    browser.log_in("sari")
    answer = browser.get("/api/v1/names?of=sari&of=kepala-dlh&of=orang-lain")
    assert answer.get_json() == {"names": {"sari": "Sari", "kepala-dlh": "Kepala-Dlh"}}
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.get("/api/v1/names?" + "&".join(f"of=k{n}" for n in range(101))).status_code == 422
