"""Behind the private link: what its citizen sees and may do, and nothing that is somebody else's."""

from datetime import timedelta

import pytest

from display.citizens import report
from display.citizens.follow import pictures, read_followed
from liveroom.accounts.links import citizen_links
from liveroom.domain.complaints.proof import Facts, FileForm
from liveroom.domain.timestamps import to_micros
from liveroom.evaluation.expectation import LEAST_LEARNT, LEAST_TRIED
from liveroom.log import schema
from liveroom.log.rows import insert_rows
from liveroom.log.uploads import Uploads, UploadState
from liveroom.projection.complaints import complaints
from tests.rooms.citizen import Citizen, kinds, later, order, until_done
from tests.rooms.staffed import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("link"), kind="test")


@pytest.fixture
def citizen(house: House, monkeypatch: pytest.MonkeyPatch) -> Citizen:
    monkeypatch.setattr(report, "LEAST", timedelta(0))
    return Citizen(house)


def test_replies_are_shown_and_what_stays_among_ourselves_is_not(house: House, citizen: Citizen) -> None:
    other = Citizen(house)
    other.send(description="Punya orang lain", phone="0813 9999 8888")
    id_ = citizen.send(phone="0812 3456 7890")
    order(house, id_, "comment", text="catatan rahasia petugas")
    order(house, id_, "reply", text="Tim berangkat besok <pagi>")
    order(house, id_, "forward", agency="dpupr")
    for name in ("accept", "start"):
        order(house, id_, name, role="agency")
    order(house, id_, "submit_proof", role="agency", note="catatan bukti rahasia")
    order(house, id_, "send_back", reason="alasan rahasia")
    page = citizen.page()
    assert "Tim berangkat besok &lt;pagi&gt;" in page
    assert 'data-status="in_process"' in page
    for hidden in ("rahasia", "0812", "Punya orang lain", "duty", id_):
        assert hidden not in page, hidden
    assert citizen.browser.get("/lapor/s/" + "x" * 43).status_code == 404
    assert citizen.browser.get(citizen.link[:-1]).status_code == 404


def test_it_says_until_when_it_is_likely_to_be_done_and_nothing_that_has_passed(house: House, citizen: Citizen) -> None:
    id_ = citizen.send()
    order(house, id_, "forward", agency="dpupr")
    (complaint,) = house.log.read(lambda c: complaints(c, (id_,)))
    now, hour = to_micros(complaint.received_at), 3_600_000_000
    received = [now - (200 * 24 + n) * hour for n in range(LEAST_LEARNT)]
    received += [now - (60 * 24 + n) * hour for n in range(LEAST_TRIED)]
    same = {
        "begin": "received",
        "agency": "dpupr",
        "category": "x",
        "class_": complaint.class_,
        "area": "",
        "source": "lapor",
    }
    same |= {"channel": "", "inherited": 0, "ending": "finished", "kept": 1}
    rows = [
        {**same, "seq": 1_000_000 + n, "complaint": f"old-{n}", "received_at": at, "start": at}
        | {"ended_at": at + (2 if n % 3 else 48) * hour}
        for n, at in enumerate(received)
    ]
    assert "8 of 10" not in citizen.page(lang="en")
    house.log.touch(lambda connection: insert_rows(connection, schema.stay, rows))
    later(house, hours=1, minutes=1)
    assert "Usually done by" in citizen.page(lang="en")
    later(house, hours=4)
    page = citizen.page(lang="en")
    assert "Usually done by" not in page and "8 of 10 such reports are done by" in page
    house.log.touch(lambda c: c.execute(schema.stay.delete().where(schema.stay.c.seq >= 1_000_000)))


def test_a_question_is_answered_where_one_was_asked(house: House, citizen: Citizen) -> None:
    id_ = citizen.send()
    assert citizen.say("answer", words="tidak ditanya").status_code == 409
    order(house, id_, "ask", text="Di sisi mana?")
    assert "Di sisi mana?" in citizen.page()
    assert citizen.say("answer", words="Sisi utara").status_code == 303
    page = citizen.page()
    assert "Sisi utara" in page
    assert 'class="ask"' not in page
    assert kinds(house, id_)[-1] == "complaint.answered"


def test_what_is_done_is_rated_and_within_the_window_reopened_on_the_old_clock(house: House, citizen: Citizen) -> None:
    id_ = citizen.send()
    assert citizen.say("rate", score="5").status_code == 409
    until_done(house, id_)
    due = house.log.read(lambda c: complaints(c, (id_,)))[0].finish
    assert citizen.say("rate", score="9").status_code == 422
    assert citizen.say("rate", score="2", words="Masih becek").status_code == 303
    assert "Penilaian Anda: 2 dari 5." in citizen.page()
    later(house, days=2)
    assert citizen.say("reopen", words="").status_code == 422
    assert citizen.say("reopen", words="Berlubang lagi").status_code == 303
    again = house.log.read(lambda c: complaints(c, (id_,)))[0]
    assert again.reopened == 1
    assert due is not None
    assert again.finish is not None
    assert again.finish.start == due.start
    assert again.finish.due > due.due
    until_done(house, id_)
    later(house, days=house.opened.room.city.policy.reopen_days, minutes=1)
    page = citizen.say("reopen", words="Sekali lagi")
    assert page.status_code == 409
    assert "sudah habis" in page.text
    assert "/reopen" not in citizen.page()


def test_the_link_of_a_letter_opens_the_same_and_only_what_came_by_this_page(house: House, citizen: Citizen) -> None:
    id_ = citizen.send()
    links = citizen_links(house.config, house.opened.head.epoch, "test")
    address = links.address(id_) or ""
    path = "/lapor/s/" + address.rpartition("/")[2]
    assert citizen.number in citizen.browser.get(path).text
    assert citizen.browser.get("/lapor/s/" + (links.address("no-such") or "").rpartition("/")[2]).status_code == 404


def shot(house: House, id_: str, thumb: str = "b" * 64) -> str:
    """A picture of a proof that was looked into, its content by hash; returns its id."""
    register = Uploads(house.log)
    one = register.begin(subject=id_, kind="proof", by="agency", length=5, most=20)
    register.move(one.id, UploadState.CHECKING, frm=UploadState.OPEN)
    facts = Facts(form=FileForm.JPEG, width=10, height=10, hashes=())
    register.ready(one.id, facts, (), {"original": "c" * 64, "clean": "a" * 64, "thumb": thumb})
    return one.id


def test_only_a_validated_proof_is_shown_and_never_the_original(house: House, citizen: Citizen) -> None:
    id_ = citizen.send()
    first, second = shot(house, id_), shot(house, id_)
    order(house, id_, "forward", agency="dpupr")
    for name in ("accept", "start"):
        order(house, id_, name, role="agency")

    def seen() -> list[str]:
        found = house.log.read(lambda c: read_followed(c, house.opened.room.city, id_))
        return [one.id for one in pictures(found).proof]

    order(house, id_, "submit_proof", role="agency", media=[f"upload:{first}"])
    assert seen() == []
    order(house, id_, "send_back", reason="kabur")
    order(house, id_, "submit_proof", role="agency", media=[f"upload:{second}"])
    order(house, id_, "validate")
    assert seen() == [second]
    assert citizen.browser.get(f"{citizen.link}/pictures/{second}/original").status_code == 404
    assert citizen.browser.get(f"{citizen.link}/pictures/{first}/thumb").status_code == 404
    citizen.say("reopen", words="Belum")
    assert seen() == []
