"""The projection is a function of the log: rebuilt it is the same, and an auditor finds what is not."""

import random
from collections.abc import Sequence
from inspect import isabstract
from typing import Any, ClassVar

import pytest
from sqlalchemy import Connection, delete, insert, update

from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent, Subject
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log, schema
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Slices
from liveroom.log.schema import PROJECTION
from liveroom.projection import VERSION, audit, fold
from liveroom.projection.audit import audit_subjects, audit_sums, examine
from liveroom.projection.projector import AuditFinding, Projector, Refolded
from liveroom.room.bootstrap import ready_projection
from tests.rooms.standing import StandingRoom

PROJECTED = [table.name for table in PROJECTION]


def sums(standing: StandingRoom) -> tuple[AuditFinding, ...]:
    """Every sum that is not what its rows add up to."""
    with standing.log.slices() as slices:
        return audit_sums(slices)


def rows(standing: StandingRoom) -> dict[str, Any]:
    """The projected rows by primary key; sets in a body have no order, zero totals are as good as none."""
    keys = {table.name: [column.name for column in table.primary_key.columns] for table in PROJECTION}
    tables = {
        name: {tuple(row[key] for key in keys[name]): row for row in found}
        for name, found in standing.tables(PROJECTED).items()
    }
    tables["complaint"] = {
        key: {**row, "body": event_log.decode_complaint(row["body"])} for key, row in tables["complaint"].items()
    }
    for name in ("total", "tally", "agency_total"):
        tables[name] = {key: row for key, row in tables[name].items() if row["value"]}
    return tables


def test_rebuilt_from_the_log_it_is_the_same(walked: StandingRoom) -> None:
    before = rows(walked)
    assert len(before["complaint"]) > 3
    folded: list[int] = []
    assert walked.log.write(lambda unit: fold.rebuild(unit, folded.append)) == walked.head().seq
    assert rows(walked) == before
    assert folded[-1] == walked.head().seq
    assert examine(walked.log, sample=500) == []


def test_one_of_another_version_is_rebuilt_before_serving(walked: StandingRoom) -> None:
    before = rows(walked)

    def spoil(connection: Any) -> None:
        connection.execute(update(schema.head).values(projection="0"))
        connection.execute(delete(schema.complaint))
        connection.execute(update(schema.total).values(value=7))

    walked.log.touch(spoil)
    ready_projection(walked.log)
    assert rows(walked) == before
    assert walked.head().projection == VERSION


