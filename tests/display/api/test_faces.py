"""On the wire: desks read the names of who works here; agencies, leadership, links and citizens read roles."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from display.citizens import report
from liveroom.accounts.links import agency_links
from liveroom.accounts.users import Person
from liveroom.domain.requests import Role
from liveroom.log.event_log import read_head
from tests.rooms.citizen import Citizen
from tests.rooms.staffed import AGENCY, NAME, House

OTHER = "dlh"
PEOPLE = {
    "sekar.wangi": ("Sekar Wangi Lestari", Role.DUTY, None),
    "dyah.ayu": ("Dyah Ayu Pitaloka", Role.SUPERVISOR, None),
    "bagas.k": ("Bagas Kusuma", Role.AGENCY, AGENCY),
    "ratri.n": ("Ratri Nirmala", Role.AGENCY, AGENCY),
    "gilang.p": ("Gilang Pratama", Role.AGENCY, OTHER),
    "bu.wali": ("Wali Kota Contoh", Role.LEADERSHIP, None),
}


@dataclass
class Story:
    """A fire that all of them had a hand in."""

    house: House
    citizen: Citizen
    id: str
    tokens: dict[str, str]

    def ask(self, who: str, path: str, method: str = "GET", **more: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return self.house.browser().ask(method, path, headers=headers, **more)

    def order(self, who: str, name: str, *, about: str = "complaints", of: str = "", **fields: object) -> TestResponse:
        seen = {"seen_seq": self.house.log.read(read_head).seq}
        body = {"command_id": f"{who} {name} {seen} {fields}"[:120], **seen, **fields}
        return self.ask(who, f"/api/v1/{about}/{of or self.id}/{name}", "POST", json=body)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    house = House(tmp_path_factory.mktemp("faces"))
    for actor, (name, role, agency) in PEOPLE.items():
        house.staff.add(Person(actor=actor, name=name, role=role, agency=agency), None)
    tokens = {actor: house.staff.give_token(actor) for actor in PEOPLE}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(report, "LEAST", timedelta(0))
        citizen = Citizen(house)
        told = Story(house, citizen, citizen.send(category="kebakaran", description="Api besar"), tokens)
    later = (house.opened.room.now() + timedelta(days=30)).isoformat()
    for who, name, fields in (
        ("sekar.wangi", "claim", {}),
        ("sekar.wangi", "comment", {"text": "sudah ditelepon"}),
        ("sekar.wangi", "reply", {"text": "sedang ke lokasi"}),
        ("sekar.wangi", "forward", {"agency": AGENCY, "agencies": [OTHER]}),
        ("gilang.p", "accept", {}),
        ("bagas.k", "accept", {}),
        ("dyah.ayu", "extend", {"due_at": later, "reason": "air jauh"}),
        ("bu.wali", "comment", {"text": "mengapa lama?"}),
        ("sekar.wangi", "claim", {}),
    ):
        done = told.order(who, name, **fields)
        assert done.status_code == 200, (name, done.text)
    alarm = f"critical:{told.id}"
    assert told.order("sekar.wangi", "acknowledge", about="alarms", of=alarm, owner="dyah.ayu").status_code == 200
    return told


def told_to(story: Story, who: str) -> str:
    """All that one person is told of it, in one text."""
    paths = [f"/api/v1/complaints/{story.id}", "/api/v1/complaints?q=api", "/feed/snapshot", "/feed/figures?scene=lead"]
    if PEOPLE[who][1] is Role.LEADERSHIP:
        paths += [f"/api/v1/lead/complaints/{story.id}", "/lead"]
    answers = {path: story.ask(who, path) for path in paths}
    assert answers[paths[0]].status_code == 200
    return " ".join(answer.text for answer in answers.values())


def named(text: str, people: object = PEOPLE) -> set[str]:
    """Which of these people are in a text, by log-in or by name."""
    return {actor for actor in people if actor in text or PEOPLE[actor][0] in text}  # type: ignore[attr-defined]


def test_a_desk_reads_everybody_by_name(story: Story) -> None:
    assert named(told_to(story, "sekar.wangi")) == set(PEOPLE) - {"ratri.n"}
    names = story.ask("dyah.ayu", f"/api/v1/complaints/{story.id}").json["names"]
    assert names["sekar.wangi"] == "Sekar Wangi Lestari"


def test_an_agency_reads_its_own_people_by_name_and_all_others_by_role(story: Story) -> None:
    assert named(told_to(story, "ratri.n")) <= {"bagas.k", "ratri.n"}
    whole = story.ask("ratri.n", f"/api/v1/complaints/{story.id}").json
    assert [one["actor"] for one in whole["history"] if one["kind"] == "complaint.forwarded"] == ["duty"]
    assert {one["actor"] for one in whole["history"] if one["kind"] == "complaint.accepted"} == {"bagas.k", "agency"}
    assert (whole["deadline"]["extended"]["by"], whole["claimed"]["by"]) == ("supervisor", "duty")
    assert whole["names"] == {"bagas.k": "Bagas Kusuma"}
    snapshot = story.ask("ratri.n", "/feed/snapshot").json
    assert [one["acked_by"] for one in snapshot["alarms"]] == [None] * len(snapshot["alarms"])


def test_leadership_reads_roles_and_itself(story: Story) -> None:
    assert named(told_to(story, "bu.wali"), [who for who in PEOPLE if who != "bu.wali"]) == set()
    history = story.ask("bu.wali", f"/api/v1/lead/complaints/{story.id}").json["history"]
    assert {one["actor"] for one in history} >= {"duty", "supervisor", "agency", "bu.wali"}


def test_whoever_holds_a_link_reads_roles_alone(story: Story) -> None:
    links = agency_links(story.house.config, story.house.opened.head.epoch, "real")
    link = links.link_for(AGENCY, story.id, story.house.opened.room.now())
    assert link is not None
    browser, path = story.house.browser(), f"/agency/c/{story.id}"
    browser.get(link.removeprefix(f"https://{NAME}"))
    shown = browser.get(path).text + browser.get(f"{path}/data").text
    assert '"duty"' in shown
    assert named(shown) == set()
    csrf = re.search(r'"csrf":"([^"]+)"', browser.get(path).text)
    assert csrf
    body = {"command_id": "by-link", "seen_seq": 1}
    late = browser.post(f"{path}/start", json=body, headers={"X-CSRF-Token": csrf[1]})
    assert (late.status_code, late.json["changed_by"]) == (409, "duty")
    assert named(late.text) == set()


def test_who_was_faster_is_told_by_role_to_an_agency_and_by_name_to_a_desk(story: Story) -> None:
    history = story.ask("ratri.n", f"/api/v1/complaints/{story.id}").json["history"]
    before = next(one["seq"] for one in history if one["actor"] == "bagas.k") - 1
    late = story.order("ratri.n", "decline", seen_seq=before, reason="bukan kami")
    assert (late.status_code, late.json["changed_by"], late.json["changed_by_name"]) == (409, "bagas.k", "Bagas Kusuma")
    later = story.order("ratri.n", "decline", seen_seq=1, reason="bukan kami")
    assert (later.status_code, later.json["changed_by_name"]) == (409, "duty")
    assert named(later.text) == set()
    desk = story.order("dyah.ayu", "forward", seen_seq=1, agency=AGENCY)
    assert desk.status_code == 409
    assert desk.json["changed_by"] in PEOPLE


def test_a_citizen_reads_nobody(story: Story) -> None:
    page = story.citizen.page()
    assert "sedang ke lokasi" in page
    assert named(page) == set()
