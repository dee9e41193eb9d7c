"""One complaint whole, of one moment: as it is, its history, its papers, and what its deadline is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from liveroom.accounts.users import Who, people_of
from liveroom.city.city import City
from liveroom.domain.complaints.deadlines import arithmetic
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Logged
from liveroom.domain.requests import Unknown
from liveroom.log.engine import Connection
from liveroom.log.event_log import Log, history, room_now
from liveroom.log.outbox import Delivery, to_agencies
from liveroom.log.texts import Papers, papers_of
from liveroom.log.uploads import Upload, uploads_of
from liveroom.projection import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """``people`` by actor, of those who log in; ``now`` is room time, ``deadline`` as ``domain.arithmetic`` says.

    ``deliveries`` by agency: the one that says whether it has what it is to have.

    The person is among the papers only if asked for.
    """

    complaint: Complaint
    history: tuple[Logged, ...]
    papers: Papers
    people: Mapping[str, Who]
    deadline: dict[str, Any]
    now: datetime
    uploads: tuple[Upload, ...] = ()
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)


def detail(log: Log, city: City, id_: str, *, people: bool) -> Detail:
    """Everything about a complaint, its person too for ``people``. Raises Unknown, Unavailable."""
    return log.read(lambda c: detail_at(c, city, id_, people=people))


def detail_at(connection: Connection, city: City, id_: str, *, people: bool) -> Detail:
    """The same in a transaction of somebody else's. Raises Unknown."""
    found = read.complaints(connection, (id_,))
    if not found:
        raise Unknown(id_)
    past, now = history(connection, id_), room_now(connection)
    return Detail(
        complaint=found[0],
        history=past,
        papers=papers_of(connection, id_, people=people),
        people=people_of(connection, _actors(found[0], past)),
        deadline=arithmetic(found[0], past, city.policy, now),
        now=now,
        uploads=uploads_of(connection, id_),
        deliveries=to_agencies(connection, id_),
    )


def _actors(complaint: Complaint, past: Iterable[Logged]) -> frozenset[str]:
    claimed = {complaint.claimed_by} if complaint.claimed_by is not None else set()
    return frozenset({logged.actor for logged in past} | claimed)
