"""What may reach a screen: an allow-list of codes, places and times, masked the more the less we know who looks."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from display.feed.cards import AUDIENCES, Cards
from liveroom.domain.complaints.commands import refusal
from liveroom.domain.complaints.intake import Reporter
from liveroom.domain.complaints.model import Complaint, State
from liveroom.domain.requests import CommandName, Role
from liveroom.domain.timestamps import to_text, to_text_or_none
from liveroom.log.event_log import decode_complaint
from tests.display.feed.process import WebProcess
from tests.display.feed.screen import Screen
from tests.display.feed.store import Store
from tests.rooms.databases import KINDS
from tests.rooms.journey import Journey
from tests.rooms.standing import StandingRoom
from tests.rooms.tables import tabled_file

EVERYBODY = (*AUDIENCES, "agency:dpupr")
# What no screen may ever hold, as a person would find it: phones, identity numbers, the sentences themselves.
SECRETS = re.compile(
    r"\b08\d{7,11}\b|\+62[\d -]{8,}|\b\d{16}\b|ratna|daan mogot|rahasia|foto\.example|@", re.IGNORECASE
)
PRIVATE = {"category": "kekerasan", "lat": -6.1781234, "lon": 106.6319876}
OWN_WORDS = "Bapak Ratna, 081234567890, Jl. Daan Mogot"
CONTRACT = {
    "id", "seq", "state", "status", "overdue", "paused", "source", "category", "agency", "agencies", "area", "lat",
    "lon", "received_at", "stage", "stage_from", "stage_clock", "due_at", "priority", "escalation", "moves", "drill",
}  # fmt: skip
WALL_MORE = {"in_city", "received_day", "closed_at"}
AGENCY_MORE = {"source_id", "channel", "class", "accepted", "proved", "answer_by", "allowed"}
DESK_MORE = {
    "source_id", "channel", "class", "claimed_by", "claimed_until", "returned", "answer_by", "due_stage", "merged",
    "allowed",
}  # fmt: skip


@pytest.fixture
def process(standing: StandingRoom) -> WebProcess:
    """A room of a test's own that is full of what must not be seen."""
    return process_of(standing)


@pytest.fixture(scope="module", params=KINDS)
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """The same for all tests that only look."""
    if request.param == "sqlite":
        url = tabled_file(tmp_path_factory.mktemp("cards") / "room.db")
    else:
        server = request.getfixturevalue("postgres_server")
        server.start()
        url = server.tabled_database()
    standing = StandingRoom(url)
    yield process_of(standing)
    standing.close()


def process_of(standing: StandingRoom) -> WebProcess:
    """A room full of what must not be seen, and a screen of each audience that saw all of it arrive."""
    process = WebProcess(standing)
    process.step()
    for audience in EVERYBODY:
        Screen(audience).join(process).catch_up()
    tell_everything(standing)
    tell_a_surge(standing)
    process.step()
    standing.later(days=9).tick()  # alarms about all of it
    process.step()
    return process


def tell_everything(standing: StandingRoom) -> None:
    person = Reporter(name="Ratna Dewi", phone="081234567890", email="ratna@surat.example")
    said = {"description": "Rahasia: telepon +62 812-3456-7890, NIK 3671012345678901", "person": person}
    more = {"address": "Jl. Daan Mogot 12", "media": ("https://foto.example/1.jpg",)}
    id_ = standing.receive("L-0812", **said, **more)
    standing.receive("L-private", **PRIVATE, **said, **more)
    unknown = {"category": OWN_WORDS, "lat": -6.1781234, "lon": 106.6319876}
    standing.receive("L-unknown", **unknown, **said, **more)
    standing.execute("comment", id_, text="Ratna menelepon lagi dari 081234567890")
    standing.execute("ask", id_, by="duty", text="Ratna, di mana rahasia itu?")
    standing.execute("answer", id_, by="duty", text="Daan Mogot 12")
    standing.execute("forward", id_, by="duty", agency="dpupr")
    standing.do_all(id_, "accept", "start")
    standing.execute("submit_proof", id_, by="agency", note="rahasia", media=["https://foto.example/2.jpg"])
    standing.execute("send_back", id_, by="duty", reason="foto Ratna kabur")


def tell_a_surge(standing: StandingRoom) -> None:
    """Of a category that is a source's own words."""
    for _ in range(12):
        standing.receive(category=OWN_WORDS)
    standing.tick()


def of_source(cards: dict[str, Any], standing: StandingRoom, source_id: str) -> dict[str, Any]:
    (row,) = [row for row in standing.tables(["complaint"])["complaint"] if row["source_id"] == source_id]
    return cards[row["id"]]


