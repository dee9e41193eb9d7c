"""Every fault that a pack can have is named with its file and key, and all of them at once."""

import json
import pickle
from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest

from liveroom.city import sheet
from liveroom.city.pack import OUTLINES as OUTLINE_FILES
from liveroom.city.pack import SHEETS, check, load_city
from liveroom.runtime.errors import ConfigError, Fault
from tests.city.fault_cases import CASES, MORE_CASES, SHORE
from tests.rooms.packs import broken

_read_plain = sheet._read_plain
_read: dict[tuple[str, bytes], bytes] = {}


@pytest.fixture(autouse=True)
def sheets_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To read the sheets of a pack is most of its check, and of each case all are as in the case before but for one."""

    def read(path: Path, faults: list[Fault], *, empty: object = None) -> object:
        if not path.is_file():
            return _read_plain(path, faults, empty=empty)
        key = (path.name, path.read_bytes())
        if key not in _read:
            found: list[Fault] = []
            value = _read_plain(path, found, empty=empty)
            if found:
                faults.extend(found)
                return value
            _read[key] = pickle.dumps(value)
        return pickle.loads(_read[key])

    monkeypatch.setattr(sheet, "_read_plain", read)


def faults_of(pack: Path) -> list[tuple[str, str]]:
    return [(fault.where, fault.message) for fault in check(pack)]


@pytest.mark.parametrize(("file", "old", "new", "where", "message"), CASES)
def test_a_fault_is_named_with_its_key(tmp_path: Path, file: str, old: str, new: str, where: str, message: str) -> None:
    faults = faults_of(broken(tmp_path, "newyork", (file, old, new)))
    assert [fault for fault in faults if where in fault[0] and message in fault[1]], faults


@pytest.mark.parametrize(("file", "old", "new", "where", "message"), MORE_CASES)
def test_a_fault_of_the_other_pack_is_named_too(
    tmp_path: Path, file: str, old: str, new: str, where: str, message: str
) -> None:
    faults = faults_of(broken(tmp_path, "tangerang", (file, old, new)))
    assert [fault for fault in faults if where in fault[0] and message in fault[1]], faults


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("agencies.yaml", "short: NYPD", "short: 911"),
        ("classes.yaml", "rank: 3", "rank: third"),
        ("categories.yaml", "label: Noise", "label: 5"),
        ("city.yaml", "name: Mayor", "name: 5"),
        ("areas/districts.geojson", '"name":"Staten Island"', '"name":5'),
    ],
)
def test_what_refers_to_a_part_with_a_fault_is_no_fault(tmp_path: Path, file: str, old: str, new: str) -> None:
    (fault,) = check(broken(tmp_path, "newyork", (file, old, new)))
    assert fault.where.startswith(file)


BOW_TIE = [[[-74.2, 40.61], [-74.1, 40.64], [-74.2, 40.64], [-74.1, 40.61], [-74.2, 40.61]]]
OUTLINES: list[tuple[object, str]] = [
    (None, "has no geometry"),
    ({}, "has no geometry"),
    ({"type": "Polygon"}, "has no geometry"),
    ({"type": "Point", "coordinates": [-74.1, 40.6]}, "is a Point, not a Polygon"),
    ({"type": "Polygon", "coordinates": BOW_TIE}, "Self-intersection[-74.15 40.625]"),
    ({"type": "Polygon", "coordinates": [[[-74.2, 40.61], [-74.1, 40.64]]]}, "make no polygon"),
    ({"type": "Polygon", "coordinates": [[["-74.2", 40.61], [-74.1, 40.64], [-74.2, 40.64]]]}, "make no polygon"),
    (
        {"type": "Polygon", "coordinates": [[[40.61, -174], [40.64, -174], [40.64, -175], [40.61, -174]]]},
        "off the globe",
    ),
]


def edited_area(pack: Path, code: str, edit: Callable[[dict[str, Any]], None]) -> Path:
    path = pack / "areas" / "areas.geojson"
    collection = json.loads(path.read_text("utf-8"))
    edit(next(feature for feature in collection["features"] if feature["properties"]["code"] == code))
    path.write_text(json.dumps(collection), "utf-8")
    return pack


@pytest.mark.parametrize(("geometry", "message"), OUTLINES)
def test_a_faulty_outline_is_named_with_its_area(tmp_path: Path, geometry: object, message: str) -> None:
    pack = edited_area(broken(tmp_path, "newyork"), "SI-1", lambda feature: feature.update(geometry=geometry))
    faults = faults_of(pack)
    assert ("areas/areas.geojson: features[SI-1].geometry", message) in [
        (where, message if message in said else said) for where, said in faults
    ]


def test_areas_that_overlap_are_named(tmp_path: Path) -> None:
    def grow(feature: dict[str, Any]) -> None:
        box = [[-74.26, 40.55], [-74.0, 40.55], [-74.0, 40.66], [-74.26, 40.66], [-74.26, 40.55]]
        feature["geometry"] = {"type": "Polygon", "coordinates": [box]}

    faults = faults_of(edited_area(broken(tmp_path, "newyork"), "SI-1", grow))
    assert ("areas/areas.geojson: SI-1.geometry", "overlaps SI-2") in faults


def edited_districts(pack: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    path = pack / "areas" / "districts.geojson"
    collection = json.loads(path.read_text("utf-8-sig"))
    for feature in collection["features"]:
        edit(feature)
    # As some editors save it.
    path.write_text(json.dumps(collection), "utf-8-sig")
    return pack


def swapped(given: Any) -> Any:
    """Coordinates, latitude first."""
    return given[::-1] if isinstance(given[0], int | float) else [swapped(one) for one in given]


def test_outlines_and_anchors_that_lie_elsewhere_are_named(tmp_path: Path) -> None:
    def swap(feature: dict[str, Any]) -> None:
        feature["geometry"]["coordinates"] = swapped(feature["geometry"]["coordinates"])
        feature["properties"]["anchor"] = swapped(feature["properties"]["anchor"])

    pack = broken(tmp_path, "newyork")
    assert faults_of(edited_districts(pack, lambda _: None)) == []
    faults = faults_of(edited_districts(pack, swap))
    said = {where for where, message in faults if message.endswith("longitude comes first")}
    districts = ("MN", "BX", "QN", "BK", "SI")
    assert said == {f"areas/districts.geojson: {code}.{part}" for code in districts for part in ("geometry", "anchor")}


def test_outlines_too_heavy_for_a_wall_are_named(tmp_path: Path) -> None:
    def heavy(feature: dict[str, Any]) -> None:
        turns = [2 * pi * n / 60_000 for n in range(60_000)]
        ring = [[-74.15 + cos(turn) / 50, 40.6 + sin(turn) / 50] for turn in turns]
        feature["geometry"] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    faults = faults_of(edited_area(broken(tmp_path, "newyork"), "SI-1", heavy))
    assert any(where == "areas/areas.geojson: features" and "SI-1: 60001" in said for where, said in faults)


@pytest.mark.parametrize(
    ("file", "text", "where", "message"),
    [
        ("city.yaml", "key: [", "city.yaml: line", "expected"),
        ("city.yaml", "key: a\nkey: b\n", "city.yaml: line 2", "'key' is written twice"),
        ("city.yaml", "? [a, b]\n: c\n", "city.yaml", ""),
        ("city.yaml", "", "city.yaml", "is empty"),
        ("city.yaml", "- 1\n", "city.yaml", "expected keys and values, got list"),
        ("words.yaml", "words: \x07\n", "words.yaml", "is not YAML"),
        ("classes.yaml", "classes: []\n", "classes.yaml: classes", "at least one class"),
        ("classes.yaml", "classes: {a: 1}\n", "classes.yaml: classes", "expected a list, got dict"),
        ("classes.yaml", "classes: [1, null]\n", "classes.yaml: classes[1]", "got nothing"),
        ("words.yaml", "[" * 5000, "words.yaml", "too deep"),
        ("areas/areas.geojson", "[" * 100_000, "areas/areas.geojson", "too deep"),
        ("areas/areas.geojson", "[]", "areas/areas.geojson: features", "needs a list of features"),
        ("areas/areas.geojson", '{"features": [1]}', "areas/areas.geojson: features[0]", "no feature"),
    ],
)
def test_a_file_that_is_no_sheet_is_named(tmp_path: Path, file: str, text: str, where: str, message: str) -> None:
    pack = broken(tmp_path, "newyork")
    (pack / file).write_text(text, "utf-8")
    assert [fault for fault in faults_of(pack) if where in fault[0] and message in fault[1]], faults_of(pack)


def test_a_fault_is_one_line_of_bounded_length_whatever_stood_in_the_file(tmp_path: Path) -> None:
    pack = broken(tmp_path, "newyork", ("categories.yaml", "group: noise", f"group: {'x' * 100_000}"))
    edited_area(pack, "SI-1", lambda feature: feature["properties"].update(code="a\n\x1b[31m"))
    said = [str(fault) for fault in check(pack)]
    assert any("categories.yaml" in one for one in said) and any("features[a\\n\\x1b[31m]" in one for one in said)
    assert all(one.isprintable() and len(one) < 1300 for one in said)


def test_what_may_all_be_left_out_may_be_an_empty_file(tmp_path: Path) -> None:
    pack = broken(tmp_path, "newyork")
    (pack / "words.yaml").write_text("# nothing is called differently here\n", "utf-8")
    assert faults_of(pack) == []


def test_hours_that_cannot_be_read_are_one_fault(tmp_path: Path) -> None:
    pack = broken(tmp_path, "newyork", ("calendar.yaml", 'open: "09:00"', "open: 9:00"))
    assert [where for where, _ in faults_of(pack)] == ["calendar.yaml: weekly[0].open"]


@pytest.mark.parametrize("file", [*SHEETS, *OUTLINE_FILES])
def test_a_missing_or_unreadable_file_is_named(tmp_path: Path, file: str) -> None:
    pack = broken(tmp_path, "newyork")
    (pack / file).unlink()
    assert (file, "cannot be read: No such file or directory") in faults_of(pack)
    (pack / file).write_bytes(b"\xff\xfe\x00")
    assert [where for where, _ in faults_of(pack) if where.startswith(file)]


def test_what_a_sheet_lacks_hides_none_of_its_other_faults(tmp_path: Path) -> None:
    edits = (("city.yaml", "zone: America", "zone: Oz"), ("city.yaml", "reopen_days: 10", "reopen_dayz: 10"))
    named = {where for where, _ in faults_of(broken(tmp_path, "newyork", *edits))}
    assert named == {"city.yaml: zone", "city.yaml: rules.reopen_dayz", "city.yaml: rules.reopen_days"}


def test_a_city_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="atlantis: there is no such city pack"):
        load_city(tmp_path / "atlantis", years=(2026, 2026))


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    pack = broken(
        tmp_path,
        "newyork",
        ("city.yaml", "second_person: true", "second_person: yes"),
        ("city.yaml", "claim_minutes: 5", "claim_minutes: 5\n  claim_hours: 1"),
        ("city.yaml", "to: [deputy]", "to: [duputy]"),
        ("agencies.yaml", "hours: always", "hours: never"),
        ("classes.yaml", "finish: {days: 5}", "finish: {days: five}"),
        ("categories.yaml", "agency: nypd", "agency: nobody"),
        ("categories.yaml", "label: Rodents", "lable: Rodents"),
        ("calendar.yaml", 'open: "09:00"', "open: noon"),
        ("words.yaml", "id: Distrik", "ms: Daerah"),
        ("areas/areas.geojson", SHORE, '"code":"SI 1","name":"North Shore","district":"SI"'),
    )
    with pytest.raises(ConfigError) as raised:
        load_city(pack, years=(2026, 2026))
    named = {fault.where for fault in raised.value.faults}
    assert named >= {
        "city.yaml: rules.second_person",
        "city.yaml: rules.claim_hours",
        "city.yaml: escalation[deputy].to[0]",
        "agencies.yaml: agencies[nypd].hours",
        "classes.yaml: classes[standard].finish.days",
        "categories.yaml: categories[noise_residential].agency",
        "categories.yaml: categories[rodent].lable",
        "categories.yaml: categories[rodent].label",
        "calendar.yaml: weekly[0].open",
        "words.yaml: words.term.district.ms",
        "words.yaml: words.term.district.id",
        "areas/areas.geojson: features[SI 1].properties.code",
    }
    assert all(str(fault) in str(raised.value) for fault in raised.value.faults)
