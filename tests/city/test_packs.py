"""Both packs as a room reads them: whole, without a fault, and with nothing in the browser that is the desk's alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from liveroom.city.pack import check, load_city
from liveroom.domain.complaints.model import Stage
from tests.rooms.packs import CITIES, PACKS, broken, city


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_has_no_fault(name: str) -> None:
    assert check(CITIES / name) == ()


def test_the_least_pack_of_a_province_has_no_fault() -> None:
    assert check(CITIES.parent / "docs" / "examples" / "provinsi") == ()


@pytest.mark.parametrize("name", PACKS)
def test_every_category_can_be_handled_in_time(name: str) -> None:
    policy = city(name).policy
    now = datetime(2026, 11, 24, tzinfo=UTC)
    for category in city(name).categories:
        agencies = {policy.agency_for(category, area) for area in policy.areas}
        assert agencies <= policy.agencies
        class_ = policy.class_of(category, "normal")
        assert all(policy.deadline(class_, stage, now) for stage in Stage)


@pytest.mark.parametrize(
    ("name", "districts", "areas", "categories"), [("tangerang", 13, 104, 46), ("newyork", 5, 15, 64)]
)
def test_a_pack_is_complete(name: str, districts: int, areas: int, categories: int) -> None:
    found = city(name)
    assert (len(found.districts), len(found.areas), len(found.categories)) == (districts, areas, categories)
    assert set(found.policy.areas) == set(found.areas)
    assert [step.percent for step in found.escalation] == [75, 100, 150, 200, 300]


@pytest.mark.parametrize(("name", "second"), [("tangerang", "secretary"), ("newyork", "deputy")])
def test_the_ladder_is_what_the_rules_warn_and_escalate_by(name: str, second: str) -> None:
    policy = city(name).policy
    assert (policy.warn_percent, policy.multiples) == (75, (150, 200, 300))
    assert policy.recipients == {150: "agency_head", 200: second, 300: "mayor"}


@pytest.mark.parametrize("name", PACKS)
def test_browsers_get_no_contacts(name: str) -> None:
    text = json.dumps(city(name).client_data())
    bodies = [*city(name).agencies.values(), *city(name).outside.values()]
    contacts = {contact for body in bodies for contact in (body.phone, body.on_call, body.email) if contact}
    contacts |= {office.email for office in city(name).recipients.values() if office.email}
    assert len(contacts) > len(city(name).agencies)
    assert [contact for contact in contacts if contact in text] == []


def test_browsers_get_names_and_places() -> None:
    data = city("tangerang").client_data()
    assert data["room"] == "Tangerang LIVE Room"
    assert (data["city"], data["zone"], data["zone_label"]) == ("Kota Tangerang", "Asia/Jakarta", "WIB")
    assert data["languages"] == ["id", "en"]
    assert data["attribution"].startswith("Batas wilayah: BPS")
    assert "BPS Statistics Indonesia" in city("tangerang").client_data("en")["attribution"]
    assert city("newyork").client_data("en")["attribution"] == city("newyork").client_data()["attribution"] != ""
    assert city("newyork").client_data("es")["attribution"].startswith("Contornos")
    assert {"code": "36.71.05", "name": "Cipondoh", "anchor": [106.6941, -6.1866]} in data["districts"]
    sukarasa = {"code": "36.71.01.1001", "name": "Sukarasa", "district": "36.71.01", "centroid": [106.6317, -6.1721]}
    assert sukarasa in data["areas"]
    assert data["agencies"]["dlh"]["short"] == "DLH"
    assert data["agencies"]["pln"]["name_en"] == "State electricity company"
    assert data["categories"]["kekerasan"]["private"]
    assert data["categories"]["banjir"] == {
        "label": "Banjir dan genangan",
        "label_en": "Flood and standing water",
        "group": "lingkungan",
        "private": False,
        "short": "Banjir",
        "short_en": "Flooding",
    }
    assert data["bounds"] == [[-6.2562, 106.5515], [-6.0971, 106.7486]]


def test_words_come_in_the_language_asked_for_or_in_the_citys_own() -> None:
    assert city("tangerang").client_data()["words"]["state.working"] == "Ditindaklanjuti"
    assert city("tangerang").client_data("en")["words"]["state.working"] == "Being followed up"
    assert city("newyork").client_data("xx")["words"]["term.district"] == "Borough"
    assert city("newyork").client_data("id")["words"]["term.district"] == "Distrik"
    assert city("newyork").client_data("es")["words"]["term.district"] == "Distrito"
    assert city("tangerang").client_data("es")["words"]["term.district"] == "Kecamatan"


def test_a_sources_name_for_a_category_leads_to_its_key() -> None:
    found = city("newyork")
    assert found.category_key("Noise - Residential") == "noise_residential"
    assert found.category_key("noise_residential") == "noise_residential"
    assert found.category_key("Flying saucer") == "Flying saucer"


def test_the_hash_names_the_content_of_the_pack(tmp_path_factory: pytest.TempPathFactory) -> None:
    same = load_city(broken(tmp_path_factory.mktemp("same"), "newyork"), years=(2026, 2026))
    edited = broken(tmp_path_factory.mktemp("edited"), "newyork", ("agencies.yaml", "ext. 101", "ext. 999"))
    assert same.hash == city("newyork").hash
    assert load_city(edited, years=(2026, 2026)).hash != same.hash


@pytest.mark.parametrize("name", PACKS)
def test_the_feeds_calendar_reaches_400_days_either_way_and_lasts_a_month(name: str) -> None:
    now = datetime(2026, 11, 24, 5, tzinfo=UTC)
    named, pairs = city(name).feed_window(now)
    assert city(name).feed_window(now + timedelta(days=2)) == (named, pairs)
    assert city(name).feed_window(now + timedelta(days=30))[0] != named
    opened = [start for start, _ in pairs]
    assert opened == sorted(opened)
    assert pairs[-1][1] - pairs[0][0] < timedelta(days=2 * 400 + 31 + 2).total_seconds() * 1000
    for edge in (now - timedelta(days=400), now + timedelta(days=400)):
        milliseconds = edge.timestamp() * 1000
        assert pairs[0][0] <= milliseconds + 5 * 86_400_000
        assert pairs[-1][1] >= milliseconds - 5 * 86_400_000
    inside = [(start, end) for start, end in pairs if start >= now.timestamp() * 1000]
    minutes = sum(end - start for start, end in inside[:200]) // 60_000
    until = datetime.fromtimestamp(inside[199][1] / 1000, UTC)
    assert city(name).policy.calendar.between(now, until) >= timedelta(minutes=minutes)
