"""drill.yaml as a city's clerk edits it: a slip is named with its key, and without the file there is a plain drill."""

from pathlib import Path

import pytest
import yaml

from ingest.drill.script import read_script
from liveroom.runtime.errors import ConfigError
from tests.rooms.on_sqlite import CITIES, city

SLIPS = [
    ({"per_day": "many"}, "drill.yaml: per_day"),
    ({"curve": [1, 2, 3]}, "drill.yaml: curve"),
    ({"curve": [0] * 24}, "drill.yaml: curve"),
    ({"colour": "red"}, "drill.yaml: colour"),
    ({"shift": {"opens": "6.30"}}, "drill.yaml: shift.opens"),
    ({"channels": []}, "drill.yaml: channels"),
    ({"channels": [{"name": "X", "opens": ["{Text} {teks}"]}]}, "drill.yaml: channels.X.opens[0]"),
    ({"channels": [{"name": "X", "opens": ["{Text"]}]}, "drill.yaml: channels.X.opens[0]"),
    ({"categories": {"jalan_rusakk": {"says": ["x"]}}}, "drill.yaml: categories.jalan_rusakk"),
    ({"categories": {"jalan_rusak": 5}}, "drill.yaml: categories.jalan_rusak"),
    ({"categories": {"jalan_rusak": {"says": []}}}, "drill.yaml: categories.jalan_rusak.says"),
    ({"categories": {"jalan_rusak": {"says": ["di {mana}"]}}}, "drill.yaml: categories.jalan_rusak.says[0]"),
    ({"categories": {"jalan_rusak": {"weight": 0, "says": ["x"]}}}, "drill.yaml: categories"),
    (
        {"clusters": [{"category": "ufo", "reports": 2, "minutes": 5, "at": "07:00"}]},
        "drill.yaml: clusters[0].category",
    ),
    (
        {"burst": {"category": "banjir", "minutes": 5, "earliest": "07:00", "latest": "08:00", "areas": {"0": 1}}},
        "drill.yaml: burst.areas.0",
    ),
]


@pytest.mark.parametrize(("slip", "where"), SLIPS)
def test_a_slip_is_named_with_its_key(tmp_path: Path, slip: dict[str, object], where: str) -> None:
    sheet = yaml.safe_load((CITIES / "tangerang" / "drill.yaml").read_text("utf-8"))
    (tmp_path / "drill.yaml").write_text(yaml.safe_dump(sheet | slip), "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_script(tmp_path, city("tangerang"))
    assert where in {fault.where for fault in caught.value.faults}


@pytest.mark.parametrize("key", ["tangerang", "newyork"])
def test_the_packs_drills_fit_their_cities(key: str) -> None:
    script = read_script(CITIES / key, city(key))
    assert script.per_day > 100


@pytest.mark.parametrize("key", ["tangerang", "newyork"])
def test_a_pack_without_one_gets_a_plain_drill_of_all_its_categories(tmp_path: Path, key: str) -> None:
    script = read_script(tmp_path, city(key))
    assert script.categories.keys() == city(key).categories.keys()
    assert all("practice" in telling.says[0] for telling in script.categories.values())
