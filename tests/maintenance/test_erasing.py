"""People searched for in database, files, logs, feeds, metrics and pages: before erasure, after, and restored."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from liveroom.log.erasure import Erasure, Erasures, ErasureScope
from tests.maintenance.house import House
from tests.maintenance.people import Betrayed, Citizen, citizens, found
from tests.often import SOAKING
from tests.rooms.sending import standing as standing_env
from tests.services.server import Server

pytestmark = [pytest.mark.server, pytest.mark.postgres]
PEOPLE = 60 if SOAKING else 20


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, server: Callable[..., Server], tmp_path: Path) -> Iterator[House]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    config = tmp_path / "config.yaml"
    config.write_text("city: tangerang\npublic: {map: true}\n")
    env = standing_env(tmp_path) | {"LIVEROOM_CONFIG": str(config)} | ({"LIVEROOM_DATABASE_URL": url} if url else {})
    house = House(server(env=env), url, citizens(PEOPLE))
    yield house
    house.room.close()


def none(hay: bytes, people: Sequence[Betrayed]) -> None:
    assert not list(found(hay, people))


def left(house: House) -> list[str]:
    """Of where they were, and of categories in words of their own, what is still in some file or row."""
    files = house.files()
    here = [one for one in house.people if isinstance(one, Citizen)]
    return [place for one in here for place in one.places if place.encode() in files]


@pytest.mark.often
def test_nothing_where_it_must_not_be_and_after_erasure_nothing_anywhere(house: House, tmp_path: Path) -> None:
    everybody = house.people
    assert len(set(found(house.files(), everybody))) > PEOPLE, "the search finds what is there"
    for places in (house.events(), house.feeds(), house.public(), house.server.log().encode()):
        none(places, everybody)
    assert len(left(house)) > 2 * PEOPLE
    file = tmp_path / "whole.backup"
    house.server.command("backup", str(file))
    house.erase()
    none(house.files(), everybody)
    assert house.content not in house.files()
    assert left(house) == []
    house.server.command("doctor")  # the projection is what the log makes, also of what was taken out of it
    told = house.room.http.get(f"/api/v1/complaints/{house.ids[0]}?role=duty&actor=sari").json()
    assert (told["person"], told["erased"], told["text"]["description"]) == (None, True, None)
    assert (
        house.room.http.get(f"/api/v1/complaints?q={everybody[3].secrets[0]}&role=duty&actor=sari").json()["items"]
        == []
    )
    house.server.stop()
    house.restore(file)
    none(house.files(), everybody)
    assert left(house) == []
    house.server.start()
    none(house.feeds() + house.files(), everybody)


def test_a_line_of_the_ledger_that_a_crash_cut_off_erased_nothing(tmp_path: Path) -> None:
    ledger = Erasures(tmp_path, "test")
    one, two = (Erasure(at=n, complaint=f"c{n}", what=ErasureScope.ALL, by="sari") for n in (1, 2))
    ledger.append(one)
    with (tmp_path / "erasures-test.jsonl").open("ab") as file:
        file.write(b'{"at": 7, "compl')
    ledger.append(two)
    assert list(ledger) == [one, two]
    (tmp_path / "erasures-test.jsonl").write_text("not a line\n")
    with pytest.raises(ValueError, match=r"erasures-test\.jsonl:1"):
        list(ledger)
