"""One lead and its helpers: whose acceptance, work and proof moves the complaint, and whose is only noted."""

import pytest

from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.requests import Code, Refused
from tests.domain.little_room import LittleRoom
from tests.rooms.city import wib


def shared() -> LittleRoom:
    """Forwarded to pupr, with dlh and bpbd helping."""
    room = LittleRoom()
    room.receive()
    room.execute("forward", by="duty", agency="pupr", agencies=["dlh", "pupr", "bpbd", "dlh"])
    return room


def refused(room: LittleRoom, name: str, **given: object) -> Code:
    with pytest.raises(Refused) as caught:
        room.execute(name, **given)
    return caught.value.code


def test_the_lead_comes_first_and_nobody_twice() -> None:
    assert shared()["c1"].agencies == ("pupr", "dlh", "bpbd")
    assert shared()["c1"].agency == "pupr"


def test_it_is_in_process_once_the_lead_accepts() -> None:
    room = shared()
    room.execute("accept", by="agency", of="dlh")
    assert (room["c1"].state, room["c1"].accepted_by) == (State.FORWARDED, ("dlh",))
    room.execute("accept", by="agency", of="pupr")
    assert (room["c1"].state, room["c1"].accepted_by) == (State.ACCEPTED, ("dlh", "pupr"))


def test_a_helper_may_still_accept_while_the_lead_works() -> None:
    room = shared().do_all("c1", "accept", "start")
    room.execute("accept", by="agency_head", of="bpbd")
    assert (room["c1"].state, room["c1"].accepted_by) == (State.WORKING, ("pupr", "bpbd"))
    assert refused(room, "accept", by="agency", of="bpbd") is Code.STATE


def test_who_has_not_accepted_neither_starts_nor_proves() -> None:
    room = shared().do_all("c1", "accept")
    assert refused(room, "start", by="agency", of="dlh") is Code.STATE
    assert refused(room, "submit_proof", by="agency", of="dlh") is Code.STATE


def test_the_leads_proof_is_what_is_judged() -> None:
    room = shared().do_all("c1", "accept", "start")
    room.execute("accept", by="agency", of="dlh")
    room.execute("submit_proof", by="agency", of="dlh", note="sampah diangkut")
    assert (room["c1"].state, room["c1"].proved_by, room["c1"].submitted_by) == (State.WORKING, ("dlh",), None)
    room.execute("submit_proof", by="agency", of="pupr", actor="andi")
    assert (room["c1"].state, room["c1"].submitted_by) == (State.PROOF_SUBMITTED, "andi")
    room.execute("validate", by="duty")
    assert (room["c1"].state, room["c1"].proved_by) == (State.DONE, ("dlh", "pupr"))


def test_a_proof_sent_back_is_the_leads_to_give_again() -> None:
    room = shared().do_all("c1", "accept", "start", "submit_proof")
    room.execute("send_back", by="agency_head", reason="foto kabur")
    assert (room["c1"].state, room["c1"].proved_by, room["c1"].submitted_by) == (State.WORKING, (), None)
    room.do_all("c1", "submit_proof")
    assert room.execute("validate", by="duty") == [Kind.VALIDATED]


def test_nobody_judges_their_own_proof() -> None:
    room = LittleRoom().until_working()
    room.execute("submit_proof", by="agency_head", actor="andi")
    assert refused(room, "validate", by="agency_head", actor="andi") is Code.SAME_PERSON
    room.execute("validate", by="agency_head", actor="budi")
    assert room["c1"].state is State.DONE


def test_the_leads_no_sends_it_back_to_the_desk_with_no_deadline_moved() -> None:
    room = shared()
    before = room["c1"]
    room.execute("decline", by="agency", of="pupr", reason="bukan jalan kota")
    after = room["c1"]
    assert (after.state, after.agency, after.agencies, after.accepted_by) == (State.RECEIVED, "dlh", (), ())
    assert (after.forward, after.finish) == (before.forward, before.finish)


def test_back_at_the_desk_the_time_to_forward_is_the_old_one() -> None:
    room = shared()
    assert room.at("24 09:40").execute("decline", by="agency", reason="x") == [Kind.DECLINED, Kind.DEADLINE_PASSED]
    assert room.log[-1].event.at == wib("24 09:30")
    assert room.settle() == []


def test_a_helpers_no_removes_the_helper() -> None:
    room = shared().do_all("c1", "accept")
    room.execute("accept", by="agency", of="dlh")
    room.execute("decline", by="agency", of="dlh", reason="bukan sampah")
    assert (room["c1"].state, room["c1"].agencies) == (State.ACCEPTED, ("pupr", "bpbd"))
    assert room["c1"].accepted_by == ("pupr",)
    assert refused(room, "comment", by="agency", of="dlh", text="x") is Code.NOT_YOUR_COMPLAINT


def test_one_alone_declines_and_nobody_is_intended() -> None:
    room = LittleRoom().until_working()
    room.execute("decline", by="agency", reason="x")
    assert (room["c1"].state, room["c1"].agency) == (State.RECEIVED, None)


def test_the_desk_changes_the_helpers_and_not_the_lead() -> None:
    room = shared().do_all("c1", "accept")
    room.execute("accept", by="agency", of="dlh")
    room.execute("coordinate", by="duty", agencies=["humas", "pupr"])
    assert room["c1"].agencies == ("pupr", "humas")
    assert room["c1"].accepted_by == ("pupr",)
    room.execute("coordinate", by="duty", agencies=[])
    assert room["c1"].agencies == ("pupr",)


def test_forwarded_anew_everybody_accepts_anew_and_in_their_own_time() -> None:
    room = shared().do_all("c1", "accept", "start")
    room.at("25 09:00").execute("forward", by="duty", agency="dlh")
    complaint = room["c1"]
    assert (complaint.state, complaint.agencies, complaint.accepted_by) == (State.FORWARDED, ("dlh",), ())
    assert complaint.accept.start == wib("25 09:00")


def test_forwarding_to_the_same_lead_would_only_buy_time() -> None:
    assert refused(shared(), "forward", by="duty", agency="pupr") is Code.STATE


def test_only_the_citys_agencies() -> None:
    room = LittleRoom()
    room.receive()
    for fields in ({"agency": "dishub"}, {"agency": "pupr", "agencies": ["dishub"]}):
        assert refused(room, "forward", by="duty", **fields) is Code.UNKNOWN_AGENCY
    room.execute("forward", by="duty", agency="pupr")
    assert refused(room, "coordinate", by="duty", agencies=["dishub"]) is Code.UNKNOWN_AGENCY
    assert refused(room, "refer_outside", by="duty", outside="pupr", reason="x") is Code.UNKNOWN_AGENCY


@pytest.mark.parametrize(("category", "marked"), [("jalan_rusak", True), ("pertanyaan", False), ("tak dikenal", True)])
def test_closed_by_decision_is_marked_where_proof_was_due(category: str, marked: bool) -> None:
    room = LittleRoom()
    room.receive(category=category)
    room.until_working().execute("close", reason="selesai")
    assert room["c1"].without_proof is marked


def test_a_proof_there_is_no_mark() -> None:
    room = LittleRoom().until_working().do_all("c1", "submit_proof")
    room.execute("close", reason="selesai")
    assert not room["c1"].without_proof
