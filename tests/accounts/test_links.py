"""A signed link opens one complaint for one agency and nothing else; whatever is wrong with it has a clear answer."""

import re
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from liveroom.accounts.links import KEY_FILE, AgencyLinks, LinkFault, agency_links, kept_key
from liveroom.domain.complaints.intake import Report
from liveroom.domain.requests import Command
from liveroom.log.event_log import history, read_head
from liveroom.runtime.config import LinkSettings, check_links
from liveroom.runtime.errors import ConfigError
from tests.rooms.staffed import NAME, Browser, House

OTHER_KEY = "k" * 40


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("links"))


@pytest.fixture
def links(house: House) -> AgencyLinks:
    return agency_links(house.config, house.opened.head.epoch, "real")


@pytest.fixture
def complaint(house: House) -> str:
    """One that lies with dpupr."""
    accepted = house.opened.room.accept(
        Report(source_id=f"L-{house.log.read(_seq)}", category="jalan_rusak", description="Lubang dalam"),
        source="lapor",
    )
    forward(house, accepted.id, "dpupr")
    return accepted.id


def _seq(connection: Any) -> int:
    return read_head(connection).seq


def forward(house: House, id_: str, agency: str) -> None:
    seq = house.log.read(_seq)
    fields = {"agency": agency}
    house.opened.room.execute(
        Command(
            command_id=f"f-{seq}", name="forward", subject=id_, actor="rina", role="duty", seen_seq=seq, fields=fields
        )
    )


class Visitor:
    """A browser that came by a link; `act` sends what the page would send."""

    def __init__(self, browser: Browser, link: str) -> None:
        self.browser = browser
        self.path = link.removeprefix(f"https://{NAME}").partition("?")[0]
        self.answer = browser.get(link.removeprefix(f"https://{NAME}"))

    def page(self) -> TestResponse:
        return self.browser.get(self.path)

    def act(self, name: str, /, *, csrf: str | None = None, **fields: object) -> TestResponse:
        shown = re.search(r'"csrf":"([^"]+)"', self.page().text)
        value = csrf if csrf is not None else (shown[1] if shown else "")
        data = self.browser.get(f"{self.path}/data")
        seq = data.json["card"]["seq"] if data.status_code == 200 else 0  # type: ignore[index]
        body = {"command_id": f"{self.path}-{name}-{seq}", "seen_seq": seq, **fields}
        return self.browser.post(f"{self.path}/{name}", json=body, headers={"X-CSRF-Token": value})


@pytest.fixture
def come(house: House, links: AgencyLinks, complaint: str) -> Callable[..., Visitor]:
    """Return `come(agency="dpupr")`: somebody who opens the link of an e-mail."""

    def open_one(agency: str = "dpupr") -> Visitor:
        link = links.link_for(agency, complaint, house.opened.room.now())
        assert link is not None
        return Visitor(house.browser(), link)

    return open_one


def tampered(token: str) -> str:
    """Another signature, whatever the one was; in a letter all of whose bits count."""
    return token[:-2] + ("x" if token[-2] != "x" else "y") + token[-1]


def why(answer: TestResponse) -> str:
    found = re.search(r'data-link="(\w+)"', answer.text)
    return found[1] if found else ""


def test_the_token_leaves_the_address_for_a_cookie_of_this_complaint_alone(
    house: House, come: Callable[..., Visitor], complaint: str
) -> None:
    before = house.log.read(_seq)
    visitor = come()
    assert (visitor.answer.status_code, visitor.answer.location) == (303, f"/agency/c/{complaint}")
    cookie = visitor.answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Lax", f"Path=/agency/c/{complaint}"))
    page = visitor.page()
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Lubang dalam" not in page.text
    token = cookie.partition("=")[2].partition(";")[0]
    assert token not in page.text
    data = visitor.browser.get(f"{visitor.path}/data").json
    assert data["text"]["description"] == "Lubang dalam"  # type: ignore[index]
    assert data["person"] is None  # type: ignore[index]
    assert house.log.read(_seq) == before, "looking writes nothing"


def test_everything_an_officer_has_to_do_is_done_without_an_account(
    house: House, come: Callable[..., Visitor], complaint: str
) -> None:
    visitor = come()
    for name, fields in (
        ("accept", {}),
        ("start", {}),
        ("comment", {"text": "Alat berat besok", "name": "Budi"}),
        ("ask", {"text": "Di seberang mana?", "name": "Budi"}),
        ("answer", {"text": "Depan masjid", "name": "Budi"}),
        ("submit_proof", {"note": "Sudah ditambal", "name": "Budi"}),
    ):
        answer = visitor.act(name, **fields)
        assert answer.status_code == 200, (name, answer.text)
    events = [one for one in house.log.read(lambda c: history(c, complaint)) if one.actor.startswith("link:")]
    assert {one.actor for one in events} == {"link:dpupr"}
    kinds = "accepted started commented asked answered proof_submitted"
    assert [one.event.kind.value for one in events] == [f"complaint.{kind}" for kind in kinds.split()]
    past = visitor.browser.get(f"{visitor.path}/data").json["history"]  # type: ignore[index]
    said = [one["text"] for one in past if one.get("actor") == "link:dpupr" and one.get("text")]
    assert said == ["Alat berat besok\n– Budi", "Di seberang mana?", "Depan masjid\n– Budi", "Sudah ditambal\n– Budi"]