def test_a_rebuild_that_fails_leaves_the_old_rows(walked: StandingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(walked)

    def fail(*_: object) -> int:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(fold, "fold_from", fail)
    with pytest.raises(RuntimeError):
        walked.log.write(fold.rebuild)
    assert rows(walked) == before


def test_an_event_of_a_later_version_moves_the_number_alone(walked: StandingRoom) -> None:
    id_ = walked.receive()
    before, seq = walked.complaint(id_), walked.head().seq + 1
    head = walked.head()
    newer = {
        "seq": seq, "kind": "complaint.teleported", "subject": "complaint", "subject_id": id_, "at": 1, "actor": "x",
        "logged_at": to_micros(head.logged_at), "mark": head.mark, "version": 2, "payload": '{"to": "the moon"}',
    }  # fmt: skip

    def write(connection: Any) -> None:
        connection.execute(insert(schema.event).values(**newer))
        connection.execute(update(schema.head).values(seq=seq))

    walked.log.touch(write)
    assert walked.log.write(fold.rebuild) == seq
    assert walked.complaint(id_).seq == seq
    assert walked.complaint(id_).state == before.state
    assert examine(walked.log, sample=500) == []


@pytest.mark.parametrize(
    "planted",
    [
        {"status": "done"},
        {"overdue": 1},
        {"next_due": None},
        {"closed_day": "2026-01-01"},
        {"day": "2026-01-01"},
        {"seq": 1},
        {"source_id": "another"},
        {"body": "state"},
    ],
    ids=lambda planted: next(iter(planted)),
)
def test_the_auditor_finds_a_corrupt_row(standing: StandingRoom, planted: dict[str, Any]) -> None:
    ids = [standing.receive() for _ in range(4)]
    assert examine(standing.log, sample=500) == []
    if "body" in planted:
        planted = {"body": event_log.encode(standing.complaint(ids[2])).replace('"received"', '"working"')}
    one = update(schema.complaint).where(schema.complaint.c.id == ids[2])
    standing.log.touch(lambda c: c.execute(one.values(planted)))
    findings = standing.read(lambda c: audit_subjects(c, sample=500, draw=random.Random(1)))
    assert [(finding.what, finding.key) for finding in findings] == [("complaint", ids[2])]
    assert any(ids[2] in line for line in examine(standing.log, sample=500))


def test_the_auditor_finds_a_complaint_that_no_event_made(standing: StandingRoom) -> None:
    standing.receive()
    row = standing.tables(["complaint"])["complaint"][0] | {"id": "00000000-invented", "source_id": "invented"}
    standing.log.touch(lambda c: c.execute(insert(schema.complaint).values(**row)))
    findings = standing.read(lambda c: audit_subjects(c, sample=500, draw=random.Random(1)))
    assert [finding.key for finding in findings] == ["00000000-invented"]


def test_the_auditor_finds_a_wrong_total_and_a_lost_complaint(standing: StandingRoom) -> None:
    standing.receive()
    total = schema.total
    standing.log.touch(
        lambda c: c.execute(update(total).where(total.c.key == "stock:open").values(value=total.c.value + 1))
    )
    (finding,) = sums(standing)
    assert (finding.what, finding.key, int(finding.found) - int(finding.expected)) == ("total", "stock:open", 1)
    id_ = standing.receive()
    standing.log.touch(lambda c: c.execute(delete(schema.complaint).where(schema.complaint.c.id == id_)))
    assert {f.key for f in sums(standing)} >= {"stock:open", "cohort:2026-11-24:in"}


def test_the_auditor_finds_nothing_in_whole_rooms_however_often_it_looks(walked: StandingRoom) -> None:
    for seed in range(20):
        assert walked.read(lambda c, s=seed: audit_subjects(c, sample=3, draw=random.Random(s))) == ()


def test_doctor_finds_a_hole_in_the_log_and_a_wrong_mark(standing: StandingRoom) -> None:
    standing.until_working()
    event = schema.event
    standing.log.touch(lambda c: c.execute(delete(event).where(event.c.seq == 2)))
    assert any("events from 1" in line for line in examine(standing.log, sample=1))
    standing.log.touch(lambda c: c.execute(update(schema.head).values(mark="another")))
    assert any("mark" in line for line in examine(standing.log, sample=1))


def test_a_process_of_another_version_never_writes_beside_it(walked: StandingRoom) -> None:
    walked.log.touch(lambda c: c.execute(update(schema.head).values(projection="another")))
    before = walked.head()
    with pytest.raises(Unavailable):
        walked.receive()
    assert walked.head() == before


class Witness(Projector):
    """A read model that writes nothing and remembers what it is given."""

    seen: ClassVar[list[tuple[int, str | None]]] = []
    flushed: ClassVar[int] = 0

    def apply(self, logged: LoggedEvent, before: Complaint | None, after: Complaint | None, /) -> None:
        assert (after is not None) == (logged.event.subject is Subject.COMPLAINT)
        assert (before is None) == (after is None or logged.event.kind is Kind.RECEIVED)
        self.seen.append((logged.seq, after and after.id))

    def flush(self) -> None:
        Witness.flushed += 1

    @staticmethod
    def differences(connection: Connection, complaints: Sequence[Refolded], /) -> list[AuditFinding]:
        return [AuditFinding(what="witness", key=one.id, expected="", found="") for one in complaints]

    @staticmethod
    def recount(slices: Slices, /) -> list[AuditFinding]:
        return [AuditFinding(what="witness", key="sum", expected="", found="")]


def test_a_read_model_in_the_list_is_folded_rebuilt_and_audited(
    standing: StandingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = (*fold.PROJECTORS, Witness)
    monkeypatch.setattr(fold, "PROJECTORS", listed)
    monkeypatch.setattr(audit, "PROJECTORS", listed)
    monkeypatch.setattr(Witness, "seen", [])
    first = standing.head().seq + 1
    id_ = standing.receive()
    live = list(Witness.seen)
    assert [seq for seq, _ in live] == list(range(first, standing.head().seq + 1))
    assert (live[0][1], Witness.flushed > 0) == (id_, True)
    Witness.seen.clear()
    standing.log.write(fold.rebuild)
    assert [seq for seq, _ in Witness.seen] == list(range(1, standing.head().seq + 1))
    assert Witness.seen[first - 1 :] == live
    assert [line.split(":")[0] for line in examine(standing.log, sample=9)] == [f"witness {id_}", "witness sum"]


def test_every_read_model_is_in_the_list() -> None:
    def below(kind: type[Projector]) -> set[type[Projector]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    made = {kind for kind in below(Projector) if kind.__module__.startswith("liveroom.") and not isabstract(kind)}
    assert made == set(fold.PROJECTORS)
