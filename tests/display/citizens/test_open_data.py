"""The page of open data and its files: shut unless opened, whole, checked by their sums, in every language."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from werkzeug.test import TestResponse

from app import web_app
from liveroom.domain.complaints.intake import Report
from liveroom.open_data.editions import MEDIA_TYPES, Editions, MonthEdition
from liveroom.open_data.publication import Month, Publisher
from liveroom.runtime.config import PublicSettings
from liveroom.runtime.disk import Disk
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.rooms.on_sqlite import set_time
from tests.rooms.staffed import House

OCTOBER = "2026-10"


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("open")
    house = House(folder, kind="test")
    room = house.opened.room
    set_time(room, datetime(2026, 11, 8, 3, tzinfo=UTC))
    at = datetime(2026, 10, 5, 3, tzinfo=UTC)
    room.accept_many(
        [Report(source_id=f"{n}", category="jalan_rusak", received_at=at) for n in range(7)], source="lapor"
    )
    Publisher(room.log, room.city, Editions(folder, "test"), Disk([folder], 0)).make(Month.named(OCTOBER))
    return house


@pytest.fixture
def house(shut: House) -> Iterator[House]:
    """The same room, its open data open to everybody."""
    before = shut.web
    config = msgspec.structs.replace(shut.config, public=PublicSettings(open_data=True))
    shut.web = web_app(config, shut.opened, ThreadRuntime(), lambda: False)
    yield shut
    shut.web = before


def edition(house: House) -> MonthEdition:
    found = Editions(Path(house.config.data_dir), "test").of(OCTOBER)
    assert found is not None
    return found


def test_it_is_shut_unless_the_settings_open_it(shut: House) -> None:
    paths = ("/open-data", f"/open-data/{OCTOBER}.csv", "/open-data/columns.json")
    assert [shut.browser().get(path).status_code for path in paths] == [404] * 3


def test_the_page_says_what_there_is_in_every_language(house: House) -> None:
    pages = {language: house.browser().get(f"/open-data?lang={language}").text for language in ("id", "en")}
    assert "Oktober 2026" in pages["id"] and "October 2026" in pages["en"]
    for page in pages.values():
        assert "CC BY 4.0" in page and "<script" not in page
        assert all(one.sha256 in page for one in edition(house).files)
        assert re.search(rf"\b{edition(house).seq}\b", page)
    assert "X-Robots-Tag" not in house.browser().get("/open-data").headers


def ask(house: House, format_: str, **headers: str) -> TestResponse:
    """A file, read whole and closed."""
    answer = house.browser().ask("GET", f"/open-data/{OCTOBER}.{format_}", headers=headers)
    answer.get_data()
    answer.close()
    return answer


def test_a_file_is_what_its_sum_says_whole_and_by_ranges(house: House) -> None:
    for one in edition(house).files:
        answer = ask(house, one.format)
        assert hashlib.sha256(answer.data).hexdigest() == one.sha256
        assert answer.headers["Content-Type"] == MEDIA_TYPES[one.format]
        assert answer.headers["Content-Disposition"] == f"attachment; filename=tangerang-{OCTOBER}.{one.format}"
        assert answer.headers["ETag"] == f'"{one.sha256}"'
        part = ask(house, one.format, Range="bytes=5-9")
        assert (part.status_code, part.data) == (206, answer.data[5:10])
        assert ask(house, one.format, **{"If-None-Match": f'"{one.sha256}"'}).status_code == 304
    assert ask(house, "csv", Range="bytes=999999-").status_code == 416


def test_nothing_else_of_the_folder_is_served(house: House) -> None:
    stored = edition(house).files[0].stored
    names = ("register.json", "about.json", stored, f"{OCTOBER}.json", "2026-09.csv", f"..%2f{OCTOBER}.csv", "x.csv")
    assert {name: house.browser().get(f"/open-data/{name}").status_code for name in names} == dict.fromkeys(names, 404)


def test_the_columns_are_told_to_programs(house: House) -> None:
    told = house.browser().get("/open-data/columns.json?lang=en").json
    assert told is not None
    assert [one["name"] for one in told["fields"]][:3] == ["month", "received_from", "received_to"]
    assert all(one["description"] for one in told["fields"])
