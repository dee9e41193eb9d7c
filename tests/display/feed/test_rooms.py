"""Another room that follows this one by a key: no field that its key does not allow reaches it, by any message."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from display.feed.cards import MASKS, ROOM_FIELDS, USUAL_ROOM_FIELDS, cards_of, known_audience, room_audience
from ingest.hazards.cap_document import read_alert
from liveroom.accounts.credentials import Followers, NoFollower
from liveroom.accounts.sources import NameTaken
from liveroom.domain.alarms.model import Alarm, AlarmKind
from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.timestamps import to_text
from liveroom.projection.hazards import hazards
from liveroom.room.clock import Clock
from tests.rooms.cap_documents import document, info
from tests.rooms.staffed import House

PLACE = {"lat": -6.178123, "lon": 106.631912}
ALWAYS = {"id", "seq", "status", "received_day", "drill"}
ALARM_ALWAYS = {"id", "seq", "kind", "priority", "state", "active", "complaint", "count", "raised_at"}
SECRETS = ("Siti", "0812", "gang buntu", "pagar hijau", "L-1", "kdrt", "Hujan")


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    for n, category in enumerate(("kebakaran", "kdrt", "sampah", "Bau di gang buntu")):
        said = {"category": category, "description": "di gang buntu", "address": "pagar hijau", **PLACE}
        person = Reporter(name="Siti", phone="0812 1234 5678")
        report = Report(source_id=f"L-{n}", priority="critical", person=person, **said)
        house.opened.room.accept(report, source="x")
    now = house.opened.room.now()
    warning = document("A", sent=now, infos=[info(expires=to_text(now + timedelta(hours=1)))])
    house.opened.room.hear_many([read_alert(warning)], source="bmkg")
    assert house.log.read(hazards)
    Clock(house.opened.room, None).tick()
    return house


def get(house: House, path: str, key: str) -> Any:
    return house.browser().get(path, headers={"Authorization": f"Bearer {key}"})


def told(house: House, key: str) -> list[dict[str, Any]]:
    """A snapshot, and what a resume from the very beginning of it brings after one more complaint."""
    snapshot = json.loads(get(house, "/feed/snapshot", key).data)
    house.opened.room.accept(Report(source_id="L-9", category="kdrt", description="gang buntu", **PLACE), source="x")
    asked = {"epoch": snapshot["epoch"], "from": snapshot["seq"], "mark": snapshot["mark"], "to": snapshot["seq"]}
    answer = get(house, f"/feed/resume?{urlencode(asked)}", key)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return [snapshot, json.loads(answer.data)]


@pytest.mark.parametrize("fields", [(), USUAL_ROOM_FIELDS, tuple(ROOM_FIELDS)])
def test_no_message_holds_a_field_beyond_the_list(house: House, fields: tuple[str, ...]) -> None:
    """Every message is walked: its cards, its alarms and its text."""
    allowed = {column for name in fields for column in ROOM_FIELDS[name]}
    snapshot, answer = told(house, Followers(house.log).add("Banten", fields))
    (batch,) = answer["batches"]
    assert set(snapshot["cards"]) == ALWAYS | allowed
    assert [set(card) for card in batch["cards"]] == [ALWAYS | allowed]
    alarms = [*snapshot["alarms"], *batch["alarms"]]
    assert len(alarms) >= 4
    assert all(set(alarm) <= ALARM_ALWAYS | set(fields) for alarm in alarms)
    assert set(snapshot["city"]["names"]) == {"agency", "area", "category", "district"} & set(fields)
    assert (snapshot["sources"], snapshot["lines"], snapshot["hazards"]) == ([], [], [])
    assert [batch.get(name, []) for name in ("sources", "lines", "hazards")] == [[], [], []]
    assert answer["beat"]["heard"] == {}
    words = json.dumps([snapshot, answer])
    assert [secret for secret in SECRETS if secret in words] == []
    places = [*snapshot["cards"].get("lat", ()), *(card["lat"] for card in batch["cards"] if "lat" in card)]
    assert set(places) <= {-6.18}, "a kilometre, whatever it is about"
    assert len(places) == (5 if "place" in fields else 0)


def test_a_card_says_what_a_provinces_wall_needs(house: House) -> None:
    snapshot, answer = told(house, Followers(house.log).add("Banten", USUAL_ROOM_FIELDS))
    categories, names = snapshot["cards"]["category"], snapshot["city"]["names"]
    assert set(categories) == {"kebakaran", "sampah", None}, "private, and a source's own words"
    assert all(key in names["category"] for key in categories if key)
    assert all(code in names["district"] for code in snapshot["cards"]["district"])
    assert (snapshot["city"]["name"], snapshot["city"]["drill"]) == ("Kota Tangerang", False)
    assert answer["batches"][0]["counts"]["cohort"]["in"] == 5
    assert (answer["beat"]["seq"], answer["beat"]["mark"]) == (answer["seq"], answer["mark"])


def test_that_a_source_or_screen_is_silent_is_the_citys_own_business(house: House) -> None:
    cards = cards_of(house.opened.room.city.policy)
    seen = {kind for kind in AlarmKind if cards["room:"].sees(Alarm(id="a", kind=kind, priority=1))}
    assert seen == set(AlarmKind) - {AlarmKind.LOST}
    assert cards["wall"].sees(Alarm(id="a", kind=AlarmKind.LOST, priority=1))


def test_a_key_opens_the_feed_and_nothing_else(house: House) -> None:
    followers = Followers(house.log)
    key = followers.add("Banten", USUAL_ROOM_FIELDS)
    doors = ("/wall", "/province", "/feed/figures?scene=trend", "/api/v1/complaints")
    assert [get(house, path, key).status_code for path in doors] == [401, 401, 401, 403]
    epoch = json.loads(get(house, "/feed/snapshot?audience=desk", key).data)["epoch"]
    followers.allow("Banten", ("overdue",))
    assert json.loads(get(house, "/feed/snapshot", key).data)["epoch"] != epoch, "other fields are another feed"
    other, ends_at = followers.rotate("Banten", now=False)
    assert ends_at is not None
    assert [get(house, "/feed/snapshot", one).status_code for one in (key, other)] == [200, 200]
    last, _ = followers.rotate("Banten", now=True)
    assert [get(house, "/feed/snapshot", one).status_code for one in (key, other, last)] == [401, 401, 200]
    with pytest.raises(NameTaken):
        followers.add("Banten", ())
    followers.revoke("Banten")
    assert get(house, "/feed/snapshot", last).status_code == 401
    with pytest.raises(NoFollower):
        followers.revoke("Banten")
    assert get(house, "/feed/snapshot", followers.add("Banten", ())).status_code == 200


def test_no_audience_is_made_of_words_that_are_no_fields() -> None:
    assert known_audience("room:person,overdue,text,overdue", ()) == room_audience(["overdue"]) == "room:overdue"
    assert not any(name.startswith("room") for name in MASKS)
