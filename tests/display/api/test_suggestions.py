"""What a desk is offered: categories with the words that caused them, agency, area, and what may be the same thing."""

import pytest

from liveroom.city.categories import Hints
from liveroom.city.city import PlaceNames
from tests.display.api.conftest import Desk
from tests.rooms.packs import city
from tests.rooms.standing import StandingRoom

SAID = {"road": ["jalan rusak", "berlubang"], "light": ["lampu jalan"], "water": ["banjir"], "road2": ["lampu jalan"]}


def test_words_cause_a_category_in_any_of_their_forms_and_never_inside_other_words() -> None:
    hints = Hints(SAID, ["id"])
    (road,) = hints.of("Jalannya sudah rusak, banyak LUBANG di depan pasar", 5)[:1]
    assert (road.key, road.because) == ("road", ("jalannya", "rusak", "lubang"))
    assert 0 < road.score < 1
    assert [hint.key for hint in hints.of("kebanjiran sejak pagi", 5)] == ["water"]
    assert [hint.because for hint in hints.of("jalan berlobang", 5)] == [("berlobang",)]
    assert hints.of("perjalanan jauh", 5) == ()
    assert Hints({"permit": ["perizinan", "izin usaha"]}, ["id"]).of("Izin melapor", 5) == ()
    assert Hints({"permit": ["perizinan", "izin usaha"]}, ["id"]).of("urus izin usaha", 5)
    assert hints.of("lampu taman; " + "kata " * 9 + "jalan", 5) == ()
    assert len(hints.of("lampu jalan", 1)) == 1
    assert hints.of("x" * 4000 + " \u202e" * 300, 5) == ()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Perum Puri No. 49, Kel. Cimone Jaya, Kec. Karawaci", "Cimone Jaya"),
        ("gang di CIMONE jaya dekat masjid", "Cimone Jaya"),
        ("Kec. Karawaci saja", None),
        ("tidak ada tempat", None),
    ],
)
def test_an_area_is_read_from_the_words(words: str, name: str | None) -> None:
    found = PlaceNames(city("tangerang")).area_in(words)
    assert (found and found.name) == name


def test_the_officer_is_offered_category_agency_area_and_place(desk: Desk, standing: StandingRoom) -> None:
    id_ = standing.receive(
        category="entah", lat=None, lon=None, description="Ada pohon tumbang menimpa motor", address="Kel. Cimone Jaya"
    )
    _, found = desk.get(f"complaints/{id_}/suggestions")
    first = found["categories"][0]
    assert first["key"] == "pohon_tumbang"
    assert {"pohon", "tumbang"} <= set(first["because"])
    assert found["agency"] == standing.room.city.policy.agency_for("pohon_tumbang", found["area"])
    assert standing.room.city.areas[found["area"]].name == "Cimone Jaya"
    place = found["place"]
    assert standing.room.city.locate(place["lat"], place["lon"]) == found["area"]
    assert found["similar"] == []
    assert desk.get("complaints/nothing/suggestions")[0] == 404


def test_what_is_near_of_one_kind_and_in_the_same_words_comes_first(desk: Desk, standing: StandingRoom) -> None:
    here = {"lat": -6.1781, "lon": 106.6319, "description": "Jalan berlubang besar di depan pasar lama"}
    id_ = standing.receive(**here)
    same = standing.receive(**{**here, "lat": -6.1785, "description": "jalan depan pasar lama berlubang"})
    near = standing.receive(category="sampah", **{**here, "description": "sampah menumpuk"})
    standing.receive(**{**here, "lat": -6.2466, "lon": 106.7427})
    done = standing.receive(**here)
    standing.execute("close", done, reason="sudah")
    _, found = desk.get(f"complaints/{id_}/suggestions")
    similar = found["similar"]
    assert similar[0]["id"] == same
    assert similar[0]["merge"] is True
    assert 30 < similar[0]["metres"] < 60
    assert similar[0]["card"]["id"] == same
    assert [one["id"] for one in similar[1:]] in ([], [near])
    assert all(one["merge"] is False for one in similar[1:])
