"""What a service of warnings says: a document of CAP is kept, and its hazards issued, updated or ended.

Where it touches the city is found out before the transaction, which others wait for. A document that does not touch it,
or that is a test, is kept as heard and shown nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveroom.city.city import City
from liveroom.domain.hazards.cap_alert import CapAlert, words_of
from liveroom.domain.hazards.lifecycle import PlacedInfo, expired, heard
from liveroom.domain.requests import CLOCK, IntakeResult
from liveroom.log.texts import (
    DocumentRow,
    earlier_documents,
    is_superseded,
    keep_document,
    knows_document,
    prune_documents,
)
from liveroom.room.transaction import UnitOfWork

# So long after its end a document is remembered: nothing that comes so late is in force any more.
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedAlert:
    """A document with the infos of the city's language, each with where it touches the city."""

    alert: CapAlert
    infos: tuple[PlacedInfo, ...]


def place_alert(city: City, alert: CapAlert, own_codes: Sequence[str] = ()) -> PlacedAlert:
    """Find out where a document touches the city; ``own_codes``: by which its service calls the city."""
    spoken = alert.spoken(city.languages)
    return PlacedAlert(alert=alert, infos=tuple((info, city.footprint(info.areas, own_codes)) for info in spoken))


def hear(work: UnitOfWork, placed: PlacedAlert, source: str, kind: str) -> IntakeResult:
    """Keep a document and log what it does to the hazards in force; one that is known changes nothing."""
    connection, now, alert = work.transaction.connection, work.transaction.now, placed.alert
    row = _row_of(placed, source, kind, now)
    if knows_document(connection, row.id):
        return _answer(work, row, created=False)
    keep_document(connection, row, now)
    if row.counts:
        expire(work)
        ended = (*row.ends, *earlier_documents(connection, row))
        events = heard(
            alert,
            placed.infos,
            source=source,
            superseded=is_superseded(connection, row),
            ends=work.fold.hazards.of_documents(ended),
            now=now,
        )
        work.append(events, actor=source)
    return _answer(work, row, created=True)


def _row_of(placed: PlacedAlert, source: str, kind: str, now: datetime) -> DocumentRow:
    alert = placed.alert
    return DocumentRow(
        id=alert.id,
        series=alert.series,
        source=source,
        sent=alert.sent,
        # What it ends may come later than it, whatever it says of its own time: so long from now it is remembered.
        ends_at=max((now, *(alert.ends(info, now) for info in alert.infos))),
        message=alert.message.value,
        counts=alert.counts_in(kind),
        words=[words_of(alert, info) for info, _ in placed.infos],
        ends=tuple(dict.fromkeys(one.id for one in alert.ended)),
    )


def _answer(work: UnitOfWork, row: DocumentRow, *, created: bool) -> IntakeResult:
    return IntakeResult(id=row.id, seq=work.transaction.seq, status="heard", created=created, changed=False)


def expire(work: UnitOfWork) -> None:
    """Log the end of every hazard that is over by now, dated when it was."""
    while due := work.fold.hazards.due(work.transaction.now):
        work.append((expired(id_, at) for id_, at in due), actor=CLOCK)


def forget_documents(work: UnitOfWork) -> None:
    """Forget what was over long ago."""
    prune_documents(work.transaction.connection, work.transaction.now - REMEMBERED)