def test_declined_it_is_at_the_desk_at_once_and_the_link_has_ended(
    house: House, come: Callable[..., Visitor], complaint: str
) -> None:
    visitor = come()
    assert visitor.act("decline", reason="Jalan provinsi").json["state"] == "received"  # type: ignore[index]
    assert why(visitor.page()) == "moved"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda links, id_, now: tampered(links.token("dpupr", id_, now)), "bad"),
        (lambda links, id_, now: links.token("dpupr", id_, now)[:20], "bad"),
        (lambda links, id_, now: "", "bad"),
        (lambda links, id_, now: "\u202e{}" * 400, "bad"),
        (lambda links, id_, now: links.token("dpupr", id_, now - timedelta(days=14, seconds=1)), "expired"),
        (lambda links, id_, now: links.token("dpupr", "another", now), "other"),
        (lambda links, id_, now: links.token("dishub", id_, now), "moved"),
        (lambda links, id_, now: links.token("nobody", id_, now), "moved"),
    ],
    ids=["tampered", "cut", "empty", "nonsense", "expired", "other complaint", "other agency", "no agency"],
)
def test_a_link_that_is_not_right_says_why_and_opens_nothing(
    house: House, links: AgencyLinks, complaint: str, make: Callable[..., str], expected: str
) -> None:
    browser, before = house.browser(), house.log.read(_seq)
    answer = browser.get(f"/agency/c/{complaint}", query_string={"k": make(links, complaint, house.opened.room.now())})
    assert (answer.status_code, why(answer)) == (403, expected)
    assert "Set-Cookie" not in answer.headers
    assert browser.get(f"/agency/c/{complaint}/data").status_code == 401
    assert browser.post(f"/agency/c/{complaint}/accept", json={}).status_code == 401
    assert house.log.read(_seq) == before


@pytest.mark.parametrize(
    "spoiled", [{"key": OTHER_KEY}, {"epoch": "another log"}], ids=["another key", "a restored room"]
)
def test_another_key_or_another_log_ends_every_link(house: House, links: AgencyLinks, spoiled: dict[str, str]) -> None:
    now = house.opened.room.now()
    own = {"key": kept_key(Path(house.config.data_dir)), "epoch": house.opened.head.epoch}
    other = AgencyLinks(**{**own, **spoiled}, address=None, lasts=timedelta(days=1))
    assert links.read(links.token("dpupr", "x", now), "x", now) not in set(LinkFault)
    assert other.read(links.token("dpupr", "x", now), "x", now) is LinkFault.BAD
    assert other.link_for("dpupr", "x", now) is None, "no address, no link"


def test_a_link_kept_open_ends_with_the_reassignment(
    house: House, come: Callable[..., Visitor], complaint: str
) -> None:
    visitor = come()
    assert visitor.act("accept").status_code == 200
    forward(house, complaint, "dishub")
    before = house.log.read(_seq)
    answer = visitor.browser.post(
        f"{visitor.path}/comment", json={"command_id": "late", "seen_seq": before, "text": "masih kami?"}
    )
    assert answer.status_code == 403
    assert visitor.act("comment", text="masih kami?").status_code == 403
    assert visitor.browser.get(f"{visitor.path}/data").json["code"] == "not_your_complaint"  # type: ignore[index]
    assert why(visitor.page()) == "moved"
    assert house.log.read(_seq) == before


def test_nothing_is_done_by_looking_by_another_site_or_beyond_an_officer_s_part(
    house: House, come: Callable[..., Visitor], complaint: str
) -> None:
    visitor, before = come(), house.log.read(_seq)
    assert visitor.browser.get(f"{visitor.path}/accept").status_code == 405
    assert visitor.act("accept", csrf="").json["code"] == "csrf"  # type: ignore[index]
    assert visitor.act("accept", csrf="x" * 43).json["code"] == "csrf"  # type: ignore[index]
    for name in ("validate", "triage", "close", "forward", "nonsense"):
        assert visitor.act(name, reason="x").status_code == 404, name
    assert visitor.act("comment", text="x", name="a\nb").json["field"] == "name"  # type: ignore[index]
    assert visitor.act("decline").json["field"] == "reason"  # type: ignore[index]
    # The cookie is no log-in: no other door knows it.
    assert visitor.browser.get(f"/api/v1/complaints/{complaint}").status_code == 401
    assert visitor.browser.get("/feed/snapshot?audience=agency:dpupr").status_code == 401
    assert house.log.read(_seq) == before


def test_the_key_is_drawn_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first = kept_key(tmp_path / "new")
    assert kept_key(tmp_path / "new") == first
    assert len(first) >= 40
    assert stat.S_IMODE((tmp_path / "new" / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("left", ["", "x", "half of a key that a full disk cut"[:20]])
def test_a_key_that_was_cut_off_signs_nothing(tmp_path: Path, left: str) -> None:
    (tmp_path / KEY_FILE).write_text(left)
    with pytest.raises(ConfigError, match=KEY_FILE):
        kept_key(tmp_path)


def test_a_real_room_without_an_address_makes_no_links_and_a_drill_leads_to_this_machine(house: House) -> None:
    alone = msgspec.structs.replace(house.config, server=msgspec.structs.replace(house.config.server, hosts=()))
    now = house.opened.room.now()
    assert agency_links(alone, "e", "real").link_for("dpupr", "x", now) is None
    assert str(agency_links(alone, "e", "drill").link_for("dpupr", "x", now)).startswith("http://127.0.0.1:8000/agency")
    named = msgspec.structs.replace(alone, links=LinkSettings(address="https://kerja.kota.example/"))
    link = agency_links(named, "e", "real").link_for("dpupr", "x", now)
    assert str(link).startswith("https://kerja.kota.example/agency/c/x?k=")


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"address": "kota.example"}, "address"), ({"days": 0}, "days"), ({"key": "short"}, "key")],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, Any], named: str) -> None:
    (fault,) = check_links(LinkSettings(**settings), "config.yaml")
    assert f"links.{named}" in str(fault)
