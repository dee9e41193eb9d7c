"""A report that was merged: its citizen sees how the other one goes on, and of whoever reported that nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from display.citizens import report
from liveroom.media.store import MediaStore
from liveroom.projection.complaints import complaints
from tests.display.citizens.test_link import shot
from tests.rooms.citizen import Citizen, kinds, order, until_done
from tests.rooms.staffed import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("joined"), kind="test")


@pytest.fixture
def two(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[Citizen, str, Citizen, str]:
    """A stranger and their report, then a citizen and theirs, merged into the first after some handling."""
    monkeypatch.setattr(report, "LEAST", timedelta(0))
    stranger, mine = Citizen(house), Citizen(house)
    into = stranger.send(description="Rahasia orang lain", phone="0813 9999 8888", address="Gang Rahasia 7")
    id_ = mine.send(description="Lubang yang sama")
    order(house, into, "reply", text="Khusus untuk pelapor pertama")
    order(house, id_, "merge", into=into)
    return stranger, into, mine, id_


def state(house: House, id_: str) -> str:
    return house.log.read(lambda c: complaints(c, (id_,)))[0].state.value


def test_status_replies_and_proof_of_the_other_are_seen_and_nothing_of_its_reporter(
    house: House, two: tuple[Citizen, str, Citizen, str], tmp_path: Path
) -> None:
    stranger, into, mine, _ = two
    (tmp_path / "thumb").write_bytes(b"a small picture")
    kept = MediaStore("", Path(house.config.data_dir)).keep(tmp_path / "thumb")
    order(house, into, "ask", text="Rumah Ibu yang mana?")
    stranger.say("answer", words="Rumah hijau")
    picture = shot(house, into, kept)
    order(house, into, "forward", agency="dpupr")
    for name in ("accept", "start"):
        order(house, into, name, role="agency")
    order(house, into, "reply", text="Besok ditambal")
    page = mine.page()
    assert 'data-status="in_process"' in page
    assert "digabung dengan laporan lain" in page
    assert "Besok ditambal" in page
    assert "Target selesai" in page
    order(house, into, "submit_proof", role="agency", media=[f"upload:{picture}"])
    order(house, into, "validate")
    stranger.say("rate", score="5", words="Bagus sekali")
    done = mine.page()
    assert 'data-status="done"' in done
    assert f"/pictures/{picture}/clean" in done
    assert mine.browser.get(f"{mine.link}/pictures/{picture}/thumb").data == b"a small picture"
    for secret in ("Rahasia", "9999", "Khusus", "Rumah", "Bagus", stranger.number, into):
        assert secret not in page, secret
        assert secret not in done, secret
    assert mine.number not in stranger.page()


def test_whose_report_is_done_with_another_rates_and_reopens_their_own(
    house: House, two: tuple[Citizen, str, Citizen, str]
) -> None:
    _, into, mine, id_ = two
    assert [mine.say(what, score="1", words="Belum").status_code for what in ("rate", "reopen")] == [409, 409]
    until_done(house, into)
    assert mine.say("rate", score="2").status_code == 303
    assert "complaint.rated" not in kinds(house, into)
    assert mine.say("reopen", words="Masih berlubang").status_code == 303
    assert (state(house, id_), state(house, into)) == ("received", "done")
    assert 'data-status="waiting"' in mine.page()
    order(house, into, "reply", text="Kata untuk yang lain saja")
    assert "Kata untuk yang lain saja" not in mine.page()


def test_while_the_other_is_open_again_there_is_nothing_to_judge(
    house: House, two: tuple[Citizen, str, Citizen, str]
) -> None:
    stranger, into, mine, _ = two
    until_done(house, into)
    stranger.say("reopen", words="Alasan orang lain")
    page = mine.page()
    assert 'data-status="waiting"' in page
    assert "Dibuka kembali: belum selesai." in page
    assert "Alasan orang lain" not in page
    assert "/rate" not in page
    assert [mine.say(what, score="1", words="Belum").status_code for what in ("rate", "reopen")] == [409, 409]
    until_done(house, into)
    assert "/rate" in mine.page()
    assert mine.say("reopen", words="Masih").status_code == 303


def test_what_is_split_again_stands_alone(house: House, two: tuple[Citizen, str, Citizen, str]) -> None:
    _, into, mine, id_ = two
    order(house, into, "reply", text="Selama bersama")
    order(house, id_, "split")
    until_done(house, into)
    page = mine.page()
    assert 'data-status="waiting"' in page
    assert "Selama bersama" in page
    assert "Selesai. Hasilnya" not in page
