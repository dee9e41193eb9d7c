"""Hazards in force: a row each, gone when it is replaced, cancelled or over.

The row has what the event says; the words are those of its document, joined when it is read.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, LoggedEvent
from liveroom.domain.events.hazard_payloads import HazardState, HazardUpdated
from liveroom.domain.hazards.cap_alert import HazardSeverity
from liveroom.domain.hazards.lifecycle import document_of, hazard_id
from liveroom.domain.timestamps import from_micros, from_text, to_micros
from liveroom.log import event_log, schema
from liveroom.log.event_log import Slices
from liveroom.log.rows import PreparedQuery, Row, upsert
from liveroom.projection.projector import AuditFinding, Projector, row_difference

# Of one screen; the worst and those that end last.
MOST_SHOWN = 20
_BEGINS = (Kind.HAZARD_ISSUED, Kind.HAZARD_UPDATED)
_ENDS = (Kind.HAZARD_CANCELLED, Kind.HAZARD_EXPIRED)
_RANK = {severity.value: rank for rank, severity in enumerate(HazardSeverity)}
# Of the event, what screens are not sent.
_UNSENT = ("document", "replaces")
_AT_ONCE, _DOCUMENTS = 500, 100
_table, _document = schema.hazard.c, schema.hazard_document.c


class HazardProjector(Projector):
    """The hazards as one transaction sees and leaves them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._begun: dict[str, Row] = {}
        self._ended: set[str] = set()

    def apply(self, logged: LoggedEvent, _before: Complaint | None, _after: Complaint | None, /) -> None:
        """Fold one event; most are about no hazard."""
        for id_ in ended_by(logged):
            self._begun.pop(id_, None)
            self._ended.add(id_)
        if begins(logged):
            self._ended.discard(logged.event.id)
            self._begun[logged.event.id] = row_of_hazard(logged)

    def flush(self) -> None:
        """Write what began and what ended."""
        if self._ended:
            self._connection.execute(delete(schema.hazard).where(_table.id.in_(sorted(self._ended))))
        upsert(self._connection, schema.hazard, list(self._begun.values()))
        self._begun, self._ended = {}, set()

    def due(self, until: datetime) -> tuple[tuple[str, datetime], ...]:
        """As ``hazards_due``, with what this transaction has done."""
        self.flush()
        return hazards_due(self._connection, until)

    def of_documents(self, documents: tuple[str, ...]) -> tuple[str, ...]:
        """The ids of the hazards in force of these documents, as this transaction leaves them."""
        self.flush()
        found: list[str] = []
        for start in range(0, len(documents), _AT_ONCE):
            query = select(_table.id).where(_table.document.in_(documents[start : start + _AT_ONCE]))
            found += self._connection.execute(query).scalars()
        return tuple(sorted(found))

    @staticmethod
    def recount(slices: Slices, /) -> list[AuditFinding]:
        """Every hazard that is in force by the log and not by its row, or the other way round.

        Their events are found by the documents that are kept: none that is forgotten is in force.
        """
        logged: list[LoggedEvent] = []
        last = ""
        while part := slices.run(partial(_kept_documents, after=last)):
            ids = [hazard_id(document, number) for document, n in part for number in range(n)]
            logged += slices.run(partial(_logged, hazards=ids))
            last = part[-1][0]
        expected: dict[str, Row] = {}
        for entry in sorted(logged, key=attrgetter("seq")):
            for id_ in ended_by(entry):
                expected.pop(id_, None)
            if begins(entry):
                expected[entry.event.id] = row_of_hazard(entry)
        kept = slices.run(_rows)
        return [
            finding
            for id_ in sorted({*expected, *kept})
            for finding in row_difference("hazard", id_, expected.get(id_, {}), kept.get(id_, {}))
        ]


def begins(logged: LoggedEvent) -> bool:
    """Whether an event begins the hazard that it is about."""
    return logged.event.kind in _BEGINS


