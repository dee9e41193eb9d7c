"""The form without a script: taken once, refused in words, kept from machines, never past its bounds."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest

from app import web_app
from display.citizens import report
from display.citizens.responses import OF_CONTACT
from liveroom.log.engine import Unavailable
from liveroom.projection.complaints import detail
from liveroom.room.bootstrap import routes_of
from liveroom.runtime.config import FormSettings, GatewaySettings, MailSettings, PublicSettings
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.citizen import SAID, Citizen, kinds
from tests.rooms.staffed import House

_addresses = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("lapor"), kind="test")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LEAST", timedelta(0))


@pytest.fixture
def citizen(house: House, unhurried: None) -> Iterator[Citizen]:
    """Each from an address of its own, so that no test counts for another."""
    yield Citizen(house, f"198.51.100.{next(_addresses)}")


def test_a_report_without_a_script_is_taken_once(house: House, citizen: Citizen) -> None:
    area = next(iter(house.opened.room.city.areas))
    form = {**SAID, "ticket": citizen.ticket(), "area": area, "email": "warga@example.org", "checked": "1"}
    first, again = (citizen.browser.post("/lapor", data=form) for _ in range(2))
    assert first.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert "Set-Cookie" not in first.headers
    citizen.link = first.headers["Location"].partition("?")[0]
    found = detail(house.log, house.opened.room.city, citizen.id, people=True)
    assert (found.complaint.source, found.complaint.channel, found.complaint.area) == ("lapor", "web", area)
    assert found.dossier.person is not None
    assert found.dossier.person.email == "warga@example.org"
    assert citizen.number.startswith("W-")


def test_a_form_that_was_sent_brings_no_second_report_and_swallows_none(house: House, citizen: Citizen) -> None:
    form = {**SAID, "ticket": citizen.ticket(), "category": "trotoar", "checked": "1"}
    citizen.link = citizen.browser.post("/lapor", data=form).headers["Location"].partition("?")[0]
    twice = citizen.browser.post("/lapor", data={**form, "checked": ""})
    assert twice.headers["Location"].startswith(citizen.link)
    other = citizen.browser.post("/lapor", data={**form, "description": "Masalah yang sama sekali lain"})
    assert other.status_code == 409
    assert citizen.link in other.text
    assert "Masalah yang sama sekali lain" in other.text
    fresh = re.search(r'name="ticket" value="([^"]+)"', other.text)
    assert fresh
    assert fresh[1] != form["ticket"]
    assert citizen.post(ticket=fresh[1], description="Masalah yang sama sekali lain", checked="1").status_code == 303


def test_a_form_filled_by_a_machine_is_not_taken(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert timedelta(seconds=3) <= report.LEAST
    monkeypatch.setattr(report, "LEAST", timedelta(hours=1))  # this machine may take its time too
    quick = Citizen(house, "198.51.100.251")
    answer = quick.post()
    assert answer.status_code == 409
    assert "Lubang dalam di depan pasar" in answer.text
    filled = quick.post(website="x")
    assert filled.status_code == 422
    assert "Lubang dalam di depan pasar" in filled.text
    assert quick.browser.post("/lapor", data={**SAID, "ticket": "x.y.z"}).status_code == 409


def test_what_is_wrong_is_said_and_nothing_that_was_written_is_lost(citizen: Citizen) -> None:
    answer = citizen.post(email="bukan alamat", description='<b>"Lubang"</b> besar')
    assert answer.status_code == 422
    assert 'id="email-fault"' in answer.text
    assert "&lt;b&gt;&#34;Lubang&#34;&lt;/b&gt; besar" in answer.text
    assert 'value="jalan_rusak" checked' in answer.text
    for field, value in {"description": "x" * 4001, "address": "x" * 501}.items():
        assert "terlalu panjang" in citizen.post(**{field: value}).text, field
    assert "tidak bisa dibaca" in citizen.post(description="abc\0def").text
    assert "Sebutkan tempatnya" in citizen.post(lat="NaN", lon="1").text
    for field, value in {"category": "ufo", "description": "x", "area": "9", "phone": "1", "lat": "1"}.items():
        assert citizen.post(**{field: value}).status_code == 422, field


def test_a_form_without_end_is_refused(citizen: Citizen) -> None:
    answer = citizen.post(description="x" * 70_000)
    assert answer.status_code == 413
    assert "terlalu panjang" in answer.text


def test_one_address_and_one_contact_can_write_so_often(house: House, citizen: Citizen) -> None:
    answers = [citizen.post(checked="1", phone="0812 3456 7890").status_code for _ in range(OF_CONTACT + 1)]
    assert answers == [303] * OF_CONTACT + [429]
    left = FormSettings().plain - OF_CONTACT - 1
    assert [citizen.post(checked="1").status_code for _ in range(left + 1)] == [303] * left + [429]
    late = citizen.post()
    assert int(late.headers["Retry-After"]) > 0
    assert "BELUM terkirim" in late.text
    assert "Lubang dalam di depan pasar" in late.text
    assert Citizen(house, "198.51.100.252").post(checked="1").status_code == 303


def test_what_is_reported_near_by_is_offered_by_number_and_kind_alone(house: House, citizen: Citizen) -> None:
    place = {"category": "pju_mati", "lat": "-6.1781", "lon": "106.6319"}
    first = citizen.send(**place, description="Rahasia pelapor pertama", phone="0813 1111 2222")
    offered = citizen.post(**place)
    assert offered.status_code == 200
    assert "1 laporan serupa" in offered.text
    assert "Rahasia" not in offered.text
    assert first not in offered.text
    ref = offered.text.partition('name="alike" value="')[2].partition('"')[0]
    answer = citizen.post(**place, alike=ref, description="")
    citizen.link = answer.headers["Location"].partition("?")[0]
    assert kinds(house, citizen.id)[:2] == ["complaint.received", "complaint.commented"]
    assert citizen.post(**{**place, "lat": "-6.2100"}).status_code == 303
    private = next(one.key for one in house.opened.room.city.categories.values() if one.private)
    assert [citizen.post(**{**place, "category": private}).status_code for _ in range(2)] == [303, 303]


def test_the_page_asks_no_cookie_and_lets_nothing_foreign_in(house: House) -> None:
    answer = house.browser().get("/lapor")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "nonce" not in policy
    assert "http" not in policy
    assert "Set-Cookie" not in answer.headers
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("mail", "gateway", "news"),
    [
        ("", "", "Tidak ada kabar yang dikirim"),
        ("surat.example", "", "Kabar hanya dikirim lewat e-mail"),
        ("surat.example", "https://pesan.example", "tanpa e-mail, ke nomor telepon"),
        ("", "https://pesan.example", "Kabar dikirim ke nomor telepon"),
    ],
)
def test_the_form_says_by_which_way_news_comes(
    house: House, citizen: Citizen, monkeypatch: pytest.MonkeyPatch, mail: str, gateway: str, news: str
) -> None:
    config = msgspec.structs.replace(house.config, mail=MailSettings(host=mail), gateway=GatewaySettings(url=gateway))
    room = house.opened.room
    monkeypatch.setattr(room, "routes", routes_of(config, room.city, "real"))
    assert news in citizen.browser.get("/lapor").text
    # A number that nobody could be called by is good enough for officers alone.
    assert citizen.post(phone="12345", checked="1").status_code == (422 if gateway else 303)


def test_a_room_may_be_shut_for_reports(tmp_path: Path) -> None:
    house = House(tmp_path, kind="test")
    shut = msgspec.structs.replace(house.config, public=PublicSettings(report=False))
    house.web = web_app(shut, house.opened, ThreadRuntime(), lambda: False)
    browser = house.browser()
    assert [browser.get("/lapor").status_code, browser.post("/lapor", data=SAID).status_code] == [404, 404]
    assert browser.post("/lapor/area", data={"lat": "-6.1781", "lon": "106.6319"}).status_code == 404


def test_the_form_opens_the_list_in_which_the_chosen_category_is(citizen: Citizen) -> None:
    shut, opened = '<details class="every">', '<details class="every" open>'
    first = citizen.browser.get("/lapor").text
    assert shut in first and opened not in first
    tiles = re.findall(r'name="category" value="([^"]+)"', first.partition(shut)[0])
    rest = re.findall(r'name="category" value="([^"]+)"', first.partition(shut)[2])
    assert shut in citizen.post(category=tiles[0], email="?").text
    again = citizen.post(category=rest[-1], email="?").text
    assert opened in again and f'value="{rest[-1]}" checked' in again.partition(opened)[2]


def test_where_a_point_is_is_told_so_often_to_one_address(
    house: House, citizen: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(lat: str, lon: str) -> tuple[int, str | None]:
        answer = citizen.browser.post("/lapor/area", data={"lat": lat, "lon": lon})
        return answer.status_code, answer.json.get("code")

    assert citizen.browser.post("/lapor/area", data={"lat": "-6.1781", "lon": "106.6319"}).json["name"]
    assert ask("0", "0") == (404, "outside")
    for lat, lon, field in (("?", "1", "lat"), ("1", "", "lon"), ("nan", "1", "lat"), ("1", "inf", "lon")):
        answer = citizen.browser.post("/lapor/area", data={"lat": lat, "lon": lon})
        assert (answer.status_code, answer.json["field"]) == (422, field)
    monkeypatch.setattr("display.citizens.responses.SpamLimits.of_place", lambda _spam, address: 60)
    assert ask("0", "0") == (429, "wait")


def test_the_categories_offered_first_are_read_again_soon_after_a_failure(
    house: House, citizen: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def away(*_given: object) -> None:
        tries.append(1)
        raise Unavailable("the database is away")

    now = [1000.0]
    monkeypatch.setattr(report, "monotonic", lambda: now[0])
    monkeypatch.setattr(report, "open_before", away)
    house.web = web_app(house.config, house.opened, ThreadRuntime(), lambda: False)
    for later, many in ((0.0, 1), (1.0, 1), (report.COMMON_FAILED_S, 2)):
        now[0] = 1000 + later
        assert house.browser().get("/lapor").status_code == 200
        assert len(tries) == many
    monkeypatch.setattr(report, "open_before", lambda *_given: (tries.append(1), ((), None))[1])
    for later, many in ((11.0, 3), (300.0, 3), (620.0, 4)):
        now[0] = 1000 + later
        assert house.browser().get("/lapor").status_code == 200
        assert len(tries) == many
