"""Every fault that a pack can have is named with its file and key, and all of them at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liveroom.city.pack import OUTLINES as OUTLINE_FILES
from liveroom.city.pack import SHEETS, check, load_city
from liveroom.errors import ConfigError
from tests.city.packs import broken

STATEN = '"code":"SI","name":"Staten Island"'
SHORE = '"code":"SI-1","name":"North Shore","district":"SI"'

# file, what stands there, what is written instead, where the fault is, what is said of it
CASES = [
    ("city.yaml", "key: newyork", "key: New York", "city.yaml: key", "'New York' is not a key"),
    ("city.yaml", "key: newyork", "key: new_york", "city.yaml: key", "is not the folder's name 'newyork'"),
    ("city.yaml", "zone: America/New_York", "zone: America/Gotham", "city.yaml: zone", "unknown time zone"),
    ("city.yaml", "zone: America/New_York", "zone: ../etc/passwd", "city.yaml: zone", "unknown time zone"),
    ("city.yaml", "locale: en-US", "locale: english", "city.yaml: locale", "'english' is not a locale"),
    ("city.yaml", "[en, id]", "[en, en]", "city.yaml: languages", "each of them once"),
    ("city.yaml", "[en, id]", "[en, fr]", "city.yaml: languages[1]", "fr"),
    ("city.yaml", "room_name: New York Live Room", "romm_name: x", "city.yaml: romm_name", "did you mean 'room_name'"),
    ("city.yaml", "room_name: New York Live Room", "", "city.yaml: room_name", "is missing"),
    ("city.yaml", "room_name: New York Live Room", 'room_name: "a\\nb"', "city.yaml: room_name", "one line of text"),
    ("city.yaml", "default_class: standard", "default_class: standart", "city.yaml: rules.default_class", "'standard'"),
    (
        "city.yaml",
        "critical_class: critical",
        "critical_class: standard",
        "rules.critical_class",
        "all is an emergency",
    ),
    ("city.yaml", "reopen_days: 10", "reopen_days: soon", "city.yaml: rules.reopen_days", "int"),
    ("city.yaml", "reopen_days: 10", "reopen_days: -1", "city.yaml: rules.reopen_days", ">= 0"),
    ("city.yaml", "second_person: true", "second_person: yes", "city.yaml: rules.second_person", "bool"),
    ("city.yaml", "pauses: [citizen, hold]", "pauses: [nap]", "city.yaml: rules.pauses[0]", "nap"),
    ("city.yaml", "percent: 150", "percent: 90", "city.yaml: escalation", "must rise"),
    ("city.yaml", "to: [mayor]", "to: [major]", "city.yaml: escalation[mayor].to[0]", "did you mean 'mayor'"),
    ("city.yaml", "email: mayor@newyork.example", "email: nobody", "recipients[mayor].email", "is not an address"),
    ("city.yaml", 'start: "07:00"', "start: seven", "city.yaml: shifts[day].start", "is not a time like 07:30"),
    ("city.yaml", 'start: "15:00"', 'start: "06:00"', "city.yaml: shifts", "must rise"),
    ("city.yaml", "{key: evening,", "{key: day,", "city.yaml: shifts", "'day' stands twice"),
    ("agencies.yaml", "key: hpd", "key: nypd", "agencies.yaml: agencies", "'nypd' stands twice"),
    ("agencies.yaml", "key: mta", "key: nypd", "agencies.yaml: outside", "is an agency of the city already"),
    ("agencies.yaml", "hours: always", "hours: sometimes", "agencies.yaml: agencies[nypd].hours", "sometimes"),
    ("agencies.yaml", "short: NYPD", "short: ''", "agencies.yaml: agencies[nypd].short", "one line of text"),
    ("agencies.yaml", "    name: Police Department\n", "", "agencies.yaml: agencies[nypd].name", "is missing"),
    ("classes.yaml", "rank: 2", "rank: 1", "classes.yaml: classes[urgent].rank", "is the rank of 'critical'"),
    ("classes.yaml", "key: urgent", "key: critical", "classes.yaml: classes", "'critical' stands twice"),
    (
        "classes.yaml",
        "finish: {days: 5}",
        "finish: {}",
        "classes[standard].finish",
        "either days (working days) or minutes",
    ),
    ("classes.yaml", "finish: {days: 5}", "finish: {days: 0}", "classes[standard].finish.days", ">= 1"),
    (
        "classes.yaml",
        "finish: {minutes: 480, clock: calendar}",
        "finish: {minutes: 480}",
        "[urgent].finish",
        "need a clock",
    ),
    ("classes.yaml", "finish: {days: 5}", "finish: {days: 5, clock: calendar}", "[standard].finish", "no other clock"),
    ("classes.yaml", "    finish: {days: 5}\n", "", "classes.yaml: classes[standard].finish", "is missing"),
    ("categories.yaml", "agency: nypd", "agency: nipd", "categories[noise_residential].agency", "did you mean 'nypd'"),
    (
        "categories.yaml",
        "agency: nypd",
        "by_area: false",
        "categories[noise_residential].agency",
        "either an agency or",
    ),
    ("categories.yaml", "class: urgent", "class: now", "categories[noise_residential].class", "unknown class 'now'"),
    ("categories.yaml", "group: noise", "group: nois", "categories[noise_residential].group", "did you mean 'noise'"),
    ("categories.yaml", "key: noise_street", "key: noise_vehicle", "categories.yaml: categories", "stands twice"),
    ("categories.yaml", "label: Residential noise", "", "categories[noise_residential].label", "is missing"),
    ("categories.yaml", "aliases: [Graffiti]", "aliases: [Rodent]", "categories[rodent].aliases", "means 'graffiti'"),
    (
        "categories.yaml",
        "    aliases: [Graffiti]",
        "    outside: [moon]",
        "categories[graffiti].outside[0]",
        "outside body",
    ),
    (
        "categories.yaml",
        "    aliases: [Graffiti]",
        "    aliases: Graffiti",
        "categories[graffiti].aliases",
        "a list, got str",
    ),
    ("calendar.yaml", 'open: "09:00"', "open: 9 o'clock", "calendar.yaml: weekly[0].open", "is not a time like 07:30"),
    ("calendar.yaml", 'open: "09:00"', "open: 25:00", "calendar.yaml: weekly[0].open", "is not a time"),
    (
        "calendar.yaml",
        'open: "09:00"',
        'open: "18:00"',
        "calendar.yaml: weekly[0].close",
        "17:00 is not later than 18:00",
    ),
    ("calendar.yaml", 'open: "09:00"', 'open: "24:00"', "calendar.yaml: weekly[0].open", "is not a time like 07:30"),
    ("calendar.yaml", 'close: "17:00"', 'close: "24:01"', "calendar.yaml: weekly[0].close", "at most 24:00"),
    ("calendar.yaml", "holidays:", "holiday:", "calendar.yaml: holidays", "'holidays: {country: XX}'"),
    ("calendar.yaml", "holidays:\n", "holidays: US\nx:\n", "calendar.yaml: holidays", "or the word none, got str"),
    ("calendar.yaml", "holidays:\n", "holidays:\nx:\n", "calendar.yaml: holidays", "or the word none, got nothing"),
    ("calendar.yaml", "[mon, tue", "[mon, monday", "calendar.yaml: weekly[0].days[1]", "monday"),
    ("calendar.yaml", "subdivision: NY", "subdivision: 4", "holidays.subdivision", "put 4 in quotes"),
    ("calendar.yaml", "country: US", "country: QQ", "calendar.yaml: holidays", "QQ"),
    ("calendar.yaml", "country: US", "country: usa", "calendar.yaml: holidays.country", "two letters"),
    ("calendar.yaml", "subdivision: NY", "subdivision: QQ", "calendar.yaml: holidays", "QQ"),
    ("calendar.yaml", "[public]", "[publik]", "calendar.yaml: holidays", "publik"),
    ("calendar.yaml", "[mon, tue, wed, thu, fri]", "[]", "calendar.yaml: weekly", "never open"),
    ("words.yaml", "{en: Agency, id: Dinas}", "{en: Agency}", "words.yaml: words.term.agency.id", "is missing"),
    ("words.yaml", "id: Dinas}", "id: Dinas, fr: x}", "words.yaml: words.term.agency.fr", "no language of the city"),
    ("words.yaml", "term.agency:", "term.agncy:", "words.yaml: words.term.agncy", "did you mean 'term.agency'"),
    ("words.yaml", "{en: Agency, id: Dinas}", "Agency", "words.yaml: words.term.agency", "expected keys and values"),
    ("areas/districts.geojson", '"SI"', '"BK"', "areas/districts.geojson", "code 'BK' stands twice"),
    (
        "areas/districts.geojson",
        STATEN,
        STATEN + ',"agency":"nobody"',
        "districts.geojson: SI.agency",
        "unknown agency",
    ),
    (
        "areas/districts.geojson",
        STATEN,
        '"code":"ZZ","name":"Z"',
        "areas.geojson: SI-1.district",
        "unknown district 'SI'",
    ),
    ("areas/districts.geojson", STATEN, '"code":"ZZ","name":"Z"', "districts.geojson: ZZ", "has no area"),
    ("areas/areas.geojson", SHORE, SHORE + ',"mayor":1', "features[SI-1].properties.mayor", "unknown key"),
    ("areas/areas.geojson", '"name":"North Shore",', "", "features[SI-1].properties.name", "is missing"),
    ("areas/areas.geojson", '"centroid":[-74.', '"centroid":[-70.', "SI-1.centroid", "lies in no area"),
    ("areas/areas.geojson", '"type":"FeatureCollection"', "", "areas/areas.geojson", "is not JSON"),
]


def faults_of(pack: Path) -> list[tuple[str, str]]:
    return [(fault.where, fault.message) for fault in check(pack)]


@pytest.mark.parametrize(("file", "old", "new", "where", "message"), CASES)
def test_a_fault_is_named_with_its_key(tmp_path: Path, file: str, old: str, new: str, where: str, message: str) -> None:
    faults = faults_of(broken(tmp_path, "newyork", (file, old, new)))
    assert [fault for fault in faults if where in fault[0] and message in fault[1]], faults


# The other pack has what this one does without: a season, breaks, two languages in the other order.
MORE_CASES = [
    ("calendar.yaml", 'to: "13:00"', 'to: "11:00"', "calendar.yaml: weekly[0].breaks", "overlapping hours"),
    ("calendar.yaml", 'to: "13:00"', 'to: "17:00"', "calendar.yaml: weekly[0].breaks", "overlapping hours"),
    ("calendar.yaml", "days: [fri]", "days: [thu, fri]", "calendar.yaml: weekly", "overlapping hours on thu"),
    ("calendar.yaml", "from: 2026-02-19", "from: 2026-03-25", "seasons[0].dates[8].to", "lies before 2026-03-25"),
    ("calendar.yaml", "from: 2026-02-19", "from: 2025-03-30", "seasons[0].dates[8].from", "overlaps the season"),
    ("calendar.yaml", "from: 2026-02-19", "from: 2026-02-30", "seasons[0].dates[8].from", "RFC3339"),
    ("calendar.yaml", "from: 2026-02-19", "fro: 2026-02-19", "seasons[0].dates[8].fro", "did you mean 'from'"),
    (
        "calendar.yaml",
        "closed: []",
        "closed: [{day: 2026-02-28, name: A}, {day: 2026-02-28, name: B}]",
        "closed",
        "twice",
    ),
    ("calendar.yaml", "opened: []", "opened: [{day: 2026-02-28, name: A, like: funday}]", "opened[0].like", "funday"),
    ("agencies.yaml", "    mark: sourced", "    mark: sure", "agencies.yaml: agencies[dpupr].mark", "sure"),
    (
        "categories.yaml",
        "by_area: true",
        "by_area: true\n    agency: dlh",
        "categories[layanan_kelurahan].agency",
        "either",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "message"), MORE_CASES)
def test_a_fault_of_the_other_pack_is_named_too(
    tmp_path: Path, file: str, old: str, new: str, where: str, message: str
) -> None:
    faults = faults_of(broken(tmp_path, "tangerang", (file, old, new)))
    assert [fault for fault in faults if where in fault[0] and message in fault[1]], faults


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
        ("areas/areas.geojson", "[]", "areas/areas.geojson: features", "needs a list of features"),
        ("areas/areas.geojson", '{"features": [1]}', "areas/areas.geojson: features[0]", "no feature"),
    ],
)
def test_a_file_that_is_no_sheet_is_named(tmp_path: Path, file: str, text: str, where: str, message: str) -> None:
    pack = broken(tmp_path, "newyork")
    (pack / file).write_text(text, "utf-8")
    assert [fault for fault in faults_of(pack) if where in fault[0] and message in fault[1]], faults_of(pack)


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
