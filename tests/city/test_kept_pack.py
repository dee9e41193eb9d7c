"""What a start keeps of a city pack for the next one: the same city, and never that of another file, user or day."""

import json
import shutil
from pathlib import Path

import pytest

from liveroom.city import pack
from liveroom.city.city import City
from liveroom.city.pack import load_city
from liveroom.runtime.disk import DiskCache
from liveroom.runtime.errors import ConfigError

CITIES = Path(__file__).resolve().parents[2] / "cities"
YEARS = (2025, 2027)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """One entry each time a pack is read: whether its outlines had to be looked at."""
    looks: list[bool] = []
    load = pack._load

    def looked(*args: object, known: pack.PackFindings, **more: object) -> City | None:
        looks.append(not known.drawn)
        return load(*args, known=known, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(pack, "_load", looked)
    return looks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CITIES / "newyork", tmp_path / "newyork"))


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


def kept_in(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache").iterdir()
    return file


@pytest.mark.parametrize("name", sorted(path.parent.name for path in CITIES.glob("*/city.yaml")))
def test_a_pack_that_was_kept_is_the_same_city(name: str, cache: DiskCache, found: list[bool]) -> None:
    first = load_city(CITIES / name, years=YEARS, cache=cache)
    assert load_city(CITIES / name, years=YEARS, cache=cache) == first == load_city(CITIES / name, years=YEARS)
    assert found == [True, False, True]


def test_only_its_own_user_reads_it(cache: DiskCache, folder: Path, tmp_path: Path) -> None:
    load_city(folder, years=YEARS, cache=cache)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert kept_in(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_pack_that_changed_is_read_anew(cache: DiskCache, folder: Path, found: list[bool]) -> None:
    load_city(folder, years=YEARS, cache=cache)
    words = folder / "city.yaml"
    words.write_text(words.read_text().replace("name: New York", "name: New Amsterdam", 1))
    assert load_city(folder, years=YEARS, cache=cache).name.startswith("New Amsterdam")
    assert found == [True, True]


def test_other_years_are_kept_beside_it(cache: DiskCache, folder: Path, found: list[bool]) -> None:
    for years in (YEARS, (2026, 2028), YEARS, (2026, 2028)):
        assert load_city(folder, years=years, cache=cache).calendar.years == years
    assert found == [True, True, False, False]


def test_a_pack_that_became_faulty_is_refused(cache: DiskCache, folder: Path) -> None:
    load_city(folder, years=YEARS, cache=cache)
    (folder / "classes.yaml").write_text("classes: nothing\n")
    with pytest.raises(ConfigError):
        load_city(folder, years=YEARS, cache=cache)


def test_a_new_version_of_the_product_reads_it_anew(
    cache: DiskCache, folder: Path, found: list[bool], tmp_path: Path
) -> None:
    load_city(folder, years=YEARS, cache=cache)
    kept = json.loads(kept_in(tmp_path).read_text())
    kept_in(tmp_path).write_text(json.dumps({**kept, "key": "of another version"}))
    load_city(folder, years=YEARS, cache=cache)
    assert found == [True, True]


BROKEN = ["", "{", "null", '{"key": "x"}', "[" * 100_000, "\x00", '{"key": 1, "value": {}}']


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_passed_over_and_made_anew(
    text: str, cache: DiskCache, folder: Path, found: list[bool], tmp_path: Path
) -> None:
    city = load_city(folder, years=YEARS, cache=cache)
    kept_in(tmp_path).write_text(text)
    assert load_city(folder, years=YEARS, cache=cache) == city == load_city(folder, years=YEARS, cache=cache)
    assert found == [True, True, False]


@pytest.mark.parametrize("value", [{}, {"sheets": 1}, {"sheets": {"city.yaml": {"key": "elsewhere"}}, "drawn": True}])
def test_a_value_of_another_shape_is_passed_over(value: object, cache: DiskCache, folder: Path, tmp_path: Path) -> None:
    city = load_city(folder, years=YEARS, cache=cache)
    kept = json.loads(kept_in(tmp_path).read_text())
    kept_in(tmp_path).write_text(json.dumps({**kept, "value": value}))
    assert load_city(folder, years=YEARS, cache=cache) == city


def test_what_others_could_have_written_is_passed_over(
    cache: DiskCache, folder: Path, found: list[bool], tmp_path: Path
) -> None:
    load_city(folder, years=YEARS, cache=cache)
    kept_in(tmp_path).chmod(0o666)
    load_city(folder, years=YEARS, cache=cache)
    assert found == [True, True]
    elsewhere = kept_in(tmp_path).rename(tmp_path / "elsewhere.json")
    (tmp_path / "cache" / f"pack-newyork-{YEARS[0]}-{YEARS[1]}.json").symlink_to(elsewhere)
    load_city(folder, years=YEARS, cache=cache)
    assert found == [True, True, True]


def test_a_folder_that_cannot_be_written_costs_time_alone(folder: Path, found: list[bool], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    for _ in range(2):
        assert load_city(folder, years=YEARS, cache=DiskCache(tmp_path / "cache")).key == "newyork"
    assert found == [True, True]