def store_of(process: WebProcess, audience: str) -> Store:
    (screen,) = [screen for screen in process.screens if screen.audience == audience]
    return screen.store


def messages(process: WebProcess, audience: str) -> str:
    """Everything that this audience was ever sent, as text."""
    snapshot = process.new_snapshots().of(audience)
    return json.dumps([process.sent[audience], process.beats[audience]]) + b"".join(snapshot.plain()).decode()


def test_cr_79_nobody_but_a_desk_is_sent_free_text_or_anything_about_a_person(shown: WebProcess) -> None:
    for audience in EVERYBODY:
        if audience != "desk":
            assert SECRETS.findall(messages(shown, audience)) == [], audience


@pytest.mark.each_database
def test_no_audience_is_sent_what_was_told_in_words(shown: WebProcess) -> None:
    """A desk sees a source's own category words, for triage; texts and people it fetches by id."""
    standing = shown.standing
    own_words = [row["body"] for row in standing.tables(["text"])["text"]]
    own_words += [row["name"] for row in standing.tables(["person"])["person"]]
    own_words += [row["url"] for row in standing.tables(["media"])["media"]]
    assert len(own_words) >= 14
    for audience in EVERYBODY:
        text = messages(shown, audience)
        assert [words for words in own_words if json.dumps(words)[1:-1] in text] == []


@pytest.mark.each_database
def test_no_event_holds_what_was_told_in_words(shown: WebProcess) -> None:
    payloads = " ".join(row["payload"] for row in shown.standing.tables(["event"])["event"])
    payloads = payloads.replace(OWN_WORDS, "the category as the source calls it")
    assert SECRETS.findall(payloads) == []


FIELDS_OF = {
    "wall": WALL_MORE | {"sensor"},
    "visit": WALL_MORE,
    "lead": WALL_MORE | {"channel", "class", "answer_by"},
    "desk": WALL_MORE | DESK_MORE,
    "agency:dpupr": WALL_MORE | AGENCY_MORE,
}


def test_a_card_has_the_fields_of_its_audience_and_no_other(shown: WebProcess) -> None:
    found = {audience: {frozenset(card) for card in store_of(shown, audience).cards.values()} for audience in FIELDS_OF}
    assert found == {audience: {frozenset(CONTRACT | fields)} for audience, fields in FIELDS_OF.items()}


def test_a_private_place_is_the_neighbourhood_on_the_wall_and_the_door_at_the_desk(shown: WebProcess) -> None:
    desk, wall, lead, visit = (
        of_source(store_of(shown, audience).cards, shown.standing, "L-private")
        for audience in ("desk", "wall", "lead", "visit")
    )
    assert (wall["lat"], wall["lon"], wall["category"]) == (-6.178, 106.632, "kekerasan")
    assert (lead["lat"], lead["lon"], lead["category"]) == (-6.178, 106.632, "kekerasan")
    assert (visit["lat"], visit["lon"], visit["category"]) == (-6.18, 106.63, None), "CR-81"
    assert (desk["lat"], desk["lon"]) == (PRIVATE["lat"], PRIVATE["lon"])


def test_cr_80_every_private_category_of_the_city_is_rounded(on_file: StandingRoom) -> None:
    wall = Cards(on_file.room.city.policy, "wall")
    places = {}
    for key, rule in on_file.room.city.policy.categories.items():
        id_ = on_file.receive(category=key, lat=-6.1781234, lon=106.6319876)
        card = wall.of(on_file.complaint(id_))
        places[key] = (rule.private, (card["lat"], card["lon"]))
    assert {place for private, place in places.values() if private} == {(-6.178, 106.632)}
    assert {place for private, place in places.values() if not private} == {(-6.1781234, 106.6319876)}


def test_a_category_that_nobody_knows_is_masked_on_the_wall(shown: WebProcess) -> None:
    wall, desk = (of_source(store_of(shown, name).cards, shown.standing, "L-unknown") for name in ("wall", "desk"))
    assert (wall["category"], wall["lat"], wall["lon"]) == (None, -6.178, 106.632)
    assert desk["category"] == OWN_WORDS


def test_a_desk_alone_is_told_what_each_of_its_roles_could_do_with_an_alarm(shown: WebProcess) -> None:
    told = {one["state"]: one["allowed"] for one in store_of(shown, "desk").alarms.values()}
    leaders = ["acknowledge", "shelve", "suppress", "out_of_service"]
    assert told["unacked"] == {"duty": ["acknowledge", "shelve"], "supervisor": leaders}
    assert told["suppressed"] == {"duty": [], "supervisor": []}, "a warning comes back by itself"
    for audience in EVERYBODY:
        others = store_of(shown, audience).alarms.values() if audience != "desk" else ()
        assert not [one for one in others if "allowed" in one], audience


