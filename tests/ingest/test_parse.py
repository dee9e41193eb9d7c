"""The intake contract field by field: what is refused names its field, what is allowed arrives unchanged."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.api import parse_items
from liveroom.domain.complaints.intake import Report, Reporter, report_of
from liveroom.domain.requests import Malformed
from liveroom.runtime.http_input import MAX_BYTES, BadJson, TooLarge, read_json
from tests.ingest.stand_in import NOW

GOOD = {"source_id": "L-1", "category": "jalan_rusak"}
WRONG = json.loads((Path(__file__).parent / "cases" / "wrong.json").read_text(encoding="utf-8"))


Parsed = Report | tuple[Report | Malformed, ...]


def parse(value: Any, kind: str = "real") -> Parsed:
    return parse_body(json.dumps(value).encode(), kind)


def parse_body(raw: bytes, kind: str = "real") -> Parsed:
    """A body as the intake reads it: an array item by item, anything else as one report."""
    value = read_json(raw)
    if isinstance(value, list):
        return parse_items(value, room_now=NOW, kind=kind)
    return report_of(value, NOW, kind)


def report(**more: Any) -> Report:
    return report_in("real", **more)


def report_in(kind: str, **more: Any) -> Report:
    parsed = parse(GOOD | more, kind)
    assert isinstance(parsed, Report)
    return parsed


@pytest.mark.parametrize("case", WRONG, ids=[case["why"] for case in WRONG])
def test_a_wrong_item_names_its_field_alone_and_in_an_array(case: dict[str, Any]) -> None:
    item = case["item"] if "item" in case else GOOD | case["with"]
    if not isinstance(item, list):
        with pytest.raises(Malformed) as caught:
            parse(item)
        assert caught.value.field == case["field"]
        assert caught.value.message
    many = parse([GOOD, item, GOOD | {"source_id": "L-2"}])
    assert isinstance(many, tuple)
    first, fault, last = many
    assert isinstance(fault, Malformed)
    assert fault.field == case["field"]
    assert [one.source_id for one in (first, last) if isinstance(one, Report)] == ["L-1", "L-2"]


LONGEST = [
    ("source_id", 128, lambda text: {"source_id": text}),
    ("category", 128, lambda text: {"category": text}),
    ("description", 4000, lambda text: {"description": text}),
    ("address", 500, lambda text: {"address": text}),
    ("area", 128, lambda text: {"area": text}),
    ("person.name", 200, lambda text: {"person": {"name": text}}),
    ("person.phone", 64, lambda text: {"person": {"phone": text}}),
    ("person.email", 254, lambda text: {"person": {"email": text}}),
]


@pytest.mark.parametrize(("field", "limit", "make"), LONGEST, ids=[row[0] for row in LONGEST])
def test_lengths_count_characters_not_bytes(field: str, limit: int, make: Any) -> None:
    report(**make("🌊" * limit))
    with pytest.raises(Malformed) as caught:
        report(**make("🌊" * (limit + 1)))
    assert caught.value.field == field


def test_media_may_be_twenty_addresses_of_2048_characters() -> None:
    address = "https://contoh.id/" + "a" * (2048 - 18)
    assert report(media=[address] * 20).media == (address,) * 20
    with pytest.raises(Malformed) as caught:
        report(media=[address] * 21)
    assert caught.value.field == "media"
    with pytest.raises(Malformed) as caught:
        report(media=["https://contoh.id/", address + "a"])
    assert caught.value.field == "media[1]"


def test_a_full_report_arrives_whole() -> None:
    full = report(
        description="Lubang di depan pos ronda", address="Jl. Melati No. 3", lat=-6.17, lon=106,
        area="36.71.01.1001", channel="WhatsApp", reported_at="2026-11-24T07:05:00.25+07:00",
        updated_at="2026-11-24T00:06:00Z", priority="urgent",
        person={"name": "Budi Contoh", "phone": "0800-000-0001", "email": "budi@contoh.id"},
        media=["https://contoh.id/1.jpg", "http://contoh.id/2.jpg"],
    )  # fmt: skip
    assert full == Report(
        source_id="L-1", category="jalan_rusak", description="Lubang di depan pos ronda", address="Jl. Melati No. 3",
        lat=-6.17, lon=106.0, area="36.71.01.1001", channel="WhatsApp",
        reported_at=datetime(2026, 11, 24, 0, 5, 0, 250000, tzinfo=UTC),
        updated_at=datetime(2026, 11, 24, 0, 6, tzinfo=UTC),
        priority="urgent", person=Reporter(name="Budi Contoh", phone="0800-000-0001", email="budi@contoh.id"),
        media=("https://contoh.id/1.jpg", "http://contoh.id/2.jpg"),
    )  # fmt: skip


def test_null_and_unknown_fields_count_as_absent() -> None:
    names = ("description", "address", "lat", "lon", "area", "reported_at", "updated_at", "priority", "person", "media")
    bare = report()
    assert report(**dict.fromkeys(names), drill=None, person_count=float("nan"), more={"deep": ["\ud800"]}) == bare
    assert report(person={"name": None, "age": 7}) == bare


def test_direction_marks_line_breaks_and_pairs_of_surrogates_are_kept() -> None:
    text = "satu\u202eaud\u2066tiga\u2069\n\temp\u0301at 🌊"
    assert report(description=text).description == text


def test_the_last_of_repeated_keys_counts() -> None:
    parsed = parse_body(b'{"source_id":"1","source_id":"2","category":"x"}')
    assert isinstance(parsed, Report)
    assert parsed.source_id == "2"


def test_the_edges_of_time_and_place_are_inside() -> None:
    assert report(reported_at="2000-01-01T00:00:00Z").reported_at == datetime(2000, 1, 1, tzinfo=UTC)
    assert report(reported_at="2026-11-24 00:20:00z").reported_at == NOW + timedelta(minutes=10)
    assert (report(lat=-90, lon=180).lat, report(lat=90, lon=-180).lon) == (-90, -180)


def test_everything_a_drill_room_takes_is_drill() -> None:
    assert report_in("drill").drill
    assert report_in("drill", drill=True).drill
    assert report_in("test", drill=True).drill
    assert not report_in("test").drill


NOT_JSON = [
    (b"", "bad_json"), (b"{", "bad_json"), (b'{"a":1}}', "bad_json"), (b"{'a':1}", "bad_json"), (b"nul", "bad_json"),
    (b'"' * 1001, "bad_json"), (b'{"a":"\x00"}', "bad_json"), (b"[" * 20 + b"}" * 20, "bad_json"),
    (b'{"a":"\xff"}', "bad_utf8"), (b'{"a":"\xed\xa0\x80"}', "bad_utf8"), ('{"a":1}'.encode("utf-16"), "bad_utf8"),
    (b"[" * 100_000, "too_deep"), (b"[" * 100_000 + b"]" * 100_000, "too_deep"), (b'{"a":' * 100_000, "too_deep"),
    (b"[" * 33 + b"]" * 33, "too_deep"), (b'[{"a":' * 17 + b"1" + b"}]" * 17, "too_deep"),
    (b'["' + b"]" * 40 + b'",' + b"[" * 33, "too_deep"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code"), NOT_JSON)
def test_what_is_no_json_is_said_to_be_none(raw: bytes, code: str) -> None:
    with pytest.raises(BadJson) as caught:
        parse_body(raw)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["[" * 100_000, '\\"[' * 1000, "]}" * 5000, "\\\\" * 100 + "[" * 100])
def test_brackets_inside_strings_do_not_nest(text: str) -> None:
    parsed = parse([GOOD | {"unknown": text}])
    assert isinstance(parsed, tuple)
    assert isinstance(parsed[0], Report)


def test_32_deep_is_allowed() -> None:
    value: Any = 1
    for _ in range(30):
        value = [value]
    assert parse([GOOD | {"unknown": value}]) == parse([GOOD])


def test_a_body_has_at_most_a_thousand_items_and_a_mebibyte() -> None:
    many = parse([GOOD] * 1000)
    assert isinstance(many, tuple)
    assert len(many) == 1000
    with pytest.raises(TooLarge):
        parse([GOOD] * 1001)
    exact = b"[" + b" " * (MAX_BYTES - 2) + b"]"
    assert parse_body(exact) == ()
    with pytest.raises(TooLarge):
        parse_body(exact + b" ")


FIELDS = st.sampled_from([
    "source_id", "category", "description", "address", "lat", "lon", "area", "channel", "reported_at", "updated_at",
    "priority", "person", "media", "drill", "name", "phone", "x",
])  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(categories=["Cs"]))
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(FIELDS, inner), max_leaves=12)


@given(VALUES)
def test_any_json_value_is_taken_or_refused_by_name(value: Any) -> None:
    try:
        parsed = parse(value)
    except Malformed as fault:
        assert fault.message
    else:
        assert isinstance(parsed, Report | tuple)


@given(st.binary() | st.text('[]{}",:\\ntruefalse0123456789eE+-.\u202e', max_size=200).map(str.encode))
def test_any_bytes_are_taken_or_refused(raw: bytes) -> None:
    try:
        parse_body(raw)
    except (Malformed, TooLarge, BadJson) as fault:
        assert str(fault) or isinstance(fault, Malformed)