def ended_by(logged: LoggedEvent) -> tuple[str, ...]:
    """The ids of the hazards that an event ends."""
    event = logged.event
    if isinstance(event.payload, HazardUpdated):
        return tuple(event.payload.replaces)
    return (event.id,) if event.kind in _ENDS else ()


def row_of_hazard(logged: LoggedEvent) -> Row:
    """The row of a hazard, as the event that begins it says."""
    event, payload = logged.event, logged.event.payload
    assert isinstance(payload, HazardState)
    body = {"id": event.id, **{name: said for name, said in event.fields.items() if name not in _UNSENT}}
    return {
        "id": event.id,
        "seq": logged.seq,
        "document": payload.document,
        "expires_at": to_micros(from_text(payload.expires)),
        "rank": _RANK.get(payload.severity, len(_RANK)),
        "body": event_log.encode(body),
    }


def _kept_documents(connection: Connection, after: str) -> list[tuple[str, int]]:
    """Documents that may have begun a hazard, by id, each with how many."""
    counted = (_document.id > after, _document.counts == 1)
    query = select(_document.id, _document.words).where(*counted).order_by(_document.id).limit(_DOCUMENTS)
    return [(id_, len(msgspec.json.decode(words))) for id_, words in connection.execute(query)]


def _logged(connection: Connection, hazards: Sequence[str]) -> tuple[LoggedEvent, ...]:
    found: list[LoggedEvent] = []
    for start in range(0, len(hazards), _AT_ONCE):
        query = select(schema.event).where(schema.event.c.subject_id.in_(hazards[start : start + _AT_ONCE]))
        found += (event_log.logged_of(row) for row in connection.execute(query).mappings())
    return tuple(found)


def _rows(connection: Connection) -> dict[str, Row]:
    return {row["id"]: dict(row) for row in connection.execute(select(schema.hazard)).mappings()}


# Reads.


def hazards_due(connection: Connection, until: datetime) -> tuple[tuple[str, datetime], ...]:
    """The hazards that are over by a moment, room time, and when each was: the first come first, at most 500."""
    query = select(_table.id, _table.expires_at).where(_table.expires_at <= to_micros(until))
    found = connection.execute(query.order_by(_table.expires_at, _table.id).limit(_AT_ONCE))
    return tuple((id_, from_micros(at)) for id_, at in found)


# Made once: every moment of the feed asks it. A service that issues thousands costs no more than one with twenty.
_SHOWN = PreparedQuery(
    select(_table.id, _table.body, _document.words)
    .select_from(schema.hazard.outerjoin(schema.hazard_document, _table.document == _document.id))
    .order_by(_table.rank, _table.expires_at.desc(), _table.id)
    .limit(bindparam("most"))
)


def hazards(connection: Connection) -> list[dict[str, Any]]:
    """Up to MOST_SHOWN hazards in force, the worst first and of those that which ends last, with their words."""
    return [
        {**event_log.decode_payload(body), **_words(words, id_)}
        for id_, body, words in _SHOWN.rows(connection, {"most": MOST_SHOWN})
    ]


def hazards_begun(connection: Connection, begun: Sequence[LoggedEvent]) -> list[dict[str, Any]]:
    """As ``hazards``, of those that these events began; documents that are forgotten leave no words."""
    rows = sorted(map(row_of_hazard, begun), key=lambda row: (row["rank"], -row["expires_at"], row["id"]))[:MOST_SHOWN]
    query = select(_document.id, _document.words).where(_document.id.in_([row["document"] for row in rows]))
    words = {row.id: row.words for row in connection.execute(query)} if rows else {}
    return [{**event_log.decode_payload(row["body"]), **_words(words.get(row["document"]), row["id"])} for row in rows]


def _words(kept: str | None, hazard: str) -> dict[str, str]:
    """The words of a hazard in its document's row; none where that is gone, as after a restore of the log alone."""
    number = int(hazard.removeprefix(document_of(hazard)).removeprefix("."))
    said = msgspec.json.decode(kept, type=list[dict[str, str]]) if kept else []
    return said[number] if number < len(said) else {}