def test_alarms_and_notices_about_one_that_nobody_knows_are_masked_too(shown: WebProcess) -> None:
    wall, desk = store_of(shown, "wall"), store_of(shown, "desk")
    about = {alarm["complaint"] for alarm in desk.alarms.values()}
    assert [card for id_, card in desk.cards.items() if id_ in about and card["category"] == OWN_WORDS]
    for store in (wall, desk):  # the words stand on the complaint's card, and go from there when it is erased
        categories = {alarm["category"] for alarm in store.alarms.values()}
        assert None in categories
        assert OWN_WORDS not in categories
    surges = {
        audience: [line for batch in shown.sent[audience] for line in batch.get("lines", ())] for audience in AUDIENCES
    }
    assert {line["category"] for line in surges["desk"] if line["kind"] == "surge"} == {""}
    assert {line["category"] for line in surges["wall"] if line["kind"] == "surge"} == {None}


def test_triaged_to_a_public_matter_the_place_is_exact_and_back_it_is_not(
    process: WebProcess, standing: StandingRoom
) -> None:
    wall = store_of(process, "wall")
    id_ = of_source(wall.cards, standing, "L-private")["id"]
    for category, lat in (("jalan_rusak", PRIVATE["lat"]), ("kekerasan", -6.178)):
        standing.execute("triage", id_, by="duty", category=category)
        process.step()
        assert wall.cards[id_]["lat"] == lat


def test_an_unknown_audience_gets_the_most_masked_cards(standing: StandingRoom) -> None:
    policy = standing.room.city.policy
    complaint = standing.complaint(standing.receive(**PRIVATE))
    for audience in ("", "walls", "DESK", "agency:nobody", "agency:", "agency", "leaders"):
        assert Cards(policy, audience).of(complaint) == Cards(policy, "wall").of(complaint), audience


def test_a_complaint_without_a_place_has_none_in_any_audience(standing: StandingRoom) -> None:
    complaint = standing.complaint(standing.receive(category="kekerasan", lat=None, lon=None))
    for audience in AUDIENCES:
        card = Cards(standing.room.city.policy, audience).of(complaint)
        assert (card["lat"], card["lon"], card["in_city"]) == (None, None, True)


def test_a_visit_is_told_no_operator_s_name_cr_81(process: WebProcess, standing: StandingRoom) -> None:
    wall, visit = store_of(process, "wall"), store_of(process, "visit")
    (alarm, *_) = [alarm for alarm in wall.alarms.values() if alarm["kind"] == "passed"]
    standing.execute("acknowledge", alarm["id"], about="alarm", actor="Sari Wulandari")
    process.step()
    assert wall.alarms[alarm["id"]]["acked_by"] == "Sari Wulandari"
    assert (visit.alarms[alarm["id"]]["acked_by"], visit.alarms[alarm["id"]]["state"]) == (None, "acked")
    assert "Sari" not in messages(process, "visit")


def test_a_card_says_what_the_whole_complaint_says(on_file: StandingRoom) -> None:
    """Cards are made from a part of the row alone; through all that can happen they are as if from all of it."""
    cards, said = Cards(on_file.room.city.policy, "desk"), list[dict[str, Any]]()
    for number, (_, act) in enumerate(Journey(on_file).steps()):
        act()
        for row in on_file.tables(["complaint"])["complaint"] if number % 3 == 0 else ():
            complaint = decode_complaint(row["body"])
            card = cards.of(complaint)
            said.append(derived(complaint))
            assert {name: card[name] for name in said[-1]} == said[-1]
    for name in said[-1]:
        assert len({one[name] for one in said}) > 1, f"{name} is never another"


def derived(c: Complaint) -> dict[str, Any]:
    """What the domain says of its stages, deadlines and times."""
    stage, due = c.first_due or (None, None)
    return {
        "status": c.status,
        "stage": c.stage,
        "due_stage": stage,
        "stage_from": to_text(due.start) if due else None,
        "due_at": to_text(due.due) if due else None,
        "stage_clock": due.clock if due else None,
        "overdue": c.overdue,
        "escalation": c.escalation,
        "received_at": to_text(c.received_at),
        "closed_at": to_text_or_none(c.closed_at),
        "claimed_until": to_text_or_none(c.claimed_until),
        "answer_by": to_text_or_none(c.answer_by),
        "merged": len(c.children),
        "returned": c.state is State.RECEIVED and c.accept is not None,
        "allowed": tuple(n for n in CommandName if refusal(c, n, Role.SUPERVISOR, actor_agency=None) is None),
        "agencies": c.agencies,
    }
