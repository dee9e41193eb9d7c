"""Two officers on one complaint: they see each other, one wins, the other learns who it was; bulk respects claims."""

import threading
from itertools import count

import pytest

from liveroom.accounts.users import Person
from liveroom.domain.events import Kind
from liveroom.domain.requests import Role
from liveroom.room.commands.users import UserActs
from tests.display.api.conftest import Desk
from tests.often import often
from tests.rooms.standing import StandingRoom
from tests.rooms.together import together

SARI = {"actor": "sari", "role": "duty"}
BUDI = {"actor": "budi", "role": "duty"}
_numbers = count()


def order(seen: int, who: dict[str, str], **fields: object) -> dict[str, object]:
    return {"command_id": f"two-{next(_numbers)}", "seen_seq": seen, **who, **fields}


@pytest.mark.often
def test_racing_again_and_again_one_wins_each_time_and_the_other_gets_409_and_the_name(
    desk: Desk, standing: StandingRoom
) -> None:
    """Issue 5: two operators racing for one command."""
    UserActs(standing.room, "admin").add(Person(actor="sari", name="Sari Contoh", role=Role.DUTY), None)
    ids = [standing.receive() for _ in range(often(200))]
    seen = {id_: standing.complaint(id_).seq for id_ in ids}
    answers: dict[tuple[str, str], tuple[int, dict[str, object]]] = {}
    lock, gate = threading.Lock(), threading.Barrier(2)

    def operate(index: int) -> None:
        who, agency = ((SARI, "dpupr"), (BUDI, "dlh"))[index]
        for id_ in ids:
            gate.wait(60)
            answer = desk.post(f"complaints/{id_}/forward", **order(seen[id_], who, agency=agency))
            with lock:
                answers[id_, who["actor"]] = answer

    together(2, operate)
    forwards = [one for one in standing.events() if one.event.kind is Kind.FORWARDED]
    winners = {one.event.id: one.actor for one in forwards}
    assert len(forwards) == len(winners) == len(ids)
    for id_ in ids:
        (winner, won), (loser, lost) = sorted(
            ((actor, answers[id_, actor]) for actor in ("sari", "budi")), key=lambda pair: pair[1][0]
        )
        assert (won[0], lost[0]) == (200, 409), loser
        told = lost[1]
        name = {"sari": "Sari Contoh", "budi": "budi"}[winner]
        assert (told["changed_by"], told["changed_by_name"], told["event"]) == (winner, name, "complaint.forwarded")
        assert name in str(told["message"])
        assert told["card"]["agency"] == {"sari": "dpupr", "budi": "dlh"}[winner]  # type: ignore[index]
        assert winners[id_] == winner


def test_many_at_once_pass_by_what_a_colleague_looks_into(desk: Desk, standing: StandingRoom) -> None:
    UserActs(standing.room, "admin").add(Person(actor="sari", name="Sari Contoh", role=Role.DUTY), None)
    ids = [standing.receive() for _ in range(3)]
    standing.execute("claim", ids[1], by="duty", actor="sari")
    seen = standing.head().seq
    items = [{"id": id_, "seen_seq": seen} for id_ in ids]
    status, body = desk.post("complaints/reject", **order(seen, BUDI, reason="uji coba", items=items))
    assert status == 200
    errors = [one.get("error") for one in body["results"]]
    assert (errors[0], errors[2]) == (None, None)
    assert (errors[1]["code"], errors[1]["claimed_by"], errors[1]["claimed_by_name"]) == (
        "claimed",
        "sari",
        "Sari Contoh",
    )
    _, whole = desk.get(f"complaints/{ids[1]}")
    assert whole["claimed"]["by"] == whole["card"]["claimed_by"] == "sari"
    assert whole["claimed"]["until"] == whole["card"]["claimed_until"]
    assert whole["names"]["sari"] == "Sari Contoh"
    one = desk.post(f"complaints/{ids[1]}/reject", **order(seen, BUDI, reason="uji coba"))
    assert one[0] == 200, "a claim is no lock"
