"""A crowd behind one address gets through by what its telephones solve; what solves nothing is counted strictly."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest

from app import web_app
from display.auth.throttle import Counters
from display.citizens import report
from display.citizens.report import BITS, is_solved
from display.citizens.responses import OF_TICKET, PLAIN_FILES, TRIES, SpamLimits
from liveroom.runtime.config import FormSettings, PublicSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.often import often
from tests.rooms.citizen import SAID, Citizen, solved
from tests.rooms.sending import TUS
from tests.rooms.staffed import House
from tests.services.postgres import Postgres

# One puzzle: this machine is no telephone, and has hundreds of forms to send.
ONE = FormSettings(effort=1, effort_most=1)
JSON = {"Accept": "application/json"}
_addresses = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    one = House(tmp_path_factory.mktemp("crowd"), kind="test")
    one.add("rina")
    return one


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LEAST", timedelta(0))


@pytest.fixture
def address() -> str:
    return f"203.0.113.{next(_addresses)}"


@contextmanager
def limits(house: House, forms: FormSettings) -> Iterator[None]:
    """The house with these limits, nothing counted yet."""
    before, public = house.web, PublicSettings(emergency="112", forms=forms)
    house.web = web_app(
        msgspec.structs.replace(house.config, public=public), house.opened, ThreadRuntime(), lambda: False
    )
    yield
    house.web = before


def number_of(house: House) -> int:
    return len(house.opened.room.open_of("lapor"))


@pytest.mark.often
def test_three_hundred_behind_one_address_are_heard_within_a_quarter_of_an_hour(house: House, address: str) -> None:
    with limits(house, ONE):
        before = number_of(house)
        crowd = [Citizen(house, address) for _ in range(often(300))]
        assert len(crowd) > 2 * ONE.plain
        answers = [
            one.post_solved(1, description=f"Air setinggi lutut {n}", checked="1") for n, one in enumerate(crowd)
        ]
        assert {answer.status_code for answer in answers} == {303}
        assert number_of(house) == before + len(crowd)
        # Beside them whoever has no script still gets what the stricter limit gives, and no more.
        plain = [Citizen(house, address).post(checked="1").status_code for _ in range(ONE.plain + 1)]
        assert plain == [303] * ONE.plain + [429]


def test_five_thousand_behind_one_address_and_ten_addresses_of_a_liar_are_both_as_promised() -> None:
    forms = FormSettings()
    spam = SpamLimits(Counters(""), "room", "the key of this room", forms)
    assert {spam.of_solved("203.0.113.9", f"citizen {n}") for n in range(5000)} == {0}
    assert spam.effort("203.0.113.9") == forms.effort_most
    taken = [not spam.of_solved(f"198.51.100.{n % 2}", f"liar {n}") for n in range(2 * forms.solved + 50)]
    assert sum(taken) == 2 * forms.solved


def test_who_sends_one_too_many_without_a_script_is_told_when_and_loses_no_word(house: House, address: str) -> None:
    with limits(house, FormSettings(plain=1)):
        assert Citizen(house, address).post(checked="1").status_code == 303
        again = {"description": "Air masuk rumah, tolong", "address": "Gang Mawar 3", "phone": "0812 3456 7890"}
        for lang, words in {"id": "Kirim lagi dalam 15 menit", "en": "Send it again in 15 min"}.items():
            late = Citizen(house, address)
            ticket = late.ticket()
            answer = late.browser.post(f"/lapor?lang={lang}", data={**SAID, **again, "ticket": ticket})
            assert answer.status_code == 429
            assert 14 * 60 < int(answer.headers["Retry-After"]) <= 15 * 60
            assert words in answer.text
            assert all(
                said in answer.text for said in (*again.values(), f'value="{ticket}"', 'value="jalan_rusak" checked')
            )
            assert "tel:112" in answer.text
        assert late.post_solved(FormSettings().effort, **again, ticket=ticket, checked="1").status_code == 303


def test_all_that_solve_nothing_are_bounded_together_and_nobody_else_is(house: House, address: str) -> None:
    with limits(house, msgspec.structs.replace(ONE, plain_in_all=3)):
        many = [Citizen(house, f"198.51.100.{n}").post(checked="1").status_code for n in range(5)]
        assert many == [303] * 3 + [429] * 2
        assert Citizen(house, "198.51.100.9").post_solved(1, checked="1").status_code == 303


def test_far_above_a_crowd_an_address_has_its_limit_and_no_other_has_it(house: House) -> None:
    with limits(house, msgspec.structs.replace(ONE, solved=12, plain=12)):
        codes = [Citizen(house, f"2001:db8:7::{n:x}").post_solved(1, checked="1").status_code for n in range(13)]
        assert codes == [303] * 12 + [429]
        assert Citizen(house, "2001:db8:8::1").post_solved(1, checked="1").status_code == 303


def test_a_solved_form_counts_once(house: House, address: str) -> None:
    with limits(house, msgspec.structs.replace(ONE, plain=1)):
        citizen = Citizen(house, address)
        citizen.post(checked="1")  # what the plain limit gives is gone
        ticket = citizen.ticket()
        form = {"ticket": ticket, "solution": solved(ticket, 1), "checked": "1"}
        first = citizen.post(**form)
        assert first.status_code == 303
        assert citizen.post(**form).headers["Location"] == first.headers["Location"]
        before = number_of(house)
        other = citizen.post(**form, description="Kata lain di bawah tiket yang sama")
        assert other.status_code == 409
        assert "Kata lain di bawah tiket yang sama" in other.text
        # In its fresh form the puzzle is a fresh one too.
        fresh = dict(re.findall(r'name="(ticket|solution)" value="([^"]*)"', other.text))
        assert fresh["ticket"] != ticket
        assert fresh["solution"] == ""
        assert citizen.post(ticket=fresh["ticket"], solution=form["solution"], checked="1").status_code == 429
        assert number_of(house) == before


def test_one_solved_ticket_uses_up_neither_its_address_nor_the_room(house: House, address: str) -> None:
    with limits(house, msgspec.structs.replace(ONE, solved=12, plain=12)):
        lonely = {"category": "pju_mati", "lat": "-6.1500", "lon": "106.6700"}
        assert Citizen(house, "198.51.100.77").post_solved(1, **lonely, checked="1").status_code == 303
        citizen = Citizen(house, address)
        ticket = citizen.ticket()
        asked = [citizen.post_solved(1, ticket=ticket, **lonely).status_code for _ in range(TRIES + 10)]
        assert asked == [200] * TRIES + [429] * 10  # offered what is there, and then no more
        assert [Citizen(house, address).post_solved(1, checked="1").status_code for _ in range(11)] == [303] * 11


@pytest.mark.postgres
def test_several_web_processes_without_a_redis_know_of_each_other(postgres: Postgres, tmp_path: Path) -> None:
    one = House(tmp_path, kind="test", database=postgres.fresh_database())
    other, forms = copy(one), msgspec.structs.replace(ONE, plain=2)
    with limits(one, forms), limits(other, forms):
        assert one.web is not other.web
        plain = [Citizen((one, other)[n % 2]).post(checked="1").status_code for n in range(4)]
        assert plain == [303, 303, 429, 429]
        ticket = Citizen(one).ticket()
        form = {"ticket": ticket, "solution": solved(ticket, 1), "checked": "1"}
        assert Citizen(one).post(**form).status_code == 303
        assert Citizen(other).post(**form, description="Kata lain, proses lain").status_code == 409


def test_what_is_no_solution_is_none(house: House, address: str) -> None:
    citizen = Citizen(house, address)
    ticket, other = citizen.ticket(), citizen.ticket()
    good = solved(ticket, 3)
    assert is_solved(ticket, good, 3)
    assert is_solved(ticket, good, 2)
    for wrong in ("", "0", ".", "..", good.rpartition(".")[0], good.replace(".", ","), f"-1.{good}", f"zzzzzzz.{good}"):
        assert not is_solved(ticket, wrong, 3), wrong
    assert not is_solved(other, good, 3)
    assert not is_solved("", "", 1)
    assert BITS == 14  # as the page's puzzle_worker.js has it


def test_where_a_crowd_is_more_work_is_asked_and_the_page_is_told(house: House, address: str) -> None:
    def told(path: str) -> int:
        answer = citizen.browser.get(path)
        return int(
            answer.json["effort"] if answer.is_json else answer.text.partition('data-effort="')[2].partition('"')[0]
        )

    with limits(house, FormSettings(effort=1, effort_most=4, crowd=2, solved=30)):
        citizen = Citizen(house, address)
        assert told("/lapor") == 1
        asked = list[int]()
        for _ in range(10):
            effort, ticket = 1, citizen.ticket()
            while (answer := _by_script(citizen, ticket, effort)).status_code == 409:
                assert answer.json["code"] == "puzzle"
                effort = answer.json["effort"]
            assert answer.status_code == 201
            asked.append(effort)
        assert asked == [1, 1, 2, 2, 4, 4, 4, 4, 4, 4]  # never above the most
        assert {told("/lapor"), told("/lapor/ticket")} == {4}
        citizen = Citizen(house, "198.51.100.200")
        assert told("/lapor") == 1


def _by_script(citizen: Citizen, ticket: str, effort: int):  # type: ignore[no-untyped-def]
    form = {**SAID, "ticket": ticket, "solution": solved(ticket, effort), "checked": "1"}
    return citizen.browser.post("/lapor", data=form, headers=JSON)


def test_a_script_that_could_not_solve_in_time_is_told_what_would_let_it_in(house: House, address: str) -> None:
    with limits(house, msgspec.structs.replace(ONE, plain=1)):
        citizen = Citizen(house, address)
        form = {**SAID, "solution": "", "checked": "1"}
        codes = [
            citizen.browser.post("/lapor", data={**form, "ticket": citizen.ticket()}, headers=JSON) for _ in range(2)
        ]
        assert [answer.status_code for answer in codes] == [201, 429]
        assert (codes[1].json["code"], codes[1].json["effort"]) == ("plain", 1)
        assert int(codes[1].headers["Retry-After"]) > 0


def test_an_officer_who_takes_down_calls_is_not_limited(house: House, address: str) -> None:
    with limits(house, msgspec.structs.replace(ONE, plain=1)):
        officer = Citizen(house, address)
        assert officer.browser.log_in("rina").status_code == 303
        calls = [officer.post(checked="1", phone="0811 2222 3333").status_code for _ in range(8)]
        assert calls == [303] * 8
        assert Citizen(house, address).post(checked="1").status_code == 303


def test_the_emergency_number_stands_on_every_refusal(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with limits(house, msgspec.structs.replace(ONE, plain=1)):
        citizen = Citizen(house, address)
        citizen.link = citizen.post(checked="1").headers["Location"].partition("?")[0]
        ticket = citizen.ticket()
        refused = [
            citizen.post(checked="1"),
            citizen.post(email="bukan alamat"),
            citizen.post(website="x"),
            citizen.post(ticket="x.y.z"),
            citizen.post(description="x" * 70_000),
            citizen.browser.get("/lapor/s/none"),
        ]
        monkeypatch.setattr(report, "LEAST", timedelta(hours=1))
        refused.append(citizen.post(ticket=ticket))
        assert [answer.status_code for answer in refused] == [429, 422, 422, 409, 413, 404, 409]
        assert all("tel:112" in answer.text for answer in refused)
        # Whoever may send no more may still follow, and is told on the same page whom to call.
        followed = citizen.browser.get(citizen.link)
        assert followed.status_code == 200


def test_photos_of_a_crowd_are_counted_by_ticket_and_those_of_plain_forms_by_address(
    house: House, address: str
) -> None:
    with limits(house, ONE):

        def began(citizen: Citizen, ticket: str, solution: str) -> int:
            headers = {**TUS, "Upload-Length": "1000", "X-Ticket": ticket, "X-Solution": solution}
            return citizen.browser.post("/lapor/files", headers=headers).status_code

        citizen = Citizen(house, address)
        plain = [began(citizen, citizen.ticket(), "") for _ in range(PLAIN_FILES + 1)]
        assert plain == [201] * PLAIN_FILES + [429]
        mine = citizen.ticket()
        solution = solved(mine, 1)
        assert [began(citizen, mine, solution) for _ in range(OF_TICKET + 1)] == [201] * OF_TICKET + [429]
        other = citizen.ticket()
        assert began(citizen, other, solution) == 429
        assert began(citizen, other, solved(other, 1)) == 201
