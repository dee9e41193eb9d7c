"""A drill is tried in each role from its own machine without a password; from elsewhere and in a real room never."""

from pathlib import Path

import pytest

from liveroom.accounts.users import Person
from liveroom.domain.requests import Role
from liveroom.room.commands.users import UserActs
from tests.rooms.staffed import Browser, House

PRACTICE = "/login/practice"
BEGINS = {
    Role.DUTY: "/desk",
    Role.SUPERVISOR: "/desk",
    Role.AGENCY: "/agency",
    Role.AGENCY_HEAD: "/agency",
    Role.LEADERSHIP: "/lead",
    Role.ADMIN: "/desk/people",
}


def tried(browser: Browser, role: Role, **more: str) -> int:
    return browser.post(PRACTICE, data={**browser.form(), "role": role.value, **more}).status_code


def test_each_role_begins_at_its_own_page_as_one_person(tmp_path: Path) -> None:
    house = House(tmp_path, kind="drill")
    browser = house.here()
    assert "/login?again=1" in browser.get("/").text
    for role, begins in BEGINS.items():
        assert f'value="{role.value}"' in browser.get("/login?again=1").text
        for _ in range(2):
            answer = browser.post(PRACTICE, data={**browser.form("/login?again=1"), "role": role.value})
            assert (answer.status_code, answer.headers["Location"]) == (303, f"{begins}?lang=id")
        assert browser.get(begins).status_code == 200
    assert {one.who.role for one in house.users.everybody()} == {*Role} - {Role.SYSTEM}
    assert len(house.users.everybody()) == len(BEGINS)


@pytest.mark.parametrize(("kind", "here"), [("drill", False), ("real", True), ("test", True)])
def test_nobody_else_is_offered_it_nor_let_in(tmp_path: Path, kind: str, here: bool) -> None:
    house = House(tmp_path, kind=kind)
    browser = house.here() if here else house.browser()
    assert PRACTICE not in browser.get("/login").text
    assert tried(browser, Role.ADMIN) == 403
    assert house.users.everybody() == []


def test_a_forwarded_request_is_no_longer_from_this_machine(tmp_path: Path) -> None:
    house = House(tmp_path, kind="drill")
    browser = house.here()
    form = browser.form()
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    assert browser.post(PRACTICE, data={**form, "role": "duty"}, headers=forwarded).status_code == 403
    assert tried(browser, Role.DUTY) == 303


def test_another_sites_form_no_such_role_and_a_disabled_stand_in_are_refused(tmp_path: Path) -> None:
    house = House(tmp_path, kind="drill")
    browser = house.here()
    assert tried(browser, Role.DUTY, csrf_token="another") == 403
    assert tried(browser, Role.SYSTEM) == 403
    assert tried(browser, Role.DUTY) == 303
    house.staff.disable("coba-duty")
    assert tried(house.here(), Role.DUTY) == 403


def test_a_stand_in_that_got_another_role_stands_for_none(tmp_path: Path) -> None:
    house = House(tmp_path, kind="drill")
    assert tried(house.here(), Role.DUTY) == 303
    house.staff.change(Person(actor="coba-duty", name="Petugas", role=Role.ADMIN))
    assert tried(house.here(), Role.DUTY) == 403


def test_whose_name_was_taken_meanwhile_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, kind="drill")
    browser, add = house.here(), UserActs.add

    def twice(acts: UserActs, *given: object) -> None:
        add(acts, *given)  # type: ignore[arg-type]
        add(acts, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(UserActs, "add", twice)
    assert tried(browser, Role.DUTY) == 303
