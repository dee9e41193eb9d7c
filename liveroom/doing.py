"""How an order about a complaint becomes events in a unit: 404, 403, 422 (fields), 409, 422 (code), in this order."""

from collections.abc import Mapping, Sequence
from typing import Any

from liveroom.city.city import City
from liveroom.domain.complaints import commands
from liveroom.domain.complaints.commands import Command, stranger
from liveroom.domain.complaints.decide import decide
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.requests import Done, Name, Order, Role, Stale, Unknown
from liveroom.log.engine import Connection
from liveroom.log.event_log import first_of_kinds
from liveroom.log.texts import Texts
from liveroom.ordering import answered, known, refuse_unseen, remembered, with_text_ids
from liveroom.proving_files import refuse_unready, shown_files
from liveroom.settling import settle_complaint
from liveroom.working_set import WorkingSet


class Doing:
    """A city's rules applied to orders; one for the life of the room."""

    def __init__(self, city: City) -> None:
        self._city = city

    def do(self, work: WorkingSet, order: Order) -> Done:
        """Log what the order causes. Raises Unknown, Refused, Malformed or Stale with nothing logged of the order."""
        if (before := answered(work, order)) is not None:
            return before
        complaint = work.complaint(order.subject)
        name, role = known(Name, order.name, "command"), known(Role, order.role, "role")
        if (no := stranger(complaint, name, role, actor_agency=order.actor_agency)) is not None:
            raise no
        raw = commands.parse(order.name, order.fields)
        refuse_unseen(work, order)
        _refuse_stale(work.unit.connection, complaint, order, name)
        complaint, first = settle_complaint(work, complaint), work.unit.seq + 1
        fields, draft = _with_ids(work.unit.connection, name, complaint.id, raw)
        command = Command(
            name=name,
            complaint=complaint.id,
            actor=order.actor,
            role=role,
            actor_agency=order.actor_agency,
            bulk=order.bulk,
            fields=fields,
        )
        self._log(work, complaint, command)
        work.texts.absorb(draft)
        return _remembered(work, order, first)

    @staticmethod
    def refuse_strangers(order: Order, found: Sequence[Complaint]) -> None:
        """Raises Unknown without a complaint, Refused when this role or agency may not; wrong words pass."""
        if not found:
            raise Unknown(order.subject)
        if order.name in set(Name) and order.role in set(Role):
            no = stranger(found[0], Name(order.name), Role(order.role), actor_agency=order.actor_agency)
            if no is not None:
                raise no

    def _log(self, work: WorkingSet, complaint: Complaint, command: Command) -> None:
        others = {}
        for id_ in (*commands.needs(command.name, command.fields), *complaint.children):
            other = work.fold.complaint(id_)
            if other is not None:
                others[id_] = settle_complaint(work, other)
        events = decide(complaint, command, work.unit.now, self._city.policy, others=others)
        work.append(events, actor=command.actor)


def _refuse_stale(connection: Connection, complaint: Complaint, order: Order, name: Name) -> None:
    found = first_of_kinds(connection, complaint.id, order.seen_seq, commands.conflicts(name))
    if found is not None:
        raise Stale(complaint, actor=found.actor, kind=found.event.kind.value)


def _with_ids(
    connection: Connection, name: Name, subject: str, raw: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Texts]:
    """Free texts and pictures are kept under ids of their own; the command carries the ids. Raises Refused."""
    draft = Texts()
    fields = with_text_ids(raw, commands.text_fields(name), subject, draft)
    for key in commands.media_fields(name):
        if fields.get(key):
            refuse_unready(connection, subject, key, fields[key])
            fields[key] = draft.add_media(subject, fields[key], kind="proof")
    if name is Name.RELEASE_PROOF:
        fields |= shown_files(connection, subject, fields)
    return fields, draft


def _remembered(work: WorkingSet, order: Order, first: int) -> Done:
    now = work.complaint(order.subject)
    done = Done(id=now.id, seq=now.seq, status=now.status.value, state=now.state.value)
    return remembered(work, order, done, first)
