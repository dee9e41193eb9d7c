"""The counters of a batch are those of its `to`, however many write meanwhile."""

import threading
from collections import Counter
from itertools import count
from typing import Any

import pytest

from display.feed.cards import AUDIENCES
from liveroom.domain.complaints.evolve import evolve
from liveroom.domain.complaints.model import Complaint
from liveroom.projection.totals import contributions, wire_counts
from tests.display.feed.process import WebProcess
from tests.display.feed.store import Message
from tests.often import SOAKING
from tests.rooms.standing import StandingRoom

READS = 1000 if SOAKING else 120
WRITERS = 2


@pytest.mark.each_database
@pytest.mark.often
def test_in_raced_reads_no_batch_has_other_counts_than_those_of_its_position(standing: StandingRoom) -> None:
    standing.tick()
    process = WebProcess(standing)
    process.step()
    stop = threading.Event()
    writers = [threading.Thread(target=write, args=(standing, stop), daemon=True) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    read = read_many(process)
    stop.set()
    for writer in writers:
        writer.join(30)
    moved = check(standing, read)
    assert len(read) >= READS
    assert moved > READS / 20, f"the log stood at only {moved} positions: the writers hardly raced"


def write(standing: StandingRoom, stop: threading.Event) -> None:
    """Complaints that come, are forwarded and end, as fast as it goes."""
    while not stop.is_set():
        id_ = standing.receive()
        standing.execute("forward", id_, by="duty", agency="dpupr")
        standing.do_all(id_, "accept")
        standing.execute("close", id_, reason="selesai")
        stop.wait(0.005)


def read_many(process: WebProcess) -> list[tuple[int, Message]]:
    """(position, counts) of what tail, resume and now and then a snapshot say, until it is enough."""
    read: list[tuple[int, Message]] = []
    asked = {audience: process.fresh(audience).asked() for audience in AUDIENCES}
    for turn in count():
        audience = AUDIENCES[turn % len(AUDIENCES)]
        process.step(beat=False)
        answer = process.answer(audience, asked[audience])
        asked[audience] = {"epoch": answer["epoch"], "seq": answer["seq"], "mark": answer["mark"]}
        read += [(batch["to"], batch["counts"]) for batch in answer["batches"]]
        if turn % 10 == 0:
            fresh = process.fresh(audience)
            read.append((fresh.seq, fresh.counts))
        sent = [(batch["to"], batch["counts"]) for batch in process.sent["wall"] if "counts" in batch]
        if len(read) + len(sent) >= READS:
            return [*read, *sent]
    raise AssertionError("counting ends")


def check(standing: StandingRoom, read: list[tuple[int, Message]]) -> int:
    """Every read against a replay of the log; returns how many positions were met."""
    wanted, states = {seq for seq, _ in read}, dict[str, Complaint]()
    totals: Counter[str] = Counter()
    today, expected = "", dict[int, Any]()
    for logged in standing.events():
        if logged.event.subject == "complaint":
            old = states.get(logged.event.id)
            states[logged.event.id] = evolve(old, logged)
            totals.subtract(contributions(old))
            totals.update(contributions(states[logged.event.id]))
        elif logged.event.kind == "day.opened":
            today = logged.event.fields["date"]
        if logged.seq in wanted:
            expected[logged.seq] = wire_counts(totals, today)
    for seq, counts in read:
        assert counts == expected[seq], f"at {seq}"
    return len(wanted)
