"""Whether the room kept its promises: what was answered 2xx is there, once, under the id that was answered."""

from collections.abc import Mapping, Sequence

from tests.faults.flood import Answer, Flood
from tests.services.screen import Screen, fresh
from tests.services.screen_store import Message
from tests.services.server import Server
from tests.services.wait import until


def complaints_of(url: str) -> dict[str, str]:
    """Source id to complaint id, of all that a desk sees; fails when one source id is there twice."""
    cards = fresh(url, audience="desk").cards
    found = {card["source_id"]: id_ for id_, card in cards.items()}
    assert len(found) == len(cards), "a complaint is there twice"
    return found


def settle_accounts(room: Server, key: str, ids: Sequence[str], before: Mapping[str, Answer]) -> None:
    """Resend everything: what was promised is known, all is there once, and the doctor finds nothing."""
    promised = {source_id: answer.id for source_id, answer in before.items() if answer.taken}
    assert 0 < len(promised) < len(ids), "the fault came too early or too late to prove anything"
    again = Flood(room.url, key, ids, longest_s=60).start().finish()
    assert {answer.status for answer in again.values()} <= {200, 201}
    assert {again[source_id].status for source_id in promised} == {200}
    kept = complaints_of(room.url)
    assert set(kept) == set(ids)
    assert {source_id: kept[source_id] for source_id in promised} == promised
    assert room.command("doctor").stdout.strip() == "no findings"


def same_as_fresh(screen: Screen) -> None:
    """Wait for a screen to reach the head; then it shows, field by field, what one shows that comes now.

    The room's own clock may write between the two looks (an alarm that nobody could be called about), and then the
    screen is ahead of what was compared: only looks at the same position are compared.
    """

    def both() -> bool:
        nonlocal shown, expected
        newcomer = fresh(screen.url, audience=screen.audience).seen()
        until(lambda: screen.at(newcomer["seq"]), within=60, why="the screen to catch up")
        shown, expected = screen.store.seen(), newcomer
        return shown["seq"] == screen.store.seq == expected["seq"]

    shown: Message = {}
    expected: Message = {}
    until(both, within=60, why="the screen and a newcomer to stand at the same position")
    differing = {key: (shown[key], value) for key, value in expected.items() if shown[key] != value}
    assert not differing, f"shown and expected: {differing}"[:5000]
